"""The annual mean of the air: a year's weather by class of traffic, then every receptor once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.carbon.air_slab import AirMeans, Receptors, write_means
from lcr_hpc.carbon.background import Background
from lcr_hpc.carbon.long_term import long_term_mean, response_of_class
from lcr_hpc.carbon.no2 import no2_ug_m3
from lcr_hpc.carbon.source_tree import SourceTree
from lcr_hpc.errors import InputError
from lcr_hpc.store.calendar import LOCAL_TIME, day_type, hours_of_day

LEAST_HOURS = 300 * 24
"""Hours of weather that the year must have for a mean to be called annual."""
_PLACES = 32
"""Receptors whose hours are kept at once: 8,760 of them are 4 MB."""


@dataclass(frozen=True)
class ResponseTask:
    """The mean response of one class of hours."""

    met: NDArray[np.float64]
    height_m: float
    sigma_z0_m: float
    extent_m: float


@dataclass(frozen=True)
class AnnualSlab:
    """The annual means of one block of receptors."""

    carbon: Path
    model: Path
    """File of the tree and the response, of `save_model`."""
    receptors: Receptors
    hour_class: NDArray[np.int64]
    """[hour], class of each hour that has weather."""
    hour_weight: NDArray[np.float64]
    """[hour], share of the year that each of them stands for; they add up to 1."""
    hour_strength: NDArray[np.float64]
    """[hour], over the mean of its class."""
    background: Background
    """Of those hours."""
    opening: float


def year_until(night: dt.date) -> NDArray[np.int64]:
    """Hours of the 365 local days that end with the night, int64[hour] since 1970."""
    first = hours_of_day(night - dt.timedelta(days=364))[0]
    return np.arange(first, hours_of_day(night)[-1] + 1, dtype=np.int64)


def period_of_hours(hour_period: xr.DataArray, hours: NDArray[np.int64]) -> NDArray[np.int64]:
    """Traffic period of each hour, by its type of day and local clock hour.

    Parameters
    ----------
    hour_period : xarray.DataArray
        [day_type, hour_of_day] of the traffic store.
    hours : ndarray
        int64[hour], hours since 1970.

    Returns
    -------
    ndarray
        int64[hour].

    Raises
    ------
    InputError
        A type of day that occurs and has no traffic.
    """
    local = [dt.datetime.fromtimestamp(int(h) * 3600, LOCAL_TIME) for h in hours]
    clock = np.array([moment.hour for moment in local], dtype=np.int64)
    table = hour_period.to_numpy().astype(np.int64)
    names = [str(name) for name in hour_period["day_type"].to_numpy()]
    kind_of = {day: names.index(day_type(day)) for day in {moment.date() for moment in local}}
    kind = np.array([kind_of[moment.date()] for moment in local], dtype=np.int64)
    period = np.asarray(table[kind, clock], dtype=np.int64)
    if silent := sorted({names[k] for k in kind[period < 0]}):
        raise InputError(f"traffic.zarr has no period for hours of a {' or '.join(silent)}; run traffic for all days")
    return period


def class_response(task: ResponseTask) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Response and strengths of one class of hours: `response_of_class` on a worker."""
    return response_of_class(task.met, task.height_m, task.sigma_z0_m, task.extent_m)


def class_weights(
    period: NDArray[np.int64], has_weather: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Classes of hours by period, the class of each hour with weather and the share of the year it stands for.

    A class's hours without weather are taken as like its others, so that a gap on weekday mornings does not make
    the year's traffic lighter.

    Returns
    -------
    tuple of ndarray
        int64[class], period of each; int64[hour with weather]; float64[hour with weather].
    """
    periods, of_hour = np.unique(period, return_inverse=True)
    hour_class = of_hour[has_weather].astype(np.int64)
    share = np.bincount(of_hour, minlength=periods.size) / period.size
    known = np.bincount(hour_class, minlength=periods.size)
    if silent := int((known == 0).sum()):
        raise InputError(
            f"weather.zarr: {silent} of {periods.size} classes of traffic have no hour with weather in the year that "
            "ends with the night; give a weather feed that covers all hours of the day and all types of day"
        )
    return periods, hour_class, (share / known)[hour_class]


def save_model(path: Path, tree: SourceTree, response: NDArray[np.float64]) -> None:
    """Put what all blocks of receptors share into one file that workers read."""
    with path.open("wb") as file:
        np.savez(file, response=response, **vars(tree))


def disperse_year(slab: AnnualSlab) -> None:
    """Write the annual means of a block of receptors."""
    with np.load(slab.model, allow_pickle=False) as saved:
        tree = SourceTree(**{name: saved[name] for name in saved.files if name != "response"})
        response = saved["response"]
    places = slab.receptors
    found = long_term_mean(tree, response, places.x, places.y, slab.opening).concentration_ug_m3
    parts = [
        _year(slab, found[:, part], slab.background.at(places.x[part], places.y[part]))
        for part in (slice(k, k + _PLACES) for k in range(0, places.x.size, _PLACES))
    ]
    means = AirMeans(*(np.concatenate(same) for same in zip(*parts, strict=True)))
    write_means(slab.carbon, places, means)


def _year(slab: AnnualSlab, road: NDArray[np.float64], background: NDArray[np.float64]) -> AirMeans:
    """Means of a few places from [class, place, gas] and [hour, place, gas]."""
    hourly = road[slab.hour_class] * slab.hour_strength[:, None, None]
    before = no2_ug_m3(background[:, :, 0])
    after = no2_ug_m3(background[:, :, 0] + hourly[:, :, 0])
    weight = slab.hour_weight[:, None]
    still, added = [], []
    for hours, more in (
        (background[:, :, 0], hourly[:, :, 0]),
        (before, after - before),
        (background[:, :, 1], hourly[:, :, 1]),
    ):
        still.append((weight * hours).sum(axis=0))
        added.append((weight * more).sum(axis=0))
    base, roads = np.stack(still, axis=1), np.stack(added, axis=1)
    return AirMeans(base, roads, base + roads)
