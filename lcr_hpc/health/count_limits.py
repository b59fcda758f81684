"""Limits of counts: of events, which are Poisson, and of people out of a total, which are binomial."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtri

from lcr_hpc.health._arrays import FloatArray

EXACT_BELOW = 10
"""Events below which limits are exact (OHID)."""


def poisson_limits(events: FloatArray, z: float, confidence: float) -> tuple[FloatArray, FloatArray]:
    """Limits of a Poisson count: exact (chi-squared) below 10 events, Byars' from 10.

    Parameters
    ----------
    events : float64[...]
        NaN = not known.
    z, confidence : float
        The same confidence, as normal quantile and as a share.

    Returns
    -------
    lower, upper : float64[...]
        Garwood 1936, Biometrika 28:437-442, below 10 events.
    """
    lower, upper = byars_limits(events, z)
    tail = 0.5 * (1.0 - confidence)
    few = events < EXACT_BELOW
    x = np.where(few, events, 1.0)
    exact_lower = np.where(x > 0.0, 0.5 * chdtri(2.0 * np.maximum(x, 1e-300), 1.0 - tail), 0.0)
    return np.where(few, exact_lower, lower), np.where(few, 0.5 * chdtri(2.0 * x + 2.0, tail), upper)


def byars_limits(events: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    """Byars' approximate limits of a Poisson count.

    Parameters
    ----------
    events : float64[...]
        NaN = not known. Without events there is no lower limit (NaN).
    z : float
        Two-sided normal quantile.

    Returns
    -------
    lower, upper : float64[...]
        Breslow and Day 1987, Statistical Methods in Cancer Research II, eq. 2.13.
    """
    known = np.where(events > 0.0, events, np.nan)
    lower = known * (1.0 - 1.0 / (9.0 * known) - z / (3.0 * np.sqrt(known))) ** 3
    after = events + 1.0
    upper = after * (1.0 - 1.0 / (9.0 * after) + z / (3.0 * np.sqrt(after))) ** 3
    return np.where(lower < 0.0, np.nan, lower), upper


def wilson_limits(count: FloatArray, total: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    """Wilson's score limits of a proportion.

    Parameters
    ----------
    count, total : float64[...]
        Persons with the property, of all; a total of 0 gives NaN.
    z : float
        Two-sided normal quantile.

    Returns
    -------
    lower, upper : float64[...]
        Wilson 1927, J Am Stat Assoc 22:209-212.
    """
    n = np.where(total > 0.0, total, np.nan)
    middle = 2.0 * count + z * z
    reach = z * np.sqrt(z * z + 4.0 * count * (1.0 - count / n))
    return (middle - reach) / (2.0 * (n + z * z)), (middle + reach) / (2.0 * (n + z * z))
