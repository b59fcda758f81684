"""Share of a baseline that an exposure above its cutoff accounts for."""

import math

import numpy as np

from lcr_kernels._jit import kernel


@kernel
def attributable_fractions(exposure, log_risk_per_unit, cutoff):
    """Attributable fraction of each exposure under its own relative risk.

    Parameters
    ----------
    exposure : float64[item]
        Concentration, any unit; NaN = not known.
    log_risk_per_unit : float64[item]
        Logarithm of the relative risk of one unit of exposure: ln(RR)/per.
    cutoff : float64
        Exposure below which no effect is counted, unit of `exposure`.

    Returns
    -------
    float64[item]
        1 - RR^(-(x - cutoff)/per), 0 at or below the cutoff, NaN where the exposure is.

    Notes
    -----
    expm1, because a fraction of 1e-9 is a difference of two numbers near 1.
    """
    out = np.empty(exposure.size)
    for i in range(exposure.size):
        above = exposure[i] - cutoff
        if above <= 0.0:  # noqa: PLR1730 (max of NaN and 0 depends on their order)
            above = 0.0
        out[i] = -math.expm1(-log_risk_per_unit[i] * above)
    return out


@kernel
def attributable_draws(exposure, log_risk_per_unit, cutoff, baseline):
    """Attributable number of each draw, in the place of its baseline.

    Parameters
    ----------
    exposure : float64[item, draw]
        As for `attributable_fractions`.
    log_risk_per_unit : float64[draw]
        Shared by all items.
    cutoff : float64
    baseline : float64[item, draw]
        Deaths or cases; becomes those that the exposure accounts for.
    """
    items, draws = exposure.shape
    for i in range(items):
        for d in range(draws):
            above = exposure[i, d] - cutoff
            if above <= 0.0:  # noqa: PLR1730 (max of NaN and 0 depends on their order)
                above = 0.0
            baseline[i, d] *= -math.expm1(-log_risk_per_unit[d] * above)
