"""The blocks of origins of every class, worked on as one: an origin of a class has a bush of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from lcr_kernels.bush import Bushes
from lcr_kernels.bush_pairs import Pairs, return_flows
from lcr_kernels.road_network import RoadNetwork

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.traffic.blocks import OriginBlocks, gather_pairs
from lcr_hpc.traffic.levelling import level_blocks
from lcr_hpc.traffic.network import Floats, Ints, LongInts
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
        everyone = gather_pairs(flat, len(self.of_class) * self.n_blocks, self.communicator)
        widened, pairs = self._with_surcharges(everyone)
        more = widened.fixed[flow.size :]
        zero = np.zeros(more.size)
        total = np.concatenate([flow, zero])
        level_blocks(widened, pairs, total, np.concatenate([cost, more]), np.concatenate([slope, zero]))
        flow[:] = total[: flow.size]
        for number, own in flat.items():
            bushes = self.of_class[number // self.n_blocks].bushes[number % self.n_blocks]
            return_flows(own, pairs[number].flow, bushes)

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

    def _with_surcharges(self, everyone: Sequence[Pairs]) -> tuple[RoadNetwork, list[Pairs]]:
        """Pairs of all classes on a network that has a link more for each: see `_with_surcharge`."""
        roads, extra = self.problem.roads, self.problem.extra
        assert extra is not None
        pairs, surcharges, links = [], [roads.fixed], extra.shape[1]
        for number, found in enumerate(everyone):
            wider, surcharge = _with_surcharge(found, extra[number // self.n_blocks], links)
            pairs.append(wider)
            surcharges.append(surcharge)
            links += surcharge.size
        zero, one = np.zeros(links - extra.shape[1]), np.ones(links - extra.shape[1])
        widened = roads._replace(
            fixed=np.concatenate(surcharges),
            congestion=np.concatenate([roads.congestion, zero]),
            capacity=np.concatenate([roads.capacity, one]),
            power=np.concatenate([roads.power, one]),
            function=None if roads.function is None else np.concatenate([roads.function, zero.astype(np.int8)]),
        )
        return widened, pairs

    def _part(self, numbered: Mapping[int, Bushes], k: int) -> dict[int, Bushes]:
        first = k * self.n_blocks
        return {n - first: bushes for n, bushes in numbered.items() if first <= n < first + self.n_blocks}


def _with_surcharge(pairs: Pairs, extra: Floats, first_link: int) -> tuple[Pairs, Floats]:
    """Begin each pair's first segment with a link of its own that costs what its class pays more there, or less.

    The difference of a pair's surcharges does not change with flow. So a pair of a class is a pair like any other, with
    one link more, without slope and with flow enough: the kernel that levels them knows nothing of classes.
    """
    n_pairs, n_links, n_cells = (int(n) for n in pairs.count)
    first, middle, link = pairs.first[: n_pairs + 1], pairs.middle[:n_pairs], pairs.link[:n_links]
    number = np.repeat(np.arange(n_pairs), np.diff(first))
    sign = np.where(np.arange(n_links) < middle[number], 1.0, -1.0)
    difference = np.add.reduceat(extra[link] * sign, first[:-1]) if n_pairs else np.zeros(0)
    own_link = (first_link + np.arange(n_pairs)).astype(np.int32)
    shift = np.arange(n_pairs + 1)
    return (
        Pairs(
            np.array([n_pairs, n_links + n_pairs, n_cells + 1], np.int64),
            (first + shift).astype(np.int64),
            (middle + shift[:-1] + 1).astype(np.int64),
            np.insert(link, first[:-1], own_link).astype(np.int32),
            np.insert(pairs.cell[:n_links], first[:-1], np.int32(n_cells)).astype(np.int32),
            np.append(pairs.flow[:n_cells], np.inf),
            np.zeros(0, np.int64),
        ),
        difference,
    )
