"""How long a stage would take on p ranks or workers, from parts measured on one; `scaling.py` calls it.

A stage is a row of *maps* (items are slabs or blocks of origins, each for itself) with serial stretches between them.
Measured: processor seconds of every item of every map, of all that lies outside, of the start of the interpreter; of
the start of two workers and of handing one of them an item; bytes and meetings of the ranks. Nothing is fitted to the
measured runs, so how well the model tells 2 and 4 shows what it is worth.

Assumed, not measured: one processor a worker, 1 ms a megabyte received and 10 µs a message between nodes (10 Gbit/s
Ethernet; two ranks here took 1 to 6 ms a megabyte), and that p workers start within the time of two. Counted against
the ranks: what traffic shares out beside its blocks (skims, writing periods and bushes) stands as done by every rank.
"""

from __future__ import annotations

import heapq
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

PACKAGES = {"ingest": "spine"}
S_PER_BYTE, S_PER_MESSAGE = 1e-9, 1e-5


def modelled(parts: dict[str, Any], workers: int) -> float:
    """Seconds of a stage: items go to whichever worker is free, map after map, and the rest is done by each anew."""
    total: float = parts["start_s"] + parts["outside_s"]
    if workers > 1:
        total += parts["workers_start_s"] + parts["bytes"] * S_PER_BYTE
        total += parts["meetings"] * 2 * math.ceil(math.log2(workers)) * S_PER_MESSAGE
    for items in parts["maps"]:
        free = [0.0] * workers
        for nth, seconds in enumerate(items):
            # One scheduler hands out all items, one after the other.
            handed = (nth + 1) * parts["dispatch_s"] if workers > 1 else 0.0
            heapq.heapreplace(free, max(free[0], handed) + seconds)
        total += max(free)
    return total


def measured(stage: str, root: Path, config_file: Path) -> dict[str, Any]:
    """Run a stage in this process, on one thread, and return its parts."""
    from lcr_hpc.compute.kernel_cache import use_kernel_cache

    use_kernel_cache()
    from lcr_hpc.compute.communicator import SerialCommunicator
    from lcr_hpc.config import load_config
    from lcr_hpc.store.layout import layout_of

    run = getattr(import_module(f"lcr_hpc.{PACKAGES.get(stage, stage)}.stage"), f"run_{stage}")
    config = load_config(config_file)
    layout = layout_of(config, root)
    maps: list[list[float]] = []
    ranks = Meetings(SerialCommunicator())
    begun = time.process_time()
    if stage == "traffic":
        with timed_blocks(maps):
            run(config, layout, ranks)
    else:
        run(config, layout, TimedBackend(maps))
    total = time.process_time() - begun
    start, dispatch = (ranks_start(), 0.0) if stage == "traffic" else workers_start(root, run.__module__)
    return {
        "maps": [[round(s, 6) for s in items] for items in maps],
        "outside_s": max(0.0, total - sum(map(sum, maps))),
        "start_s": begun,  # processor seconds until here: interpreter and imports
        "workers_start_s": start,
        "dispatch_s": dispatch,
        "bytes": ranks.bytes,
        "meetings": ranks.meetings,
    }


class TimedBackend:
    """A backend that notes the processor seconds of each slab."""

    def __init__(self, maps: list[list[float]]) -> None:
        self.maps = maps

    def map(self, function: Callable[[Any], Any], items: list[Any]) -> list[Any]:
        """Apply a function to every item."""
        results, seconds = [], []
        for item in items:
            began = time.process_time()
            results.append(function(item))
            seconds.append(time.process_time() - began)
        self.maps.append(seconds)
        return results


@contextmanager
def timed_blocks(maps: list[list[float]]) -> Iterator[None]:
    """Note the processor seconds of each block of origins in each pass over them."""
    from lcr_hpc.traffic.workshop import Workshop

    each = Workshop.each

    def timed(shop: Any, blocks: Any, work: Callable[[int, Any], Any]) -> dict[int, Any]:
        seconds: list[float] = []

        def clocked(block: int, bench: Any) -> Any:
            began = time.process_time()
            done = work(block, bench)
            seconds.append(time.process_time() - began)
            return done

        done = each(shop, blocks, clocked)
        maps.append(seconds)
        return done

    Workshop.each = timed  # type: ignore[method-assign]
    try:
        yield
    finally:
        Workshop.each = each  # type: ignore[method-assign]


class Meetings:
    """A communicator of one that counts what many would send each other."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.rank, self.size = inner, inner.rank, inner.size
        self.bytes = self.meetings = 0

    def gather_blocks(self, mine: Any, n_blocks: int) -> Any:
        """Of arrays, a block each."""
        self.bytes += sum(part.nbytes for part in mine.values())
        self.meetings += 1
        return self.inner.gather_blocks(mine, n_blocks)

    def sum_integers(self, mine: Any) -> Any:
        """Of integers."""
        self.bytes += mine.nbytes
        self.meetings += 1
        return self.inner.sum_integers(mine)

    def broadcast(self, value: Any) -> Any:
        """Of anything."""
        self.meetings += 1
        return value

    def barrier(self) -> None:
        """Where all wait."""
        self.meetings += 1

    def abort(self, message: str) -> None:
        """Never: there is one."""
        self.inner.abort(message)


def workers_start(scratch: Path, module: str) -> tuple[float, float]:
    """Seconds until two Dask workers have imported a stage, and seconds an item of a map that does nothing."""
    from lcr_hpc.compute.backends import open_backend

    began = time.perf_counter()
    with open_backend("dask", workers=2, scratch=scratch / "workers") as backend:
        backend.map(exec, [f"import {module}"] * 4)
        ready = time.perf_counter()
        backend.map(abs, list(range(1000)))
        done = time.perf_counter()
    return ready - began, (done - ready) / 1000


def ranks_start() -> float:
    """Seconds that `mpiexec -n 2` takes more than the same interpreter alone."""
    mpiexec, alone = Path(sys.executable).with_name("mpiexec"), [sys.executable, "-c", "from mpi4py import MPI"]
    taken = []
    for command in ([*alone], [str(mpiexec), "-n", "2", *alone]):
        began = time.perf_counter()
        subprocess.run(command, check=True)
        taken.append(time.perf_counter() - began)
    return max(0.0, taken[1] - taken[0])


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
