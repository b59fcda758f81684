"""The pairs of all blocks levelled as one list, in block order."""

from __future__ import annotations

from collections.abc import Sequence

from lcr_kernels.bush_pairs import Pairs
from lcr_kernels.pair_shift import level_pairs
from lcr_kernels.road_network import RoadNetwork

from lcr_hpc.traffic.network import Floats

TURNS, SETTLE = 60, 0.003
"""Sweeps over the pairs cost little (Austin: 0.1 s of 2.1), so they go on until they save a three-hundredth."""


def level_blocks(network: RoadNetwork, blocks: Sequence[Pairs], flow: Floats, cost: Floats, slope: Floats) -> None:
    """Sweep over the pairs of all blocks until a sweep saves little of what the first one saved.

    Parameters
    ----------
    network : RoadNetwork
        With the links that pairs are of.
    blocks : sequence of Pairs
        In block order; flow is written.
    flow, cost, slope : float64[link]
        Written.
    """
    if len(blocks) == 1:
        level_pairs(network, blocks[0], flow, cost, slope, TURNS, SETTLE)
        return
    used = [pairs for pairs in blocks if pairs.count[0]]
    first = 0.0
    for turn in range(TURNS):
        saved = sum(level_pairs(network, pairs, flow, cost, slope, 1, 0.0) for pairs in used)
        first = saved if turn == 0 else first
        if saved <= SETTLE * first:
            return
