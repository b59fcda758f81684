"""The night held against published figures: one row a place and measure, both years named, and why a row is off.

The published side comes from the store `reference`, the other from the models' stores; no figure is typed in here. A
day is brought to a year by the trips of each day type, electricity by the number of days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from lcr_hpc.publish.columns import Column
from lcr_hpc.publish.comparison_access import SURGERY_INDICATOR, surgery_distance_km
from lcr_hpc.publish.comparison_rows import (
    Districts,
    Row,
    access_rows,
    co2_rows,
    electricity_rows,
    health_rows,
    traffic_rows,
)
from lcr_hpc.publish.day import hours_in_periods
from lcr_hpc.publish.inputs import Inputs, position
from lcr_hpc.store.calendar import day_type, hours_of_day
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import open_store
from lcr_hpc.store.variables import ROAD_CLASSES

Floats = NDArray[np.float64]

CLOSE, FAR = 10.0, 25.0
"""Per cent: up to the one a row is close, beyond the other far off"""

COMPARISON_USE = {
    "areas": (
        "district",
        "district_name",
        "msoa",
        "msoa_name",
        "population",
        "deprivation_rank",
        "area_x",
        "area_y",
        "area_district",
    ),
    "network": ("node_x", "node_y", "from_node", "to_node", "length_m", "road_class", "link_district"),
    "demand": ("trips_veh_day", "day_type", "hourly_share"),
    "traffic": ("period", "hour_period", "link_flow_veh_h"),
    "carbon": ("pollutant", "district_emission_t_day"),
    "energy": ("time", "msoa", "electricity_kwh"),
    "services": ("service_kind", "service_x", "service_y"),
    "health": ("attribute", "attribute_units", "ranked_by", "sii", "sii_lower", "sii_upper", "decile_mean", "decile"),
    "reference": ("figure", "figure_place", "figure_year", "figure_value", "indicator", "indicator_value"),
}
C = Column
COMPARISON = (
    C("section", "str", "", "What is compared"),
    C("place", "str", "", "District, MSOA, deprivation decile (1 = most deprived), or all"),
    C("measure", "str", "", "What the numbers are"),
    C("units", "str", "", "Unit of modelled, its limits and published"),
    C("modelled", "float64", "1", "The night's, brought to a year where the unit says so; empty = none"),
    C("lower", "float64", "1", "Lower limit; empty = none"),
    C("upper", "float64", "1", "Upper limit; empty = none"),
    C("modelled_year", "str", "", "Year that the modelled figure is about"),
    C("published", "float64", "1", "The published figure; empty = none at hand"),
    C("published_year", "str", "", "Year that it is about"),
    C("difference_percent", "float64", "%", "Modelled over published, less one"),
    C("verdict", "str", "", "scaled to it; close (within 10 %), off, far off (beyond 25 %); empty = nothing published"),
    C("why", "str", "", "What is known of the difference"),
)


def has_published(layout: Layout) -> bool:
    """Whether the night has published figures to be held against."""
    return _has(layout, "figure")


def has_both_censuses(layout: Layout) -> bool:
    """Whether the night knows which areas of 2021 those of 2011 became."""
    return _has(layout, "change")


def comparison(inputs: Inputs) -> pd.DataFrame:
    """Make the table: traffic, CO2, electricity, life expectancy, burden and access."""
    areas, reference = inputs["areas"], inputs["reference"]
    figures, night = figure_table(reference), inputs.night
    districts = _districts(inputs, areas)
    factor = inputs.attribute("demand", "demand_factor")
    rows = traffic_rows(districts, figures, night.year, float(factor) if isinstance(factor, float) else None)
    rows += co2_rows(districts, figures, night.year)
    msoas, names = ([str(v) for v in areas[n].to_numpy()] for n in ("msoa", "msoa_name"))
    rows += electricity_rows(msoas, names, electricity_kwh_year(inputs["energy"], night), figures, night.year)
    rows += health_rows(inputs["health"], night.year)
    indicators = [str(i) for i in reference["indicator"].to_numpy()]
    if SURGERY_INDICATOR in indicators:
        theirs = reference["indicator_value"].to_numpy()[:, indicators.index(SURGERY_INDICATOR)]
        ours = surgery_distance_km(areas, inputs["network"], inputs["services"])
        people = areas["population"].to_numpy().sum(axis=1).astype(np.float64)
        rows += access_rows(ours, theirs, areas["deprivation_rank"].to_numpy(), people, night.year)
    return table_of(rows)


def table_of(rows: Iterable[Row]) -> pd.DataFrame:
    """Rows with difference and verdict, in the declared columns."""
    frame = pd.DataFrame(list(rows), columns=list(Row._fields))
    ours, theirs = (frame[c].to_numpy(np.float64) for c in ("modelled", "published"))
    comparable = np.isfinite(ours) & (theirs != 0) & np.isfinite(theirs)
    off = np.full(len(frame), np.nan)
    off[comparable] = 100.0 * (ours[comparable] / theirs[comparable] - 1.0)
    frame["difference_percent"] = off
    frame["verdict"] = [verdict(d, scaled=bool(s)) for d, s in zip(off, frame["scaled"], strict=True)]
    return frame[[c.name for c in COMPARISON]]


def verdict(difference_percent: float, *, scaled: bool = False) -> str:
    """Say in a word how far off a figure is."""
    if not np.isfinite(difference_percent):
        return ""
    if scaled:
        return "scaled to it"
    off = abs(difference_percent)
    return "close" if off <= CLOSE else "off" if off <= FAR else "far off"


def figure_table(reference: xr.Dataset) -> pd.Series:
    """Published figures, float64, by figure, year and place."""
    keys = [
        reference["figure"].to_numpy().astype(object),
        reference["figure_year"].to_numpy().astype(np.int64),
        reference["figure_place"].to_numpy().astype(object),
    ]
    return pd.Series(reference["figure_value"].to_numpy(), index=pd.MultiIndex.from_arrays(keys)).sort_index()


def days_in_a_year(demand: xr.Dataset, night: dt.date) -> float:
    """Days like this one that its year has: the year's trips over this day's, by the demand of each day type."""
    trips = demand["trips_veh_day"].to_numpy().sum(axis=1)
    of_type = (demand["hourly_share"].to_numpy().sum(axis=2) * trips).sum(axis=1)
    names = [str(d) for d in demand["day_type"].to_numpy()]
    first = dt.date(night.year, 1, 1)
    types = [day_type(first + dt.timedelta(days=k)) for k in range(_days(night.year))]
    return float(sum(of_type[names.index(t)] for t in types) / of_type[names.index(day_type(night))])


def electricity_kwh_year(energy: xr.Dataset, night: dt.date) -> Floats:
    """The day's electricity as if every day of the year were like it, float64[msoa]; NaN where an hour is missing."""
    hours = hours_of_day(night)
    there = np.isin(energy["time"].to_numpy().astype("datetime64[h]").astype(np.int64), hours)
    day = energy["electricity_kwh"].to_numpy()[there]
    if len(day) != len(hours):
        return np.full(day.shape[1], np.nan)
    total: Floats = day.sum(axis=0) * _days(night.year)
    return total


def _has(layout: Layout, dim: str) -> bool:
    if not layout.manifest("reference").is_file():
        return False
    return bool(open_store(layout.store("reference"), "reference", [dim]).sizes[dim])


def _days(year: int) -> int:
    return (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days


def _gates(inputs: Inputs, areas: xr.Dataset, network: xr.Dataset) -> NDArray[np.int64]:
    """Zones after the areas are gates; each counts for the district of the area nearest to it."""
    n, zones = areas.sizes["area"], inputs.attribute("network", "n_zones")
    at = [network[v].to_numpy()[n : zones if isinstance(zones, int) else n] for v in ("node_x", "node_y")]
    _, nearest = cKDTree(np.column_stack([areas["area_x"], areas["area_y"]])).query(np.column_stack(at))
    found: NDArray[np.int64] = np.bincount(
        areas["area_district"].to_numpy()[nearest], minlength=areas.sizes["district"]
    ).astype(np.int64)
    return found


def _districts(inputs: Inputs, areas: xr.Dataset) -> Districts:
    """Vehicle-km by the district of a link's midpoint, without connectors, and the CO2 of all links."""
    network, traffic, carbon = inputs["network"], inputs["traffic"], inputs["carbon"]
    hours = hours_in_periods(inputs.night, traffic["hour_period"].to_numpy(), traffic.sizes["period"])
    flow = traffic["link_flow_veh_h"].to_numpy().sum(axis=1)
    km = (hours[:, None] * flow).sum(axis=0) * network["length_m"].to_numpy() / 1000.0
    road, home, n = network["road_class"].to_numpy(), network["link_district"].to_numpy(), areas.sizes["district"]
    inside = (home >= 0) & (road != ROAD_CLASSES.index("connector"))
    fast = inside & (road == ROAD_CLASSES.index("motorway"))
    whole, motorway = (np.bincount(home[m], km[m], n) for m in (inside, fast))
    per_year = days_in_a_year(inputs["demand"], inputs.night)
    co2 = carbon["district_emission_t_day"].to_numpy()[:, position(carbon, "pollutant", "CO2")]
    return Districts(
        [str(c) for c in areas["district"].to_numpy()],
        [str(c) for c in areas["district_name"].to_numpy()],
        np.asarray(whole * per_year, np.float64),
        np.divide(motorway, whole, out=np.zeros(n, np.float64), where=whole > 0),
        co2 * per_year / 1000.0,
        _gates(inputs, areas, network),
    )
