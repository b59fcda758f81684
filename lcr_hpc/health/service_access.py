"""What each area reaches by car in one part of the day: surgeries, hospitals and jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health.access import floating_catchment, nearest_service

Method = Literal["2sfca", "e2sfca", "3sfca", "raam"]
PER = 1000.0
SIGMA_SHARE = 1.0 / 3.0
"""Spread of the Gaussian decay as a share of the reach."""


@dataclass(frozen=True, slots=True)
class Services:
    """Sites of one kind.

    Attributes
    ----------
    kind : str
    area : int64[site]
        Area that each lies in.
    capacity : float64[site]
        Doctors, beds or jobs; 0 = closed.
    """

    kind: str
    area: NDArray[np.int64]
    capacity: FloatArray


@dataclass(frozen=True, slots=True)
class ServiceAccess:
    """What is reached of one kind of service.

    Attributes
    ----------
    access : float64[area]
        Capacity per 1,000 persons who share it; 0 with nothing in reach. For "raam" a cost, low = good; NaN with
        nothing in reach.
    nearest_min : float64[area]
        Minutes to the nearest open site; NaN with none.
    """

    access: FloatArray
    nearest_min: FloatArray


def service_access(
    services: Services, demand: ArrayLike, minutes: FloatArray, *, method: Method = "e2sfca", reach_min: float
) -> ServiceAccess:
    """Access of every area to one kind of service.

    Parameters
    ----------
    services : Services
    demand : array_like, [area]
        Persons who share it.
    minutes : float64[area, area]
        Travel times; infinity without a path.
    method : {"2sfca", "e2sfca", "3sfca", "raam"}
        e2sfca and 3sfca with a Gaussian decay of a third of the reach.
    reach_min : float
        Minutes.

    Returns
    -------
    ServiceAccess

    Raises
    ------
    InputError
        No open site, a site outside the areas, travel times of another shape.
    """
    people = np.asarray(demand, dtype=np.float64)
    problems = []
    if minutes.shape != (people.size, people.size):
        problems.append(
            f"minutes: found shape {minutes.shape}; want one row and column for each of {people.size} areas"
        )
    if not np.any(services.capacity > 0.0):
        problems.append(f"services: no {services.kind} has any capacity; land the services feed, or leave the kind out")
    if np.any((services.area < 0) | (services.area >= people.size)):
        problems.append(f"services: a {services.kind} lies in no area")
    raise_all(problems, InputError)

    # Sites of one area are as far from everywhere: one column each area that has any, with all that it offers.
    site, at = np.unique(services.area, return_inverse=True)
    offer = np.bincount(at, weights=services.capacity)
    there = minutes[:, site]
    wanted = np.isfinite(there)
    first = np.concatenate([[0], np.cumsum(wanted.sum(axis=1))])
    times = csr_array((there[wanted], np.nonzero(wanted)[1], first), shape=there.shape)
    decay = ("gaussian", SIGMA_SHARE * reach_min) if method in ("e2sfca", "3sfca") else None
    found = floating_catchment(people, offer, times, method=method, threshold=reach_min, decay=decay)
    nearest = nearest_service(times, offer).time
    return ServiceAccess(
        access=np.where(np.isfinite(found), found, np.nan) if method == "raam" else PER * found,
        nearest_min=np.where(np.isfinite(nearest), nearest, np.nan),
    )


def sites_by_kind(
    kind: NDArray[np.integer], kinds: tuple[str, ...], x: FloatArray, y: FloatArray, capacity: FloatArray,
    area_x: FloatArray, area_y: FloatArray, wanted: Mapping[str, float],
) -> list[Services]:  # fmt: skip
    """Sort sites by kind and put each into the area whose population point is nearest.

    Parameters
    ----------
    kind : int[site]
        Index into `kinds`.
    kinds : tuple of str
    x, y, capacity : float64[site]
        Metres; doctors, beds or jobs.
    area_x, area_y : float64[area]
        Metres.
    wanted : mapping of str to float
        Kinds to return.

    Returns
    -------
    list of Services
        In the order of `kinds`.
    """
    _, nearest = cKDTree(np.column_stack([area_x, area_y])).query(np.column_stack([x, y]))
    return [
        Services(name, nearest[kind == k].astype(np.int64), capacity[kind == k])
        for k, name in enumerate(kinds)
        if name in wanted
    ]


def mean_trip_minutes(
    offset: NDArray[np.integer], destination: NDArray[np.integer], trips: FloatArray, minutes: FloatArray
) -> FloatArray:
    """Mean time of the trips that start in each area.

    Parameters
    ----------
    offset : int[area + 1]
        Trips of area i: offset[i] … offset[i + 1] − 1.
    destination : int[od]
        Zone; those beyond the areas are left out.
    trips : float64[od]
    minutes : float64[area, area]

    Returns
    -------
    float64[area]
        NaN without trips to an area that can be reached.
    """
    areas = minutes.shape[0]
    used = slice(0, int(offset[areas]))
    origin = np.repeat(np.arange(areas), np.diff(offset[: areas + 1]))
    to, count = destination[used], trips[used]
    inside = to < areas
    time = minutes[origin[inside], to[inside]]
    reached = np.isfinite(time)
    who, weight = origin[inside][reached], count[inside][reached]
    total = np.bincount(who, weights=weight, minlength=areas)
    spent = np.bincount(who, weights=weight * time[reached], minlength=areas)
    mean: FloatArray = np.divide(spent, total, out=np.full(areas, np.nan), where=total > 0.0)
    return mean
