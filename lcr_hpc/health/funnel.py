"""Funnel plots: how far from the common rate a place may be by chance, given how many people or events it has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray, as_float, standard_normal_quantile, text_array

LEVELS = (0.95, 0.998)
"""Two and three standard deviations, as OHID draws them."""


@dataclass(frozen=True, slots=True)
class Funnel:
    """Control limits and what they say of each place.

    Attributes
    ----------
    baseline : float
        Common proportion, or 1 for a ratio.
    lower, upper : float64[level, place]
        Limits at the place's own size, unit of the baseline; NaN where there is none.
    significance : int8[place]
        How many of the levels the place lies above (positive) or below (negative) the limits of; 0 = by chance.
    reason : object[place]
        Why there is nothing to say; empty where there is.
    """

    baseline: float
    lower: FloatArray
    upper: FloatArray
    significance: NDArray[np.int8]
    reason: NDArray[np.object_]


def proportion_funnel(
    count: ArrayLike,
    population: ArrayLike,
    *,
    baseline: float | None = None,
    confidence: tuple[float, ...] = LEVELS,
) -> Funnel:
    """Control limits of proportions.

    Parameters
    ----------
    count, population : array_like, [place]
        Persons with the property, of all.
    baseline : float, optional
        Common proportion; by default that of all places together.
    confidence : tuple of float
        Levels, rising.

    Returns
    -------
    Funnel

    Raises
    ------
    InputError
        Counts that are negative or above the population, a baseline or level outside (0, 1).

    Notes
    -----
    p ± z √(p(1 - p)/n), within 0 and 1. Spiegelhalter 2005, Stat Med 24:1185-1202.
    """
    cases, people = _read(count=count, population=population)
    known = np.isfinite(cases) & (people > 0.0)
    if np.any(cases[known] > people[known]):
        raise InputError("count: found more persons with the property than there are", field="count")
    if baseline is None and not known.any():
        raise InputError("population: no place has any; give a baseline", field="population")
    common = float(cases[known].sum() / people[known].sum()) if baseline is None else baseline
    if not 0.0 <= common <= 1.0:
        raise InputError(f"baseline: found {common}; want a share between 0 and 1", field="baseline")
    n = np.where(known, people, np.nan)
    reach = _quantiles(confidence)[:, None] * np.sqrt(common * (1.0 - common) / n)
    lower, upper = np.clip(common - reach, 0.0, 1.0), np.clip(common + reach, 0.0, 1.0)
    above, below = cases / n > upper, cases / n < lower
    return _judged(common, lower, upper, above, below, known, "no population, or a count that is not known")


def ratio_funnel(observed: ArrayLike, expected: ArrayLike, *, confidence: tuple[float, ...] = LEVELS) -> Funnel:
    """Control limits of observed over expected events; times a common rate, those of standardised rates.

    Parameters
    ----------
    observed : array_like, [place]
        Events.
    expected : array_like, [place]
        Events at the common rates. For directly standardised rates: common rate times events over the place's rate.
    confidence : tuple of float
        Levels, rising.

    Returns
    -------
    Funnel
        Limits are the ratios at which so many events would just be significant, by exact Poisson limits; without
        events there is no upper one.

    Raises
    ------
    InputError
        Negative events, a level outside (0, 1).

    Notes
    -----
    Garwood 1936, Biometrika 28:437-442; Spiegelhalter 2005, Stat Med 24:1185-1202.
    """
    events, base = _read(observed=observed, expected=expected)
    known = np.isfinite(events) & (base > 0.0)
    _quantiles(confidence)
    tail = 0.5 * (1.0 - np.array(confidence))[:, None]
    k = np.where(known, events, np.nan)
    some = k > 0.0
    fewest = np.where(some, 0.5 * chdtri(2.0 * np.where(some, k, 1.0), 1.0 - tail), 0.0)
    most = 0.5 * chdtri(2.0 * np.where(known, k, 0.0) + 2.0, tail)
    lower = k / most
    upper = np.divide(k, fewest, out=np.full_like(fewest, np.nan), where=fewest > 0.0)
    # In events rather than ratios: no events at all are significantly few where enough were expected.
    return _judged(
        1.0, lower, upper, base < fewest, base > most, known, "nothing expected, or events that are not known"
    )


def _judged(
    common: float,
    lower: FloatArray,
    upper: FloatArray,
    above: NDArray[np.bool_],
    below: NDArray[np.bool_],
    known: NDArray[np.bool_],
    why: str,
) -> Funnel:
    significance = np.where(known, above.sum(axis=0) - below.sum(axis=0), 0)
    reason = text_array(known.size)
    reason[~known] = why
    return Funnel(common, lower, upper, significance.astype(np.int8), reason)


def _quantiles(confidence: tuple[float, ...]) -> FloatArray:
    z = np.array([standard_normal_quantile(c) for c in confidence])
    if np.any(np.diff(z) <= 0.0):
        raise InputError(f"confidence: found {confidence}; want rising levels", field="confidence")
    return z


def _read(**columns: ArrayLike) -> tuple[FloatArray, FloatArray]:
    (a, one), (b, two) = ((name, as_float(name, values)) for name, values in columns.items())
    if one.ndim != 1 or one.shape != two.shape:
        raise InputError(f"{a} {one.shape}, {b} {two.shape}: want one number each a place")
    raise_all(
        [f"{n}: found {np.nanmin(v):g}; want 0 or more" for n, v in ((a, one), (b, two)) if np.any(v < 0.0)],
        InputError,
    )
    return one, two
