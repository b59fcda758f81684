"""A stride along what sweeps over pairs have been doing: where they creep, it takes them there at once.

Pairs that share steep links undo each other's shifts, and a sweep then gains a little of what is to be gained, in much
the same direction every time (Winnipeg at five times its demand: 60 sweeps moved a ten-thousandth of the flow that was
in the wrong place). Flow is conserved along that direction, so a line search on the Beckmann objective may go far.
"""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.volume_delay import cost_slope

FARTHEST = 1e4
"""Longest stride, in lengths of what the sweeps moved."""

EVALUATIONS = 30


@kernel
def stride_direction(pairs, moved, link_change, cell_change):
    """Write what pairs moved as a direction; pairs that could not move twice as much again are left out.

    pairs        Pairs
    moved        float64[pair]  veh/h to the second segment
    link_change  float64[link]  added to
    cell_change  float64[cell]  written
    returns      float64        longest stride that leaves no cell below zero
    """
    cell_change[:] = 0.0
    first, middle, link, cell, flow = pairs.first, pairs.middle, pairs.link, pairs.cell, pairs.flow
    for pair in range(pairs.count[0]):
        shift = moved[pair]
        begin, end = (first[pair], middle[pair]) if shift > 0.0 else (middle[pair], first[pair + 1])
        least = np.inf
        for at in range(begin, end):
            least = min(least, flow[cell[at]])
        if shift == 0.0 or least <= 2.0 * abs(shift):
            continue
        for at in range(first[pair], first[pair + 1]):
            change = -shift if at < middle[pair] else shift
            cell_change[cell[at]] += change
            link_change[link[at]] += change
    most = np.inf
    for at in range(pairs.count[2]):
        if cell_change[at] < 0.0:
            most = min(most, flow[at] / -cell_change[at])
    return most


@kernel
def stride_length(network, flow, change, most):
    """Find the least of the Beckmann objective along a direction, by its derivative (regula falsi, Illinois).

    network       RoadNetwork
    flow, change  float64[link]
    most          float64        longest stride
    returns       float64        0 when the objective does not fall
    """
    far = min(most, FARTHEST)
    near, at_near = 0.0, _derivative(network, flow, change, 0.0)
    if not (at_near < 0.0 and far > 0.0):
        return 0.0
    at_far = _derivative(network, flow, change, far)
    if at_far <= 0.0:
        return far
    start, side = at_near, 0
    for _ in range(EVALUATIONS):
        at = (near * at_far - far * at_near) / (at_far - at_near)
        if not (near < at < far):
            break
        found = _derivative(network, flow, change, at)
        if found <= 0.0:
            near, at_near = at, found
            if side < 0:
                at_far *= 0.5
            side = -1
        else:
            far, at_far = at, found
            if side > 0:
                at_near *= 0.5
            side = 1
        if found <= 0.0 and found >= 0.05 * start:
            break
    return near


@kernel
def take_stride(network, length, link_change, flow, cost, slope):
    """Move the links' flow along a direction, and their costs with it."""
    for link in range(flow.size):
        if link_change[link] != 0.0:
            flow[link] += length * link_change[link]
            cost[link], slope[link] = cost_slope(network, link, flow[link])


@kernel
def _derivative(network, flow, change, length):
    total = 0.0
    for link in range(flow.size):
        if change[link] != 0.0:
            cost, _ = cost_slope(network, link, flow[link] + length * change[link])
            total += cost * change[link]
    return total
