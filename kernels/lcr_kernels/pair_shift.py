"""Newton shifts between the two segments of each pair, until the costs of the pairs are level."""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.volume_delay import cost_slope

RELAXATION = 1.4
"""Share of the Newton step that is taken: over-relaxation, since pairs share links and undo each other's work.
Updates of the bushes to a gap of 1e-10 with 1.0 / 1.4 / 1.7: Sioux Falls 12 / 11 / 12, Anaheim 8 / 7 / 7,
Winnipeg 16 / 18 / 17."""

OVERSHOOT = 0.9
"""A shift that leaves more than this share of the gap with the other sign comes back, but not by all of it."""

BISECTIONS = 60


@kernel
def level_pairs(network, pairs, moved, flow, cost, slope, turns, settle, first):
    """Sweep over all pairs until a sweep saves little of what the first one saved.

    network            RoadNetwork
    pairs              Pairs          flow written
    moved              float64[pair]  as in `sweep_pairs`
    flow, cost, slope  float64[link]  written: costs follow each shift at once (Gauss–Seidel)
    turns              int            most sweeps
    settle             float64        stop below this share of the first sweep's saving
    first              float64        that saving, when sweeps were made before; negative: none was
    returns            (float64, bool)  that saving, and whether it came to a stop
    """
    for _ in range(turns):
        saved = sweep_pairs(network, pairs, moved, flow, cost, slope)
        if first < 0.0:
            first = saved
        if saved <= settle * first:
            return first, True
    return first, False


@kernel
def sweep_pairs(network, pairs, moved, flow, cost, slope):
    """Shift flow once for each pair, from its dearer segment to its cheaper, in order.

    The shift is a Newton step on the difference of their costs, held by the least flow of the dearer segment:
    all of it where slopes are zero (b 0, power 0, links at zero flow).

    network            RoadNetwork
    pairs              Pairs          flow written
    moved              float64[pair]  what each shift moved to the second segment is added, veh/h
    flow, cost, slope  float64[link]  written
    returns            float64        what the shifts saved, to first order, min·veh/h
    """
    saved = 0.0
    for pair in range(pairs.count[0]):
        first, middle, last = pairs.first[pair], pairs.middle[pair], pairs.first[pair + 1]
        gap, steepness = 0.0, 0.0
        for at in range(first, middle):
            gap += cost[pairs.link[at]]
            steepness += slope[pairs.link[at]]
        for at in range(middle, last):
            gap -= cost[pairs.link[at]]
            steepness += slope[pairs.link[at]]
        begin, end, sign = first, middle, 1.0
        if gap < 0.0:
            begin, end, sign = middle, last, -1.0
        size = sign * gap
        most = np.inf
        for at in range(begin, end):
            most = min(most, pairs.flow[pairs.cell[at]])
        if most <= 0.0 or size == 0.0:
            continue
        step = most if steepness * most <= RELAXATION * size else RELAXATION * size / steepness
        shift = step
        left = sign * _move(network, pairs, pair, sign * step, flow, cost, slope)
        least, far = 0.0, shift
        turn = 0
        while turn < BISECTIONS and (left < -OVERSHOOT * size or (turn > 0 and left > OVERSHOOT * size)):
            if left < 0.0:
                far = shift
            else:
                least = shift
            # First the secant through (0, size) and (shift, left); halves where a power of 17 makes that nothing.
            target = shift * size / (size - left) if turn == 0 else 0.5 * (least + far)
            left = sign * _move(network, pairs, pair, sign * (target - shift), flow, cost, slope)
            shift = target
            turn += 1
        saved += shift * size
        moved[pair] += sign * shift
    return saved


@kernel
def _move(network, pairs, pair, step, flow, cost, slope):
    """Move flow from the first segment to the second (back, if negative); returns the difference of cost left."""
    first, middle, last = pairs.first[pair], pairs.middle[pair], pairs.first[pair + 1]
    gap = 0.0
    for at in range(first, last):
        link, cell = pairs.link[at], pairs.cell[at]
        change = -step if at < middle else step
        pairs.flow[cell] = max(pairs.flow[cell] + change, 0.0)
        flow[link] += change
        cost[link], slope[link] = cost_slope(network, link, flow[link])
        gap += cost[link] if at < middle else -cost[link]
    return gap
