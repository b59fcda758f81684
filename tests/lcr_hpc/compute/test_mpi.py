"""Ranks under the real mpiexec: the same bytes for any number of them, and no silent singletons."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.compute.mpi import MpiCommunicator, open_communicator

PROGRAM = Path(__file__).with_name("rank_program.py")
MPIEXEC = Path(sys.executable).with_name("mpiexec")

pytestmark = [
    pytest.mark.mpi,
    pytest.mark.skipif(not MPIEXEC.exists(), reason=f"no {MPIEXEC}: the mpich wheel is for Linux"),
]


def clean_environment() -> dict[str, str]:
    """Without what a launcher around pytest itself may have left."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PMI", "SLURM", "OMPI", "MV2", "HYDRA", "HYDI"))}


def run_ranks(ranks: int, task: str) -> subprocess.CompletedProcess[str]:
    return run([str(MPIEXEC), "-n", str(ranks), sys.executable, str(PROGRAM), task], {})


def run_alone(task: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, str(PROGRAM), task], environment)


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    env = clean_environment() | environment
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_one_two_and_three_ranks_get_the_same_bytes():
    alone = run_alone("gather")
    assert alone.returncode == 0, alone.stderr
    who, *answer = alone.stdout.split()
    assert who == "0/1"
    for ranks in (1, 2, 3):
        done = run_ranks(ranks, "gather")
        assert done.returncode == 0, done.stderr
        lines = sorted(line.split() for line in done.stdout.splitlines())
        assert [line[0] for line in lines] == [f"{rank}/{ranks}" for rank in range(ranks)]
        assert all(line[1:] == answer for line in lines)


def test_integers_are_summed_over_ranks():
    done = run_ranks(3, "sum")
    assert done.stdout.split() == [f"[[{3 * 2**53},3],[3,3]]"] * 3, done.stderr


def test_a_rank_without_blocks_gets_all_of_them():
    done = run_ranks(2, "empty")
    assert done.stdout.split() == ["True", "True"], done.stderr


@pytest.mark.parametrize("ranks", [2, 3])
def test_a_failing_rank_stops_all_with_its_name_and_exit_code(ranks):
    done = run_ranks(ranks, "one fails")
    assert done.returncode == 2
    assert f"rank 1 of {ranks} on " in done.stderr
    assert done.stderr.count("links.csv: no column 'capacity'") == 1
    assert "Traceback" not in done.stderr


def test_an_error_that_all_ranks_meet_is_told_once():
    done = run_ranks(2, "all fail")
    assert done.returncode == 2
    assert done.stderr.count("links.csv: no column 'capacity'") == 1
    assert "rank 0 of 2" in done.stderr


def test_a_fault_of_the_program_stops_all_with_its_traceback():
    done = run_ranks(3, "bug")
    assert done.returncode == 1
    assert "rank 2 of 3 on " in done.stderr
    assert "IndexError" in done.stderr


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("held twice", "block 0 is held by ranks [0, 1]"),
        ("held twice", "1 of 2 blocks are held by no rank: [1]"),
        ("single precision", "is float32, wanted float64"),
        ("sum of floats", "an array of float64 is to be summed, wanted int64"),
        ("abort", "rank 1 of 2"),
        ("abort", "the disk is full"),
    ],
)
def test_what_is_wrong_between_ranks_is_named(task, message):
    done = run_ranks(2, task)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_rank_that_leaves_early_takes_the_others_along():
    assert run_ranks(2, "exit").returncode == 5


@pytest.mark.parametrize("rank", ["0", "1"])
def test_a_launcher_of_another_mpi_is_refused(rank):
    # What Open MPI's mpirun leaves in the environment; MPICH's library knows nothing of it and sees one rank.
    done = run_alone("gather", OMPI_COMM_WORLD_SIZE="2", OMPI_COMM_WORLD_RANK=rank)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "started 2 ranks (OMPI_COMM_WORLD_SIZE=2)" in done.stderr
    assert "sees 1" in done.stderr
    assert str(MPIEXEC) in done.stderr
    assert "Warning" not in done.stderr


def test_alone_there_is_no_mpi():
    code = (
        "import sys, lcr_hpc.compute.mpi as m; m.open_communicator(); print(m.detect_launch(), 'mpi4py' in sys.modules)"
    )
    done = run([sys.executable, "-c", code], {})
    assert done.stdout.split() == ["None", "False"]


@pytest.mark.parametrize(
    ("environment", "chosen"),
    [
        pytest.param({"SLURM_STEP_ID": "0"}, "ofi", id="srun"),
        pytest.param({"SLURM_STEP_ID": "0", "MPIR_CVAR_CH4_NETMOD": "ucx"}, "ucx", id="srun, chosen by hand"),
        pytest.param({"SLURM_STEP_ID": "0", "SLURM_EXTERNAL_LAUNCHER": "1"}, None, id="mpiexec in a job"),
        pytest.param({}, None, id="no Slurm"),
    ],
)
def test_under_srun_the_wheel_exchanges_short_addresses(environment, chosen):
    # Long ones break Slurm's pmi2 by chance: it depends on what lies in freed memory.
    code = "import os, lcr_hpc.compute.mpi as m; m.mpi_library(); print(os.environ.get('MPIR_CVAR_CH4_NETMOD'))"
    done = run([sys.executable, "-c", code], environment)
    assert done.stdout.strip() == str(chosen), done.stderr


def test_both_communicators_keep_the_protocol(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("PMI_", "SLURM_", "OMPI_", "MV2_")):
            monkeypatch.delenv(name)
    serial: Communicator = open_communicator()
    blocks = serial.gather_blocks({1: np.ones(2), 0: np.zeros(1)}, 2)
    assert [block.size for block in blocks] == [1, 2]
    assert serial.sum_integers(np.array([3, 4])).tolist() == [3, 4]
    assert isinstance(serial, Communicator)
    assert all(hasattr(MpiCommunicator, name) for name in ("rank", "size", *_methods()))


def _methods() -> list[str]:
    return [name for name in vars(Communicator) if not name.startswith("_")]
