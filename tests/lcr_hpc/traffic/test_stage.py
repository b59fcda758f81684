from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lcr_hpc.compute.communicator import SerialCommunicator
from lcr_hpc.config import Config, load_config
from lcr_hpc.errors import InputError, ModelError, StoreError
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.slabs import open_store
from lcr_hpc.traffic.stage import run_traffic
from tests.lcr_hpc.traffic.town import Town

TWO_PERIODS = """traffic:
  origin_blocks: 3
  relative_gap: 1.0e-8
  periods:
    - label: day
      day_types: &all [weekday, saturday, sunday]
      hours: [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
    - {label: night, day_types: *all, hours: [20, 21, 22, 23, 0, 1, 2, 3, 4, 5]}
"""


def run(town, root, **changes):
    config, layout = town.write(root)
    traffic = config.traffic.model_copy(update=changes)
    manifest = run_traffic(config.model_copy(update={"traffic": traffic}), layout, SerialCommunicator())
    return open_store(layout.store("traffic"), "traffic").load(), manifest


def test_each_period_is_an_equilibrium_of_its_demand(tmp_path):
    traffic, manifest = run(Town(), tmp_path)
    assert traffic.sizes["period"] == 48
    assert traffic["link_flow_veh_h"].dims == ("period", "vehicle_class", "link")
    assert (traffic["relative_gap"].to_numpy() <= 1e-5).all()
    assert traffic["hour_period"].to_numpy().tolist() == [[*range(24)], [*range(24, 48)], [*range(24, 48)]]
    assert traffic["period"].to_numpy()[[8, 32]].tolist() == ["weekday 08", "sunday 08"]
    assert traffic["period_day_type"].to_numpy()[[8, 32]].tolist() == [0, 2]
    # Sunday has half of a weekday's demand in this town.
    assert traffic["demand_veh_h"].to_numpy()[[27, 32]] == pytest.approx([0.015 * 23_300, 0.06 * 23_300])
    assert traffic["demand_veh_h"].to_numpy()[[3, 8]] == pytest.approx([0.03 * 23_300, 0.12 * 23_300])
    assert traffic["intrazonal_veh_h"].to_numpy()[8] == pytest.approx(0.12 * 150)
    flow = traffic["link_flow_veh_h"].to_numpy()[:, 0]
    # Everybody to zone 2 comes over its connector; nobody leaves it.
    assert flow[8, 4] == pytest.approx(0.12 * 6000)
    # 1,080 trips from 0 to 1 in the peak hour: straight on and around take the same time; at night all go straight on.
    time = traffic["link_time_min"].to_numpy()
    assert time[8, 5] == pytest.approx(3 * (1 + 0.15 * (flow[8, 5] / 400) ** 4))
    assert time[8, 5] == pytest.approx(time[8, 10] + time[8, 8], rel=1e-4)
    assert flow[3, 5] == pytest.approx(0.03 * 9000)
    assert manifest.results["unreachable_named"] == ["103 → 101: 243 veh/day"]
    assert traffic["unreachable_veh_h"].to_numpy()[8] == pytest.approx(0.12 * 300)


def test_speeds_are_length_over_time_and_nan_on_connectors(tmp_path):
    traffic, _ = run(Town(), tmp_path)
    speed = traffic["link_speed_km_h"].to_numpy()
    assert np.isnan(speed[:, :5]).all()
    assert speed[3, 6] == pytest.approx(60 * 2 / traffic["link_time_min"].to_numpy()[3, 6])
    flow = traffic["link_flow_veh_h"].to_numpy()[:, 0]
    assert traffic["vehicle_km_h"].to_numpy() == pytest.approx(2 * flow[:, 5:].sum(axis=1))


def test_counts_are_compared_where_they_are_good_and_have_a_link(tmp_path):
    traffic, manifest = run(Town(), tmp_path)
    flow = traffic["link_flow_veh_h"].to_numpy()[8, 0, 5]
    assert traffic["observed_flow_veh_h"].to_numpy()[8] == pytest.approx([500.0, np.nan, 100.0], nan_ok=True)
    assert traffic["modelled_flow_veh_h"].to_numpy()[8, 0] == pytest.approx(flow)
    assert traffic["geh"].to_numpy()[8, 0] == pytest.approx(np.sqrt(2 * (flow - 500) ** 2 / (flow + 500)))
    assert np.isnan(traffic["geh"].to_numpy()[:, 1:]).all()
    assert manifest.results["geh_compared"] == 24
    assert manifest.results["detectors_without_link"] == ["stray"]


def test_a_night_without_counts_is_assigned_all_the_same(tmp_path):
    traffic, manifest = run(Town(hours_counted=1), tmp_path)
    assert manifest.results["geh_compared"] == 1
    assert np.isfinite(traffic["link_flow_veh_h"].to_numpy()).all()


def test_a_sunday_has_a_sunday_s_demand(tmp_path):
    traffic, manifest = run(Town(night=dt.date(2025, 10, 19)), tmp_path)
    assert manifest.results["day_type"] == "sunday"
    assert traffic["demand_veh_h"].to_numpy()[32] == pytest.approx(0.06 * 23_300)
    # Its counts are compared with the hours of a Sunday, and its totals are a Sunday's.
    assert np.isfinite(traffic["geh"].to_numpy()).any(axis=1).tolist() == [False] * 24 + [True] * 24
    flow, hours = traffic["vehicle_km_h"].to_numpy(), manifest.results["vehicle_km_day_by_day_type"]
    assert manifest.results["vehicle_km_day"] == pytest.approx(flow[24:].sum())
    assert hours == pytest.approx({"weekday": flow[:24].sum(), "saturday": flow[24:].sum(), "sunday": flow[24:].sum()})


def test_a_saturday_borrows_sunday_s_traffic_and_is_not_compared_with_it(tmp_path):
    traffic, manifest = run(Town(night=dt.date(2025, 10, 18)), tmp_path)
    assert manifest.results["trips_veh_day"] == pytest.approx(traffic["demand_veh_h"].to_numpy()[24:].sum())
    assert manifest.results["geh_compared"] == 0 and manifest.results["geh_below_5_share"] is None


def test_a_second_run_gives_the_same_fingerprint(tmp_path):
    (_, first), (_, second) = run(Town(), tmp_path / "a"), run(Town(), tmp_path / "b")
    assert first.fingerprint == second.fingerprint
    assert set(first.inputs) == {"network", "demand", "counts"}
    assert set(first.sources) == {"network", "demand", "counts"}


def test_a_gap_that_is_not_reached_leaves_no_manifest(tmp_path):
    with pytest.raises(ModelError, match=r"period weekday 08 has a relative gap .* raise traffic.max_iterations"):
        run(Town(), tmp_path, max_iterations=1, relative_gap=1e-9)
    assert not (tmp_path / "nights" / "2025-10-15" / "base" / "traffic.json").exists()


def test_stores_that_no_assignment_can_use(tmp_path):
    town = Town()
    town.trips[0, 0, 1] = -1.0
    with pytest.raises(InputError, match=r"trips must be finite and not negative; pairs 0 → 1 \(-0.03\)"):
        run(town, tmp_path)
    with pytest.raises(StoreError, match="no manifest"):
        from lcr_hpc.store.layout import Layout

        run_traffic(Config(), Layout(tmp_path / "none", dt.date(2025, 10, 15)), SerialCommunicator())


def test_skims_are_the_times_of_the_shortest_paths(tmp_path):
    traffic, _ = run(Town(), tmp_path)
    assert traffic["skim_period"].to_numpy().tolist() == ["weekday 08", "sunday 08"]
    assert traffic["skim_time_min"].dims == ("skim_period", "vehicle_class", "origin", "destination")
    skim, time = traffic["skim_time_min"].to_numpy()[0, 0], traffic["link_time_min"].to_numpy()[8]
    # Straight on, or around by the third junction: 1 to 2 goes over both links of the ring that lead there.
    assert skim[0, 1] == pytest.approx(min(time[5], time[10] + time[8]), rel=1e-6)
    assert skim[1, 2] == pytest.approx(min(time[7], time[6] + time[10]), rel=1e-6)
    assert np.isnan(skim[2]).tolist() == [True, True, False]
    distance = traffic["skim_distance_m"].to_numpy()[0, 0]
    assert (distance[1, 2], distance[0, 0]) == (2000.0, 0.0)


def test_a_night_may_have_no_skims(tmp_path):
    traffic, _ = run(Town(), tmp_path, skim_hours=())
    assert "skim_time_min" not in traffic


KILLED = """
import os, signal, sys
from pathlib import Path
from lcr_hpc.compute.communicator import SerialCommunicator
from lcr_hpc.config import load_config
from lcr_hpc.store.layout import layout_of
from lcr_hpc.traffic import checkpoint, stage

offer, left = checkpoint.Checkpoints.offer, [int(sys.argv[2])]

def deadly(self, *given):
    offer(self, *given)
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)

checkpoint.Checkpoints.offer = deadly
config = load_config(Path(sys.argv[1]) / "town.yaml")
stage.run_traffic(config, layout_of(config, Path(sys.argv[1])), SerialCommunicator())
"""


def test_a_killed_stage_goes_on_and_gives_the_same_bytes(tmp_path, capsys):
    found = []
    for name in ("whole", "killed"):
        root = tmp_path / name
        _, layout = Town().write(root)
        (root / "town.yaml").write_text("{traffic: {relative_gap: 1.0e-9}, compute: {checkpoint_seconds: 0}}")
        config = load_config(root / "town.yaml")
        kept = layout.night_dir / "traffic.checkpoint"
        if name == "killed":
            # The first hour that takes a second iteration is the ninth, the peak.
            done = subprocess.run(
                [sys.executable, "-c", KILLED, str(root), "1"], check=False, capture_output=True, timeout=300
            )
            assert done.returncode == -signal.SIGKILL, done.stderr
            assert (kept / "latest.json").is_file()
            assert not layout.manifest("traffic").exists()
            capsys.readouterr()
        found.append(run_traffic(config, layout, SerialCommunicator()).fingerprint)
        assert not kept.exists()
    assert "taken up after 8 periods and 1 iterations" in capsys.readouterr().out
    assert found[0] == found[1]


@pytest.mark.mpi
@pytest.mark.parametrize("blocks", [1, 3])  # with one, all ranks but the first have none
def test_ranks_change_no_byte_of_the_night(tmp_path, blocks):
    found = set()
    for ranks in (1, 2, 3):
        root = tmp_path / str(ranks)
        _, layout = Town().write(root)
        config = root / "town.yaml"
        config.write_text(TWO_PERIODS.replace("origin_blocks: 3", f"origin_blocks: {blocks}"))
        command = [str(Path(sys.executable).parent / name) for name in ("mpiexec", "lcr")]
        done = subprocess.run(
            [command[0], "-n", str(ranks), command[1], "traffic", "--config", str(config), "--root", str(root)],
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("relative gap") == 2
        found.add(read_manifest(layout.manifest("traffic")).fingerprint)
    assert len(found) == 1
