"""Weighted regression of a measure on relative deprivation rank: the slope index's three numbers."""

import math

import numpy as np

from lcr_kernels._jit import kernel


@kernel
def rank_slopes(value, population, standard_error):
    """Intercept, slope and standard error of the slope of each row on its groups' relative rank.

    Parameters
    ----------
    value : float64[row, group]
        On the scale of the regression (plain, logarithm or logit); groups most deprived first. NaN makes intercept and
        slope NaN.
    population : float64[row, group]
        Persons; 0 leaves the group out, and gives it no place on the axis.
    standard_error : float64[row, group]
        Of `value`, same scale; NaN makes the slope's standard error NaN, and nothing else.

    Returns
    -------
    float64[row, 3]
        Intercept (at rank 0), slope over the whole axis 0..1, standard error of the slope. NaN with fewer than two
        populated groups.

    Notes
    -----
    Ranks b are cumulative population shares less half the group's own share, and the weights are the shares a:
    the weighted mean of b is then exactly one half, which is why the line is fitted about it.
    Source: Mackenbach and Kunst 1997, Soc Sci Med 44:757-771; weights and ranks as OHID's SII method.
    """
    rows, groups = value.shape
    out = np.full((rows, 3), np.nan)
    for r in range(rows):
        total = 0.0
        populated = 0
        for g in range(groups):
            total += population[r, g]
            if population[r, g] > 0.0:
                populated += 1
        if populated < 2:
            continue
        mean = 0.0
        spread = 0.0
        covariance = 0.0
        below = 0.0
        for g in range(groups):
            if population[r, g] == 0.0:
                continue
            share = population[r, g] / total
            from_middle = below + 0.5 * share - 0.5
            below += share
            mean += share * value[r, g]
            spread += share * from_middle * from_middle
            covariance += share * from_middle * value[r, g]
        variance = 0.0
        below = 0.0
        for g in range(groups):
            if population[r, g] == 0.0:
                continue
            share = population[r, g] / total
            lever = share * (below + 0.5 * share - 0.5) / spread
            below += share
            variance += (lever * standard_error[r, g]) ** 2
        slope = covariance / spread
        out[r, 0] = mean - 0.5 * slope
        out[r, 1] = slope
        out[r, 2] = math.sqrt(variance)
    return out
