"""Iterative proportional fitting of one seed table to the margins of many zones, several zones abreast.

Deming and Stephan 1940, Annals of Mathematical Statistics 11:427-444.
"""

import numpy as np

from lcr_kernels._jit import kernel

LANES = 32
"""Zones worked on together. Their factors lie side by side, so that a step is a few vector instructions: four times as
fast as one zone after another. With 64 they no longer fit in the nearest cache."""


@kernel
def fit_zones(seed, margin_cell, first_cell, target, tolerance, rounds):
    """Scale a table until its sums are the margins of each zone.

    Parameters
    ----------
    seed : float64[cell]
        0 or more; 0 stays 0.
    margin_cell : int32[margin, cell]
        Cell of each margin that a cell of the table belongs to, counted on through all margins.
    first_cell : int64[margin + 1]
        First cell of each margin in that count.
    target : float64[zone, margin cell]
        Margins of each zone, one after another.
    tolerance : float64
        A zone is done when no sum is further from its margin than this share of the zone's total.
    rounds : int
        At most so many.

    Returns
    -------
    float64[zone, cell]
    float64[zone]
        Largest difference from a margin at the start of the last round, as a share of the zone's total; infinity
        where a margin above 0 has seeds of 0 alone.

    Notes
    -----
    The table is the seed times one factor a margin cell, and the factors are all that is fitted: what is read again and
    again, a seed and some factors, stays in the nearest cache, and the table is written once. A zone that is done is
    not touched again, so its table does not depend on the zones that it was worked on with.
    """
    zones, cells = target.shape[0], seed.size
    margins, whole = margin_cell.shape[0], target.shape[1]
    out = np.empty((zones, cells))
    off = np.zeros(zones)
    factor = np.empty((whole, LANES))
    total = np.empty((whole, LANES))
    wanted = np.zeros((whole, LANES))
    size = np.ones(LANES)
    worst = np.zeros(LANES)
    for start in range(0, zones, LANES):
        lanes = min(LANES, zones - start)
        wanted[:] = 0.0
        factor[:] = 1.0
        for z in range(lanes):
            people = 0.0
            for k in range(whole):
                wanted[k, z] = target[start + z, k]
                if k < first_cell[1]:
                    people += wanted[k, z]
            size[z] = people if people > 0.0 else 1.0
        busy = np.arange(LANES) < lanes
        for _ in range(rounds):
            worst[:] = 0.0
            for m in range(margins):
                total[first_cell[m] : first_cell[m + 1]] = 0.0
                _add_up(seed, margin_cell, m, factor, total)
                _fit_margin(first_cell[m], first_cell[m + 1], total, wanted, factor, busy, worst)
            for z in range(lanes):
                if busy[z]:
                    off[start + z] = worst[z] / size[z]
                    busy[z] = tolerance * size[z] < worst[z] < np.inf
            if not busy.any():
                break
        for z in range(lanes):
            own = factor[:, z].copy()
            for c in range(cells):
                value = seed[c]
                for m in range(margins):
                    value *= own[margin_cell[m, c]]
                out[start + z, c] = value
    return out, off


@kernel
def _add_up(seed, margin_cell, m, factor, total):
    """Sums of one margin, without its own factors, which are common to all that is added."""
    margins, cells = margin_cell.shape
    # The number of lanes as LLVM cannot know it: a loop of known length it unrolls and does not make vectors of.
    lanes = total.shape[1]
    own = margin_cell[m]
    if margins == 2:
        other = margin_cell[1 - m]
        for c in range(cells):
            k, j, weight = own[c], other[c], seed[c]
            for z in range(lanes):
                total[k, z] += weight * factor[j, z]
        return
    part = np.empty(lanes)
    for c in range(cells):
        for z in range(lanes):
            part[z] = seed[c]
        for other_margin in range(margins):
            if other_margin != m:
                j = margin_cell[other_margin, c]
                for z in range(lanes):
                    part[z] *= factor[j, z]
        k = own[c]
        for z in range(lanes):
            total[k, z] += part[z]


@kernel
def _fit_margin(first, last, total, wanted, factor, busy, worst):
    """Factors that give one margin, and how far from it the sums were before."""
    for k in range(first, last):
        for z in range(LANES):
            if not busy[z]:
                continue
            worst[z] = max(worst[z], abs(total[k, z] * factor[k, z] - wanted[k, z]))
            if total[k, z] > 0.0:
                factor[k, z] = wanted[k, z] / total[k, z]
            elif wanted[k, z] > 0.0:
                worst[z] = np.inf
