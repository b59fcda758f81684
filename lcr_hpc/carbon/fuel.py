"""CO2 of a vehicle type by speed: litres by TAG's formula, CO2 by litre, petrol and diesel by the region's fleet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.carbon.units import co2_g_km

TAG_SPEEDS_KM_H = (10.0, 100.0)
"""Range of the consumption formula; speeds are clipped to it."""


def fuel_litre_km(
    vehicle: str, fuel: str, speed_km_h: NDArray[np.float64], folder: Path | None = None
) -> NDArray[np.float64]:
    """Fuel consumption of a class of vehicle, litre/km, by L = a/v + b + c v + d v².

    Parameters
    ----------
    vehicle : str
        car, lgv, ogv1, ogv2 or psv, as in fuel_consumption_tag.csv.
    fuel : str
        petrol or diesel.
    speed_km_h : ndarray
        float64[speed], clipped to 10 to 100 km/h.
    folder : Path, optional
        Folder of the coefficient tables.
    """
    table = coefficient_table("fuel_consumption_tag", folder).set_index(["vehicle", "fuel"])
    a, b, c, d = table.loc[(vehicle, fuel), ["a", "b", "c", "d"]].to_numpy(dtype=np.float64)
    v = np.clip(speed_km_h, *TAG_SPEEDS_KM_H)
    return np.asarray(a / v + b + c * v + d * v**2, dtype=np.float64)


def exhaust_co2_g_km(
    vehicle: str, year: int, speed_km_h: NDArray[np.float64], folder: Path | None = None
) -> NDArray[np.float64]:
    """CO2 from the exhaust of an average vehicle of a class, g/km, electric cars counted with none.

    Parameters
    ----------
    vehicle : str
        car, lgv, ogv1, ogv2 or psv.
    year : int
        Year of the fleet: it sets the share of cars that plug in. Petrol to diesel is the newest split at hand.
    speed_km_h : ndarray
        float64[speed].
    folder : Path, optional
        Folder of the coefficient tables.
    """
    carbon = coefficient_table("fuel_co2_desnz2023", folder).set_index("fuel")["co2_kg_per_litre"]
    out = np.zeros(len(speed_km_h))
    for fuel, share in fuel_shares(vehicle, folder).items():
        out += share * co2_g_km(fuel_litre_km(vehicle, fuel, speed_km_h, folder), float(carbon[fuel]))
    return out * (1.0 - plug_in_share(year, folder)) if vehicle == "car" else out


def fuel_shares(vehicle: str, folder: Path | None = None) -> dict[str, float]:
    """Share of petrol and diesel among the vehicles of a class that burn fuel; heavy vehicles burn diesel."""
    split = coefficient_table("fuel_split_lcr", folder)
    mine = split[split["vehicle"] == vehicle]
    if mine.empty:
        return {"diesel": 1.0}
    total = float(mine["amount"].sum())
    return {str(f): float(a) / total for f, a in zip(mine["fuel"], mine["amount"], strict=True)}


def plug_in_share(year: int, folder: Path | None = None) -> float:
    """Share of the region's licensed cars and vans that plug in; beyond the table the nearest of its years."""
    table = coefficient_table("electric_share_lcr", folder)
    row = table.iloc[int((table["year"] - year).abs().to_numpy().argmin())]
    return float(row["plug_in"] / row["cars_and_vans"])
