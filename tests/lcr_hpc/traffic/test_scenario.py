from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lcr_hpc.config import dump_config
from lcr_hpc.errors import ConfigError, InputError
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import read_manifest
from tests.lcr_hpc.traffic.scenario_town import STREET, ScenarioTown, run

DOCK_ROAD, BACK = 6, 7  # 104 → 105, and 105 → 104
AROUND = [11, 9]  # 104 → 106 → 105
SEVEN = {"roads": ["Dock Road"]}
TRIPS = np.array([[[100.0, 9000, 6000], [8000, 50, 400], [300, 200, 0]], np.zeros((3, 3))])


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Return a town whose base has been run, its layout, and the base's store."""
    made = ScenarioTown(trips=TRIPS)
    _, layout = made.write(tmp_path_factory.mktemp("town"))
    base, manifest = run(made.config(), layout)
    return made, layout, base, manifest


def scenario(town, *changes, **traffic):
    made, layout, base, _ = town
    after, manifest = run(made.config(changes=list(changes), **traffic), layout)
    return base, after, manifest


def same(one, other, names=("link_flow_veh_h", "link_time_min", "skim_time_min", "relative_gap", "geh")):
    return all(one[n].to_numpy().tobytes() == other[n].to_numpy().tobytes() for n in names)


def test_a_closed_street_sends_all_around_and_back_comes_as_before(town):
    base, after, manifest = scenario(town, {"kind": "closure", "links": SEVEN, "title": "Dock Road shut"})
    flow = after["link_flow_veh_h"].to_numpy()[:, 0]
    assert (flow[:, DOCK_ROAD] == 0.0).all()
    assert np.isinf(after["link_time_min"].to_numpy()[:, DOCK_ROAD]).all()
    assert np.isnan(after["link_speed_km_h"].to_numpy()[:, DOCK_ROAD]).all()
    # 0 → 1 and 0 → 2 leave junction 104 together: 12 % of the day's trips in the peak hour, all by 104 → 106.
    assert flow[0, AROUND[0]] == pytest.approx(0.12 * 15_000)
    time = after["link_time_min"].to_numpy()[0]
    assert time[AROUND[0]] == pytest.approx(3 * (1 + 0.15 * (1800 / 400) ** 4))
    # The other direction has the flows of the base, to the gap.
    assert flow[0, BACK] == pytest.approx(base["link_flow_veh_h"].to_numpy()[0, 0, BACK], rel=1e-5)
    assert (after["relative_gap"].to_numpy() <= 1e-9).all()
    assert after["change"].to_numpy().tolist() == ["Dock Road shut: 1 link (2.0 km) closed to all vehicles"]
    assert np.isinf(after["bus_journey_min"].to_numpy()[1]).all()
    assert manifest.files["traffic of the base"] == town[3].fingerprint
    assert (
        manifest.results["scenario"]["vehicle_km_day"]["scenario"]
        > manifest.results["scenario"]["vehicle_km_day"]["base"]
    )


def test_cold_and_warm_find_the_same_flows(town, monkeypatch):
    from lcr_hpc.traffic.scenario.run import ScenarioRun

    change = {"kind": "closure", "links": SEVEN}
    _, warm, told = scenario(town, change)
    monkeypatch.setattr(ScenarioRun, "begin", lambda self, index: None)
    _, cold, told_cold = scenario(town, change)
    assert warm["link_flow_veh_h"].to_numpy() == pytest.approx(cold["link_flow_veh_h"].to_numpy(), rel=1e-4, abs=0.1)
    assert told.results["iterations"] <= told_cold.results["iterations"]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "speed_limit", "links": {"radius_m": 1e5, "centre": [0, 0]}, "max_km_h": 40.0},
        {"kind": "charging_zone", "zone": {"centre": [3000, 0], "radius_m": 900}, "charge_gbp": 0.0},
        {"kind": "mode_shift", "utility_per_min": -0.05, "bus_share": 0.2, "persons_per_car": 1.5},
        {"kind": "closure", "links": SEVEN, "periods": []},
    ],
)
def test_what_changes_nothing_is_the_base_to_the_last_bit(town, change):
    base, after, manifest = scenario(town, change)
    assert same(base, after)
    assert manifest.results["scenario"]["periods_as_in_the_base"] == ["peak", "rest"]
    assert (after["state_delay_hours_h"][0] == after["state_delay_hours_h"][1]).all()


def test_a_measure_may_hold_in_some_periods_only(town):
    base, after, manifest = scenario(town, {"kind": "closure", "links": SEVEN, "periods": ["peak"]})
    assert manifest.results["scenario"]["periods_as_in_the_base"] == ["rest"]
    flow, then = (s["link_flow_veh_h"].to_numpy()[:, 0, DOCK_ROAD] for s in (after, base))
    assert flow[0] == 0.0
    assert flow[1] == then[1] > 0.0


def test_closing_a_road_that_carries_nothing_changes_nothing(tmp_path):
    town = ScenarioTown(trips=np.where(np.arange(3)[:, None] == 1, 0.0, TRIPS))
    _, layout = town.write(tmp_path)
    base, _ = run(town.config(), layout)
    assert base["link_flow_veh_h"].to_numpy()[:, 0, BACK].max() == 0.0
    after, _ = run(town.config(changes=[{"kind": "closure", "links": {"node_pairs": [[105, 104]]}}]), layout)
    assert after["link_flow_veh_h"].to_numpy() == pytest.approx(base["link_flow_veh_h"].to_numpy(), rel=1e-9, abs=1e-9)


def test_a_speed_limit_makes_the_empty_road_slower(town):
    base, after, _ = scenario(town, {"kind": "speed_limit", "links": SEVEN, "max_km_h": 20.0})
    flow = after["link_flow_veh_h"].to_numpy()[0, 0]
    time = after["link_time_min"].to_numpy()[0]
    # 2 km at 20 km/h are 6 minutes, for 3 before; the way around takes as long in equilibrium.
    assert time[DOCK_ROAD] == pytest.approx(6 * (1 + 0.15 * (flow[DOCK_ROAD] / 400) ** 4))
    assert time[DOCK_ROAD] == pytest.approx(time[AROUND].sum(), rel=1e-6)
    assert flow[DOCK_ROAD] < base["link_flow_veh_h"].to_numpy()[0, 0, DOCK_ROAD]


def test_a_charge_costs_those_who_enter_what_their_time_is_worth(town):
    zone = {"polygon": [[400, -2000], [1600, -2000], [1600, 3000], [400, 3000]]}  # junction 106 and its zone
    made, layout, *_ = town
    with pytest.raises(InputError, match=r"a charge needs what time is worth .* value_of_time_gbp_h"):
        run(made.config(changes=[{"kind": "charging_zone", "zone": zone, "charge_gbp": 2.0}]), layout)
    classes = [{"name": "all", "share": 1.0, "value_of_time_gbp_h": 12.0}]
    charge = {"kind": "charging_zone", "zone": zone, "charge_gbp": 2.0}
    base, after, manifest = scenario(town, charge, classes=classes)
    flow, time = after["link_flow_veh_h"].to_numpy()[0, 0], after["link_time_min"].to_numpy()[0]
    # £2 at £12 an hour are 10 minutes: 104 → 106 → 105 enters once, and then is as dear as Dock Road.
    if flow[AROUND[1]] > 0.0:
        assert time[DOCK_ROAD] == pytest.approx(time[AROUND].sum() + 10.0, rel=1e-6)
    assert flow[DOCK_ROAD] > base["link_flow_veh_h"].to_numpy()[0, 0, DOCK_ROAD]
    paid = after["state_charge_gbp_h"].to_numpy()
    assert (paid[0] == 0.0).all()
    assert paid[1, 0] == pytest.approx(2.0 * flow[[8, 11]].sum())
    assert manifest.results["scenario"]["changes"] == ["£2.00 on each of 2 links that enter the zone"]


def test_classes_divide_the_demand_and_the_exempt_do_not_pay(town):
    classes = [
        {"name": "car", "share": 0.8, "value_of_time_gbp_h": 12.0},
        {"name": "hgv", "share": 0.2, "pcu": 2.0},
    ]
    charge = {
        "kind": "charging_zone",
        "zone": {"centre": [1000, 2000], "radius_m": 700},
        "charge_gbp": 1.0,
        "exempt": ["hgv"],
    }
    base, after, _ = scenario(town, charge, classes=classes)
    flow = after["link_flow_veh_h"].to_numpy()
    assert after["vehicle_class"].to_numpy().tolist() == ["car", "hgv"]
    # Everybody leaves zone 0 over its connector: a fifth are lorries.
    assert flow[0, :, 0] == pytest.approx(0.12 * 15_000 * np.array([0.8, 0.2]))
    assert after["demand_veh_h"].to_numpy() == pytest.approx(base["demand_veh_h"].to_numpy())
    pcu = flow[0, 0] + 2.0 * flow[0, 1]
    time = after["link_time_min"].to_numpy()[0]
    assert time[DOCK_ROAD] == pytest.approx(3 * (1 + 0.15 * (pcu[DOCK_ROAD] / 400) ** 4))
    assert after["state_charge_gbp_h"].to_numpy()[1, 0] == pytest.approx(flow[0, 0, [8, 11]].sum())


def test_mode_shift_conserves_persons_and_follows_the_logit(town):
    shift = {
        "kind": "mode_shift", "utility_per_min": -0.05, "bus_share": 0.2, "persons_per_car": 1.5,
        "bus_minutes_change": -10.0,
    }  # fmt: skip
    base, after, _ = scenario(town, shift)
    car, bus = after["state_car_persons_h"].to_numpy(), after["state_bus_persons_h"].to_numpy()
    assert car.sum(axis=0) + bus.sum(axis=0) == pytest.approx(2 * (car[0] + bus[0]))
    assert (car + bus)[0] == pytest.approx((car + bus)[1])
    # Ten minutes less are half a unit of utility: 0.2 · e^0.5 / (0.8 + 0.2 · e^0.5) by bus, on every pair alike.
    share = 0.2 * np.exp(0.5) / (0.8 + 0.2 * np.exp(0.5))
    assert bus[1] / (car[1] + bus[1]) == pytest.approx([share, share])
    assert after["demand_veh_h"].to_numpy() == pytest.approx(base["demand_veh_h"].to_numpy() * (1 - share) / 0.8)


def test_ambulances_pass_the_queue(town):
    base, after, _ = scenario(town, {"kind": "emergency_vehicles", "delay_share": 0.25})
    assert same(base, after)  # ambulances are too few to load the roads
    time = base["link_time_min"].to_numpy()[0]
    minutes = after["emergency_department_min"].to_numpy()
    assert minutes.shape == (2, 2, 2, 3)
    direct = {0: time[11], 1: time[8]}
    around = {0: time[[6, 8]].sum(), 1: time[[7, 11]].sum()}
    assert minutes[0, 0, 0, :2] == pytest.approx([min(direct[z], around[z]) for z in (0, 1)])
    delayed = 3 + 0.25 * (time - 3)
    ways = [min(delayed[11], delayed[[6, 8]].sum()), min(delayed[8], delayed[[7, 11]].sum())]
    assert minutes[1, 0, 1, :2] == pytest.approx(ways)
    # In the zone of the department itself: half of the way to the nearest other zone.
    assert minutes[0, 0, 0, 2] == pytest.approx(0.5 * min(time[10], time[9]))


def test_a_bus_lane_takes_a_lane_and_spares_the_bus_the_queue(town):
    lane = {"kind": "bus_priority", "links": {"bus_routes": ["7"]}, "treatment": "lane"}
    base, after, _ = scenario(town, lane)
    flow, time = after["link_flow_veh_h"].to_numpy()[0, 0], after["link_time_min"].to_numpy()[0]
    assert time[DOCK_ROAD] == pytest.approx(3 * (1 + 0.15 * (flow[DOCK_ROAD] / 200) ** 4))
    before, now = after["bus_journey_min"].to_numpy()[:, 0, 0]
    then = base["link_time_min"].to_numpy()[0]
    assert before == 20.0
    assert now == pytest.approx(20.0 + (3 - then[6]) + (3 - then[8]))
    assert after["bus_per_hour"].to_numpy().tolist() == [[6.0], [6.0]]
    assert after["bus_corridor"].to_numpy().tolist() == [1]


def test_green_time_spares_a_share_and_leaves_the_roads_alone(town):
    green = {"kind": "bus_priority", "links": {"bus_routes": ["7"]}, "treatment": "green_time", "delay_spared": 0.5}
    base, after, _ = scenario(town, green)
    assert same(base, after)
    then = base["link_time_min"].to_numpy()[0]
    delay = (then[6] - 3) + (then[8] - 3)
    assert after["bus_journey_min"].to_numpy()[:, 0, 0] == pytest.approx([20.0, 20.0 - 0.5 * delay])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "closure", "links": {"roads": ["Dok Road"]}}, r"no road `Dok Road`; did you mean Dock Road\?"),
        ({"kind": "closure", "links": {"links": [60, 9999]}}, r"no link 9999 in the network"),
        ({"kind": "closure", "links": {"node_pairs": [[104, 999]]}}, r"no link 104 → 999 in the network"),
        ({"kind": "closure", "links": {"bus_routes": ["8"]}}, r"no bus route `8`; there are 7"),
        ({"kind": "closure", "links": {"road_classes": ["motorway"]}}, r"`traffic.changes.0.links` matches no link"),
        ({"kind": "closure", "links": {"centre": [9e5, 9e5], "radius_m": 5}}, r"matches no link: centre"),
        (
            {"kind": "charging_zone", "zone": {"centre": [9e5, 9e5], "radius_m": 5}, "charge_gbp": 0},
            r"holds no node of the network",
        ),
        ({"kind": "charging_zone", "zone": {"areas": ["E09"]}, "charge_gbp": 0}, r"no small area E09"),
        (
            {"kind": "closure", "links": {"node_pairs": [[104, 105], [106, 105]]}},
            r"closures of test cut off: no way into zone 102 .*leave a way open",
        ),
    ],
)
def test_a_scenario_that_does_not_fit_is_one_message_and_leaves_the_disk_alone(town, change, message):
    made, layout, *_ = town
    place = Layout(layout.root, layout.night, "test")
    had = place.manifest("traffic").read_bytes() if place.manifest("traffic").exists() else None
    with pytest.raises(InputError, match=message):
        run(made.config(changes=[change]), layout)
    assert (place.manifest("traffic").read_bytes() if place.manifest("traffic").exists() else None) == had


def test_a_config_that_says_nothing_sensible_is_refused():
    town = ScenarioTown()
    bad = [
        ({"kind": "closure", "links": {}}, "selects nothing"),
        ({"kind": "closure", "links": {"centre": [0, 0]}}, "belong together"),
        ({"kind": "closure", "links": SEVEN, "periods": ["peek"]}, "did you mean `peak`"),
        ({"kind": "closure", "links": SEVEN, "classes": ["cars"]}, "no class `cars`; there are: all"),
        ({"kind": "closure", "link": SEVEN}, "did you mean `links`"),
        ({"kind": "tunnel"}, "tunnel"),
        ({"kind": "charging_zone", "zone": {}, "charge_gbp": 1}, "wants exactly one of"),
    ]
    for change, message in bad:
        with pytest.raises(ConfigError, match=message):
            town.config(changes=[change])
    with pytest.raises(ConfigError, match=r"shares must sum to 1; they sum to 0\.9"):
        town.config(classes=[{"name": "car", "share": 0.9}])


def test_a_scenario_without_its_base_says_what_to_run(tmp_path):
    town = ScenarioTown(trips=TRIPS)
    _, layout = town.write(tmp_path)
    with pytest.raises(InputError, match=r"scenario test begins from the base .* run the base's config first"):
        run(town.config(changes=[{"kind": "closure", "links": SEVEN}]), layout)


def test_a_base_of_other_settings_is_refused(town):
    made, layout, *_ = town
    with pytest.raises(InputError, match=r"`traffic.relative_gap` is 1e-06, in the base 1e-09"):
        run(made.config(changes=[{"kind": "closure", "links": SEVEN}], relative_gap=1e-6), layout)


def test_a_second_run_has_the_same_bytes_and_the_base_stays(town):
    made, layout, _, manifest = town
    config = made.config(changes=[{"kind": "speed_limit", "links": SEVEN, "max_km_h": 30}])
    first, second = (run(config, layout)[1].fingerprint for _ in range(2))
    assert first == second
    assert read_manifest(layout.manifest("traffic")).fingerprint == manifest.fingerprint
    assert STREET == 2000.0


@pytest.mark.mpi
def test_ranks_and_threads_change_no_byte_of_a_scenario(tmp_path):
    made = ScenarioTown(trips=TRIPS)
    found = set()
    for ranks, threads in ((1, 1), (2, 2)):
        _, layout = made.write(tmp_path / str(ranks))
        for name, changes in (("base", []), ("test", [{"kind": "closure", "links": SEVEN}])):
            config = made.config(changes=changes, origin_blocks=3)
            config = config.model_copy(update={"compute": config.compute.model_copy(update={"threads": threads})})
            (file := tmp_path / f"{name}{ranks}.yaml").write_text(dump_config(config))
            command = [str(Path(sys.executable).parent / word) for word in ("mpiexec", "lcr")]
            done = subprocess.run(
                [command[0], "-n", str(ranks), command[1], "traffic", "--config", file, "--root", layout.root],
                check=False, capture_output=True, text=True, timeout=300,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        found.add(read_manifest(Layout(layout.root, layout.night, "test").manifest("traffic")).fingerprint)
    assert len(found) == 1
