"""What a rank works with: the hierarchy of its network, and a bench of scratch arrays for each of its threads."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np
from lcr_kernels.bush import Bushes
from lcr_kernels.bush_sweep import Workspace, workspace
from lcr_kernels.exact_sum import add_exactly, exact_total
from lcr_kernels.hierarchy import Metric, build_hierarchy
from lcr_kernels.hierarchy_sweep import all_ends, trip_ends
from lcr_kernels.road_network import RoadNetwork, TripTable

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.traffic.network import Floats, LongInts

T = TypeVar("T")


@dataclass
class Bench:
    """Arrays of one thread, kept from block to block: fresh ones are fresh pages, which threads wait for.

    work : Workspace
    flow : float64[link]
        For the flow of one block.
    sums : int64[2, link]
        Sum of the blocks done here.
    spare : Bushes or None
        Bushes of a block before its last update, for the next block to write into.
    """

    work: Workspace
    flow: Floats
    sums: LongInts
    spare: Bushes | None = None


class Workshop:
    """The hierarchy of a network, and benches to work on blocks of origins at.

    Parameters
    ----------
    network, trips : RoadNetwork, TripTable
    communicator : Communicator
    threads : int
        Blocks that are worked on at once.
    """

    def __init__(self, network: RoadNetwork, trips: TripTable, communicator: Communicator, threads: int) -> None:
        self.network, self.communicator, self.threads = network, communicator, threads
        # Ordering costs what a dozen Dijkstra trees do (Winnipeg 1.4 ms for 0.10, Berlin-Center 22 for 2.3). The first
        # pass over the demand repays it from Anaheim's size on (0.8 ms for 1.5, ordering included); on Sioux Falls it
        # is even. An origin takes 3 µs of a pass on Winnipeg, 29 on Berlin-Center.
        self.hierarchy = build_hierarchy(network)
        self.ends = trip_ends(network, self.hierarchy, trips)
        self.everywhere = all_ends(self.hierarchy, self.ends)
        arcs, none = self.hierarchy.head.size, np.zeros((0, 2), np.int32)
        self.metric = Metric(np.empty(arcs), np.empty(arcs), none, none)
        # A path passes a link once, so no link carries more than all trips: 2⁶⁰ units.
        self._unit = 2.0 ** (math.frexp(max(float(trips.trips.sum()), 1.0))[1] - 60)
        self._benches = [self._bench() for _ in range(threads)]
        self._idle: SimpleQueue[Bench] = SimpleQueue()
        for bench in self._benches:
            self._idle.put(bench)

    def roads(self, cost: Floats) -> tuple[Any, ...]:
        """Return what sweeps from an origin to all nodes are called with."""
        return self.network, self.hierarchy, self.metric, self.everywhere, cost

    def each(self, blocks: Iterable[int], work: Callable[[int, Bench], T]) -> dict[int, T]:
        """Do a work for each block, at a bench of its own while it lasts; returns what each gave."""
        blocks = list(blocks)

        def at_bench(block: int) -> T:
            bench = self._idle.get()
            try:
                return work(block, bench)
            finally:
                self._idle.put(bench)

        if self.threads == 1 or len(blocks) < 2:
            return {block: at_bench(block) for block in blocks}
        with ThreadPoolExecutor(self.threads) as pool:
            return dict(zip(blocks, pool.map(at_bench, blocks), strict=True))

    def sum_flows(self, blocks: Iterable[int], work: Callable[[int, Bench], None]) -> Floats:
        """Sum what the work adds to `bench.flow` for each block of all ranks, exactly: in any order the same."""

        def add(block: int, bench: Bench) -> None:
            bench.flow[:] = 0.0
            work(block, bench)
            add_exactly(bench.flow, self._unit, bench.sums[0], bench.sums[1])

        self.each(blocks, add)
        sums = self._benches[0].sums
        for bench in self._benches[1:]:
            sums += bench.sums
            bench.sums[:] = 0
        summed = self.communicator.sum_integers(sums)
        total = np.empty(self.network.head.size)
        exact_total(summed[0], summed[1], self._unit, total)
        sums[:] = 0
        return total

    def _bench(self) -> Bench:
        links = self.network.head.size
        work = workspace(self.network, self.hierarchy, self.everywhere)
        return Bench(work, np.empty(links), np.zeros((2, links), np.int64))
