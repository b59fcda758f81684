"""Select link, select node and skims: exactly what the flows say."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcr_hpc.errors import InputError
from lcr_hpc.traffic import (
    TrafficSettings,
    VehicleClass,
    assign,
    select_links,
    select_node,
    skim_shortest,
    skim_used,
)
from tests.lcr_hpc.traffic.sioux_falls import sioux_falls
from tests.lcr_hpc.traffic.test_equilibrium import trips, two_zones
from tests.lcr_hpc.traffic.test_turns import crossing, demand, turns
from tests.reference.user_equilibrium import distances


@pytest.fixture(scope="module")
def falls():
    network, demand = sioux_falls()
    network = dataclasses.replace(network, toll=np.arange(76) % 3.0)
    classes = [
        VehicleClass("cars", dataclasses.replace(demand, trips=0.8 * demand.trips)),
        VehicleClass("lorries", dataclasses.replace(demand, trips=0.1 * demand.trips), value_of_time=30.0, pcu=2.0),
    ]
    return assign(network, classes, TrafficSettings(relative_gap=1e-7, toll_weight=1.0, origin_blocks=3))


def test_two_roads_share_a_pair_as_their_flows_do():
    result = assign(two_zones(), trips((0, 0, 3.0), (0, 1, 10.0)), TrafficSettings(relative_gap=1e-12))
    found = select_links(result, [0])
    assert found.share[0].tolist() == pytest.approx([0.0, 0.5])
    assert found.trips[0].tolist() == pytest.approx([0.0, 5.0])
    assert found.link_flow.tolist() == [pytest.approx([5.0, 5.0, 0.0, 0.0])]
    # Either road: everybody, once.
    assert select_links(result, [0, 1, 2, 3]).share[0].tolist() == pytest.approx([0.0, 1.0])
    assert select_node(result, 3).link_flow.tolist() == [pytest.approx([0.0, 0.0, 5.0, 5.0])]


@settings(deadline=None, derandomize=True, max_examples=10)
@given(st.integers(0, 75))
def test_trips_through_a_link_sum_to_its_flow(falls, link):
    found = select_links(falls, [link])
    for k in range(2):
        assert found.trips[k].sum() == pytest.approx(falls.class_flow[k, link], rel=1e-12)
        assert found.link_flow[k, link] == pytest.approx(falls.class_flow[k, link], rel=1e-12)
        assert (found.link_flow[k] <= falls.class_flow[k] * (1 + 1e-12) + 1e-9).all()
        assert ((found.share[k] >= 0.0) & (found.share[k] <= 1 + 1e-12)).all()


def test_selected_trips_are_conserved_at_every_node(falls):
    found = select_links(falls, [10, 40])
    network, demand = falls.problem.network, falls.problem.classes[0].demand
    inward = np.bincount(network.to_node, found.link_flow[0], 24) - np.bincount(
        network.from_node, found.link_flow[0], 24
    )
    ends = np.bincount(demand.destination, found.trips[0], 24) - np.bincount(demand.origin, found.trips[0], 24)
    assert inward.tolist() == pytest.approx(ends.tolist(), abs=1e-8)


def test_who_touches_a_node_begins_ends_or_passes_there(falls):
    network, demand = falls.problem.network, falls.problem.classes[0].demand
    found = select_node(falls, 9)
    here = (demand.origin == 9) | (demand.destination == 9)
    assert found.share[0][here & (demand.trips > 0)] == pytest.approx(1.0)
    into = falls.class_flow[0][network.to_node == 9].sum()
    assert found.trips[0].sum() == pytest.approx(into + demand.trips[demand.origin == 9].sum(), rel=1e-12)


def test_all_links_together_are_everybody_s_time(falls):
    """Skims of used paths times demand are link values times flow, for each field and class."""
    network = falls.problem.network
    own = np.linspace(0.0, 1.0, 76)
    for k, c in enumerate(falls.problem.classes):
        flow = falls.class_flow[k]
        wanted = {
            "time": network.time(falls.link_flow),
            "distance": network.length,
            "toll": network.toll,
            "cost": falls.class_cost[k],
        }
        found = skim_used(falls, vehicle_class=k)
        for name, values in wanted.items():
            assert (found[name] * c.demand.trips).sum() == pytest.approx(values @ flow, rel=1e-12)
        assert (skim_used(falls, {"own": own}, vehicle_class=k)["own"] * c.demand.trips).sum() == pytest.approx(
            own @ flow, rel=1e-12
        )


def test_shortest_costs_are_those_of_bellman_and_ford_and_of_used_paths(falls):
    network = falls.problem.network
    found = skim_shortest(falls, ["cost", "time", "toll"], vehicle_class=1)
    ends = list(zip(network.from_node.tolist(), network.to_node.tolist(), strict=True))
    for origin in (0, 9, 23):
        wanted = distances(24, ends, falls.class_cost[1].tolist(), origin, 0)
        assert found["cost"][origin].tolist() == pytest.approx(wanted)
    # Worth of 30 an hour: a unit of toll is two minutes.
    assert found["cost"] == pytest.approx(found["time"] + 2 * found["toll"])
    demand = falls.problem.classes[1].demand
    used = skim_used(falls, ["cost"], vehicle_class=1)["cost"]
    assert used == pytest.approx(found["cost"][demand.origin, demand.destination], rel=1e-4)
    part = skim_shortest(falls, ["time"], origins=[9, 4], vehicle_class=1)["time"]
    assert part.tolist() == found["time"][[9, 4]].tolist()


def test_no_path_is_nan_and_home_is_nothing_away():
    result = assign(two_zones(), trips((0, 1, 1.0), (1, 0, 1.0), (1, 1, 1.0)))
    assert skim_shortest(result, ["time"])["time"].tolist() == [
        [0.0, pytest.approx(7.0)],
        [pytest.approx(np.nan, nan_ok=True), 0.0],
    ]
    assert np.isnan(skim_used(result, ["time"])["time"]).tolist() == [False, True, False]


def test_turns_take_time_and_no_distance():
    result = assign(crossing(), demand((0, 1, 6.0)), turns=turns((0, 1, 0.5)))
    skims = skim_shortest(result)
    assert (skims["time"][0, 1], skims["distance"][0, 1], skims["cost"][0, 1]) == (3.5, 3.0, 3.5)
    assert select_links(result, [1]).trips[0].tolist() == [6.0]


def test_what_does_not_exist_is_refused(falls):
    for call, message in (
        (lambda: select_links(falls, [76, -1]), "no link 76, -1; they are 0 to 75"),
        (lambda: select_node(falls, 24), "no node 24"),
        (lambda: skim_used(falls, ["speed"]), "no field `speed`; there is time, distance, toll, cost"),
        (lambda: skim_used(falls, {"grade": np.ones(3)}), r"`grade` has shape \(3,\)"),
        (lambda: skim_shortest(falls, vehicle_class=2), "no class 2; there are 2"),
        (lambda: skim_shortest(falls, origins=[24]), "zones 0 to 23"),
    ):
        with pytest.raises(InputError, match=message):
            call()
