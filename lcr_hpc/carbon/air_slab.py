"""What a worker does of the air: hours of NOx, NO2 and PM2.5 at a block of receptors, and their mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lcr_hpc.carbon.air import line_source_concentration
from lcr_hpc.carbon.background import Background
from lcr_hpc.carbon.curves import POLLUTANTS
from lcr_hpc.carbon.no2 import no2_ug_m3
from lcr_hpc.carbon.sources import NETWORK_VARIABLES, road_sources
from lcr_hpc.store.slabs import open_store, write_slab

EMITTED = ("NOx", "PM2.5")
"""Pollutants that are dispersed; NO2 follows from the total NOx of each hour."""
AIR_POLLUTANTS = ("NOx", "NO2", "PM2.5")


@dataclass(frozen=True)
class Receptors:
    """Places on the ground, and where in the store their values go."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    region: Mapping[str, slice]
    variables: tuple[str, ...]
    """Names in the store of background, road increment and concentration; the first two may be left out."""
    shape: tuple[int, ...]
    """Of the places in the store: [area], or [y, x]."""


@dataclass(frozen=True)
class AirSlab:
    """The day's concentrations of one block of receptors."""

    network: Path
    carbon: Path
    receptors: Receptors
    hour: NDArray[np.int64]
    """[n], indices into the day of the hours that have weather."""
    weather: pd.DataFrame
    """A row each of those hours, of `surface_layer`."""
    background: Background
    """Of those hours."""
    dispersion: str
    height_m: float
    sigma_z0_m: float
    cutoff_m: float


class AirMeans(NamedTuple):
    """Means over hours, each float64[place, pollutant] in the order of `AIR_POLLUTANTS`, µg/m³."""

    background: NDArray[np.float64]
    road: NDArray[np.float64]
    concentration: NDArray[np.float64]


def disperse(slab: AirSlab) -> None:
    """Write the day's means of a block of receptors."""
    places = slab.receptors
    increment = hourly_increment(slab, places.x, places.y)
    write_means(slab.carbon, places, mean_air(increment, slab.background.at(places.x, places.y)))


def hourly_increment(
    slab: AirSlab, x: NDArray[np.float64], y: NDArray[np.float64], *, cutoff_m: float | None = None
) -> NDArray[np.float64]:
    """What all roads within the cut-off add, float64[hour, place, `EMITTED`], µg/m³; connectors are no roads.

    Parameters
    ----------
    slab : AirSlab
        What to compute with; its receptors are not used.
    x, y : ndarray
        float64[place], m.
    cutoff_m : float, optional
        In place of the slab's.
    """
    sources = road_sources(open_store(slab.network, "network", NETWORK_VARIABLES))
    if not len(sources.ends):
        return np.zeros((slab.hour.size, x.size, len(EMITTED)))
    emission = open_store(slab.carbon, "carbon", ["emission_g_h"])["emission_g_h"]
    wanted = [POLLUTANTS.index(p) for p in EMITTED]
    strength = sources.strength_g_m_s(emission.to_numpy()[slab.hour][:, :, wanted])
    cutoff = slab.cutoff_m if cutoff_m is None else cutoff_m
    return line_source_concentration(
        sources.table(slab.height_m, slab.sigma_z0_m),
        {"x": x, "y": y, "z": np.zeros(x.size)},
        slab.weather,
        strength,
        slab.dispersion,
        cutoff_m=np.inf if slab.dispersion == "rline" else cutoff,
    )


def mean_air(increment: NDArray[np.float64], background: NDArray[np.float64]) -> AirMeans:
    """Means of some hours, with the NO2 of each hour from its total NOx.

    Parameters
    ----------
    increment, background : ndarray
        float64[hour, place, `EMITTED`], µg/m³.
    """
    total = background + increment
    before, after = no2_ug_m3(background[:, :, 0]), no2_ug_m3(total[:, :, 0])
    still = np.stack([background[:, :, 0], before, background[:, :, 1]], axis=2).mean(axis=0)
    mixed = np.stack([total[:, :, 0], after, total[:, :, 1]], axis=2).mean(axis=0)
    road = np.stack([increment[:, :, 0], after - before, increment[:, :, 1]], axis=2).mean(axis=0)
    return AirMeans(still, road, mixed)


def write_means(carbon: Path, places: Receptors, means: AirMeans) -> None:
    """Write a block's means to the store."""
    shape = (*places.shape, len(AIR_POLLUTANTS))
    values = dict(zip(places.variables, [m.reshape(shape) for m in means][-len(places.variables) :], strict=True))
    write_slab(carbon, "carbon", places.region, values)
