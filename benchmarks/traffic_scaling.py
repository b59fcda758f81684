"""What two threads and two ranks gain over one block on one, beside two copies at once; memory of a large network.

    .venv/bin/python benchmarks/traffic_scaling.py speed --data FOLDER            # FOLDER/Austin_net.tntp, …_trips.tntp
    .venv/bin/python benchmarks/traffic_scaling.py memory   # 3,000 zones on a generated grid of 100,248 links

`speed` takes turns: one process with one block, two such processes at once, one with two threads, two ranks. The clock
covers `assign`; reading and compiling are outside. A bar is met where the speed-up over one block is at least 85 %
of that of two copies at once. On a busy machine the clock measures the neighbours: so each run also adds up its
*critical path* in seconds of its own processors: of every stretch between two meetings of the threads or ranks, the
slowest one's. That is the time it would take where nobody else runs, memory apart.

`memory` assigns a generated demand on a generated network, no city's, and prints the peak of each process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lcr_hpc.compute.kernel_cache import use_kernel_cache

use_kernel_cache()

from lcr_hpc.compute.mpi import open_communicator  # noqa: E402
from lcr_hpc.traffic import Demand, Network, TrafficSettings, assign, demand_from_pairs, read_tntp  # noqa: E402
from lcr_hpc.traffic.command import compile_kernels  # noqa: E402
from lcr_hpc.traffic.workshop import Workshop  # noqa: E402

WAYS = {
    "one block": {"blocks": 1},
    "two copies": {"blocks": 1, "copies": 2},
    "two threads": {"threads": 2},
    "two ranks": {"ranks": 2},
}


def main() -> int:
    """Run what the command line says."""
    options = _options()
    if options.task == "run":
        return _run(options)
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.2f}")
    if options.task == "memory":
        for ranks in (1, 2):
            for figures in _start(
                {"ranks": ranks}, ["--zones", str(options.zones), "--side", str(options.side)], options
            ):
                print(json.dumps(figures), flush=True)
        return 0
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(options.repeats):
        for way, how in WAYS.items():
            runs = _start(how, ["--data", str(options.data)], options)
            found[way].append({key: max(run[key] for run in runs) for key in runs[0]})
            print(way, json.dumps(found[way][-1]), flush=True)
    for key in ("clock", "path"):
        alone, *others = (statistics.median(run[key] for run in found[way]) for way in WAYS)
        copies = 2 * alone / others[0]
        print(f"{key}: one block {alone:.3f} s, two copies at once do {copies:.2f} times the work")
        for way, seconds in zip(list(WAYS)[2:], others[1:], strict=True):
            faster = alone / seconds
            print(f"  {way}: {seconds:.3f} s, {faster:.2f} times as fast, {faster / copies:.0%} of copies")
    return 0


def _start(how: dict[str, int], where: list[str], options: argparse.Namespace) -> list[dict[str, float]]:
    """Run processes side by side; what each said of itself, a dict a process."""
    folder = Path(sys.executable).parent
    own = [sys.executable, __file__, "run", *where, "--gap", str(options.gap)]
    own += ["--threads", str(how.get("threads", 1))] + (["--blocks", "1"] if "blocks" in how else [])
    launcher = [str(folder / "mpiexec"), "-n", str(how["ranks"])] if how.get("ranks", 1) > 1 else []
    with tempfile.TemporaryDirectory() as name:
        copies = how.get("copies", 1)
        own += ["--meet", name, "--copies", str(copies)]
        running = [subprocess.Popen(launcher + own, stdout=subprocess.PIPE, text=True) for _ in range(copies)]
        said = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        raise SystemExit("a run failed")
    return [json.loads(line) for text in said for line in text.splitlines() if line.startswith("{")]


def _run(options: argparse.Namespace) -> int:
    """Assign once in this process and print its figures."""
    communicator = open_communicator()
    if options.data:
        network, demand = read_tntp(*(next(options.data.glob(f"*_{part}.tntp")) for part in ("net", "trips")))
    else:
        network, demand = grid(options.side, options.zones)
    compile_kernels()
    path = CriticalPath(communicator)
    (options.meet / str(os.getpid())).touch()
    while len(list(options.meet.iterdir())) < options.copies:  # copies begin together
        time.sleep(0.01)
    communicator.barrier()
    began, worked = time.perf_counter(), time.process_time()
    path.begin()
    settings = TrafficSettings(relative_gap=options.gap, origin_blocks=options.blocks)
    result = assign(network, demand, settings, communicator=path, threads=options.threads)
    figures = {
        "clock": time.perf_counter() - began,
        "path": path.end(),
        "cpu": time.process_time() - worked,
        "iterations": result.iterations,
        "gap": result.relative_gap,
        "links": network.n_links,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "exchanged_mb": path.bytes / 1e6,
        "exchanges": path.exchanges,
    }
    sys.stdout.write(json.dumps({k: round(v, 12) for k, v in figures.items()}) + "\n")
    return 0 if result.converged else 1


class CriticalPath:
    """A communicator that adds up what the slowest thread, and the slowest rank, worked between two meetings."""

    def __init__(self, inner):
        self.inner, self.rank, self.size = inner, inner.rank, inner.size
        self.total = self.bytes = self.exchanges = 0.0
        each = Workshop.each

        def timed(shop, blocks, work):
            taken: dict[int, float] = {}

            def clocked(block, bench):
                began = time.thread_time()
                done = work(block, bench)
                taken[block] = time.thread_time() - began
                return done

            done = each(shop, blocks, clocked)
            if shop.threads > 1 and len(taken) > 1:
                # The thread that waits works nothing meanwhile; blocks go to whichever other is free.
                load = [0.0] * shop.threads
                for seconds in taken.values():
                    load[load.index(min(load))] += seconds
                self.more += max(load)
            return done

        Workshop.each = timed
        self.more = 0.0

    def begin(self):
        self.since, self.more = time.thread_time(), 0.0

    def end(self):
        self._meet()
        return self.total

    def _meet(self):
        """Add the slowest rank's stretch; what the meeting itself takes is not counted."""
        own = time.thread_time() - self.since + self.more
        self.total += max(part[0] for part in self.inner.gather_blocks({self.rank: np.array([own])}, self.size))
        self.since, self.more = time.thread_time(), 0.0

    def gather_blocks(self, mine, n_blocks):
        self._meet()
        everything = self.inner.gather_blocks(mine, n_blocks)
        self.bytes += sum(part.nbytes for part in everything)
        self.exchanges += 1
        self.since = time.thread_time()
        return everything

    def sum_integers(self, mine):
        self._meet()
        total = self.inner.sum_integers(mine)
        self.bytes += mine.nbytes
        self.exchanges += 1
        self.since = time.thread_time()
        return total

    def broadcast(self, value):
        return self.inner.broadcast(value)

    def barrier(self):
        self.inner.barrier()

    def abort(self, message):
        self.inner.abort(message)


def grid(side: int, zones: int) -> tuple[Network, Demand]:
    """A square grid of two-way streets, every eighth one fast, with zones along it and a gravity demand."""
    random = np.random.default_rng(3)
    at = np.arange(side * side).reshape(side, side) + zones
    ends = np.concatenate(
        [np.stack([at[:, :-1].ravel(), at[:, 1:].ravel()]), np.stack([at[:-1].ravel(), at[1:].ravel()])], axis=1
    )
    row, column = ((ends - zones) // side, (ends - zones) % side)
    fast = ((row[0] == row[1]) & (row[0] % 8 == 0)) | ((column[0] == column[1]) & (column[0] % 8 == 0))
    home = random.choice(side * side, zones, replace=False)
    gate = np.stack([np.arange(zones), home + zones])
    tail = np.concatenate([ends[0], ends[1], gate[0], gate[1]])
    head = np.concatenate([ends[1], ends[0], gate[1], gate[0]])
    streets, links = 2 * fast.size, tail.size
    quick = np.concatenate([fast, fast])
    time_0 = np.full(links, 0.5)
    time_0[:streets] = np.where(quick, 0.4, 1.0) * random.uniform(0.8, 1.2, streets)
    network = Network(
        from_node=tail.astype(np.int32),
        to_node=head.astype(np.int32),
        capacity_veh_h=np.concatenate([np.where(quick, 2400.0, 700.0), np.full(2 * zones, 1e5)]),
        length=time_0,
        free_flow_time=time_0,
        b=np.concatenate([np.full(streets, 0.15), np.zeros(2 * zones)]),
        power=np.full(links, 4.0),
        toll=np.zeros(links),
        n_zones=zones,
        n_nodes=zones + side * side,
        first_through_node=zones,
        node_id=np.arange(zones + side * side),
        link_row=np.arange(links),
    )
    place = np.stack([home // side, home % side], axis=1)
    origin, destination, trips = [], [], []
    for zone in range(zones):
        far = np.abs(place - place[zone]).sum(axis=1)
        drawn = random.choice(zones, 120, replace=False, p=(weight := np.exp(-far / (side / 6))) / weight.sum())
        origin.append(np.full(drawn.size, zone, np.int32))
        destination.append(drawn.astype(np.int32))
        trips.append(random.uniform(0.5, 6.0, drawn.size))
    return network, demand_from_pairs(*(np.concatenate(part) for part in (origin, destination, trips)), zones)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["speed", "memory", "run"])
    parser.add_argument("--data", type=Path, help="folder of one TNTP network")
    parser.add_argument("--gap", type=float, default=1e-6)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--zones", type=int, default=3000)
    parser.add_argument("--side", type=int, default=154)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--blocks", type=int)
    parser.add_argument("--meet", type=Path)
    parser.add_argument("--copies", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
