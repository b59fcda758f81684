"""Tables of roads: links, periods, districts and the emission grid."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.publish.day import hours_in_periods
from lcr_hpc.publish.inputs import Inputs, position
from lcr_hpc.store.variables import DAY_TYPES, ROAD_CLASSES

CRS = "EPSG:27700"
Floats = NDArray[np.float64]

LINKS_USE = {
    "areas": ("district",),
    "network": ("node_x", "node_y", "link", "from_node", "to_node", "length_m", "free_flow_time_min", "capacity_veh_h",
                "lanes", "road_class", "link_district"),
    "traffic": ("period", "hour_period", "link_flow_veh_h", "link_time_min"),
    "carbon": ("pollutant", "emission_g_h"),
}  # fmt: skip
PERIODS_USE = {
    "traffic": ("period", "period_day_type", "hour_period", "demand_veh_h", "intrazonal_veh_h", "unreachable_veh_h",
                "vehicle_km_h", "relative_gap", "iterations", "geh"),
}  # fmt: skip
DISTRICTS_USE = {
    "areas": ("district", "district_name", "area_district", "population"),
    "network": ("length_m", "road_class", "link_district"),
    "traffic": ("period", "hour_period", "link_flow_veh_h"),
    "carbon": ("pollutant", "district_emission_t_day", "outside_emission_t_day"),
}
GRID_USE = {"carbon": ("pollutant", "x", "y", "gridded_emission_kg_day")}


def links(inputs: Inputs) -> pd.DataFrame:
    """Traffic and emissions by directed link, straight lines in EPSG:27700, in the network's order."""
    network, traffic, carbon = inputs["network"], inputs["traffic"], inputs["carbon"]
    district = np.append(inputs["areas"]["district"].to_numpy().astype(object), "")
    day, peak = _flows(inputs, traffic)
    own = np.flatnonzero(_hours(inputs, traffic) > 0.0)
    slowness = _times_free_flow(traffic, network)[own]
    with np.errstate(invalid="ignore"):
        ratio = 1.0 / slowness.max(axis=0)
    labels = np.append(traffic["period"].to_numpy()[own].astype(object), "")
    slowest = np.where(np.isfinite(ratio), slowness.argmax(axis=0), labels.size - 1)
    emission = {p: _day_total_g(carbon, p) for p in ("CO2", "NOx", "PM2.5")}

    x, y = network["node_x"].to_numpy(), network["node_y"].to_numpy()
    ends = np.stack([network["from_node"].to_numpy(), network["to_node"].to_numpy()], axis=1)
    return gpd.GeoDataFrame(
        {
            "link": network["link"].to_numpy(),
            "road_class": np.array(ROAD_CLASSES, dtype=object)[network["road_class"].to_numpy()],
            "district": district[network["link_district"].to_numpy()],
            "length_m": network["length_m"].to_numpy(),
            "lanes": network["lanes"].to_numpy(),
            "capacity_veh_h": network["capacity_veh_h"].to_numpy(),
            "flow_veh_day": day,
            "peak_flow_veh_h": peak,
            "lowest_speed_ratio": ratio,
            "slowest_period": labels[slowest],
            "co2_kg_day": emission["CO2"] / 1000.0,
            "nox_g_day": emission["NOx"],
            "pm2_5_g_day": emission["PM2.5"],
        },
        geometry=shapely.linestrings(np.stack([x[ends], y[ends]], axis=-1)),
        crs=CRS,
    )


def periods(inputs: Inputs) -> pd.DataFrame:
    """Demand, vehicle-kilometres, convergence and fit to counts of each period."""
    traffic = inputs["traffic"]
    geh = traffic["geh"].to_numpy()
    compared = np.isfinite(geh).sum(axis=1)
    good = (geh < 5.0).sum(axis=1)
    names = ("demand_veh_h", "intrazonal_veh_h", "unreachable_veh_h", "vehicle_km_h", "relative_gap", "iterations")
    return pd.DataFrame(
        {
            "period": traffic["period"].to_numpy(),
            "day_type": np.array(DAY_TYPES, dtype=object)[traffic["period_day_type"].to_numpy()],
            "hours_h": _hours(inputs, traffic),
        }
        | {name: traffic[name].to_numpy() for name in names}
        | {
            "detectors_compared": compared,
            "geh_below_5_share": np.divide(good, compared, out=np.full(compared.size, np.nan), where=compared > 0),
        }
    )


def districts(inputs: Inputs) -> pd.DataFrame:
    """Residents, vehicle-kilometres and emissions of each district, and of the roads outside all of them."""
    areas, network, carbon = inputs["areas"], inputs["network"], inputs["carbon"]
    n = areas.sizes["district"]
    residents = areas["population"].to_numpy().sum(axis=1)
    vehicle_km = _flows(inputs, inputs["traffic"])[0] * network["length_m"].to_numpy() / 1000.0
    vehicle_km[network["road_class"].to_numpy() == ROAD_CLASSES.index("connector")] = 0.0
    home = network["link_district"].to_numpy()
    frame = pd.DataFrame(
        {
            "district": [*areas["district"].to_numpy(), ""],
            "district_name": [*areas["district_name"].to_numpy(), "outside every district"],
            "population_persons": np.bincount(areas["area_district"].to_numpy(), residents, n + 1).astype(np.int64),
            "vehicle_km_day": np.bincount(np.where(home < 0, n, home), vehicle_km, n + 1),
        }
    )
    for pollutant, column in (("CO2", "co2_t_day"), ("NOx", "nox_t_day"), ("PM2.5", "pm2_5_t_day")):
        k = position(carbon, "pollutant", pollutant)
        inside, outside = carbon["district_emission_t_day"].to_numpy()[:, k], carbon["outside_emission_t_day"]
        frame[column] = np.append(inside, outside.to_numpy()[k])
    return frame


def grid(inputs: Inputs) -> pd.DataFrame:
    """Emissions by cell, row after row from the south-west; cells without any are left out."""
    carbon = inputs["carbon"]
    cells = carbon["gridded_emission_kg_day"].to_numpy()
    row, column = np.nonzero((cells > 0.0).any(axis=0))
    x, y = carbon["x"].to_numpy(), carbon["y"].to_numpy()
    half = 0.5 * _cell_side(inputs, x, y)
    values: dict[str, Any] = {"x_m": x[column], "y_m": y[row]}
    for pollutant, name in (("CO2", "co2_kg_day"), ("NOx", "nox_kg_day"), ("PM2.5", "pm2_5_kg_day")):
        values[name] = cells[position(carbon, "pollutant", pollutant), row, column]
    box = shapely.box(x[column] - half, y[row] - half, x[column] + half, y[row] + half)
    return gpd.GeoDataFrame(values, geometry=box, crs=CRS)


def _flows(inputs: Inputs, traffic: xr.Dataset) -> tuple[Floats, Floats]:
    """Vehicles of the civil day, and of its busiest period per hour."""
    flow = traffic["link_flow_veh_h"].to_numpy().sum(axis=1)
    day = np.zeros(flow.shape[1])
    # A matrix product would sum in an order that depends on the number of threads.
    hours = _hours(inputs, traffic)
    for length, of_period in zip(hours, flow, strict=True):
        day += length * of_period
    return day, flow[hours > 0.0].max(axis=0)


def _hours(inputs: Inputs, traffic: xr.Dataset) -> Floats:
    return hours_in_periods(inputs.night, traffic["hour_period"].to_numpy(), traffic.sizes["period"])


def _times_free_flow(traffic: xr.Dataset, network: xr.Dataset) -> Floats:
    """Travel time over free-flow time by period; NaN on links without any."""
    free, time = network["free_flow_time_min"].to_numpy(), traffic["link_time_min"].to_numpy()
    slowness: Floats = np.divide(time, free, out=np.full(time.shape, np.nan), where=(free > 0.0) & (time > 0.0))
    return slowness


def _day_total_g(carbon: xr.Dataset, pollutant: str) -> Floats:
    k = position(carbon, "pollutant", pollutant)
    total: Floats = carbon["emission_g_h"].to_numpy()[:, :, k].sum(axis=0, dtype=np.float64)
    return total


def _cell_side(inputs: Inputs, x: Floats, y: Floats) -> float:
    for centres in (x, y):
        if centres.size > 1:
            return float(centres[1] - centres[0])
    return float(str(inputs.settings("carbon")["grid_cell_m"]))
