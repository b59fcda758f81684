"""What the environment of each launcher says, as found under the launchers themselves."""

from __future__ import annotations

import pytest

from lcr_hpc.compute.launch import detect_launch

STEP = {"SLURM_STEP_ID": "0", "SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2", "SLURM_NTASKS": "2"}

ONE = {"PMI_SIZE": "1", "PMI_RANK": "0"}
OPEN_MPI = {"OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3"}


@pytest.mark.parametrize(
    ("environment", "ranks", "rank", "source"),
    [
        pytest.param({"PMI_SIZE": "3", "PMI_RANK": "2"}, 3, 2, "PMI_SIZE", id="mpiexec"),
        pytest.param(ONE, 1, 0, "PMI_SIZE", id="mpiexec -n 1"),
        pytest.param(OPEN_MPI, 4, 3, "OMPI_COMM_WORLD_SIZE", id="mpirun"),
        pytest.param(STEP, 2, 1, "SLURM_STEP_NUM_TASKS", id="srun --mpi=none"),
        pytest.param(STEP | {"PMI_SIZE": "2", "PMI_RANK": "1"}, 2, 1, "PMI_SIZE", id="srun --mpi=pmi2"),
        # An outer `srun -n 1 --mpi=pmi2` leaves its own count behind: the inner step's two must not hide behind it.
        pytest.param(STEP | ONE, 2, 1, "SLURM_STEP_NUM_TASKS", id="srun within srun -n 1"),
        # Hydra in a job opens a step of one proxy a node, and in it starts the ranks.
        pytest.param(STEP | {"SLURM_EXTERNAL_LAUNCHER": "1"} | ONE, 1, 0, "PMI_SIZE", id="mpiexec -n 1 in a job"),
    ],
)
def test_a_launcher_is_told_by_its_variables(environment, ranks, rank, source):
    launch = detect_launch(environment)
    assert launch is not None
    assert (launch.ranks, launch.rank, launch.source) == (ranks, rank, source)


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="a laptop"),
        pytest.param({"SLURM_JOB_ID": "7", "SLURM_NTASKS": "4", "SLURM_PROCID": "0"}, id="a batch script outside srun"),
        pytest.param({"PMI_SIZE": "two", "PMI_RANK": "0"}, id="not a number"),
        pytest.param({"PMI_SIZE": "2"}, id="no rank"),
    ],
)
def test_no_launcher_means_alone(environment):
    assert detect_launch(environment) is None
