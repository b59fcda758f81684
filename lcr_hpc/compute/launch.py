"""How this process was started: alone, or as one rank of several, told from the environment alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Launch:
    """What the launcher says it started.

    Parameters
    ----------
    ranks : int
        Number of ranks that the launcher counted.
    rank : int
        Which of them this process is, from 0.
    source : str
        The environment variable that says so.
    """

    ranks: int
    rank: int
    source: str


# Variables of launchers that start the ranks themselves: count, rank. Hydra (MPICH, Intel, Cray) and srun with
# pmi2 set PMI_*, Open MPI's mpirun OMPI_*, MVAPICH's mpirun_rsh MV2_*.
_LAUNCHERS = (
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    ("MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
    ("PMI_SIZE", "PMI_RANK"),
)
# srun sets these in every step, whatever its --mpi; a batch script has SLURM_NTASKS but no step, so that a plain
# command inside an allocation is serial.
_STEP = ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID")


def detect_launch(environment: Mapping[str, str] = os.environ) -> Launch | None:
    """Tell from the environment how many ranks a launcher started, if one did.

    Parameters
    ----------
    environment : mapping of str to str
        Defaults to this process's own.

    Returns
    -------
    Launch or None
        None when no launcher shows. An outer `srun -n 1` leaves PMI_SIZE=1 behind for what is started inside it,
        so a count of one never hides a larger one from Slurm's step. A step that Hydra opened for its own
        proxies (SLURM_EXTERNAL_LAUNCHER) says nothing of ranks.
    """
    found = [launch for names in _LAUNCHERS if (launch := _read(environment, *names))]
    if "SLURM_STEP_ID" in environment and "SLURM_EXTERNAL_LAUNCHER" not in environment:
        step = _read(environment, *_STEP)
        if step:
            found.append(step)
    several = [launch for launch in found if launch.ranks > 1]
    return next(iter(several or found), None)


def _read(environment: Mapping[str, str], count: str, rank: str) -> Launch | None:
    try:
        return Launch(int(environment[count]), int(environment[rank]), count)
    except (KeyError, ValueError):
        return None
