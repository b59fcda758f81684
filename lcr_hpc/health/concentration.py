"""Concentration indices: how unevenly health lies along a ranking by means, with its standard error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from lcr_kernels.concentration import fractional_ranks, rank_regressions
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray, as_float, broadcast_rows, standard_normal_quantile, text_array, unrow

Kind = Literal["standard", "generalised", "erreygers", "wagstaff"]
KINDS = ("standard", "generalised", "erreygers", "wagstaff")


@dataclass(frozen=True, slots=True)
class ConcentrationIndex:
    """An index between -1 (all with the poorest) and 1 (all with the richest), except the generalised one.

    Attributes
    ----------
    value, standard_error, lower, upper : float or float64[...]
        The generalised index has the unit of health.
    reason : str or object[...]
        Why it is NaN; empty where it is not.
    """

    value: Any
    standard_error: Any
    lower: Any
    upper: Any
    reason: Any


def concentration_index(
    health: ArrayLike,
    ranking: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    kind: Kind = "standard",
    bounds: tuple[float, float] | None = None,
    confidence: float = 0.95,
) -> ConcentrationIndex:
    """Concentration index of health along a ranking, poorest first.

    Parameters
    ----------
    health : array_like, [..., item]
        What is distributed: one row, or one a draw.
    ranking : array_like, [item]
        Means, or deprivation with the most deprived lowest; equal values share a rank.
    weights : array_like, [item], optional
        Persons or survey weights.
    kind : {"standard", "generalised", "erreygers", "wagstaff"}
        The index, times the mean, or corrected for a variable that has bounds.
    bounds : tuple of float, optional
        Lowest and highest value that health can take; wanted by "erreygers" and "wagstaff".
    confidence : float
        Of the limits.

    Returns
    -------
    ConcentrationIndex
        NaN with a reason where a value is missing, the mean is 0, or the mean lies on a bound.

    Raises
    ------
    InputError
        Fewer than three items, weights not above 0, an unknown kind, bounds that are missing or too narrow.

    Notes
    -----
    Regression of health on fractional rank, with the delta method's standard error: Kakwani, Wagstaff and van Doorslaer
    1997, J Econometrics 77:87-103. Corrections: Wagstaff 2005, Health Econ 14:429-432; Erreygers 2009, J Health Econ
    28:504-515. No small-sample factor: multiply by (n - 1)/n for the one that some packages apply.
    """
    z = standard_normal_quantile(confidence)
    (rows,), shape = broadcast_rows(health=as_float("health", health))
    by = as_float("ranking", ranking)
    share = np.ones_like(by) if weights is None else as_float("weights", weights)
    _check(rows, by, share, kind, bounds)

    order = np.argsort(by, kind="stable")
    share = share[order] / share.sum()
    rank = fractional_ranks(by[order], share)
    reason = _reasons(rows)
    fit = rank_regressions(np.ascontiguousarray(np.where(np.isnan(rows), 0.0, rows)[:, order]), share, rank)
    fit[reason != ""] = np.nan
    mean, slope, left = fit.T
    reason[mean == 0.0] = "the mean is 0: no index relative to it"
    mean = np.where(mean == 0.0, np.nan, mean)

    spread = float(np.sum(share * (rank - 0.5) ** 2))
    twice = 2.0 * spread / (1.0 - float(np.sum(share**2)))
    value = twice * slope / mean
    error = _delta_error(mean, slope, left, spread, twice, by.size)
    factor, impossible = _factor(kind, mean, bounds)
    reason[impossible] = "the mean lies on a bound: no index"
    value, error = factor * value, np.abs(factor) * error
    numbers = (value, error, value - z * error, value + z * error)
    return ConcentrationIndex(*(unrow(x, shape) for x in (*numbers, reason)))


def _delta_error(
    mean: FloatArray, slope: FloatArray, left: FloatArray, spread: float, twice: float, size: int
) -> FloatArray:
    """Standard error of twice*slope/(intercept + slope/2), the mean being the line's value at rank one half."""
    intercept = mean - 0.5 * slope
    noise = left / (size - 2)
    # Inverse of [[1, 1/2], [1/2, spread + 1/4]], the weighted squares of a constant and the rank.
    of_slope, of_both, of_intercept = noise / spread, -0.5 * noise / spread, noise * (spread + 0.25) / spread
    by_intercept, by_slope = -twice * slope / mean**2, twice * intercept / mean**2
    variance = by_intercept**2 * of_intercept + 2.0 * by_intercept * by_slope * of_both + by_slope**2 * of_slope
    error: FloatArray = np.sqrt(variance)
    return error


def _factor(kind: str, mean: FloatArray, bounds: tuple[float, float] | None) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Correction by which the standard index is multiplied, and where there is none."""
    nowhere = np.zeros(mean.size, dtype=bool)
    if kind == "standard":
        return np.ones_like(mean), nowhere
    if kind == "generalised" or bounds is None:
        return mean, nowhere
    lowest, highest = bounds
    if kind == "erreygers":
        return 4.0 * mean / (highest - lowest), nowhere
    room = (highest - mean) * (mean - lowest)
    inside = room > 0.0
    factor = np.divide((highest - lowest) * mean, room, out=np.full_like(mean, np.nan), where=inside)
    return factor, ~inside & np.isfinite(mean)


def _check(rows: FloatArray, by: FloatArray, share: FloatArray, kind: str, bounds: tuple[float, float] | None) -> None:
    if kind not in KINDS:
        raise InputError(f"kind: found {kind!r}; give one of {', '.join(KINDS)}", field="kind")
    if by.shape != (rows.shape[1],) or by.size < 3:
        raise InputError(f"ranking: found shape {by.shape}; give one value an item, three or more", field="ranking")
    if not np.all(np.isfinite(by)):
        raise InputError("ranking: an item has no place in it; leave it out", field="ranking")
    if by.min() == by.max():
        raise InputError("ranking: all items are equal; nothing to rank by", field="ranking")
    if share.shape != by.shape or not np.all(np.isfinite(share) & (share > 0.0)):
        raise InputError("weights: give one number above 0 an item", field="weights")
    if kind in ("erreygers", "wagstaff"):
        if bounds is None or not bounds[0] < bounds[1]:
            raise InputError(
                f"bounds: found {bounds}; {kind} wants (lowest, highest) that health can take", field="bounds"
            )
        if np.any((rows < bounds[0]) | (rows > bounds[1])):
            raise InputError(f"bounds: health goes from {np.nanmin(rows):g} to {np.nanmax(rows):g}", field="bounds")


def _reasons(rows: FloatArray) -> NDArray[np.object_]:
    reason = text_array(rows.shape[0])
    for row in np.flatnonzero(~np.isfinite(rows).all(axis=1)):
        reason[row] = f"{int((~np.isfinite(rows[row])).sum())} items without health"
    return reason
