"""The air that the roads' emissions mix into: measured at background sites, hour by hour, spread over the region."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.errors import InputError

NEAREST_M = 500.0
"""A site nearer than this weighs no more than at this distance: it speaks for its surroundings, not for its spot."""


@dataclass(frozen=True)
class Background:
    """Good values of the background sites that have any, and where they stand."""

    pollutants: tuple[str, ...]
    hourly_ug_m3: NDArray[np.float64]
    """[hour, site, pollutant]; NaN = no good value."""
    x: NDArray[np.float64]
    """[site], easting, m."""
    y: NDArray[np.float64]
    filled: dict[str, int]
    """Hours by pollutant that no site has a good value of: they take each site's mean, or the configured value."""

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Background at places, float64[hour, place, pollutant], µg/m³: inverse squared distance to the sites.

        Each hour weighs the sites that have a good value in it, added in the order of the store.
        """
        nearest = NEAREST_M**2
        total = np.zeros((self.hourly_ug_m3.shape[0], x.size, len(self.pollutants)))
        weight = np.zeros_like(total)
        for site in range(self.x.size):
            share = 1.0 / np.maximum((x - self.x[site]) ** 2 + (y - self.y[site]) ** 2, nearest)
            value = self.hourly_ug_m3[:, site]
            good = np.isfinite(value)
            total += np.where(good, value, 0.0)[:, None, :] * share[None, :, None]
            weight += good[:, None, :] * share[None, :, None]
        return np.asarray(total / weight, dtype=np.float64)


def background_of(
    air: xr.Dataset, hours: NDArray[np.int64], pollutants: tuple[str, ...], configured: dict[str, float]
) -> Background:
    """Good values of each pollutant at background sites in some hours.

    Parameters
    ----------
    air : xarray.Dataset
        The air store, `time` decoded.
    hours : ndarray
        int64[hour], hours since 1970.
    pollutants : tuple of str
        Those that a concentration is wanted of.
    configured : dict
        `carbon.background_ug_m3`, used for a pollutant that no site has a good value of in all the hours.

    Raises
    ------
    InputError
        Naming every pollutant that neither has; configured values below 0.
    """
    if wrong := [name for name, value in configured.items() if not value >= 0]:
        raise InputError(
            f"carbon.background_ug_m3: {', '.join(wrong)} is below 0; wanted µg/m³", field="background_ug_m3"
        )
    values = _good_values(air, hours, pollutants)
    missing, filled = [], {}
    for k, name in enumerate(pollutants):
        mine = values[:, :, k]
        silent = ~np.isfinite(mine).any(axis=1)
        if silent.all() and name in configured:
            mine[:] = configured[name]
        elif silent.all():
            missing.append(name)
        elif silent.any():
            filled[name] = int(silent.sum())
            count = np.isfinite(mine).sum(axis=0)
            mean = np.divide(np.nansum(mine, axis=0), count, out=np.full(count.size, np.nan), where=count > 0)
            mine[silent] = mean
    if missing:
        raise InputError(
            f"air.zarr has no good value of {', '.join(missing)} at a background site in the {hours.size} hours from "
            f"{np.datetime64(int(hours[0]), 'h')}Z; give an air feed that has, or set carbon.background_ug_m3",
            field="background_ug_m3",
        )
    x, y = _places(air)
    return Background(pollutants, values, x, y, filled)


def _sites(air: xr.Dataset) -> NDArray[np.bool_]:
    kind = air["sensor_kind"]
    mine: NDArray[np.bool_] = kind.to_numpy() == str(kind.attrs["flag_meanings"]).split().index("background")
    return mine


def _places(air: xr.Dataset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the sites stand; without any, one place from which a configured value holds everywhere."""
    mine = _sites(air)
    if not mine.any():
        return np.zeros(1), np.zeros(1)
    return air["sensor_x"].to_numpy()[mine], air["sensor_y"].to_numpy()[mine]


def _good_values(air: xr.Dataset, hours: NDArray[np.int64], pollutants: tuple[str, ...]) -> NDArray[np.float64]:
    """[hour, site, pollutant] of the wanted hours: NaN where there is no good value."""
    mine, known = _sites(air), [str(p) for p in air["pollutant"].to_numpy()]
    out = np.full((hours.size, max(int(mine.sum()), 1), len(pollutants)), np.nan)
    if not mine.any():
        return out
    time = air["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    inside = np.isin(time, hours)
    row = np.searchsorted(hours, time[inside])
    flag = air["concentration_flag"]
    good = str(flag.attrs["flag_meanings"]).split().index("good")
    flags = flag.isel(time=inside, sensor=mine).to_numpy()
    values = air["concentration_ug_m3"].isel(time=inside, sensor=mine).to_numpy().astype(np.float64)
    values[flags != good] = np.nan
    for k, name in enumerate(pollutants):
        if name in known:
            out[row, :, k] = values[:, :, known.index(name)]
    return out
