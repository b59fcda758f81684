"""Deaths brought to the areas and ages where they are needed; nothing is lost or gained on the way."""

from __future__ import annotations

import numpy as np
from lcr_kernels.life_table import life_tables
from numpy.typing import NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray


def population_by_band(
    population: NDArray[np.integer], age: NDArray[np.integer], band: NDArray[np.integer]
) -> FloatArray:
    """Residents by age band.

    Parameters
    ----------
    population : int[area, age]
        By single year of age; the last is that age and over.
    age : int[age]
        Years.
    band : int[band]
        First age of each band, rising from the first age; the last is open-ended.

    Returns
    -------
    float64[area, band]

    Raises
    ------
    InputError
        Bands that do not begin with the ages, or an open band that the population cannot tell apart.
    """
    if band.size == 0 or band[0] != age[0] or band[-1] > age[-1] or np.any(np.diff(band) <= 0):
        raise InputError(
            f"age bands {band[:3]}…{band[-1:]} do not fit a population by ages {age[0]} to {age[-1]}+; "
            "bands rise from the first age, and the last begins within them",
            field="age_band",
        )
    edges = np.searchsorted(age, band)
    return np.add.reduceat(np.asarray(population, dtype=np.float64), edges, axis=1)


def total_by_group(values: FloatArray, group: NDArray[np.integer], n_groups: int) -> FloatArray:
    """Add areas up to the larger areas that hold them.

    Parameters
    ----------
    values : float64[area, ...]
        What is added.
    group : int[area]
        Index of the larger area.
    n_groups : int
        Number of larger areas.

    Returns
    -------
    float64[group, ...]
        In area order, so that the sum does not depend on who computes it.
    """
    total = np.zeros((n_groups, *values.shape[1:]))
    np.add.at(total, group, values)
    return total


def deaths_by_area(
    deaths: FloatArray, people: FloatArray, group: NDArray[np.integer], names: NDArray[np.object_] | None = None
) -> FloatArray:
    """Share the deaths of each larger area among its areas, band by band, by population.

    Parameters
    ----------
    deaths : float64[group, band]
        A year.
    people : float64[area, band]
        Residents.
    group : int[area]
        Larger area of each area.
    names : object[group], optional
        Codes for messages.

    Returns
    -------
    float64[area]
        Deaths of all bands given. They add up to the larger area's: where a band has deaths and no residents, its
        deaths are shared by the residents of all bands.

    Raises
    ------
    InputError
        A larger area with deaths and no residents at these ages.
    """
    whole = total_by_group(people, group, deaths.shape[0])
    everyone = whole.sum(axis=1)
    bare = (everyone == 0.0) & (deaths.sum(axis=1) > 0.0)
    if bare.any():
        which = np.flatnonzero(bare)[:5]
        shown = ", ".join(str(i if names is None else names[i]) for i in which)
        raise InputError(
            f"deaths where nobody of these ages lives: {shown}; check population and deaths", field="deaths"
        )
    rate = np.divide(deaths, whole, out=np.zeros_like(deaths), where=whole > 0.0)
    unplaced = np.where(whole > 0.0, 0.0, deaths).sum(axis=1)
    spread = np.divide(unplaced, everyone, out=np.zeros_like(everyone), where=everyone > 0.0)
    shared: FloatArray = (people * rate[group]).sum(axis=1) + people.sum(axis=1) * spread[group]
    return shared


def years_by_band(deaths: FloatArray, people: FloatArray, band: NDArray[np.integer], taken: FloatArray) -> FloatArray:
    """Years that somebody who dies in each band would have had, by the whole population's life table.

    Parameters
    ----------
    deaths, people : float64[band]
        A year; the open band has some of both.
    band : int[band]
        First age, rising from 0; the last is open-ended.
    taken : float64[band]
        Share of the hazard that is taken away.

    Returns
    -------
    float64[band]
        Expectancy in the middle of the band, at its start in the open one; NaN where a band has nobody.

    Notes
    -----
    One table for all areas, so that a death at an age counts the same wherever it happens: with each area's own, a year
    lost where people die early would weigh less.
    """
    if np.any(people <= 0.0) or deaths[-1] <= 0.0:
        return np.full(band.size, np.nan)
    width, lived = np.diff(band.astype(np.float64), append=np.nan), np.where(band == 0, 0.1, 0.5)
    expectancy = life_tables(((1.0 - taken) * deaths)[None], people[None], width, lived)[0, :, 0]
    years: FloatArray = expectancy.copy()
    years[:-1] = 0.5 * (expectancy[:-1] + expectancy[1:])
    return years
