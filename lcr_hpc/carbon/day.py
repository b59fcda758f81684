"""The night's day: which hours it has, which period's traffic drives in each, and its weather."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.store.calendar import clock_hours, day_type, hours_of_day


@dataclass(frozen=True)
class Weather:
    """Weather of the hours that have any."""

    hour: NDArray[np.int64]
    """[n], index of the hour in the day."""
    table: pd.DataFrame
    """A row each of them: wind_speed_m_s, wind_from_deg, mixing_height_m, stability_class."""
    missing: int
    """Hours of the day without whole weather: left out of the mean of the day."""
    calm: int
    """Hours with wind below the least speed."""


def period_of_hours(traffic: xr.Dataset, night: dt.date) -> NDArray[np.int64]:
    """Index of the period of traffic that drives in each hour of the civil day, int64[hour]: those of its type of day.

    Parameters
    ----------
    traffic : xarray.Dataset
        The traffic store.
    night : datetime.date
        The day.
    """
    row = [str(d) for d in traffic["day_type"].to_numpy()].index(day_type(night))
    period: NDArray[np.int64] = (
        traffic["hour_period"].to_numpy()[row][clock_hours(hours_of_day(night))].astype(np.int64)
    )
    return period


def weather_of_day(weather: xr.Dataset, hours: NDArray[np.int64], minimum_wind_m_s: float) -> Weather:
    """Weather of each hour of the day.

    Parameters
    ----------
    weather : xarray.Dataset
        The weather store, `time` decoded.
    hours : ndarray
        int64[hour], hours since 1970.
    minimum_wind_m_s : float
        Winds below it count as calm.

    Raises
    ------
    InputError
        When no hour of the day has weather: a concentration would then have no meaning.
    """
    time = weather["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    names = ("wind_speed_m_s", "wind_from_deg", "mixing_height_m", "stability_class")
    feed = pd.DataFrame({n: weather[n].to_numpy() for n in names}, index=time)
    table = feed.reindex(hours)
    good = (
        np.isfinite(table[list(names)].to_numpy(dtype=np.float64)).all(axis=1)
        & (table["stability_class"] >= 0).to_numpy()
    )
    if not good.any():
        raise InputError(
            f"weather.zarr: no hour of the {hours.size} from {np.datetime64(int(hours[0]), 'h')}Z has whole weather; "
            "give a weather feed that covers the night"
        )
    kept = table[good].reset_index(drop=True)
    calm = int((kept["wind_speed_m_s"] < minimum_wind_m_s).sum())
    return Weather(np.flatnonzero(good), kept, int((~good).sum()), calm)


def background_of_day(
    air: xr.Dataset, hours: NDArray[np.int64], pollutants: tuple[str, ...], configured: dict[str, float]
) -> dict[str, float]:
    """Background of each pollutant: mean of the day's good values at background sites, else the configured one.

    Parameters
    ----------
    air : xarray.Dataset
        The air store, `time` decoded.
    hours : ndarray
        int64[hour], hours since 1970.
    pollutants : tuple of str
        Those that a concentration is wanted of.
    configured : dict
        `carbon.background_ug_m3`, used where the feed has none.

    Raises
    ------
    InputError
        Naming every pollutant that neither has.
    """
    time = air["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    today = np.isin(time, hours)
    kinds = air["sensor_kind"]
    background = kinds.to_numpy() == str(kinds.attrs["flag_meanings"]).split().index("background")
    flag = air["concentration_flag"]
    good = str(flag.attrs["flag_meanings"]).split().index("good")
    values = air["concentration_ug_m3"].to_numpy()[today][:, background].astype(np.float64)
    usable = (flag.to_numpy()[today][:, background] == good) & np.isfinite(values)
    found: dict[str, float] = {}
    known = [str(p) for p in air["pollutant"].to_numpy()]
    for name in pollutants:
        if name in known and usable[..., known.index(name)].any():
            found[name] = float(values[..., known.index(name)][usable[..., known.index(name)]].mean())
        elif name in configured:
            found[name] = configured[name]
    if missing := [name for name in pollutants if name not in found]:
        raise InputError(
            f"air.zarr has no good value of {', '.join(missing)} at a background site on the night's day; "
            "give an air feed that has, or set carbon.background_ug_m3",
            field="background_ug_m3",
        )
    return found
