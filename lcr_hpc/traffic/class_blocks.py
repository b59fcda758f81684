"""The blocks of origins of every class, worked on as one: an origin of a class has a bush of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from lcr_kernels.bush import Bushes
from lcr_kernels.bush_pairs import Pairs, return_flows
from lcr_kernels.pair_shift import level_pairs

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.traffic.blocks import SETTLE, TURNS, OriginBlocks
from lcr_hpc.traffic.network import Floats, Ints, LongInts
from lcr_hpc.traffic.pair_exchange import JoinedPairs, join_packed, join_pairs, pack_pairs
from lcr_hpc.traffic.problem import Problem


class ClassBlocks:
    """Bushes of all classes, class after class; of one class without surcharges exactly `OriginBlocks`.

    Parameters
    ----------
    problem : Problem
    zones : list of int32[·]
        Origins of each block, the same for every class.
    communicator, threads
        As in `OriginBlocks`.
    """

    def __init__(self, problem: Problem, zones: list[Ints], communicator: Communicator, threads: int) -> None:
        self.problem, self.communicator, self.n_blocks = problem, communicator, len(zones)
        self.of_class = [
            OriginBlocks(problem.class_roads(k), trips, zones, communicator, threads)
            for k, trips in enumerate(problem.trips)
        ]

    @property
    def bushes(self) -> dict[int, Bushes]:
        """Bushes of this rank; block b of class k is number k · blocks + b."""
        return {
            k * self.n_blocks + block: bushes
            for k, blocks in enumerate(self.of_class)
            for block, bushes in blocks.bushes.items()
        }

    def plant(self, old: Mapping[int, Bushes] | None = None) -> list[Floats]:
        """Plant bushes, class after class, for every origin with demand; returns each class's flow, PCU/h."""
        flows: list[Floats] = []
        shared = self.problem.preload
        for k, blocks in enumerate(self.of_class):
            flows.append(blocks.plant(None if old is None else self._part(old, k), shared))
            shared = flows[-1] if shared is None else shared + flows[-1]
        return flows

    def restore(self, bushes: Mapping[int, Bushes]) -> None:
        """Put bushes back as they were, without a change."""
        for k, blocks in enumerate(self.of_class):
            blocks.bushes = self._part(bushes, k)

    def unreachable(self) -> list[LongInts]:
        """Pairs of each class's demand without a path, as indices into its trip table."""
        return [blocks.unreachable() for blocks in self.of_class]

    def update(self, cost: Floats) -> tuple[list[dict[int, Pairs]], float]:
        """Update all bushes at the same shared costs; returns this rank's pairs and the excess of all classes."""
        done = [blocks.update(self.problem.class_cost(k, cost)) for k, blocks in enumerate(self.of_class)]
        return [pairs for pairs, _ in done], sum(excess for _, excess in done)

    def level(self, mine: Sequence[dict[int, Pairs]], flow: Floats, cost: Floats, slope: Floats) -> None:
        """Level the pairs of all classes in block order, class after class; flow is written, costs may be."""
        if self.problem.extra is None:
            self.of_class[0].level(mine[0], flow, cost, slope)
            return
        flat = {k * self.n_blocks + block: pairs for k, found in enumerate(mine) for block, pairs in found.items()}
        if self.communicator.size == 1:
            joined = join_pairs(flat)
        else:
            packed = {block: pack_pairs(pairs) for block, pairs in flat.items()}
            joined = join_packed(self.communicator.gather_blocks(packed, len(self.of_class) * self.n_blocks))
        pairs, surcharge = _with_surcharge(joined, self.problem.extra, self.n_blocks)
        roads, more = self.problem.roads, surcharge.size
        zero, one = np.zeros(more), np.ones(more)
        widened = roads._replace(
            fixed=np.concatenate([roads.fixed, surcharge]),
            congestion=np.concatenate([roads.congestion, zero]),
            capacity=np.concatenate([roads.capacity, one]),
            power=np.concatenate([roads.power, one]),
            function=None if roads.function is None else np.concatenate([roads.function, np.zeros(more, np.int8)]),
        )
        total = np.concatenate([flow, zero])
        level_pairs(
            widened, pairs, total, np.concatenate([cost, surcharge]), np.concatenate([slope, zero]), TURNS, SETTLE
        )
        flow[:] = total[: flow.size]
        for number, own in flat.items():
            levelled = pairs.flow[joined.cells[number] : joined.cells[number + 1]]
            return_flows(own, levelled, self.of_class[number // self.n_blocks].bushes[number % self.n_blocks])

    def load(self) -> list[Floats]:
        """Add up the flow of each class's bushes, exactly, PCU/h."""
        return [blocks.load() for blocks in self.of_class]

    def spent(self, flow: Floats, cost: Floats) -> float:
        """Cost of all flow at the shared costs, between two updates."""
        if self.problem.extra is not None:
            return self.problem.spent(self.load(), cost)
        own = flow if self.problem.preload is None else flow - self.problem.preload
        return float((cost * own).sum())

    def shortest_cost(self, cost: Floats) -> float:
        """Cost of the whole demand on each class's shortest paths."""
        return sum(b.shortest_cost(self.problem.class_cost(k, cost)) for k, b in enumerate(self.of_class))

    def _part(self, numbered: Mapping[int, Bushes], k: int) -> dict[int, Bushes]:
        first = k * self.n_blocks
        return {n - first: bushes for n, bushes in numbered.items() if first <= n < first + self.n_blocks}


def _with_surcharge(joined: JoinedPairs, extra: Floats, n_blocks: int) -> tuple[Pairs, Floats]:
    """Begin each pair's first segment with a link of its own that costs what its class pays more there, or less.

    The difference of a pair's surcharges does not change with flow. So a pair of a class is a pair like any other, with
    one link more, without slope and with flow enough: the kernel that levels them knows nothing of classes.
    """
    pairs = joined.pairs
    n_pairs, n_links, n_cells = (int(n) for n in pairs.count)
    first, middle = pairs.first[: n_pairs + 1], pairs.middle[:n_pairs]
    number = np.repeat(np.arange(n_pairs), np.diff(first))
    sign = np.where(np.arange(n_links) < middle[number], 1.0, -1.0)
    block = np.searchsorted(joined.cells, pairs.cell[first[:-1]], side="right") - 1
    surcharge = extra[(block // n_blocks)[number], pairs.link] * sign
    difference = np.add.reduceat(surcharge, first[:-1]) if n_pairs else np.zeros(0)
    own_link = (extra.shape[1] + np.arange(n_pairs)).astype(np.int32)
    shift = np.arange(n_pairs + 1)
    return (
        Pairs(
            np.array([n_pairs, n_links + n_pairs, n_cells + 1], np.int64),
            (first + shift).astype(np.int64),
            (middle + shift[:-1] + 1).astype(np.int64),
            np.insert(pairs.link, first[:-1], own_link).astype(np.int32),
            np.insert(pairs.cell, first[:-1], np.int32(n_cells)).astype(np.int32),
            np.append(pairs.flow, np.inf),
            np.zeros(0, np.int64),
        ),
        difference,
    )
