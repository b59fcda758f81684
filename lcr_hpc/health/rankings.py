"""What places are ranked by when inequality is measured: deprivation, or any other attribute of the areas."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray

DEPRIVATION = "deprivation_rank"
NAMES_OF_PLACES = ("area", "msoa", "district")
HIGHEST_FIRST, PER_RESIDENT = "-", " per resident"


@dataclass(frozen=True)
class Ranking:
    """An order of places.

    Attributes
    ----------
    name : str
        As configured.
    area : float64[area]
        Lowest comes first, in the place of the most deprived; NaN = not known.
    msoa : float64[msoa]
        Population-weighted mean of the MSOA's areas.
    """

    name: str
    area: FloatArray
    msoa: FloatArray


def needs_reference(names: Sequence[str], areas: xr.Dataset) -> bool:
    """Whether a ranking is none of the areas' own, so that the store of published indicators is wanted."""
    return any(_bare(name)[0] not in _own(areas) for name in names)


def rankings(names: Sequence[str], areas: xr.Dataset, reference: xr.Dataset | None = None) -> list[Ranking]:
    """Orders of the places by name.

    Parameters
    ----------
    names : sequence of str
        `deprivation_rank`, another rank of the deprivation feed, `population_density`, `share_under_16`,
        `share_65_over` or a published indicator; `-NAME` = highest first, `NAME per resident`.
    areas : xarray.Dataset
        Store of this name.
    reference : xarray.Dataset, optional
        Store of this name: `indicator` and `indicator_value`.

    Returns
    -------
    list of Ranking

    Raises
    ------
    InputError
        Names that are none of these (the nearest is said), that are names of places, or that come twice.
    """
    own = _own(areas)
    published = [] if reference is None else [str(n) for n in reference["indicator"].to_numpy()]
    residents = areas["population"].to_numpy().sum(axis=1).astype(np.float64)
    group, n_msoas = areas["area_msoa"].to_numpy(), areas.sizes["msoa"]
    found, problems = [], []
    for name in names:
        bare, sign, per_resident = _bare(name)
        if bare in own:
            value = own[bare]()
        elif bare in published and reference is not None:
            value = reference["indicator_value"].to_numpy()[:, published.index(bare)].astype(np.float64)
        else:
            problems.append(_unknown(name, bare, [*own, *published]))
            continue
        if per_resident:
            value = np.divide(value, residents, out=np.full(value.size, np.nan), where=residents > 0.0)
        found.append(Ranking(name, sign * value, mean_by_group(sign * value, residents, group, n_msoas)))
    problems += [f"`health.rank_by` names {n!r} twice" for n in dict.fromkeys(names) if list(names).count(n) > 1]
    raise_all(problems, InputError)
    return found


def mean_by_group(value: FloatArray, people: FloatArray, group: NDArray[np.integer], n_groups: int) -> FloatArray:
    """Population-weighted mean of the areas in each larger area.

    Parameters
    ----------
    value, people : float64[area]
        NaN = not known; residents.
    group : int[area]
        Larger area of each area.
    n_groups : int

    Returns
    -------
    float64[group]
        NaN where no area has both a value and residents.
    """
    weight = np.where(np.isfinite(value), people, 0.0)
    total = np.bincount(group, weights=weight, minlength=n_groups)
    weighted = np.bincount(group, weights=weight * np.nan_to_num(value), minlength=n_groups)
    mean: FloatArray = np.divide(weighted, total, out=np.full(n_groups, np.nan), where=total > 0.0)
    return mean


def _bare(name: str) -> tuple[str, float, bool]:
    """Name of the attribute, -1 where its highest comes first, and whether it is shared out by residents."""
    bare = name.removeprefix(HIGHEST_FIRST)
    return bare.removesuffix(PER_RESIDENT), 1.0 if bare == name else -1.0, bare.endswith(PER_RESIDENT)


def _own(areas: xr.Dataset) -> dict[str, Callable[[], FloatArray]]:
    """Attributes of the areas store by name."""
    people, age = areas["population"].to_numpy(), areas["age"].to_numpy()
    total = people.sum(axis=1).astype(np.float64)

    def share(at: NDArray[np.bool_]) -> FloatArray:
        of: FloatArray = np.divide(people[:, at].sum(axis=1), total, out=np.full(total.size, np.nan), where=total > 0.0)
        return of

    found: dict[str, Callable[[], FloatArray]] = {DEPRIVATION: lambda: _known(areas["deprivation_rank"].to_numpy())}
    for k, domain in enumerate(areas["deprivation_domain"].to_numpy() if "deprivation_domain" in areas else ()):
        found[str(domain)] = partial(_domain, areas, k)
    if "boundary_x" in areas:
        found["population_density"] = lambda: total / _square_km(areas)
    return found | {"share_under_16": lambda: share(age < 16), "share_65_over": lambda: share(age >= 65)}


def _domain(areas: xr.Dataset, k: int) -> FloatArray:
    return _known(areas["domain_rank"].to_numpy()[:, k])


def _known(rank: NDArray[np.integer]) -> FloatArray:
    """NaN where there is no rank."""
    return np.where(rank >= 1, rank, np.nan).astype(np.float64)


def _square_km(areas: xr.Dataset) -> FloatArray:
    corners = np.stack([areas["boundary_x"].to_numpy(), areas["boundary_y"].to_numpy()], axis=1)
    offsets = tuple(areas[f"boundary_{part}_offset"].to_numpy() for part in ("ring", "polygon", "area"))
    shapes = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, corners, offsets)
    size: FloatArray = shapely.area(shapes) / 1e6
    return size


def _unknown(name: str, bare: str, known: Sequence[str]) -> str:
    if bare in NAMES_OF_PLACES:
        return f"`health.rank_by` {name!r} is a name of places, which has no order; rank by a number of theirs"
    near = difflib.get_close_matches(bare, known, n=1)
    shown = ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "")
    hint = f"did you mean {near[0]!r}?" if near else f"there are {shown}"
    return f"`health.rank_by`: {name!r} is no attribute of the areas; {hint}"
