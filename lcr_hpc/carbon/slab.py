"""What a worker does: the emissions of one hour, the road increment of one block of areas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.carbon.air import line_source_concentration
from lcr_hpc.carbon.curves import POLLUTANTS, EmissionCurves
from lcr_hpc.carbon.road import road_emissions
from lcr_hpc.carbon.units import g_m_s
from lcr_hpc.store.slabs import open_store, write_slab

CONNECTOR = 0
"""Road class of links that join a zone to the network and are no road."""


@dataclass(frozen=True)
class HourSlab:
    """The emissions of one hour of the day."""

    network: Path
    traffic: Path
    carbon: Path
    part: slice
    period: int
    curves: EmissionCurves
    curve_index: NDArray[np.int64]
    """[road class], index into the curves."""


@dataclass(frozen=True)
class AirSlab:
    """The concentrations of one block of areas."""

    network: Path
    areas: Path
    carbon: Path
    part: slice
    hour: NDArray[np.int64]
    weather: pd.DataFrame
    air_pollutants: tuple[str, ...]
    background_ug_m3: tuple[float, ...]
    height_m: float
    sigma_z0_m: float
    cutoff_m: float
    minimum_wind_m_s: float


def emit_hour(slab: HourSlab) -> int:
    """Write an hour's emissions; return the number of roads whose speed the curves clipped."""
    network = open_store(slab.network, "network", ["length_m", "road_class"])
    traffic = open_store(slab.traffic, "traffic", ["link_flow_veh_h", "link_speed_km_h"]).isel(period=slab.period)
    flow = traffic["link_flow_veh_h"].to_numpy()
    speed = traffic["link_speed_km_h"].to_numpy()
    length = network["length_m"].to_numpy()
    road_class = network["road_class"].to_numpy()
    curve = np.broadcast_to(slab.curve_index[road_class], flow.shape)
    # A connector that takes no time has no speed; nothing is known of how its traffic drives.
    drives = ~((road_class == CONNECTOR) & np.isnan(speed))
    emission = road_emissions(flow * drives, speed, length, curve, slab.curves)
    write_slab(slab.carbon, "carbon", {"hour": slab.part}, {"emission_g_h": emission[None]})
    low, high = slab.curves.speed_range_km_h
    moves = (flow.sum(axis=0) > 0) & (length > 0) & (road_class != CONNECTOR)
    return int((moves & ((speed < low) | (speed > high))).sum())


def disperse_block(slab: AirSlab) -> None:
    """Write the road increment and the concentration of a block of areas."""
    areas = open_store(slab.areas, "areas", ["area_x", "area_y"]).isel(area=slab.part)
    increment = road_increment(slab, areas)
    background = np.array(slab.background_ug_m3)
    values = {"road_increment_ug_m3": increment, "concentration_ug_m3": increment + background}
    write_slab(slab.carbon, "carbon", {"area": slab.part}, values)


def road_increment(slab: AirSlab, areas: xr.Dataset, *, cutoff_m: float | None = None) -> NDArray[np.float64]:
    """Mean of the day, float64[area, pollutant], µg/m³, from all roads within the cut-off; connectors are no roads.

    Parameters
    ----------
    slab : AirSlab
        What to compute with; its `part` is not used.
    areas : xarray.Dataset
        area_x and area_y of the receptors, m; their height is the ground's.
    cutoff_m : float, optional
        In place of the slab's.
    """
    network = open_store(
        slab.network, "network", ["length_m", "road_class", "from_node", "to_node", "node_x", "node_y"]
    )
    emission = open_store(slab.carbon, "carbon", ["emission_g_h"])
    length = network["length_m"].to_numpy()
    start, end = network["from_node"].to_numpy(), network["to_node"].to_numpy()
    x, y = network["node_x"].to_numpy(), network["node_y"].to_numpy()
    straight = np.hypot(x[end] - x[start], y[end] - y[start])
    road = (network["road_class"].to_numpy() != CONNECTOR) & (length > 0) & (straight > 0)
    wanted = [POLLUTANTS.index(p) for p in slab.air_pollutants]
    hourly = emission["emission_g_h"].to_numpy()[slab.hour][:, road][:, :, wanted].astype(np.float64)
    lines = pd.DataFrame({"x0": x[start[road]], "y0": y[start[road]], "x1": x[end[road]], "y1": y[end[road]]})
    # The straight line stands for the road between its nodes and carries all that the road emits.
    strength = g_m_s(hourly, straight[road][None, :, None])
    by_hour = line_source_concentration(
        lines.assign(height_m=slab.height_m, width_m=0.0, sigma_z0_m=slab.sigma_z0_m),
        {"x": areas["area_x"].to_numpy(), "y": areas["area_y"].to_numpy(), "z": np.zeros(areas.sizes["area"])},
        slab.weather,
        strength,
        "briggs",
        cutoff_m=slab.cutoff_m if cutoff_m is None else cutoff_m,
        minimum_wind_m_s=slab.minimum_wind_m_s,
    )
    mean: NDArray[np.float64] = by_hour.mean(axis=0)
    return mean
