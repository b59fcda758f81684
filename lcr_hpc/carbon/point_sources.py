"""Large installations: what the spine says they emitted, by district."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.carbon.units import T_PER_KT


@dataclass(frozen=True)
class PointSources:
    """CO2 of large installations."""

    co2_kt: NDArray[np.float64]
    """[district], kt a year."""
    years: tuple[int, ...]
    """Years that the installations' emissions are of."""
    installations: int
    left_out_kt: float
    """What the sectors that were to be left out emit in these districts."""
    elsewhere: int
    """Installations whose district is none of the store's: they are in no sum."""


def point_sources(reference: xr.Dataset, n_district: int, leave_out: tuple[str, ...] = ()) -> PointSources:
    """Add up the spine's installations by district.

    Parameters
    ----------
    reference : xarray.Dataset
        site_sector, site_district, site_year and site_co2_t_year of the store `reference`.
    n_district : int
        Number of districts of the areas store.
    leave_out : tuple of str
        Sectors that are not counted: power stations, where electricity is counted where it is used.
    """
    home = reference["site_district"].to_numpy()
    kt = reference["site_co2_t_year"].to_numpy() / T_PER_KT
    inside = home >= 0
    counted = inside & ~np.array([str(s) in leave_out for s in reference["site_sector"].to_numpy()], dtype=bool)
    co2 = np.zeros(n_district)
    np.add.at(co2, home[counted], kt[counted])
    years = tuple(sorted({int(y) for y in reference["site_year"].to_numpy()[counted]}))
    return PointSources(co2, years, int(counted.sum()), float(kt[inside & ~counted].sum()), int((~inside).sum()))
