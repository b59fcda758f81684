"""Deaths, years and days of life that an exposure takes, through a life table with and without it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from lcr_kernels.life_table import life_tables
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray, as_float, broadcast_rows, text_array
from lcr_hpc.health.burden import attributable_fraction
from lcr_hpc.health.expectancy import check_ages

DAYS_A_YEAR = 365.0


@dataclass(frozen=True, slots=True)
class LifetableBurden:
    """What the exposure costs, by age band.

    Attributes
    ----------
    attributable_deaths : float64[..., age]
        Deaths of the year that would not have come without the exposure.
    years_lost : float64[..., age]
        Those deaths times the years that they would have had at the lower hazard.
    life_expectancy_loss_days : float64[..., age]
        Days of life expectancy at the start of each band that the exposure takes.
    reason : object[...]
        Why a row is NaN; empty where it is not.
    """

    attributable_deaths: FloatArray
    years_lost: FloatArray
    life_expectancy_loss_days: FloatArray
    reason: NDArray[np.object_]


def lifetable_burden(
    deaths: ArrayLike,
    population: ArrayLike,
    age_start: ArrayLike,
    relative_risk: ArrayLike,
    exposure: ArrayLike,
    *,
    per: float = 10.0,
    minimum_age: float = 30,
) -> LifetableBurden:
    """Attributable deaths, years of life lost and loss of life expectancy from long-term exposure.

    Parameters
    ----------
    deaths, population : array_like, [..., age]
        Deaths and mid-year population in each band.
    age_start : array_like, [age]
        First age of each band, rising; the last is open-ended.
    relative_risk : float
        Of `per` more exposure.
    exposure : array_like, [...] or number
        µg/m³ that would be taken away.
    per : float
        Exposure step of the relative risk, µg/m³.
    minimum_age : float
        First age that the relative risk applies to; a band below it keeps its hazard.

    Returns
    -------
    LifetableBurden
        NaN with a reason where a band has no population, or the open band no deaths.

    Raises
    ------
    InputError
        Ages that do not rise, negative counts, a risk of 0 or less, shapes that do not fit.

    Notes
    -----
    Hazards fall by the factor RR^(-x/per) from `minimum_age` on: the one-year burden of Miller and Hurley 2003,
    J Epidemiol Community Health 57:200-206 (IOMLIFET). A year has 365 days there, and so here.
    """
    ages = check_ages(age_start)
    (dead, people), shape = broadcast_rows(
        deaths=as_float("deaths", deaths), population=as_float("population", population)
    )
    risk = as_float("relative_risk", relative_risk)
    if dead.shape[1] != ages.size:
        raise InputError(
            f"age_start: found {ages.size} bands, deaths have {dead.shape[1]}; one each", field="age_start"
        )
    if not np.all(risk > 0.0) or not per > 0.0:
        raise InputError("relative_risk and per: want numbers above 0", field="relative_risk")
    if np.any(dead < 0.0) or np.any(people < 0.0):
        raise InputError("deaths and population: found a negative count; wants 0 or more", field="deaths")

    fraction = np.broadcast_to(attributable_fraction(exposure, risk, per=per), shape).reshape(-1, 1)
    taken = dead * np.where(ages >= minimum_age, fraction, 0.0)
    reason = _reasons(dead, people, fraction)
    barred = (reason != "")[:, None]
    width, lived = np.diff(ages, append=np.nan), np.where(ages == 0.0, 0.1, 0.5)
    usable = np.where(barred, 2.0, people)
    with_it = life_tables(np.where(barred, 1.0, dead), usable, width, lived)[..., 0]
    without = life_tables(np.where(barred, 1.0, dead - taken), usable, width, lived)[..., 0]
    whole = (*shape, ages.size)
    return LifetableBurden(
        np.where(barred, np.nan, taken).reshape(whole),
        np.where(barred, np.nan, taken * without).reshape(whole),
        np.where(barred, np.nan, DAYS_A_YEAR * (without - with_it)).reshape(whole),
        reason.reshape(shape),
    )


def _reasons(dead: FloatArray, people: FloatArray, fraction: FloatArray) -> NDArray[np.object_]:
    reason = text_array(dead.shape[0])
    reason[dead[:, -1] == 0.0] = "no deaths in the open-ended band"
    reason[(people == 0.0).any(axis=1)] = "an age band without population"
    reason[~np.isfinite(fraction[:, 0])] = "exposure not known"
    reason[~(np.isfinite(dead) & np.isfinite(people)).all(axis=1)] = "deaths or population not known"
    return reason
