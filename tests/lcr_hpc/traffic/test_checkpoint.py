"""A run that is killed goes on with the bytes of one that was not."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lcr_hpc.errors import InputError, ModelError
from lcr_hpc.traffic import Checkpoints, TrafficSettings, VehicleClass, assign
from tests.lcr_hpc.traffic.sioux_falls import sioux_falls
from tests.lcr_hpc.traffic.test_equilibrium import trips, two_zones

SETTINGS = TrafficSettings(relative_gap=1e-10, origin_blocks=3)
KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from lcr_hpc.compute.mpi import abort_on_error, open_communicator
from lcr_hpc.traffic import Checkpoints, assign
from lcr_hpc.traffic import checkpoint
from tests.lcr_hpc.traffic.test_checkpoint import SETTINGS, two_classes

folder, deadly_rank, deadly_write = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
network, classes = two_classes()
files, write = [], checkpoint._write
ranks = open_communicator()

def deadly(path, content):
    files.append(path)
    if ranks.rank == deadly_rank and len(files) == deadly_write:
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, content)

checkpoint._write = deadly
with abort_on_error(ranks):
    keeper = Checkpoints(folder, 0.0, ranks)
    begun = keeper.latest()
    result = assign(network, classes, SETTINGS, communicator=ranks, checkpoint=keeper)
    if ranks.rank == 0:
        print(begun["iterations"] if begun else 0, result.iterations)
        np.save(folder.with_name("flow.npy"), result.class_flow)
"""
MPIEXEC = Path(sys.executable).with_name("mpiexec")


def two_classes():
    network, demand = sioux_falls()
    half = dataclasses.replace(demand, trips=0.5 * demand.trips)
    return network, [VehicleClass("cars", half), VehicleClass("vans", half, value_of_time=90.0)]


def same(one, two):
    return all(
        getattr(one, name).tobytes() == getattr(two, name).tobytes()
        for name in ("link_flow", "class_flow", "link_cost", "history")
    ) and (one.objective, one.relative_gap) == (two.objective, two.relative_gap)


@pytest.mark.parametrize(
    "write", [20, 24]
)  # a step is 6 blocks, what they share, and its name: half of a step; its name
def test_kill_9_leaves_the_last_whole_iteration(tmp_path, write):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "c"), "0", str(write)],
        check=False,
        capture_output=True,
        timeout=300,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    network, classes = two_classes()
    keeper = Checkpoints(tmp_path / "c", 1e9)
    said = keeper.latest()
    assert said is not None and (said["step"], said["iterations"]) == (2, 2)
    plain, resumed = assign(network, classes, SETTINGS), assign(network, classes, SETTINGS, checkpoint=keeper)
    assert resumed.iterations > 3
    assert same(plain, resumed)
    keeper.remove()
    assert not (tmp_path / "c").exists()


@pytest.mark.mpi
@pytest.mark.skipif(not MPIEXEC.exists(), reason=f"no {MPIEXEC}: the mpich wheel is for Linux")
def test_a_rank_that_is_killed_ends_all_and_any_number_of_ranks_goes_on(tmp_path):
    def run(ranks, *deadly):
        command = [str(MPIEXEC), "-n", str(ranks), sys.executable, "-c", KILLED, str(tmp_path / "c"), *deadly]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)

    # Rank 1 writes two blocks a step: this is the first of its third.
    done = run(2, "1", "5")
    assert done.returncode == signal.SIGKILL
    assert "BAD TERMINATION" in done.stdout + done.stderr
    assert not (tmp_path / "flow.npy").exists()
    done = run(3, "-1", "0")
    assert done.returncode == 0, done.stderr
    network, classes = two_classes()
    plain = assign(network, classes, SETTINGS)
    assert done.stdout.split() == ["2", str(plain.iterations)]
    assert np.load(tmp_path / "flow.npy").tobytes() == plain.class_flow.tobytes()


def test_every_iteration_can_be_resumed_and_only_the_last_is_kept(tmp_path):
    network, demand = sioux_falls()
    plain = assign(network, demand, SETTINGS)
    for stop in range(2, plain.iterations):
        cut = dataclasses.replace(SETTINGS, max_iterations=stop)
        keeper = Checkpoints(tmp_path / str(stop), 0.0)
        # The hash is of the settings that count, so the cut run takes the place of one that was killed there.
        keeper_begin = keeper.begin
        keeper.begin = lambda problem, _, n, begin=keeper_begin: begin(problem, SETTINGS, n)
        assign(network, demand, cut, checkpoint=keeper)
        assert [p.name for p in sorted(keeper.folder.iterdir())] == ["latest.json", f"step-{stop - 1:06d}"]
        assert same(plain, assign(network, demand, SETTINGS, checkpoint=Checkpoints(keeper.folder, 1e9)))


def test_a_clock_of_its_own(tmp_path):
    network, demand = sioux_falls()
    assign(network, demand, SETTINGS, checkpoint=Checkpoints(tmp_path / "c", 1e9))
    assert not (tmp_path / "c").exists()


def test_another_problem_is_refused_or_begun_anew(tmp_path):
    network, demand = sioux_falls()
    assign(network, demand, SETTINGS, checkpoint=Checkpoints(tmp_path, 0.0, note={"period": 3}))
    more = dataclasses.replace(demand, trips=1.01 * demand.trips)
    for other in (
        (network, more, SETTINGS),
        (dataclasses.replace(network, power=network.power + 1), demand, SETTINGS),
        (network, demand, dataclasses.replace(SETTINGS, origin_blocks=2)),
    ):
        with pytest.raises(ModelError, match="holds a checkpoint of another problem"):
            assign(*other, checkpoint=Checkpoints(tmp_path))
    anew = Checkpoints(tmp_path, 0.0, refuse_others=False)
    found = anew.latest()
    assert found is not None and found["note"] == {"period": 3}
    assert same(assign(network, more, SETTINGS), assign(network, more, SETTINGS, checkpoint=anew))
    assert len(list(tmp_path.glob("step-*"))) == 1


def test_what_cannot_be_read_or_written_is_said(tmp_path):
    network, demand = sioux_falls()
    assign(network, demand, SETTINGS, checkpoint=Checkpoints(tmp_path / "c", 0.0))
    next((tmp_path / "c").glob("step-*/block-00001.npz")).unlink()
    with pytest.raises(ModelError, match=r"remove .* and start cold"):
        assign(network, demand, SETTINGS, checkpoint=Checkpoints(tmp_path / "c"))
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="no checkpoint can be written"):
        settings = TrafficSettings(relative_gap=1e-15, max_iterations=3)
        assign(two_zones(), trips((0, 1, 10.0)), settings, checkpoint=Checkpoints(tmp_path / "file", 0.0))
