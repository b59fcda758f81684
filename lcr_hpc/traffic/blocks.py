"""Blocks of origins spread over ranks and threads; whatever they return comes in block order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from lcr_kernels.bush import Bushes, empty_like, seedlings
from lcr_kernels.bush_pairs import Pairs, return_flows
from lcr_kernels.bush_sweep import load_bushes, plant_bushes, planted_rows, update_bushes
from lcr_kernels.hierarchy import Metric, build_hierarchy, customise
from lcr_kernels.hierarchy_sweep import all_ends, hierarchy_cost, trip_ends
from lcr_kernels.pair_shift import level_pairs
from lcr_kernels.road_network import RoadNetwork, TripTable
from lcr_kernels.volume_delay import link_costs

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.traffic.network import Floats, Ints, LongInts
from lcr_hpc.traffic.pair_exchange import join_packed, join_pairs, pack_pairs

PLANTING_ROUNDS = 8
"""Parts that origins are planted in. Updates to 1e-6 with 4 / 8 / 16, measured with one tree at a time: Winnipeg in 3
blocks 13 / 13 / 14, Berlin-Center in 14 blocks 7 / 6 / 5. To count a block's own flow once for every block
instead, as if the others were alike, took 16 and 27: origins of a block lie together."""

TURNS, SETTLE = 60, 0.003
"""Sweeps over the pairs cost little (Austin: 0.1 s of 2.1), so they go on until they save a three-hundredth."""

T = TypeVar("T")


class OriginBlocks:
    """The bushes of this rank's blocks, and what is done with those of all ranks together.

    Parameters
    ----------
    network, trips : RoadNetwork, TripTable
        Whole, on every rank.
    zones : list of int32[·]
        Origins of each block, of all ranks.
    communicator : Communicator
        Block b belongs to rank b modulo the number of ranks.
    threads : int
        Blocks that this rank works on at once.
    """

    def __init__(
        self, network: RoadNetwork, trips: TripTable, zones: list[Ints], communicator: Communicator, threads: int
    ) -> None:
        # Kernels that evaluate no delay need not be compiled again for a network with a choice of functions.
        self.network, self.delays, self.trips, self.zones = network._replace(function=None), network, trips, zones
        self.communicator, self.threads = communicator, threads
        self.mine = range(communicator.rank, len(zones), communicator.size)
        self.bushes: dict[int, Bushes] = {}
        # Ordering costs what a dozen Dijkstra trees do (Winnipeg 1.4 ms for 0.10, Berlin-Center 22 for 2.3). The first
        # pass over the demand repays it from Anaheim's size on (0.8 ms for 1.5, ordering included); on Sioux Falls it
        # is even. An origin takes 3 µs of a pass on Winnipeg, 29 on Berlin-Center.
        self.hierarchy = build_hierarchy(self.network)
        self.ends = trip_ends(self.network, self.hierarchy, trips)
        self.everywhere = all_ends(self.hierarchy, self.ends)

    def plant(self, old: Mapping[int, Bushes] | None = None, others: Floats | None = None) -> Floats:
        """Plant bushes for every origin that has demand, on top of old ones; returns the link flow, veh/h.

        `others`, float64[link], is flow that costs are to feel and that is not part of what is returned.
        """
        planted = {}
        for block in self.mine:
            self.bushes[block] = _with_rows(self.zones[block], self.trips, (old or {}).get(block))
            planted[block] = planted_rows(self.bushes[block], self.trips, self.network)

        def reload(block: int) -> Floats:
            flow = np.zeros(self.network.head.size)
            load_bushes(self.network, self.bushes[block], self.trips, np.flatnonzero(planted[block]), True, flow)
            return flow

        # Not `if old`: a rank without blocks has an empty mapping and still takes part in the sum.
        flow = self._sum(self._each(reload)) if old is not None else np.zeros(self.network.head.size)
        after = {block: empty_like(self.bushes[block]) for block in self.mine}
        cost, slope = np.empty_like(flow), np.empty_like(flow)
        for turn in range(PLANTING_ROUNDS):
            link_costs(self.delays, flow if others is None else flow + others, cost, slope)
            metric = customise(self.hierarchy, cost)

            def plant(block: int, turn: int = turn, metric: Metric = metric) -> Floats:
                rows = np.array_split(np.arange(self.bushes[block].zone.size), PLANTING_ROUNDS)[turn]
                added = np.zeros(self.network.head.size)
                after[block] = plant_bushes(
                    self.network,
                    self.hierarchy,
                    metric,
                    self.everywhere,
                    cost,
                    self.bushes[block],
                    self.trips,
                    rows,
                    planted[block],
                    after[block],
                    added,
                )
                return added

            flow = flow + self._sum(self._each(plant))
        self.bushes = after
        return flow

    def unreachable(self) -> LongInts:
        """Pairs of the demand without a path, as indices into the trip table, ascending."""

        def search(block: int) -> Floats:
            bushes = self.bushes[block]
            found = [np.empty(0, np.int64)]
            for row in np.flatnonzero(~planted_rows(bushes, self.trips, self.network)):
                zone = bushes.zone[row]
                pairs = np.arange(self.trips.start[zone], self.trips.start[zone + 1])
                held = bushes.node[bushes.node_first[row] : bushes.node_first[row + 1]]
                found.append(pairs[~np.isin(self.trips.destination[pairs], held)])
            return np.concatenate(found).astype(np.float64)

        return np.sort(np.concatenate(self._gather(self._each(search))).astype(np.int64))

    def update(self, cost: Floats) -> tuple[dict[int, Pairs], float]:
        """Update all bushes at the same costs; returns this rank's pairs and the excess of all blocks."""
        metric = customise(self.hierarchy, cost)

        def work(block: int) -> tuple[Bushes, Pairs, float]:
            done: tuple[Bushes, Pairs, float] = update_bushes(
                self.network, self.hierarchy, metric, self.everywhere, cost, self.bushes[block], self.trips
            )
            return done

        done = self._each(work)
        for block, (bushes, _, _) in done.items():
            self.bushes[block] = bushes
        excess = self._gather({block: np.array([found]) for block, (_, _, found) in done.items()})
        return {block: pairs for block, (_, pairs, _) in done.items()}, float(sum(e[0] for e in excess))

    def level(self, mine: Mapping[int, Pairs], flow: Floats, cost: Floats, slope: Floats) -> None:
        """Level the pairs of all blocks, in block order, the same on every rank; flow, cost and slope are written.

        Every rank does all of it: it is a hundredth of the work, and shared work would have to be damped (tried on
        Winnipeg to 1e-6, each block levelling its own pairs and a line search: 70 updates with two blocks, 119
        with four, for 12).
        """
        if self.communicator.size == 1:
            everyone = join_pairs(mine)
        else:
            everyone = join_packed(self._gather({block: pack_pairs(pairs) for block, pairs in mine.items()}))
        level_pairs(self.delays, everyone.pairs, flow, cost, slope, TURNS, SETTLE)
        for block, pairs in mine.items():
            levelled = everyone.pairs.flow[everyone.cells[block] : everyone.cells[block + 1]]
            return_flows(pairs, levelled, self.bushes[block])

    def load(self) -> Floats:
        """Add up the flow of all bushes, exactly."""

        def work(block: int) -> Floats:
            flow = np.zeros(self.network.head.size)
            rows = np.arange(self.bushes[block].zone.size)
            load_bushes(self.network, self.bushes[block], self.trips, rows, False, flow)
            return flow

        return self._sum(self._each(work))

    def shortest_cost(self, cost: Floats) -> float:
        """Cost of the whole demand on shortest paths, by sweeps over the hierarchy, exact but for rounding."""
        metric = customise(self.hierarchy, cost)

        def work(block: int) -> Floats:
            zones = self.zones[block]
            found = hierarchy_cost(self.network, self.hierarchy, metric, self.ends, cost, self.trips, zones)
            return np.array([found])

        return float(self._sum(self._each(work))[0])

    def _each(self, work: Callable[[int], T]) -> dict[int, T]:
        if self.threads == 1 or len(self.mine) < 2:
            return {block: work(block) for block in self.mine}
        with ThreadPoolExecutor(self.threads) as pool:
            return dict(zip(self.mine, pool.map(work, self.mine), strict=True))

    def _gather(self, mine: Mapping[int, Floats]) -> list[Floats]:
        return self.communicator.gather_blocks(mine, len(self.zones))

    def _sum(self, mine: Mapping[int, Floats]) -> Floats:
        parts = self._gather(mine)
        total = parts[0].copy()
        for part in parts[1:]:
            total += part
        return total


def _with_rows(zones: Ints, trips: TripTable, old: Bushes | None) -> Bushes:
    """Copy old bushes and add the origins with demand that they lack."""
    wanted = zones[trips.start[zones + 1] > trips.start[zones]]
    if old is None:
        sown: Bushes = seedlings(wanted)
        return sown
    new = seedlings(wanted[~np.isin(wanted, old.zone)])
    merges, nodes = old.merge_first[-1], old.node_first[-1]
    return Bushes(
        np.concatenate([old.zone, new.zone]),
        np.concatenate([old.node_first, nodes + new.node_first[1:]]),
        np.concatenate([old.node[:nodes], new.node]),
        np.concatenate([old.entry[:nodes], new.entry]),
        np.concatenate([old.merge_first, merges + new.merge_first[1:]]),
        old.slot_first[: merges + 1].copy(),
        old.slot_link.copy(),
        old.slot_flow.copy(),
    )
