"""The pairs of all blocks levelled as one list, in block order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from lcr_kernels.bush_pairs import Pairs
from lcr_kernels.pair_shift import level_pairs, sweep_pairs
from lcr_kernels.pair_stride import stride_direction, stride_length, take_stride
from lcr_kernels.road_network import RoadNetwork

from lcr_hpc.traffic.network import Floats

TURNS, SETTLE = 120, 0.003
"""Sweeps over the pairs cost little (Austin: 0.1 s of 1.5), so they go on until they save a three-hundredth."""

STRIDE = 6
"""Sweeps before a stride, and between two. Few problems need one, and those much: updates to 1e-10 with 60 sweeps and
none / 60 sweeps / 200 sweeps with strides: Winnipeg 11 each, twice its demand 17 / 16 / 16; Anaheim 7 / 6 / 6, three
times its demand 74 / 17 / 14, five times 54 / 43 / 19; Berlin-Tiergarten, twenty times, 54 / 28 / 32."""


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
    used = [pairs for pairs in blocks if pairs.count[0]]
    moved = [np.zeros(pairs.count[0]) for pairs in used]
    first, settled = -1.0, not used
    for turn in range(0, TURNS, STRIDE):
        if turn:
            _stride(network, used, moved, flow, cost, slope)
        if len(used) == 1:
            first, settled = level_pairs(network, used[0], moved[0], flow, cost, slope, STRIDE, SETTLE, first)
        for _ in range(STRIDE if len(used) > 1 else 0):
            saved = sum(sweep_pairs(network, p, m, flow, cost, slope) for p, m in zip(used, moved, strict=True))
            first = saved if first < 0.0 else first
            settled = saved <= SETTLE * first
            if settled:
                break
        if settled:
            return


def _stride(
    network: RoadNetwork, used: Sequence[Pairs], moved: Sequence[Floats], flow: Floats, cost: Floats, slope: Floats
) -> None:
    """Go on where the last sweeps went, as far as it pays."""
    link_change = np.zeros_like(flow)
    cell_change = [np.empty(pairs.count[2]) for pairs in used]
    most = np.inf
    for pairs, shifts, change in zip(used, moved, cell_change, strict=True):
        most = min(most, stride_direction(pairs, shifts, link_change, change))
        shifts[:] = 0.0
    length = stride_length(network, flow, link_change, most)
    if length > 0.0:
        take_stride(network, length, link_change, flow, cost, slope)
        for pairs, change in zip(used, cell_change, strict=True):
            held = pairs.flow[: change.size]
            np.maximum(held + length * change, 0.0, out=held)
