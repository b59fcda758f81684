"""Fractional ranks and the regression on them that concentration indices rest on."""

import numpy as np

from lcr_kernels._jit import kernel


@kernel
def fractional_ranks(ranking, share):
    """Middle of each observation's stretch of the ranked population.

    Parameters
    ----------
    ranking : float64[item]
        Ascending: the poorest first.
    share : float64[item]
        Weight of each, adding to 1.

    Returns
    -------
    float64[item]
        In (0, 1); observations of equal ranking share the middle of their common stretch, so that their order does not
        matter. Their weighted mean is one half.
    """
    size = ranking.size
    out = np.empty(size)
    below = 0.0
    start = 0
    while start < size:
        stop = start
        together = 0.0
        while stop < size and ranking[stop] == ranking[start]:
            together += share[stop]
            stop += 1
        for i in range(start, stop):
            out[i] = below + 0.5 * together
        below += together
        start = stop
    return out


@kernel
def rank_regressions(health, share, rank):
    """Weighted least squares of each row on fractional rank.

    Parameters
    ----------
    health : float64[row, item]
        What is distributed; NaN makes the row NaN.
    share : float64[item]
        Weight of each, adding to 1.
    rank : float64[item]
        From `fractional_ranks`: weighted mean one half.

    Returns
    -------
    float64[row, 3]
        Weighted mean, slope, and weighted sum of squared residuals.
    """
    rows, size = health.shape
    out = np.empty((rows, 3))
    spread = 0.0
    for i in range(size):
        spread += share[i] * (rank[i] - 0.5) ** 2
    for r in range(rows):
        mean = 0.0
        together = 0.0
        for i in range(size):
            mean += share[i] * health[r, i]
            together += share[i] * health[r, i] * (rank[i] - 0.5)
        slope = together / spread
        left = 0.0
        for i in range(size):
            left += share[i] * (health[r, i] - mean - slope * (rank[i] - 0.5)) ** 2
        out[r, 0] = mean
        out[r, 1] = slope
        out[r, 2] = left
    return out
