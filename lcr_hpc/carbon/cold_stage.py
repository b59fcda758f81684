"""The CO2 of cold engines on the night's day: beside the roads' hot emission, link by link and hour by hour."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.carbon.annual import period_of_hours
from lcr_hpc.carbon.cold_start import cold_excess, cold_mileage
from lcr_hpc.carbon.curves import SPEEDS_KM_H, EmissionCurves
from lcr_hpc.carbon.fleet import road_class_curves
from lcr_hpc.carbon.fuel import TAG_SPEEDS_KM_H, fuel_litre_km, fuel_shares, plug_in_share
from lcr_hpc.carbon.slab import period_emission
from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.carbon.units import G_PER_T, co2_g_km
from lcr_hpc.config import CarbonConfig
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import shard_of, slabs, write_slab
from lcr_hpc.store.variables import ROAD_CLASSES

FloatArray = NDArray[np.float64]
COLD_VARIABLES = ("cold_start_g_h", "cold_start_t_day", "district_cold_start_t_day", "outside_cold_start_t_day")
_FUELS = {"petrol": "G", "diesel": "D"}
_LIGHT = ("car", "lgv")
_MOTORWAY = ROAD_CLASSES.index("motorway")
_NOT_ADDED = "beside emission_g_h and in no total of it: the fuel curves' sources do not say if cold engines are in"
_NOT_KNOWN = "NOx, PM2.5: their ratios go by Euro class, and no fleet by Euro class is among the data"


def run_cold_start(
    layout: Layout, settings: CarbonConfig, stores: dict[str, xr.Dataset], hours: NDArray[np.int64]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write the day's CO2 of cold engines by link and hour; return its totals for the store, and what to report.

    Parameters
    ----------
    layout : Layout
        Where the carbon store, already made, lies.
    settings : CarbonConfig
        Fleet year and vehicle mix.
    stores : dict
        network, areas, weather and traffic.
    hours : ndarray
        int64[hour], hours since 1970 of the day.

    Notes
    -----
    Excess = hot CO2 of cars and vans by fuel · β(l, t) · (cold/hot(t) - 1), l the night's mean trip, t the hour's air.
    Engines are cold near home: what falls to motorways is put on the other roads, by their own share.
    """
    network, traffic = stores["network"], stores["traffic"]
    air, filled = _air(stores["weather"], hours)
    trip_km = _mean_trip_km(traffic, hours)
    curves = _light_curves(settings)
    of_class = np.array([curves.classes.index(name) for name in ROAD_CLASSES], dtype=np.int64)
    period = period_of_hours(traffic["hour_period"], hours)
    share = {f: cold_excess(code, "all", "all", "EC", 50.0, air, trip_km)[0] for f, code in _FUELS.items()}
    near_home = network["road_class"].to_numpy() != _MOTORWAY
    hot = {int(p): period_emission(network, traffic, int(p), curves, of_class)[0] for p in np.unique(period)}

    total = np.zeros(network.sizes["link"])
    for part in slabs(hours.size, shard_of("carbon", "cold_start_g_h", "hour")):
        excess = np.zeros((1, total.size))
        for k, fuel in enumerate(_FUELS):
            excess[0] += share[fuel][part.start] * hot[int(period[part.start])][:, k]
        excess[0] = _off_motorways(excess[0], near_home)
        write_slab(layout.store("carbon"), "carbon", {"hour": part}, {"cold_start_g_h": excess})
        total += excess[0].astype(np.float32)

    home = network["link_district"].to_numpy()
    by_district = np.zeros(stores["areas"].sizes["district"] + 1)
    np.add.at(by_district, np.where(home >= 0, home, by_district.size - 1), total / G_PER_T)
    light_t = sum(float(hot[int(p)].sum()) for p in period) / G_PER_T
    values = {
        "cold_start_t_day": by_district.sum(),
        "district_cold_start_t_day": by_district[:-1],
        "outside_cold_start_t_day": by_district[-1],
    }
    beta = cold_mileage(trip_km, air)
    report = {
        "CO2_t_day": float(by_district.sum()),
        "share_of_hot_co2_of_cars_and_vans": float(by_district.sum()) / light_t if light_t > 0.0 else 0.0,
        "mean_trip_km": trip_km,
        "cold_share_of_distance": [float(beta.min()), float(beta.max())],
        "air_c": [float(air.min()), float(air.max())],
        "hours_with_the_days_mean_air": filled,
        "not_added": _NOT_ADDED,
        "not_known": _NOT_KNOWN,
    }
    return values, report


def has_air(weather: xr.Dataset, hours: NDArray[np.int64]) -> bool:
    """Whether any hour has a temperature: without one nothing can be said of cold engines."""
    return bool(np.isfinite(_measured(weather, hours)).any())


def _measured(weather: xr.Dataset, hours: NDArray[np.int64]) -> FloatArray:
    """Good temperatures, NaN in hours without one."""
    time = weather["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    found = np.full(hours.size, np.nan)
    both, mine, theirs = np.intersect1d(hours, time, return_indices=True)
    if both.size:
        flag = weather["air_temperature_flag"]
        good = flag.to_numpy()[theirs] == str(flag.attrs["flag_meanings"]).split().index("good")
        found[mine] = np.where(good, weather["air_temperature_c"].to_numpy()[theirs], np.nan)
    return found


def _air(weather: xr.Dataset, hours: NDArray[np.int64]) -> tuple[FloatArray, int]:
    """Temperature of each hour, the day's mean where an hour has none, and how many those are."""
    found = _measured(weather, hours)
    gaps = ~np.isfinite(found)
    return np.where(gaps, np.nanmean(found), found), int(gaps.sum())


def _mean_trip_km(traffic: xr.Dataset, hours: NDArray[np.int64]) -> float:
    """Vehicle-kilometres of the day over its trips on the network."""
    weight = np.bincount(period_of_hours(traffic["hour_period"], hours), minlength=traffic.sizes["period"])
    trips = weight @ (traffic["demand_veh_h"].to_numpy() - traffic["unreachable_veh_h"].to_numpy())
    km = weight @ traffic["vehicle_km_h"].to_numpy()
    default = float(coefficient_table("cold_mileage_emep2023")["trip_default_km"].iloc[0])
    return float(km / trips) if trips > 0.0 and km > 0.0 else default


def _light_curves(settings: CarbonConfig) -> EmissionCurves:
    """Hot CO2 of the cars and vans in the traffic of each class of road, by fuel."""
    types = coefficient_table("vehicle_types")
    carbon = coefficient_table("fuel_co2_desnz2023").set_index("fuel")["co2_kg_per_litre"]
    factor = np.zeros((len(types), len(_FUELS), SPEEDS_KM_H.size))
    for k, (mix_class, fuel_class) in enumerate(zip(types["mix_class"], types["fuel_class"], strict=True)):
        if mix_class not in _LIGHT:
            continue
        burns = 1.0 - plug_in_share(settings.fleet_year) if fuel_class == "car" else 1.0
        for fuel, part in fuel_shares(fuel_class).items():
            litre = fuel_litre_km(fuel_class, fuel, SPEEDS_KM_H)
            factor[k, list(_FUELS).index(fuel)] = burns * part * co2_g_km(litre, float(carbon[fuel]))
    single = EmissionCurves(tuple(types["vehicle"]), tuple(_FUELS), factor, TAG_SPEEDS_KM_H)
    return road_class_curves(single, settings.vehicle_mix)


def _off_motorways(excess: FloatArray, near_home: NDArray[np.bool_]) -> FloatArray:
    """The same sum on the roads that are no motorways, where there is any traffic on them."""
    kept = np.where(near_home, excess, 0.0)
    rest = kept.sum()
    return kept * (excess.sum() / rest) if rest > 0.0 else excess
