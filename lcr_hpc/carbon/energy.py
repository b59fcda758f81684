"""Gas and electricity by district, the greenhouse gas of a kWh by year, and the electricity of plug-in cars."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.carbon.curves import SPEEDS_KM_H, EmissionCurves
from lcr_hpc.carbon.fuel import plug_in_share
from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.carbon.units import G_PER_KG, G_PER_T, KWH_PER_KTOE, T_PER_KT
from lcr_hpc.errors import ConfigError

USES = (("homes", "electricity"), ("homes", "gas"), ("industry", "electricity"), ("industry", "gas"))
"""Uses of energy that are counted."""


@dataclass(frozen=True)
class DistrictEnergy:
    """Greenhouse gas of gas and electricity where they are used."""

    co2e_kt: NDArray[np.float64]
    """[district, use], kt CO2e a year, in the order of `USES`."""
    consumption_year: int
    by_residents: bool
    """True where a district is none of the six and takes their mean by resident."""


def energy_intensity(energy: str, year: int, folder: Path | None = None) -> float:
    """Greenhouse gas of a kWh, kg CO2e.

    Parameters
    ----------
    energy : str
        gas or electricity.
    year : int
        One of the table's.
    folder : Path, optional
        Folder of the coefficient tables.

    Raises
    ------
    ConfigError
        A year that is not in the table: between years nothing is filled in.
    """
    table = coefficient_table("energy_co2_desnz", folder)
    mine = table[table["energy"] == energy].set_index("year")["kg_co2e_per_kwh"]
    if year not in mine.index:
        raise ConfigError(
            f"carbon.energy_year {year}: there is CO2e of {energy} for {', '.join(map(str, mine.index))}; choose one",
            field="energy_year",
        )
    return float(mine[year])


def district_energy(
    codes: list[str], residents: NDArray[np.float64], year: int, folder: Path | None = None
) -> DistrictEnergy:
    """Greenhouse gas of the gas and electricity of districts, in the newest year with figures for all six.

    Parameters
    ----------
    codes : list of str
        ONS codes; a code that is none of the six districts takes their mean by resident.
    residents : ndarray
        float64[district], used for such districts alone.
    year : int
        Of the greenhouse gas of a kWh.
    folder : Path, optional
        Folder of the coefficient tables.
    """
    table = coefficient_table("energy_lcr", folder)
    newest = int(table["year"].max())
    table = table[table["year"] == newest]
    out = np.empty((len(codes), len(USES)))
    for k, (use, energy) in enumerate(USES):
        mine = table[(table["use"] == use) & (table["energy"] == energy)].set_index("code")
        kwh = (mine["ktoe"] * KWH_PER_KTOE).to_dict()
        by_resident = sum(kwh.values()) / float(mine["residents"].sum())
        used = np.array([kwh.get(c, by_resident * r) for c, r in zip(codes, residents, strict=True)])
        out[:, k] = used * energy_intensity(energy, year, folder) * G_PER_KG / G_PER_T / T_PER_KT
    return DistrictEnergy(out, newest, not set(codes) <= set(table["code"]))


def plug_in_curves(vehicle_mix: dict[str, dict[str, float]], year: int, folder: Path | None = None) -> EmissionCurves:
    """Greenhouse gas of the electricity that plug-in cars draw, by class of road: not part of the roads' CO2.

    Share of cars x share that plugs in x kWh a km x CO2e of a kWh in the nearest year that has one; the same at every
    speed. The electricity is counted where it is used, so that adding it to that of homes would count it twice.
    """
    table = coefficient_table("energy_co2_desnz", folder)
    years = table[table["energy"] == "electricity"]["year"].to_numpy()
    nearest = int(years[np.abs(years - year).argmin()])
    drawn = float(coefficient_table("electric_car_tag", folder).set_index("vehicle")["kwh_per_km"]["car"])
    by_car = plug_in_share(year, folder) * drawn * energy_intensity("electricity", nearest, folder) * G_PER_KG
    share = np.array([mix.get("car", 0.0) for mix in vehicle_mix.values()])
    factor = np.broadcast_to((share * by_car)[:, None, None], (share.size, 1, SPEEDS_KM_H.size)).copy()
    return EmissionCurves(tuple(vehicle_mix), ("CO2e electricity",), factor, (SPEEDS_KM_H[0], SPEEDS_KM_H[-1]))
