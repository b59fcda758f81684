"""Limits of slope indices from simulated lines."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from lcr_kernels.draws import STREAM_SLOPE, standard_normals

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray, unrow
from lcr_hpc.health.slope import SlopeIndex


def simulated_limits(
    found: SlopeIndex,
    fit: FloatArray,
    people: FloatArray,
    errors: FloatArray,
    back: Callable[[FloatArray], FloatArray],
    confidence: float,
    multiplier: float,
    draws: int,
    seed: int,
) -> SlopeIndex:
    """Replace the limits of slope indices by quantiles of simulated lines.

    Parameters
    ----------
    found : SlopeIndex
        With closed-form limits.
    fit : float64[row, 3]
        Intercept, slope and the slope's standard error on the regression's scale.
    people, errors : float64[row, group]
        Persons, and standard errors on the regression's scale.
    back : callable
        From the regression's scale to the measure's.
    confidence, multiplier : float
    draws, seed : int

    Returns
    -------
    SlopeIndex

    Notes
    -----
    Every group's value drawn from its normal gives a line; the line's middle and slope are then bivariate normal, so
    two numbers a draw stand for those of all groups. The same two serve every row: its limits are its own, and rows
    are not compared draw by draw.
    """
    raise_all(
        [f"draws: found {draws}; want 2 or more, such as 100000"] * (draws < 2)
        + [f"seed: found {seed}; want a whole number from 0 to 2**64 - 1"] * (not 0 <= seed < 2**64),
        InputError,
    )
    normal = standard_normals(np.uint64(seed), np.uint64(STREAM_SLOPE), 0, 2, 0, draws)
    share = people / people.sum(axis=1, keepdims=True)
    from_middle = np.cumsum(share, axis=1) - 0.5 * share - 0.5
    lever = share * from_middle / np.sum(share * from_middle**2, axis=1, keepdims=True)
    middle_error = np.sqrt(np.sum((share * errors) ** 2, axis=1))
    slope_error = fit[:, 2]
    product = middle_error * slope_error
    covariance = np.sum(share * lever * errors**2, axis=1)
    together = np.divide(covariance, product, out=np.zeros_like(product), where=product > 0.0)
    apart = np.sqrt(np.maximum(1.0 - together**2, 0.0))

    limits = np.full((4, fit.shape[0]), np.nan)
    level = [0.5 - 0.5 * confidence, 0.5 + 0.5 * confidence]
    for r in np.flatnonzero(np.isfinite(fit).all(axis=1)):
        half = 0.5 * (fit[r, 1] + slope_error[r] * normal[0])
        middle = fit[r, 0] + 0.5 * fit[r, 1] + middle_error[r] * (together[r] * normal[0] + apart[r] * normal[1])
        start, end = back(middle - half), back(middle + half)
        limits[:2, r] = np.quantile(multiplier * (end - start), level)
        if start.min() > 0.0:
            ratio = start / end if multiplier < 0.0 else end / start
            limits[2:, r] = np.quantile(ratio, level)
    shape = np.shape(found.sii)
    sii_lower, sii_upper, rii_lower, rii_upper = (unrow(x, shape) for x in limits)
    return dataclasses.replace(
        found, sii_lower=sii_lower, sii_upper=sii_upper, rii_lower=rii_lower, rii_upper=rii_upper
    )
