"""Share of a baseline that an exposure above its cutoff accounts for."""

import math

import numpy as np

from lcr_kernels._jit import kernel


@kernel
def attributable_fractions(exposure, log_risk_per_unit, cutoff):
    """Attributable fraction of every area under every relative risk.

    Parameters
    ----------
    exposure : float64[area]
        Concentration, any unit; NaN = not known.
    log_risk_per_unit : float64[risk]
        Logarithm of the relative risk of one unit of exposure: ln(RR)/per.
    cutoff : float64
        Exposure below which no effect is counted, unit of `exposure`.

    Returns
    -------
    float64[risk, area]
        1 - RR^(-(x - cutoff)/per), 0 at or below the cutoff, NaN where the exposure is.

    Notes
    -----
    expm1, because a fraction of 1e-9 is a difference of two numbers near 1.
    """
    out = np.empty((log_risk_per_unit.size, exposure.size))
    for k in range(log_risk_per_unit.size):
        for i in range(exposure.size):
            above = exposure[i] - cutoff
            if above <= 0.0:
                above = 0.0
            out[k, i] = -math.expm1(-log_risk_per_unit[k] * above)
    return out
