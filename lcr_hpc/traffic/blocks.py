"""Blocks of origins spread over ranks and threads; the answer depends on the blocks, and on neither of the others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from lcr_kernels.bush import Bushes, empty_like, seedlings
from lcr_kernels.bush_pairs import Pairs, no_pairs, return_flows
from lcr_kernels.bush_sweep import load_bushes, lost_pairs, plant_bushes, planted_rows, update_bushes
from lcr_kernels.hierarchy import customise_costs
from lcr_kernels.hierarchy_sweep import hierarchy_cost
from lcr_kernels.lanes import LANES
from lcr_kernels.road_network import RoadNetwork, TripTable
from lcr_kernels.volume_delay import link_costs

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.traffic.levelling import level_blocks
from lcr_hpc.traffic.network import Floats, Ints, LongInts
from lcr_hpc.traffic.pair_exchange import pack_pairs, unpack_pairs
from lcr_hpc.traffic.workshop import Bench, Workshop

PLANTING_ROUNDS = 8
"""Parts that origins are planted in, neighbours in turns, each part at the costs of what those before it loaded. With
4 / 8 / 16, one tree at a time, Winnipeg took 13 / 13 / 14 updates to 1e-6, Berlin-Center 7 / 6 / 5. Parts that lie
together cost updates: Austin in one block took 8 to 1e-6, with neighbours in turns 6."""

_SENT_AT_ONCE = 8
"""Blocks of each rank whose pairs are sent in one message"""


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
        self.communicator = communicator
        self.mine = range(communicator.rank, len(zones), communicator.size)
        self.bushes: dict[int, Bushes] = {}
        self.pairs: dict[int, Pairs] = {}
        self.shop = Workshop(self.network, trips, communicator, threads)

    def plant(self, old: Mapping[int, Bushes] | None = None, others: Floats | None = None) -> Floats:
        """Plant bushes for every origin that has demand, on top of old ones; returns the link flow, veh/h.

        `others`, float64[link], is flow that costs are to feel and that is not part of what is returned.
        """
        origins = int((np.diff(self.trips.start) > 0).sum())
        planted, rounds = {}, {}
        for block in self.mine:
            self.bushes[block], rounds[block] = _with_rows(
                block, self.zones[block], self.trips, (old or {}).get(block), origins
            )
            planted[block] = planted_rows(self.bushes[block], self.trips, self.network)

        def reload(block: int, bench: Bench) -> None:
            rows = np.flatnonzero(planted[block])
            load_bushes(self.network, self.bushes[block], self.trips, rows, True, bench.flow, bench.work.space)

        # Not `if old`: a rank without blocks has an empty mapping and still takes part in the sum.
        flow = self.shop.sum_flows(self.mine, reload) if old is not None else np.zeros(self.network.head.size)
        after = {block: empty_like(self.bushes[block]) for block in self.mine}
        cost, slope = np.empty_like(flow), np.empty_like(flow)
        for turn in range(PLANTING_ROUNDS):
            link_costs(self.delays, flow if others is None else flow + others, cost, slope)
            customise_costs(self.shop.hierarchy, cost, self.shop.metric)

            def plant(block: int, bench: Bench, turn: int = turn) -> None:
                after[block] = plant_bushes(
                    *self.shop.roads(cost),
                    self.bushes[block],
                    self.trips,
                    rounds[block][turn],
                    planted[block],
                    after[block],
                    bench.flow,
                    bench.work,
                )

            flow = flow + self.shop.sum_flows(self.mine, plant)
        self.bushes = after
        return flow

    def unreachable(self) -> LongInts:
        """Pairs of the demand without a path, as indices into the trip table, ascending."""

        def search(block: int, _: Bench) -> Floats:
            return np.asarray(lost_pairs(self.bushes[block], self.trips, self.network).astype(np.float64))

        return np.sort(np.concatenate(self._gather(self.shop.each(self.mine, search))).astype(np.int64))

    def update(self, cost: Floats) -> tuple[dict[int, Pairs], float]:
        """Update all bushes at the same costs; returns this rank's pairs, until the next call, and all excess."""
        customise_costs(self.shop.hierarchy, cost, self.shop.metric)

        def work(block: int, bench: Bench) -> Floats:
            old = self.bushes[block]
            after = bench.spare or empty_like(old)
            pairs = self.pairs.get(block) or no_pairs()
            self.bushes[block], self.pairs[block], excess = update_bushes(
                *self.shop.roads(cost), old, self.trips, after, pairs, bench.work
            )
            bench.spare = old
            return np.array([excess])

        excess = self._gather(self.shop.each(self.mine, work))
        return {block: self.pairs[block] for block in self.mine}, float(sum(e[0] for e in excess))

    def level(self, mine: Mapping[int, Pairs], flow: Floats, cost: Floats, slope: Floats) -> None:
        """Level the pairs of all blocks, in block order, the same on every rank; flow, cost and slope are written.

        Every rank does all of it: it is a twentieth of the work, and shared work would have to be damped (tried on
        Winnipeg to 1e-6, each block levelling its own pairs and a line search: 70 updates with two blocks, 119
        with four, for 12).
        """
        everyone = gather_pairs(mine, len(self.zones), self.communicator)
        level_blocks(self.delays, everyone, flow, cost, slope)
        for block, pairs in mine.items():
            return_flows(pairs, everyone[block].flow, self.bushes[block])

    def load(self) -> Floats:
        """Add up the flow of all bushes, exactly."""

        def work(block: int, bench: Bench) -> None:
            rows = np.arange(self.bushes[block].zone.size)
            load_bushes(self.network, self.bushes[block], self.trips, rows, False, bench.flow, bench.work.space)

        return self.shop.sum_flows(self.mine, work)

    def shortest_cost(self, cost: Floats) -> float:
        """Cost of the whole demand on shortest paths, by sweeps over the hierarchy, exact but for rounding."""
        customise_costs(self.shop.hierarchy, cost, self.shop.metric)

        def work(block: int, bench: Bench) -> Floats:
            network, hierarchy, metric, _, _ = self.shop.roads(cost)
            zones, ends = self.zones[block], self.shop.ends
            return np.array(
                [hierarchy_cost(network, hierarchy, metric, ends, cost, self.trips, zones, bench.work.labels)]
            )

        return float(sum(part[0] for part in self._gather(self.shop.each(self.mine, work))))

    def _gather(self, mine: Mapping[int, Floats]) -> list[Floats]:
        return self.communicator.gather_blocks(mine, len(self.zones))


def gather_pairs(mine: Mapping[int, Pairs], n_blocks: int, communicator: Communicator) -> list[Pairs]:
    """Pairs of all blocks in block order; one's own, whose flows are about to be written, are the same arrays."""
    if communicator.size == 1:
        return [mine[block] for block in range(n_blocks)]
    found: list[Pairs] = []
    # Some blocks at a time: packed and sent all at once, a rank would hold its own three times.
    for begin in range(0, n_blocks, _SENT_AT_ONCE * communicator.size):
        part = range(begin, min(begin + _SENT_AT_ONCE * communicator.size, n_blocks))
        packed = {block - begin: pack_pairs(mine[block]) for block in part if block in mine}
        everyone = communicator.gather_blocks(packed, len(part))
        found += [mine[block] if block in mine else unpack_pairs(everyone[block - begin].copy()) for block in part]
    return found


def _with_rows(
    block: int, zones: Ints, trips: TripTable, old: Bushes | None, origins: int
) -> tuple[Bushes, list[LongInts]]:
    """Copy old bushes and add the origins with demand that they lack; also the rows of each planting round."""
    wanted = zones[trips.start[zones + 1] > trips.start[zones]]
    if old is None:
        # Origins that sweep together are planted together; their neighbours are, in the next round.
        together = min(LANES, -(-origins // PLANTING_ROUNDS))
        turn = (np.arange(wanted.size) // max(together, 1) + block) % PLANTING_ROUNDS
        sown: Bushes = seedlings(wanted[np.argsort(turn, kind="stable")])
        return sown, np.split(np.arange(wanted.size), np.cumsum(np.bincount(turn, minlength=PLANTING_ROUNDS))[:-1])
    new = seedlings(wanted[~np.isin(wanted, old.zone)])
    merges, nodes = old.merge_first[-1], old.node_first[-1]
    bushes = Bushes(
        np.concatenate([old.zone, new.zone]),
        np.concatenate([old.node_first, nodes + new.node_first[1:]]),
        np.concatenate([old.node[:nodes], new.node]),
        np.concatenate([old.entry[:nodes], new.entry]),
        np.concatenate([old.merge_first, merges + new.merge_first[1:]]),
        old.slot_first[: merges + 1].copy(),
        old.slot_link.copy(),
        old.slot_flow.copy(),
    )
    return bushes, np.array_split(np.arange(bushes.zone.size), PLANTING_ROUNDS)
