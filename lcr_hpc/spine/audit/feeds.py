"""What is audited: the stores of observations, their quantities, and where their sites are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
import xarray as xr

from lcr_hpc.spine.ingest.flags import FLAG_OF
from lcr_hpc.store.variables import REGISTRY, SENSOR_KINDS

NEAR_M = 2000.0
"""A site farther than this from every area is beyond the region"""


@dataclass(frozen=True)
class Feed:
    """One store of observations."""

    store: str
    site: str
    """Site dimension; "" = the whole region is one site"""
    values: tuple[str, ...]

    @property
    def uses(self) -> tuple[str, ...]:
        """Variables that the audit reads, of those that the store may have."""
        places = {"msoa": ("msoa",)}.get(
            self.site, (self.site, f"{self.site}_x", f"{self.site}_y") if self.site else ()
        )
        kinds = ("pollutant", "sensor_kind") if self.store == "air" else ()
        flags = tuple(FLAG_OF[v] for v in self.values if FLAG_OF.get(v) in REGISTRY[self.store])
        return ("time", *places, *kinds, *self.values, *flags)


FEEDS = (
    Feed("counts", "detector", ("flow_veh_h",)),
    Feed("air", "sensor", ("concentration_ug_m3",)),
    Feed("weather", "",
         ("wind_speed_m_s", "wind_from_deg", "air_temperature_c", "mixing_height_m", "stability_class")),
    Feed("energy", "msoa", ("electricity_kwh",)),
)  # fmt: skip
AREAS_USE = ("area", "msoa", "area_msoa", "area_district", "district", "district_name", "boundary_x", "boundary_y",
             "boundary_ring_offset", "boundary_polygon_offset", "boundary_area_offset", "population",
             "deprivation_rank")  # fmt: skip


@dataclass(frozen=True)
class Quantity:
    """One quantity of a feed over the hours that were read."""

    name: str
    units: str
    value: npt.NDArray[np.float64]
    """[hour, site]; NaN = no number"""
    good: npt.NDArray[np.bool_]
    """[hour, site]: a number, and no flag"""
    expected: npt.NDArray[np.bool_]
    """[site], whether the site is to report it"""

    @property
    def circular(self) -> bool:
        """Whether it is a direction, which has no mean nor order."""
        return self.units == "degree"


def quantities(feed: Feed, part: xr.Dataset) -> list[Quantity]:
    """Quantities of a part of a store: one a variable, or one a pollutant."""
    found = []
    for name in feed.values:
        raw = part[name].to_numpy()
        number = ~np.isnan(raw) if raw.dtype.kind == "f" else raw >= 0
        flag = FLAG_OF.get(name)
        good = number & (part[flag].to_numpy() == 0) if flag in part else number
        value = np.where(number, raw, np.nan).astype(np.float64)
        units = REGISTRY[feed.store][name].units
        if feed.store != "air":
            label = name.removesuffix(f"_{units}") if not feed.site else name.split("_")[0]
            flat = (len(raw), -1)
            one = [Quantity(_plain(label), units, value.reshape(flat), good.reshape(flat), np.ones(1, dtype=bool))]
        else:
            one = [
                Quantity(str(p), units, value[:, :, k], good[:, :, k], _measures(part, str(p), number[:, :, k]))
                for k, p in enumerate(part["pollutant"].to_numpy())
            ]
        found += [Quantity(q.name, q.units, q.value, q.good, np.resize(q.expected, q.value.shape[1])) for q in one]
    return found


def district_of_sites(feed: Feed, part: xr.Dataset, areas: xr.Dataset) -> npt.NDArray[np.int64]:
    """District of each site: of the area that holds it, else of the nearest within 2 km, else −1."""
    if not feed.site:
        return np.full(1, -1, dtype=np.int64)
    district = areas["area_district"].to_numpy().astype(np.int64)
    if feed.site == "msoa":
        of_msoa = dict(zip(areas["msoa"].to_numpy()[areas["area_msoa"].to_numpy()].tolist(), district, strict=True))
        return np.array([of_msoa.get(str(m), -1) for m in part["msoa"].to_numpy()], dtype=np.int64)
    x, y = (part[f"{feed.site}_{axis}"].to_numpy() for axis in "xy")
    corners = np.column_stack([areas["boundary_x"], areas["boundary_y"]])
    offsets = tuple(areas[f"boundary_{edge}_offset"].to_numpy() for edge in ("ring", "polygon", "area"))
    polygons: Any = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, corners, offsets)
    found = np.full(len(x), -1, dtype=np.int64)
    point, area = shapely.STRtree(polygons).query_nearest(shapely.points(x, y), max_distance=NEAR_M, all_matches=False)
    found[point] = district[area]
    return found


def _measures(part: xr.Dataset, pollutant: str, number: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Stations are to report every pollutant; low-cost sensors PM2.5, as their table says, and what they ever did."""
    low_cost = part["sensor_kind"].to_numpy() == SENSOR_KINDS.index("low_cost")
    measures: npt.NDArray[np.bool_] = ~low_cost | (pollutant == "PM2.5") | number.any(axis=0)
    return measures


def _plain(name: str) -> str:
    for unit in ("_m_s", "_deg", "_c", "_m"):
        name = name.removesuffix(unit)
    return name.replace("_", " ")
