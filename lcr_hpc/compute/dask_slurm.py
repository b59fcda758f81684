"""Dask workers that Slurm starts: inside an allocation that is ours already, or as jobs that a login node submits.

dask-jobqueue does the work and is imported here alone: its last release is of 2024, and a runner of our own would
be small.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lcr_hpc.compute.launch import Launch
from lcr_hpc.compute.threads import thread_environment
from lcr_hpc.config import SlurmWorkersConfig
from lcr_hpc.errors import LaunchError

ROLES = 2
"""Tasks of an allocation that compute nothing: Dask's scheduler, and the stage itself."""
START_S = 300
IDLE = "600s"
"""A scheduler whose stage has died ends itself after so long, and its workers with it."""
LIFETIME_MARGIN_MIN = 5
_LIFE = ("SLURM_JOB_ID", "SLURM_RESTART_COUNT", "SLURM_STEP_ID", "SLURM_SRUN_COMM_PORT")


@contextmanager
def allocation_client(launch: Launch, scratch: Path, interface: str | None) -> Iterator[Any]:
    """Turn the tasks of an `srun` into a scheduler, the stage, and workers of one thread.

    Only the task that is the stage gets out of here with a client; the others serve it, and their process ends.

    Parameters
    ----------
    launch : Launch
        What `srun` started: three tasks at least.
    scratch : Path
        Folder that all nodes see, for the scheduler's address.
    interface : str, optional
        Network interface to talk through; by default that of the host's name.

    Raises
    ------
    LaunchError
        When it is not `srun` that started the tasks, or they are too few, or workers do not come.
    """
    if "SLURM_STEP_ID" not in os.environ:
        raise LaunchError(
            f"{launch.ranks} copies of a stage that spreads over Dask were started ({launch.source}): they would write "
            "to the same slabs. Start one, with compute.backend: dask; or let srun start them in a Slurm job"
        )
    if launch.ranks < ROLES + 1:
        raise LaunchError(
            f"{launch.ranks} tasks, wanted {ROLES + 1} or more: a scheduler, the stage, and workers; raise `tasks` "
            "of the stage in the profile",
            field="tasks",
        )
    from dask_jobqueue.slurm import SLURMRunner

    # A requeued job has its number again, and its steps theirs: the address of its first life must not be taken for
    # that of its second. SLURM_RESTART_COUNT is taken away from what a job starts; srun's own port is there.
    life = "-".join(os.environ.get(name, "0") for name in _LIFE)
    address = scratch / f"scheduler-{life}.json"
    host = {"interface": interface} if interface else {}
    workers = launch.ranks - ROLES
    with contextlib.ExitStack() as stack:
        try:
            runner = stack.enter_context(
                SLURMRunner(
                    scheduler_file=str(address),
                    scheduler_options={"dashboard": False, "dashboard_address": ":0", "idle_timeout": IDLE, **host},
                    worker_options={
                        "nthreads": 1,
                        "local_directory": str(node_scratch()),
                        "death_timeout": START_S,  # without a scheduler it would wait until the walltime
                        **host,
                    },
                )
            )
            client = stack.enter_context(_connect(runner, workers))
        except (OSError, RuntimeError, TimeoutError) as error:
            raise LaunchError(f"{workers} Dask workers did not start in the allocation: {error}") from error
        yield client
    address.unlink(missing_ok=True)


@contextmanager
def login_client(workers: int, scratch: Path, settings: SlurmWorkersConfig) -> Iterator[Any]:
    """Submit workers of one thread as Slurm jobs, and keep so many of them alive.

    Parameters
    ----------
    workers : int
        Jobs at a time. One that ends, by its lifetime, a lost node or scancel, is replaced.
    scratch : Path
        Folder that all nodes see, for the workers' logs.
    settings : SlurmWorkersConfig
        Partition, account, memory and time of a worker.

    Raises
    ------
    LaunchError
        When there is no sbatch here, or no worker comes.
    """
    if shutil.which("sbatch") is None:
        raise LaunchError("no sbatch on PATH: compute.backend dask-slurm wants a login node; here take dask, or serial")
    from dask_jobqueue import SLURMCluster

    lifetime = max(settings.walltime_min - LIFETIME_MARGIN_MIN, 1)
    with contextlib.ExitStack() as stack:
        try:
            cluster = stack.enter_context(
                SLURMCluster(
                    queue=settings.partition,
                    account=settings.account,
                    cores=1,
                    processes=1,
                    memory=f"{settings.memory_mb}MB",
                    walltime=f"{settings.walltime_min // 60:02d}:{settings.walltime_min % 60:02d}:00",
                    interface=settings.interface,
                    job_name="lcr-worker",
                    log_directory=str(scratch / "workers"),
                    local_directory=str(node_scratch()),
                    job_script_prologue=[f"export {k}={v}" for k, v in thread_environment(1).items()],
                    # Workers go before Slurm ends them, and not all at once.
                    worker_extra_args=["--lifetime", f"{lifetime}m", "--lifetime-stagger", "1m"],
                    scheduler_options={"dashboard": False, "dashboard_address": ":0"},
                )
            )
            # adapt, not scale: a fixed scale never replaces a worker that has ended by its lifetime.
            cluster.adapt(minimum=workers, maximum=workers)
            client = stack.enter_context(_connect(cluster, 1))
        except (OSError, RuntimeError, TimeoutError) as error:
            raise LaunchError(f"no Dask worker came through Slurm within {START_S} s: {error}") from error
        yield client


def node_scratch() -> Path:
    """Where a worker spills: a disk of its own node, as slurm/env.sh chose it."""
    return Path(os.environ.get("LCR_NODE_DISK") or os.environ.get("TMPDIR") or "/tmp")


def _connect(cluster: Any, workers: int) -> Any:
    from distributed import Client

    client = Client(cluster)
    client.wait_for_workers(workers, timeout=START_S)
    return client
