"""The fleet-average curves that the chain uses by default: exhaust by UK inventory, CO2 by fuel burnt, wear added."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.carbon.curves import POLLUTANTS, SPEEDS_KM_H, EmissionCurves, mixed_curves
from lcr_hpc.carbon.fuel import exhaust_co2_g_km
from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.carbon.wear import wear_pm25_g_km
from lcr_hpc.errors import ConfigError, InputError, raise_all

_EXHAUST = "fleet_average_exhaust_naei2014"


def fleet_average_curves(year: int, folder: Path | None = None) -> EmissionCurves:
    """Curves of the average vehicle of each type in a year's UK urban fleet.

    NOx and exhaust PM2.5 are the national inventory's (base year 2014, urban fleet, 10 to 120 km/h): its PM is exhaust
    alone, while the Emissions Factors Toolkit's curves at hand already hold wear, and would count it twice. CO2 is
    litres by TAG times CO2 by litre; PM2.5 from wear is added.

    Parameters
    ----------
    year : int
        One of the years in fleet_average_exhaust_naei2014.csv.
    folder : Path, optional
        Folder of the coefficient tables; by default the project's.

    Returns
    -------
    EmissionCurves
        A class a vehicle type: car, lgv, six kinds of goods vehicle by axles, bus.

    Raises
    ------
    ConfigError
        When there is no curve of that year.
    """
    exhaust = coefficient_table(_EXHAUST, folder)
    years = sorted(int(y) for y in exhaust["year"].unique())
    if year not in years:
        known = ", ".join(map(str, years))
        raise ConfigError(
            f"carbon.fleet_year {year}: there are fleet-average curves of {known}; choose one", field="fleet_year"
        )
    speeds = [c for c in exhaust.columns if c.startswith("v") and c[1:].isdigit()]
    at = np.array([float(c[1:]) for c in speeds])
    mine = exhaust[exhaust["year"] == year].set_index(["vehicle", "pollutant"])[speeds]
    types = coefficient_table("vehicle_types", folder)
    factor = np.empty((len(types), len(POLLUTANTS), len(SPEEDS_KM_H)))
    for k, row in enumerate(types.to_dict("records")):
        by_pollutant = {
            p: np.interp(SPEEDS_KM_H, at, mine.loc[(row["vehicle"], p)].to_numpy(float)) for p in ("NOx", "PM2.5")
        }
        by_pollutant["CO2"] = exhaust_co2_g_km(row["fuel_class"], year, SPEEDS_KM_H, folder)
        by_pollutant["PM2.5"] += wear_pm25_g_km(row["wear_class"], row["axles"], SPEEDS_KM_H, folder=folder)
        for p, name in enumerate(POLLUTANTS):
            factor[k, p] = by_pollutant[name]
    return EmissionCurves(tuple(types["vehicle"]), POLLUTANTS, factor, (float(at[0]), 100.0))


def road_class_curves(
    curves: EmissionCurves, vehicle_mix: Mapping[str, Mapping[str, float]], folder: Path | None = None
) -> EmissionCurves:
    """Curves of the traffic on each class of road.

    Parameters
    ----------
    curves : EmissionCurves
        From `fleet_average_curves`.
    vehicle_mix : mapping
        Road class to share of car, lgv, hgv and bus in its flow, as in the config (an assumption). Goods vehicles are
        split into their kinds as counted on such roads in Leeds in 2019; connectors count as minor roads.
    folder : Path, optional
        Folder of the coefficient tables.

    Raises
    ------
    ConfigError
        Naming vehicle classes that there are not.
    """
    types = coefficient_table("vehicle_types", folder)
    counts = coefficient_table("vehicle_types_aadf_leeds2019", folder).set_index("road")
    counted = {str(road): {str(v): float(n) for v, n in row.items()} for road, row in counts.to_dict("index").items()}
    within: dict[str, list[str]] = {str(m): list(g["vehicle"]) for m, g in types.groupby("mix_class", sort=False)}
    shares: dict[str, dict[str, float]] = {}
    problems = []
    for road, mix in vehicle_mix.items():
        if unknown := sorted(set(mix) - set(within)):
            problems.append(f"carbon.vehicle_mix.{road}: unknown {', '.join(unknown)}; there are {', '.join(within)}")
            continue
        kinds = counted.get(road, counted["minor_road"])
        shares[road] = {
            vehicle: share * kinds[vehicle] / sum(kinds[v] for v in within[mix_class])
            for mix_class, share in mix.items()
            for vehicle in within[mix_class]
        }
    raise_all(problems, ConfigError)
    return mixed_curves(curves, shares)


def curve_of_road_class(curves: EmissionCurves, road_classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Index of each road class's curve, int64[road class]; every class must have one."""
    missing = [name for name in road_classes if name not in curves.classes]
    if missing:
        raise InputError(
            f"carbon.vehicle_mix: no mix for {', '.join(missing)}; give every road class one", field="vehicle_mix"
        )
    return np.array([curves.classes.index(name) for name in road_classes], dtype=np.int64)
