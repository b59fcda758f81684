"""Rates made comparable between populations of different ages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from lcr_kernels.standardisation import weighted_rates
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray, as_float, broadcast_rows, standard_normal_quantile, text_array, unrow

FEWEST_EVENTS = 10
"""Below it a directly standardised rate is suppressed, and limits of a count are exact (OHID)."""


@dataclass(frozen=True, slots=True)
class StandardisedRate:
    """A rate with limits.

    Attributes
    ----------
    value, lower, upper : float or float64[...]
        Per `multiplier` person-years.
    reason : str or object[...]
        Why it is NaN; empty where it is not.
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
        Why it is NaN; empty where it is not.
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
        Events and person-years in each age band.
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

    reason = _unusable(events, people)
    barred = (reason != "")[:, None]
    rates = weighted_rates(np.where(barred, 1.0, events), np.where(barred, 1.0, people), weight / whole)
    rate, variance, total = np.where(barred, np.nan, rates).T
    few = total < FEWEST_EVENTS
    reason[few] = f"fewer than {FEWEST_EVENTS} events"
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
        Events by age band, or their total.
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
    (people, cases, reference), shape = broadcast_rows(
        population=as_float("population", population),
        reference_count=as_float("reference_count", reference_count),
        reference_population=as_float("reference_population", reference_population),
    )
    seen = _total_events(as_float("observed", observed), (*shape, people.shape[1]))
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
    reason[np.isnan(expected) | np.isnan(seen)] = "observed events or population not known"
    reason[expected == 0.0] = "no events expected"
    base = np.where(reason == "", expected, np.nan)
    lower, upper = poisson_limits(seen, z, confidence)
    numbers = (seen / base, lower / base, upper / base, expected)
    return StandardisedRatio(*(unrow(x, shape) for x in (*numbers, reason)))


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
    few = events < FEWEST_EVENTS
    x = np.where(few, events, 1.0)
    exact_lower = np.where(x > 0.0, 0.5 * chdtri(2.0 * np.maximum(x, 1e-300), 1.0 - tail), 0.0)
    return np.where(few, exact_lower, lower), np.where(few, 0.5 * chdtri(2.0 * x + 2.0, tail), upper)


def _total_events(observed: FloatArray, everything: tuple[int, ...]) -> FloatArray:
    """Events of each row: given as totals [...] or by band [..., age]."""
    if observed.shape == everything[:-1]:
        return observed.reshape(-1)
    if observed.shape[-1:] == everything[-1:]:
        return np.asarray(np.broadcast_to(observed, everything).sum(axis=-1), dtype=np.float64).reshape(-1)
    raise InputError(
        f"observed: found shape {observed.shape}; give {everything} by age band or {everything[:-1]} in all",
        field="observed",
    )


def _unusable(events: FloatArray, people: FloatArray) -> NDArray[np.object_]:
    reason = text_array(events.shape[0])
    reason[(people == 0.0).any(axis=1)] = "an age band without population"
    reason[~(np.isfinite(events) & np.isfinite(people)).all(axis=1)] = (
        "an age band whose events or population is not known"
    )
    return reason
