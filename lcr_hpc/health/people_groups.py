"""Who breathes what: synthetic people of each area by age and group, their exposure and their share of the burden."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health.causes import deaths_of
from lcr_hpc.health.inequality import exposure_variable
from lcr_hpc.health.mortality import population_by_band, total_by_group
from lcr_hpc.health.population import synthetic_population
from lcr_hpc.health.risk_table import RelativeRisk
from lcr_hpc.store.slabs import write_slab

AGE_GROUPS = np.array([0, 15, 30, 45, 65, 75], np.int16)
"""First years; each begins a band of the deaths."""
GROUP_VARIABLES = ("age_group", "people_group", "synthetic_people", "people_exposure_ug_m3", "people_deaths")
"""Of the health store; there only where the store `people` has characteristics."""

People = NDArray[np.int32]


class GroupResults(NamedTuple):
    """What the groups of each MSOA breathe and die of."""

    exposure: FloatArray
    """[msoa, age_group, people_group, pollutant]; NaN where there is nobody, or no exposure is known"""
    deaths: FloatArray
    """[msoa, age_group, people_group, bound, cause]; areas without exposure add nothing"""


def write_groups(
    path: Path,
    areas: xr.Dataset,
    mortality: xr.Dataset,
    people: xr.Dataset,
    burden: xr.Dataset,
    carbon: xr.Dataset,
    risks: Sequence[RelativeRisk],
    seed: int,
) -> None:
    """Write synthetic people, what they breathe, and their share of the burden; see `people_by_group`."""
    who = people_by_group(areas, people, seed)
    found = group_results(who, areas, mortality, burden, carbon[exposure_variable(carbon)].to_numpy(), risks)
    values = (AGE_GROUPS, group_names(people), who, found.exposure, found.deaths)
    write_slab(path, "health", {}, dict(zip(GROUP_VARIABLES, values, strict=True)))


def group_names(people: xr.Dataset) -> list[str]:
    """Names of the groups: every combination of the characteristics' categories; none without characteristics."""
    found = _categories(people)
    return [", ".join(one) for one in product(*([str(c) for c in names] for _, names in found))] if found else []


def people_by_group(areas: xr.Dataset, people: xr.Dataset, seed: int) -> People:
    """Synthetic people of each area by age group and combination of characteristics.

    Parameters
    ----------
    areas, people : xarray.Dataset
        Stores of these names.
    seed : int
        Of the rounding.

    Returns
    -------
    int32[area, age_group, people_group]
        Meet the residents by age group, and each characteristic's margin as scaled to the area's residents.

    Raises
    ------
    InputError
        A sample without anybody of some age group.

    Notes
    -----
    One characteristic after the other is fitted to the people so far and its own margin: two margins, so that whole
    numbers that meet both always exist (Cox 1987).
    """
    by_age = population_by_band(areas["population"].to_numpy(), areas["age"].to_numpy(), AGE_GROUPS)
    residents = np.rint(by_age.sum(axis=1)).astype(np.int64)
    sample = _sample_table(people)
    whole: Any = np.rint(by_age).astype(np.int64)
    for step, (columns, _) in enumerate(_categories(people)):
        later = tuple(range(step + 2, sample.ndim))
        together = sample.sum(axis=later).reshape(-1, columns.size)
        margin = _scaled(people["persons"].to_numpy()[:, columns], residents)
        split = synthetic_population(together, [((0,), whole), ((1,), margin)], seed=seed + step)
        whole = split.reshape(residents.size, -1)
    out: People = whole.reshape(residents.size, AGE_GROUPS.size, -1).astype(np.int32)
    return out


def group_results(
    who: People,
    areas: xr.Dataset,
    mortality: xr.Dataset,
    burden: xr.Dataset,
    level: FloatArray,
    risks: Sequence[RelativeRisk],
) -> GroupResults:
    """Mean exposure and attributable deaths of each group, by MSOA.

    Parameters
    ----------
    who : int32[area, age_group, people_group]
        From `people_by_group`.
    areas, mortality : xarray.Dataset
        Stores of these names.
    burden : xarray.Dataset
        `attributable_deaths[area, bound, cause]`.
    level : float64[area, pollutant]
        µg/m³.
    risks : sequence of RelativeRisk
        A cause each.

    Returns
    -------
    GroupResults
        Deaths add up to the areas': by the deaths of each age in the MSOA, and within an age by persons.
    """
    group, n_msoas = areas["area_msoa"].to_numpy(), areas.sizes["msoa"]
    persons = who.astype(np.float64)
    exposure = np.full((n_msoas, *who.shape[1:], level.shape[1]), np.nan)
    for p in range(level.shape[1]):
        known = np.isfinite(level[:, p])[:, None, None]
        counted = np.where(known, persons, 0.0)
        total = total_by_group(counted, group, n_msoas)
        sums = total_by_group(counted * np.nan_to_num(level[:, p])[:, None, None], group, n_msoas)
        np.divide(sums, total, out=exposure[..., p], where=total > 0.0)

    of_age = persons.sum(axis=2, keepdims=True)
    share = np.divide(persons, of_age, out=np.zeros_like(persons), where=of_age > 0.0)
    attributed = np.nan_to_num(burden["attributable_deaths"].to_numpy())
    deaths = np.empty((n_msoas, *who.shape[1:], *attributed.shape[1:]))
    for k, risk in enumerate(risks):
        each = _age_shares(areas, mortality, risk)[:, :, None] * share
        for b in range(attributed.shape[1]):
            deaths[..., b, k] = total_by_group(each * attributed[:, b, k, None, None], group, n_msoas)
    return GroupResults(exposure, deaths)


def _age_shares(areas: xr.Dataset, mortality: xr.Dataset, risk: RelativeRisk) -> FloatArray:
    """float64[area, age_group]: how the deaths of an area at the risk's ages lie over the age groups."""
    band = mortality["age_band"].to_numpy()
    people = population_by_band(areas["population"].to_numpy(), areas["age"].to_numpy(), band)
    group, adult = areas["area_msoa"].to_numpy(), band >= risk.minimum_age
    whole = total_by_group(people, group, areas.sizes["msoa"])
    rate = np.divide(deaths_of(mortality, risk), whole, out=np.zeros_like(whole), where=whole > 0.0)
    weight = np.where(adult, people * rate[group], 0.0)
    by_group = np.add.reduceat(weight, np.searchsorted(band, AGE_GROUPS), axis=1)
    total = by_group.sum(axis=1, keepdims=True)
    shares: FloatArray = np.divide(by_group, total, out=np.zeros_like(by_group), where=total > 0.0)
    return shares


def _categories(people: xr.Dataset) -> list[tuple[NDArray[np.intp], NDArray[Any]]]:
    """Columns of the margins and names of the categories, by characteristic."""
    owner, names = people["category_of"].to_numpy(), people["category"].to_numpy()
    columns = [np.flatnonzero(owner == k) for k in range(people.sizes["characteristic"])]
    return [(c, names[c]) for c in columns]


def _sample_table(people: xr.Dataset) -> FloatArray:
    """float64[age_group, *categories]: how characteristics go together."""
    columns = [c for c, _ in _categories(people)]
    table = np.zeros((AGE_GROUPS.size, *(c.size for c in columns)))
    age = np.searchsorted(AGE_GROUPS, people["sample_age"].to_numpy(), side="right") - 1
    category = people["sample_category"].to_numpy()
    at = (age, *(category[:, k] - c[0] for k, c in enumerate(columns)))
    np.add.at(table, at, people["sample_persons"].to_numpy())
    empty = np.flatnonzero(table.reshape(AGE_GROUPS.size, -1).sum(axis=1) == 0.0)
    if empty.size:
        bare = ", ".join(str(AGE_GROUPS[k]) for k in empty)
        raise InputError(
            f"people_groups: the sample has nobody of the age groups from {bare}; wanted people of each group from "
            f"{', '.join(map(str, AGE_GROUPS))}",
            field="sample",
        )
    return table


def _scaled(persons: NDArray[np.integer], residents: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[area, category]: persons scaled to the area's residents, whole: largest remainders are rounded up."""
    total = persons.sum(axis=1)
    share = np.divide(persons, total[:, None], out=np.zeros(persons.shape), where=total[:, None] > 0)
    wanted = share * residents[:, None]
    whole = np.floor(wanted).astype(np.int64)
    short = np.where(total > 0, residents - whole.sum(axis=1), 0)
    order = np.argsort(np.argsort(whole - wanted, axis=1, kind="stable"), axis=1, kind="stable")
    scaled: NDArray[np.int64] = whole + (order < short[:, None])
    return scaled
