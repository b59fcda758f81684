"""Rates made comparable between populations of different ages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from lcr_kernels.standardisation import weighted_rates
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray, as_float, broadcast_rows, standard_normal_quantile, text_array, unrow
from lcr_hpc.health.count_limits import byars_limits, poisson_limits

FEWEST_EVENTS = 10
"""Below it a directly standardised rate is suppressed (OHID)."""


@dataclass(frozen=True, slots=True)
class StandardisedRate:
    """A rate with limits.

    Attributes
    ----------
    value, lower, upper : float or float64[...]
        Per `multiplier` person-years.
    reason : str or object[...]
        Why it is NaN, or what was assumed; empty where there is nothing to say.
    """

    value: Any
    lower: Any
    upper: Any
    reason: Any


@dataclass(frozen=True, slots=True)
class StandardisedRatio:
    """Observed over expected events, with limits.

    Attributes
    ----------
    value, lower, upper : float or float64[...]
        Ratio; 1 = as expected.
    expected : float or float64[...]
        Events expected at the reference's rates.
    reason : str or object[...]
        Why it is NaN, or what was assumed; empty where there is nothing to say.
    """

    value: Any
    lower: Any
    upper: Any
    expected: Any
    reason: Any


def directly_standardised_rate(
    count: ArrayLike,
    population: ArrayLike,
    standard: ArrayLike,
    multiplier: float = 100_000,
    confidence: float = 0.95,
) -> StandardisedRate:
    """Rate that a standard population would have at an area's own age-specific rates.

    Parameters
    ----------
    count, population : array_like, [..., age]
        Events and person-years in each age band. A blank (NaN) count is read as no event, and said in `reason`.
    standard : array_like, [..., age] or [age]
        Standard population; only its shape over age matters.
    multiplier : float
        Person-years that the rate is stated per.
    confidence : float
        Of the limits.

    Returns
    -------
    StandardisedRate
        NaN with a reason below 10 events, or with a band that has no population.

    Raises
    ------
    InputError
        Negative counts or standard, shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    Dobson et al. 1991, Stat Med 10:457-462: Byars' limits of the total count, scaled to the rate's own variance.
    """
    z = standard_normal_quantile(confidence)
    (events, people, weight), shape = broadcast_rows(
        count=as_float("count", count),
        population=as_float("population", population),
        standard=as_float("standard", standard),
    )
    for name, values in (("count", events), ("population", people), ("standard", weight)):
        if np.any(values < 0.0):
            raise InputError(f"{name}: found {values.min():g}; wants 0 or more", field=name)
    whole = weight.sum(axis=1, keepdims=True)
    if not np.all(whole > 0.0):
        raise InputError("standard: adds to 0 or is not known; give persons in every band", field="standard")

    events, blank = _blank_as_none(events)
    reason = _unusable(events, people)
    barred = (reason != "")[:, None]
    rates = weighted_rates(np.where(barred, 1.0, events), np.where(barred, 1.0, people), weight / whole)
    rate, variance, total = np.where(barred, np.nan, rates).T
    few = total < FEWEST_EVENTS
    reason[few] = f"fewer than {FEWEST_EVENTS} events"
    _say_blanks(reason, blank)
    total = np.where(few | np.isnan(total), np.nan, total)
    rate = np.where(few, np.nan, rate)
    scale = np.sqrt(variance / total)
    lower, upper = byars_limits(total, z)
    numbers = (rate, rate + scale * (lower - total), rate + scale * (upper - total))
    return StandardisedRate(*(unrow(x, shape) for x in (*(multiplier * x for x in numbers), reason)))


def indirectly_standardised_ratio(
    observed: ArrayLike,
    population: ArrayLike,
    reference_count: ArrayLike,
    reference_population: ArrayLike,
    confidence: float = 0.95,
) -> StandardisedRatio:
    """Observed events over those that the reference's age-specific rates would give.

    Parameters
    ----------
    observed : array_like, [..., age] or [...]
        Events by age band, or their total. A blank (NaN) band is read as no event, and said in `reason`.
    population : array_like, [..., age]
        Person-years in each age band.
    reference_count, reference_population : array_like, [..., age] or [age]
        Events and person-years of the reference.
    confidence : float
        Of the limits: exact below 10 events, Byars' from 10.

    Returns
    -------
    StandardisedRatio
        Times the reference's crude rate it is the indirectly standardised rate. NaN with a reason where nothing is
        expected.

    Raises
    ------
    InputError
        Negative counts, a reference band without population, shapes that do not fit.
    """
    z = standard_normal_quantile(confidence)
    events = as_float("observed", observed)
    bands = {
        "population": as_float("population", population),
        "reference_count": as_float("reference_count", reference_count),
        "reference_population": as_float("reference_population", reference_population),
    }
    (people, cases, reference), shape = broadcast_rows(**bands)
    blank = np.zeros(people.shape[0], dtype=np.int64)
    if events.shape == shape:
        seen = events.reshape(-1)
    else:
        (by_band, people, cases, reference), shape = broadcast_rows(observed=events, **bands)
        by_band, blank = _blank_as_none(by_band)
        seen = by_band.sum(axis=1)
    for name, values in (("observed", seen), ("population", people), ("reference_count", cases)):
        if np.any(values < 0.0):
            raise InputError(f"{name}: found {values.min():g}; wants 0 or more", field=name)
    if not np.all(reference > 0.0):
        raise InputError(
            "reference_population: a band without population has no rate; give persons in every band",
            field="reference_population",
        )
    expected = weighted_rates(people * cases, reference, np.ones_like(people))[:, 0]
    reason = text_array(expected.size)
    _say_blanks(reason, blank)
    reason[np.isnan(expected) | np.isnan(seen)] = "observed events or population not known"
    reason[expected == 0.0] = "no events expected"
    base = np.where(expected == 0.0, np.nan, expected)
    lower, upper = poisson_limits(seen, z, confidence)
    numbers = (seen / base, lower / base, upper / base, expected)
    return StandardisedRatio(*(unrow(x, shape) for x in (*numbers, reason)))


def _blank_as_none(events: FloatArray) -> tuple[FloatArray, NDArray[np.int64]]:
    """Read a blank count as no event, as OHID does, and say how many there were; a row of blanks is unknown."""
    blank = np.isnan(events) & ~np.isnan(events).all(axis=1, keepdims=True)
    return np.where(blank, 0.0, events), blank.sum(axis=1)


def _say_blanks(reason: NDArray[np.object_], blank: NDArray[np.int64]) -> None:
    for row in np.flatnonzero((blank > 0) & (reason == "")):
        reason[row] = f"{blank[row]} blank counts read as 0 events"


def _unusable(events: FloatArray, people: FloatArray) -> NDArray[np.object_]:
    reason = text_array(events.shape[0])
    reason[np.asarray((people == 0.0).any(axis=1))] = "an age band without population"
    reason[~(np.isfinite(events) & np.isfinite(people)).all(axis=1)] = (
        "an age band whose events or population is not known"
    )
    return reason
