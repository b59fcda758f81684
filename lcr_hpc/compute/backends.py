"""Where independent slabs are computed: one after the other here, or on Dask workers; the results are the same."""

from __future__ import annotations

import contextlib
import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from lcr_hpc.compute.dask_slurm import allocation_client, login_client
from lcr_hpc.compute.launch import detect_launch
from lcr_hpc.compute.threads import thread_environment
from lcr_hpc.config import SlurmWorkersConfig
from lcr_hpc.errors import LaunchError, LcrError

Item = TypeVar("Item")
Result = TypeVar("Result")

KINDS = ("serial", "dask", "dask-slurm")
"""Kinds of backend that `open_backend` knows."""

# Without it a map whose workers are all gone waits for ever.
_PATIENCE = "120s"

_SETTINGS = {
    "distributed.scheduler.allowed-failures": 10,  # a lost worker is not the item's fault
    "distributed.scheduler.no-workers-timeout": _PATIENCE,
    "distributed.comm.timeouts.connect": "60s",
}


# Dask's own setting gives every array above 128 kB back to the system at once, and takes it again page by page: eight
# times the page faults, a quarter of a worker's time in an ingest. Here a worker keeps up to 128 MB that is free.
_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(128 << 20), "MALLOC_MMAP_THRESHOLD_": str(32 << 20)}


class Backend(Protocol):
    """Applies a function to slabs that never talk to each other."""

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Apply `function` to every item and return the results in the order of the items.

        Parameters
        ----------
        function : callable
            Of one item. Pure but for the slab it writes, which belongs to its item alone, and of a module that
            workers can import. A worker that dies has its item computed again elsewhere.
        items : sequence
            Small and picklable: numbers, paths and settings, never open stores.

        Raises
        ------
        LcrError
            The first error of an item, its message headed by which item it was; what has not begun is not begun.
        """
        ...


@contextmanager
def open_backend(
    kind: str = "serial",
    *,
    workers: int = 1,
    scratch: Path | None = None,
    slurm_workers: SlurmWorkersConfig | None = None,
) -> Iterator[Backend]:
    """Start a backend and stop it whatever happens inside.

    Parameters
    ----------
    kind : str
        "serial": in this process. "dask": on Dask workers of this machine, spawned, one thread each. "dask-slurm": on
        workers that are Slurm jobs, submitted from here. Where `srun` has started several tasks, they become the
        workers, whatever the kind: each for itself would write the same slabs.
    workers : int
        Number of Dask workers; ignored by "serial" and in an allocation.
    scratch : Path, optional
        Folder for what workers of this machine spill, best on a disk of its own, and for addresses and logs of
        workers on other nodes, which must see it. Default: the system's for temporary files.
    slurm_workers : SlurmWorkersConfig, optional
        What a worker of "dask-slurm" asks Slurm for.

    Yields
    ------
    Backend

    Raises
    ------
    LaunchError
        When the kind is unknown or the workers do not start.
    """
    if kind not in KINDS:
        raise LaunchError(f"compute backend {kind!r} is unknown, wanted one of: {', '.join(KINDS)}", field="backend")
    if workers < 1:
        raise LaunchError(f"{workers} workers: wanted at least 1", field="workers")
    launch = detect_launch()
    spread = launch is not None and launch.ranks > 1
    if kind == "serial" and not spread:
        yield SerialBackend()
        return
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    if spread or kind == "dask-slurm":
        import dask

        shared, asked = scratch or Path(tempfile.gettempdir()), slurm_workers or SlurmWorkersConfig()
        with dask.config.set(_SETTINGS):
            remote = (
                allocation_client(launch, shared, asked.interface)
                if spread and launch is not None
                else login_client(workers, shared, asked)
            )
            with remote as client:
                yield DaskBackend(client)
        return
    with (
        tempfile.TemporaryDirectory(prefix="lcr-dask-", dir=scratch, ignore_cleanup_errors=True) as spill,
        _local_cluster(workers, Path(spill)) as client,
    ):
        yield DaskBackend(client)


class SerialBackend:
    """One item after the other in this process: the default, and the one to debug with."""

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Apply `function` to every item, in order; see `Backend.map`."""
        results = []
        for index, item in enumerate(items):
            try:
                results.append(function(item))
            except LcrError as error:
                raise _labelled(error, index, len(items)) from error
            except Exception as error:
                _note(error, index, len(items))
                raise
        return results


class DaskBackend:
    """Items on the workers of a Dask cluster.

    Parameters
    ----------
    client : distributed.Client
        Connected to workers of one thread each.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Apply `function` to every item on the workers; see `Backend.map`."""
        from distributed import as_completed

        # pure=False: every call is new work. With keys made from the arguments, a second call would return
        # the first one's result without writing its slab.
        futures = self._client.map(_call, [_pack(function, item) for item in items], pure=False)
        place = {future.key: index for index, future in enumerate(futures)}
        results: dict[int, Result] = {}
        try:
            for future, outcome in as_completed(futures, with_results=True, raise_errors=False):
                index = place[future.key]
                if future.status == "cancelled":
                    raise LaunchError("the Dask scheduler has gone, and the work with it: run the stage again")
                if future.status == "error":
                    raise _from_worker(future.exception(), index, len(futures))
                if isinstance(outcome, _Failure):
                    raise _labelled(outcome.error, index, len(futures))
                results[index] = outcome
        finally:
            self._client.cancel(futures, force=True, reason="the map has ended")
        return [results[index] for index in range(len(futures))]


@dataclass(frozen=True)
class _Failure:
    """A problem that a person can mend travels as a result, so that Dask logs no traceback of it."""

    error: LcrError


def _pack(function: Callable[[Item], Result], item: Item) -> bytes:
    # Packed here and opened inside the task: what a worker cannot import is then an error of the task. Left to
    # Dask, it breaks the worker's connection, one worker after the other, and the map never ends (tried).
    import cloudpickle  # type: ignore[import-untyped]

    packed: bytes = cloudpickle.dumps((function, item))
    return packed


def _call(packed: bytes) -> Any:
    try:
        function, item = pickle.loads(packed)
    except (ImportError, AttributeError) as error:
        return _Failure(
            LaunchError(f"a worker cannot import what it was sent ({error}): map functions of an installed module")
        )
    try:
        return function(item)
    except LcrError as error:
        return _Failure(error)


def _from_worker(error: BaseException, index: int, count: int) -> BaseException:
    from distributed import KilledWorker
    from distributed.scheduler import NoWorkerError

    if isinstance(error, KilledWorker):
        return LaunchError(
            f"item {index + 1} of {count}: {error.allowed_failures + 1} workers died while computing it, most likely "
            "for want of memory: give each worker more, or run fewer of them"
        )
    if isinstance(error, NoWorkerError):
        return LaunchError(f"item {index + 1} of {count}: no Dask worker is left, and none came in {_PATIENCE}")
    _note(error, index, count)
    return error


def _note(error: BaseException, index: int, count: int) -> None:
    error.add_note(f"while computing item {index + 1} of {count}")


def _labelled(error: LcrError, index: int, count: int) -> LcrError:
    return type(error)(f"item {index + 1} of {count}: {error}", field=error.field)


@contextmanager
def _local_cluster(workers: int, spill: Path) -> Iterator[Any]:
    import dask
    from distributed import Client, LocalCluster

    settings = {
        "distributed.worker.multiprocessing-method": "spawn",  # OpenMP hangs in a process forked from a threaded one
        "distributed.nanny.pre-spawn-environ": thread_environment(1) | _MEMORY,
        **_SETTINGS,
        "temporary-directory": str(spill),
    }
    with dask.config.set(settings), contextlib.ExitStack() as stack:
        try:
            # No dashboard, nobody looks at night; its HTTP server stays, on any free port of this machine alone
            # (None would take 8787, and the second night on one machine would fail).
            cluster = stack.enter_context(
                LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address="127.0.0.1:0",
                    worker_dashboard_address="127.0.0.1:0",
                    scheduler_kwargs={"dashboard": False},
                    local_directory=str(spill),
                )
            )
            client = stack.enter_context(Client(cluster))
            client.wait_for_workers(workers, timeout=120)
        except (OSError, RuntimeError, TimeoutError) as error:
            raise LaunchError(f"{workers} Dask workers did not start on this machine: {error}") from error
        yield client
