"""The night's day: which hours it has, which period's traffic drives in each, and its weather."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.store.variables import QUALITY_FLAGS

_GOOD = QUALITY_FLAGS.index("good")
_FLAG_OF = {
    "wind_speed_m_s": "wind_speed_flag",
    "wind_from_deg": "wind_from_flag",
    "mixing_height_m": "mixing_height_flag",
    "stability_class": "stability_flag",
}


@dataclass(frozen=True)
class Weather:
    """Weather of the hours that have any."""

    hour: NDArray[np.int64]
    """[n], index of the hour in the day."""
    table: pd.DataFrame
    """A row each of them: wind_speed_m_s, wind_from_deg, mixing_height_m, stability_class."""
    missing: int
    """Hours of the day in which one of them is missing or flagged: left out of the mean of the day."""
    calm: int
    """Hours with wind below the least speed."""


def weather_of(weather: xr.Dataset, hours: NDArray[np.int64], minimum_wind_m_s: float) -> Weather:
    """Weather of each of some hours.

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
        When none of the hours has weather: a concentration would then have no meaning.
    """
    time = weather["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    feed = pd.DataFrame({n: weather[n].to_numpy() for n in _FLAG_OF}, index=time)
    feed["good"] = np.logical_and.reduce([weather[f].to_numpy() == _GOOD for f in _FLAG_OF.values()])
    table = feed.reindex(hours)
    good = table.pop("good").eq(True).to_numpy()  # an hour that the store lacks is not
    if not good.any():
        raise InputError(
            f"weather.zarr: no hour of the {hours.size} from {np.datetime64(int(hours[0]), 'h')}Z has weather that "
            "is whole and good; give a weather feed that covers the night"
        )
    kept = table[good].reset_index(drop=True)
    calm = int((kept["wind_speed_m_s"] < minimum_wind_m_s).sum())
    return Weather(np.flatnonzero(good), kept, int((~good).sum()), calm)
