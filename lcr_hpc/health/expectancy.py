"""Life expectancy by age from deaths and population, with limits, suppressed where the numbers are too few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from lcr_kernels.life_table import life_tables
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray, as_float, broadcast_rows, standard_normal_quantile, text_array

SMALLEST_POPULATION = 5_000.0
"""A population of this or fewer, all ages together, is suppressed (OHID)."""
WIDEST_INTERVAL_YEARS = 20.0
"""A value whose 95 % interval is wider is suppressed; the limits stay."""


@dataclass(frozen=True, slots=True)
class LifeExpectancy:
    """Years still to be lived at the start of each age band.

    Attributes
    ----------
    value, lower, upper : float64[..., age]
        Years. `value` is NaN where suppressed.
    standard_error : float64[..., age]
        Years.
    reason : object[..., age]
        Why `value` is NaN; empty where it is not.
    """

    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    standard_error: FloatArray
    reason: NDArray[np.object_]


def life_expectancy(
    deaths: ArrayLike, population: ArrayLike, age_start: ArrayLike, *, confidence: float = 0.95
) -> LifeExpectancy:
    """Period life expectancy at the start of each age band (Chiang II), for any number of bands.

    Parameters
    ----------
    deaths, population : array_like, [..., age]
        Deaths and person-years; pool years where one is too few.
    age_start : array_like, [age]
        First age of each band in years, rising; the last band is open-ended.
    confidence : float
        Of the limits. Suppression always looks at the 95 % interval.

    Returns
    -------
    LifeExpectancy
        Suppressed with a reason: a population of 5,000 or fewer in all, more deaths than people in any band, a band
        without population, an open band without deaths, a 95 % interval wider than 20 years.

    Raises
    ------
    InputError
        Ages that do not rise, negative counts, shapes that do not fit.

    Notes
    -----
    Those who die in the first band live a tenth of it where it starts at birth, half of it in every other band.
    Chiang 1978; Silcocks et al. 2001, J Epidemiol Community Health 55:38-43, for the open band's variance.
    """
    z = standard_normal_quantile(confidence)
    ages = check_ages(age_start)
    (dead, people), shape = broadcast_rows(
        deaths=as_float("deaths", deaths), population=as_float("population", population)
    )
    if dead.shape[1] != ages.size:
        raise InputError(
            f"age_start: found {ages.size} bands, deaths have {dead.shape[1]}; one each", field="age_start"
        )
    for name, counts in (("deaths", dead), ("population", people)):
        if np.any(counts < 0.0):
            raise InputError(f"{name}: found {counts.min():g}; counts are 0 or more", field=name)

    why = _unusable(dead, people, ages)
    barred = (why != "")[:, None]
    width = np.diff(ages, append=np.nan)
    lived = np.where(ages == 0.0, 0.1, 0.5)
    table = life_tables(np.where(barred, 1.0, dead), np.where(barred, 2.0, people), width, lived)
    value = np.where(barred, np.nan, table[..., 0])
    error = np.where(barred, np.nan, np.sqrt(table[..., 1]))

    reason = np.repeat(why[:, None], ages.size, axis=1)
    wide = 2.0 * standard_normal_quantile(0.95) * error > WIDEST_INTERVAL_YEARS
    reason[wide] = f"95 % interval wider than {WIDEST_INTERVAL_YEARS:g} years"
    reason[np.isnan(value) & ~barred] = (
        "nobody reaches this age: an earlier band's death rate is too high for its width"
    )
    everything = (*shape, ages.size)
    return LifeExpectancy(
        np.where(wide, np.nan, value).reshape(everything),
        (value - z * error).reshape(everything),
        (value + z * error).reshape(everything),
        error.reshape(everything),
        reason.reshape(everything),
    )


def check_ages(age_start: ArrayLike) -> FloatArray:
    """Return the bands' first ages as float64[age]; refuse ages that do not rise.

    Parameters
    ----------
    age_start : array_like, [age]
        Years.

    Returns
    -------
    float64[age]

    Raises
    ------
    InputError
        Fewer than two bands, a negative or missing age, or ages that do not rise.
    """
    ages = as_float("age_start", age_start)
    if ages.ndim != 1 or ages.size < 2 or not np.all(np.diff(ages) > 0.0) or not ages[0] >= 0.0:
        raise InputError(
            f"age_start: found {np.array2string(ages, threshold=8)}; give the first age of two or more bands, rising",
            field="age_start",
        )
    return ages


def _unusable(dead: FloatArray, people: FloatArray, ages: FloatArray) -> NDArray[np.object_]:
    """Why a whole row is suppressed; the first rule that holds is the one said."""

    def bands(where: NDArray[np.bool_]) -> str:
        return ", ".join(f"{ages[x]:g}" for x in np.flatnonzero(where)[:5])

    missing = ~(np.isfinite(dead) & np.isfinite(people))
    reason = text_array(dead.shape[0])
    for r in range(dead.shape[0]):
        total = people[r].sum()
        if missing[r].any():
            reason[r] = f"no deaths or population known at ages from {bands(missing[r])}"
        elif total <= SMALLEST_POPULATION:
            reason[r] = f"population {total:,.0f} is {SMALLEST_POPULATION:,.0f} or fewer"
        elif (dead[r] > people[r]).any():
            reason[r] = f"more deaths than people at ages from {bands(dead[r] > people[r])}"
        elif (people[r] == 0.0).any():
            reason[r] = f"no population at ages from {bands(people[r] == 0.0)}"
        elif dead[r, -1] == 0.0:
            reason[r] = f"no deaths in the open-ended band from age {ages[-1]:g}"
    return reason
