"""A year's greenhouse gas of each district by sector, each sector with the year and the source of its figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.carbon.annual import period_of_hours, year_until
from lcr_hpc.carbon.curves import POLLUTANTS, EmissionCurves
from lcr_hpc.carbon.energy import USES, DistrictEnergy, district_energy, plug_in_curves
from lcr_hpc.carbon.point_sources import point_sources
from lcr_hpc.carbon.slab import period_emission
from lcr_hpc.carbon.territory import SECTOR_GROUPS, territorial_baseline
from lcr_hpc.carbon.units import G_PER_T, T_PER_KT
from lcr_hpc.config import Config

BASELINE_YEAR = 2010
"""The newest year that all six districts are published for, by sector."""
LEFT_OUT = (
    "homes and industry: coal, oil and manufactured fuels",
    "rail, agriculture, land use: published to 2010 alone",
)


def territory(
    config: Config,
    stores: dict[str, xr.Dataset],
    curves: EmissionCurves,
    curve_index: NDArray[np.int64],
    road_classes: tuple[str, ...],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values for the store, by variable, and what to report.

    Parameters
    ----------
    config : Config
        Section `carbon`, and the night: the year is the 365 days that end with it.
    stores : dict
        network, areas and traffic; reference, where it holds large installations.
    curves, curve_index : EmissionCurves, ndarray
        Of the traffic on each class of road.
    road_classes : tuple of str
        Classes in the order of the network store's codes.
    """
    settings, areas = config.carbon, stores["areas"]
    codes = [str(c) for c in areas["district"].to_numpy()]
    of_area = areas["area_district"].to_numpy()
    residents = areas["population"].to_numpy().sum(axis=1).astype(np.float64)
    by_district = np.zeros(len(codes))
    np.add.at(by_district, of_area, residents)
    co2 = POLLUTANTS.index("CO2")
    road = road_year(config, stores, curves, curve_index, co2)
    energy = district_energy(codes, by_district, settings.energy_year)

    sectors, basis, columns = ["road"], ["CO2"], [road]
    for k, (use, carrier) in enumerate(USES):
        sectors.append(f"{use} {carrier}")
        basis.append("CO2e")
        columns.append(energy.co2e_kt[:, k])
    left_out, said = list(LEFT_OUT), _said(energy, settings.energy_year)
    if "reference" not in stores:
        left_out.append("large installations: no spine.feeds.point_sources is named")
    else:
        found = point_sources(stores["reference"], len(codes), settings.power_sectors)
        years = " and ".join(map(str, found.years))
        sectors.append("large installations")
        basis.append("CO2")
        columns.append(found.co2_kt)
        said["large installations"] = (
            f"{found.installations} installations, {years}, without power stations ({found.left_out_kt:.1f} kt); "
            f"{found.elsewhere} lie in none of the districts; gas that they take from the network may be counted twice"
        )
    kt = np.stack(columns, axis=1)
    plug_in = plug_in_curves(settings.vehicle_mix, settings.fleet_year)
    plug_index = np.array([plug_in.classes.index(name) for name in road_classes], dtype=np.int64)
    homes = sectors.index("homes electricity"), sectors.index("homes gas")
    a_head = kt[:, homes].sum(axis=1) * T_PER_KT / np.where(by_district > 0, by_district, 1.0)
    values = {
        "sector": sectors,
        "sector_basis": basis,
        "territory_kt_year": kt,
        "home_energy_co2e_t_year": a_head[of_area] * residents,
        "plug_in_co2e_kt_year": road_year(config, stores, plug_in, plug_index, 0),
    }
    beside = _beside(codes, road)
    results = {
        "kt_year": {s: float(kt[:, k].sum()) for k, s in enumerate(sectors)},
        "sources": said,
        "left_out": left_out,
        "road_co2_kt_year_beside_published": beside,
    }
    if len(beside) == len(territorial_baseline(BASELINE_YEAR).codes):
        published = territorial_baseline(BASELINE_YEAR).by_group()
        results[f"published_{BASELINE_YEAR}_kt"] = {g: round(float(v.sum()), 1) for g, v in published.items()}
    return values, results


def road_year(
    config: Config, stores: dict[str, xr.Dataset], curves: EmissionCurves, curve_index: NDArray[np.int64], k: int
) -> NDArray[np.float64]:
    """Kilotonnes of a year by district: each period's hour times its hours in the year; roads outside are in none."""
    network, traffic = stores["network"], stores["traffic"]
    hours = np.bincount(period_of_hours(traffic["hour_period"], year_until(config.night)))
    home = network["link_district"].to_numpy()
    out = np.zeros(stores["areas"].sizes["district"])
    for period in np.flatnonzero(hours):
        emission, _ = period_emission(network, traffic, int(period), curves, curve_index)
        np.add.at(out, home[home >= 0], hours[period] * emission[home >= 0, k])
    return out / G_PER_T / T_PER_KT


def _said(energy: DistrictEnergy, year: int) -> dict[str, str]:
    whose = "the six districts' mean by resident" if energy.by_residents else "of each district"
    consumption = f"gas and electricity of {energy.consumption_year}, {whose}, CO2e of a kWh of {year}"
    return {
        "road": "modelled: the traffic of each type of day, over the 365 days that end with the night",
        "homes and industry": consumption,
    }


def _beside(codes: list[str], road_kt: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Modelled road CO2 beside the published, of the districts that are among the six."""
    published = territorial_baseline(BASELINE_YEAR)
    roads = [published.sectors.index(s) for s in SECTOR_GROUPS["road"]]
    return {
        name: {
            "modelled": round(float(road_kt[codes.index(code)]), 1),
            f"published_{BASELINE_YEAR}": round(float(published.co2_kt[k, roads].sum()), 1),
        }
        for k, (code, name) in enumerate(zip(published.codes, published.districts, strict=True))
        if code in codes
    }
