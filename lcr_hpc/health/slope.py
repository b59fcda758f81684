"""Slope and relative index of inequality: one gap that uses every group, with its interval in closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray, as_float, broadcast_rows, standard_normal_quantile, text_array, unrow
from lcr_hpc.health._rank_slopes import fit_rank_slopes

Transform = Literal["none", "log", "logit"]


@dataclass(frozen=True, slots=True)
class SlopeIndex:
    """Gradient of a measure from the most (rank 0) to the least (rank 1) deprived.

    Attributes
    ----------
    sii, sii_lower, sii_upper : float or float64[...]
        Fitted value at rank 1 less fitted value at rank 0, times the multiplier.
    rii, rii_lower, rii_upper : float or float64[...]
        Their ratio; inverted where the multiplier is negative.
    intercept : float or float64[...]
        Fitted value at rank 0, unit of the input, unscaled.
    reason : str or object[...]
        Why a number is NaN; empty where all are there.
    """

    sii: Any
    sii_lower: Any
    sii_upper: Any
    rii: Any
    rii_lower: Any
    rii_upper: Any
    intercept: Any
    reason: Any


def slope_index(
    value: ArrayLike,
    population: ArrayLike,
    standard_error: ArrayLike | None = None,
    *,
    transform: Transform = "none",
    confidence: float = 0.95,
    multiplier: float = 1.0,
    missing: Literal["refuse", "skip"] = "refuse",
    draws: int = 0,
    seed: int = 0,
) -> SlopeIndex:
    """Slope and relative index of inequality of one set of groups, or of many.

    Parameters
    ----------
    value : array_like, [..., group]
        The measure of each group, groups in order, most deprived first. Proportions lie between 0 and 1.
    population : array_like, [..., group] or [group]
        Persons in each group: its weight, and its width on the axis.
    standard_error : array_like, [..., group], optional
        Of `value` on the regression's scale: of value, ln(value) or logit(value). Without it there is no interval.
    transform : {"none", "log", "logit"}
        Scale of the regression: "log" for rates, "logit" for proportions.
    confidence : float
        Of the limits.
    multiplier : float
        Scales the SII and its limits (100,000 for a rate per person). Negative turns the gap round, and the RII too.
    missing : {"refuse", "skip"}
        A group without value or population gives NaN and a reason, or is left out of the axis.
    draws : int
        Limits from so many simulated lines (100,000 is usual) in place of the closed form; 0 = closed form.
    seed : int
        Of the draws, which are the same for all sets of groups.

    Returns
    -------
    SlopeIndex
        Numbers for 1-D input, arrays of the leading shape otherwise.

    Raises
    ------
    InputError
        Shapes that do not fit, fewer than two groups, an unknown transform, a confidence outside (0, 1).

    Notes
    -----
    The limits are those of the slope, taken about the middle of the axis on the regression's scale and carried back.
    They need no simulation: against 100,000 draws they differ by at most 0.016 standard errors at 95 %, 0.1 at 99.8 %.
    Source: OHID, Fingertips technical guidance, slope index of inequality.
    """
    forward, back = _scale(transform)
    z = standard_normal_quantile(confidence)
    raw = as_float("value", value)
    errors = np.full_like(raw, np.nan) if standard_error is None else as_float("standard_error", standard_error)
    (rows, people, errors), shape = broadcast_rows(
        value=raw, population=as_float("population", population), standard_error=errors
    )
    if rows.shape[1] < 2:
        raise InputError(
            f"value: found {rows.shape[1]} group; a slope wants two or more, most deprived first", field="value"
        )

    rows, people, errors, reason = _usable(rows, people, errors, transform, missing)
    fit = fit_rank_slopes(forward(rows), people, errors)
    fit[reason != ""] = np.nan
    if standard_error is None:
        reason[reason == ""] = "no standard error: no interval"
    else:
        reason[(reason == "") & ~np.isfinite(fit[:, 2])] = "a group without standard error: no interval"
    found = slope_with_limits(fit, z, back, multiplier, reason, shape)
    if not draws:
        return found
    from lcr_hpc.health._slope_draws import simulated_limits

    return simulated_limits(found, fit, people, errors, back, confidence, multiplier, draws, seed)


def _scale(transform: str) -> tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]:
    scales: dict[str, tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]] = {
        "none": (lambda y: y, lambda y: y),
        "log": (np.log, np.exp),
        "logit": (lambda y: np.log(y / (1.0 - y)), _expit),
    }
    if transform not in scales:
        raise InputError(f"transform: found {transform!r}; give one of {', '.join(scales)}", field="transform")
    return scales[transform]


def _expit(x: FloatArray) -> FloatArray:
    from scipy.special import expit  # half a second that the other scales need not wait for

    back: FloatArray = expit(x)
    return back


def _usable(
    rows: FloatArray, people: FloatArray, errors: FloatArray, transform: str, missing: str
) -> tuple[FloatArray, FloatArray, FloatArray, NDArray[np.object_]]:
    """Say why a row cannot be fitted; give unusable groups harmless numbers and no population."""
    if missing not in ("refuse", "skip"):
        raise InputError(f'missing: found {missing!r}; give "refuse" or "skip"', field="missing")
    lowest, highest = {"none": (-np.inf, np.inf), "log": (0.0, np.inf), "logit": (0.0, 1.0)}[transform]
    problems = (
        ("no value", ~np.isfinite(rows)),
        ("no population", ~(np.isfinite(people) & (people > 0.0))),
        (f"value outside the {transform}'s range", ~((rows > lowest) & (rows < highest))),
        ("negative standard error", errors < 0.0),
    )
    bad = np.zeros(rows.shape, dtype=bool)
    reason = text_array(rows.shape[0])
    for text, where in problems:
        new = where & ~bad & (missing == "refuse")
        for r in np.flatnonzero(new.any(axis=1)):
            said = f"group {', '.join(str(g + 1) for g in np.flatnonzero(new[r])[:5])}: {text}"
            reason[r] = f"{reason[r]}; {said}" if reason[r] else said
        bad |= where
    reason[(reason == "") & ((~bad).sum(axis=1) < 2)] = "fewer than two usable groups"
    return np.where(bad, 0.5, rows), np.where(bad, 0.0, people), np.where(bad, 0.0, errors), reason


def slope_with_limits(
    fit: FloatArray,
    z: float | FloatArray,
    back: Callable[[FloatArray], FloatArray],
    multiplier: float,
    reason: NDArray[np.object_],
    shape: tuple[int, ...],
) -> SlopeIndex:
    """Carry fitted lines and the limits of their slopes back to the measure's own scale.

    Parameters
    ----------
    fit : float64[row, 3]
        Intercept, slope and the slope's standard error on the regression's scale.
    z : float or float64[row]
        Two-sided quantile.
    back : callable
        From the regression's scale to the measure's.
    multiplier : float
        Scales the SII.
    reason : object[row]
        Added to where a ratio cannot be stated.
    shape : tuple of int
        Leading shape of the rows.

    Returns
    -------
    SlopeIndex
    """
    intercept, slope, error = fit.T
    middle = intercept + 0.5 * slope
    difference, ratio = [], []
    for along in (slope, slope - z * error, slope + z * error):
        start, end = back(middle - 0.5 * along), back(middle + 0.5 * along)
        difference.append(multiplier * (end - start))
        # A fitted value of 0 or less at the deprived end has no ratio to be stated against.
        comparable = start > 0.0
        ratio.append(np.divide(end, start, out=np.full_like(end, np.nan), where=comparable))
        lost = ~comparable & np.isfinite(start) & (reason == "")
        reason[lost] = "fitted value at the deprived end is not above 0: no ratio"
    if multiplier < 0.0:
        difference = [difference[0], difference[2], difference[1]]
        ratio = [np.divide(1.0, r, out=np.full_like(r, np.nan), where=r != 0.0) for r in (ratio[0], ratio[2], ratio[1])]
    numbers = (*difference, *ratio, back(intercept))
    return SlopeIndex(*(unrow(x, shape) for x in (*numbers, reason)))
