"""What a worker does of the emissions: one hour of the day."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.carbon.curves import EmissionCurves
from lcr_hpc.carbon.road import road_emissions
from lcr_hpc.carbon.sources import CONNECTOR
from lcr_hpc.store.slabs import open_store, write_slab


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


def emit_hour(slab: HourSlab) -> int:
    """Write an hour's emissions; return the number of roads whose speed the curves clipped."""
    network = open_store(slab.network, "network", ["length_m", "road_class"])
    traffic = open_store(slab.traffic, "traffic", ["link_flow_veh_h", "link_speed_km_h"])
    emission, clipped = period_emission(network, traffic, slab.period, slab.curves, slab.curve_index)
    write_slab(slab.carbon, "carbon", {"hour": slab.part}, {"emission_g_h": emission[None]})
    return clipped


def period_emission(
    network: xr.Dataset, traffic: xr.Dataset, period: int, curves: EmissionCurves, curve_index: NDArray[np.int64]
) -> tuple[NDArray[np.float64], int]:
    """Emission of every link in an hour of a period, float64[link, pollutant], g/h; and the roads clipped in speed.

    Parameters
    ----------
    network : xarray.Dataset
        length_m and road_class.
    traffic : xarray.Dataset
        link_flow_veh_h and link_speed_km_h by period.
    period : int
        Index of the period.
    curves : EmissionCurves
        Of the traffic on each class of road.
    curve_index : ndarray
        int64[road class], index into the curves.
    """
    now = traffic.isel(period=period)
    flow, speed = now["link_flow_veh_h"].to_numpy(), now["link_speed_km_h"].to_numpy()
    length, road_class = network["length_m"].to_numpy(), network["road_class"].to_numpy()
    curve = np.broadcast_to(curve_index[road_class], flow.shape)
    # A connector that takes no time has no speed; nothing is known of how its traffic drives.
    drives = ~((road_class == CONNECTOR) & np.isnan(speed))
    emission = road_emissions(flow * drives, speed, length, curve, curves)
    low, high = curves.speed_range_km_h
    moves = (flow.sum(axis=0) > 0) & (length > 0) & (road_class != CONNECTOR)
    return emission, int((moves & ((speed < low) | (speed > high))).sum())
