"""Published figures of the region, each source's table in its owner's own columns: whole or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import Transformer

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.readers.places import BRITAIN_DEG
from lcr_hpc.spine.readers.tables import lines, read_reference, read_text_table, require_columns

KM_PER_MILE = 1.609344
CO2_PER_CARBON = 44.0 / 12.0
NO_YEAR = -1
"""The source's file does not say which year its numbers are of"""
FIGURE_COLUMNS = ("statistic", "place", "year", "value", "units")
MSOA_CODE, CONSUMPTION, METERS = "Middle Layer Super Output Area (MSOA) Code", "Consumption (kWh)", "Number of meters"
CHANGES = {"U": "unchanged", "S": "split", "M": "merged", "X": "irregular"}


def read_figures(dataset: str, path: Path, year: int | None = None) -> pd.DataFrame:
    """Read one source's published totals.

    Parameters
    ----------
    dataset : str
        road_traffic, territorial_co2, msoa_electricity, msoa_electricity_before or vehicles.
    path : Path
        The owner's CSV file.
    year : int, optional
        Year of a table that does not say it.

    Returns
    -------
    DataFrame
        statistic, place (ONS code), year (−1 = not stated), value, units: a row a figure.

    Raises
    ------
    InputError
        Missing columns, cells that are no numbers, values below 0 where none can be, a figure that stands twice.
    """
    table = _READERS[dataset](path, NO_YEAR if year is None else year)
    again = table.duplicated(["statistic", "place", "year"])
    if again.any():
        first = table[again].iloc[0]
        raise InputError(f"{path}: {first['statistic']} of {first['place']} in {first['year']} stands twice; keep one")
    return table[list(FIGURE_COLUMNS)]


def read_area_changes(path: Path) -> pd.DataFrame:
    """Read which small area of 2021 each one of 2011 became: lsoa11_code, lsoa21_code and change, in code order."""
    table = read_reference(path, "area_changes", "*.csv")
    table["change"] = table["change_code"].map(CHANGES)
    return table.sort_values(["lsoa11_code", "lsoa21_code"], ignore_index=True)


def read_indicators(path: Path) -> pd.DataFrame:
    """Read numbers by small area, a column an indicator; blank = none. The index is the area's code."""
    text = read_text_table(path)
    require_columns(path, text.columns, ["lsoa11_code"])
    code = text["lsoa11_code"].str.strip()
    values = text.drop(columns="lsoa11_code").apply(lambda c: pd.to_numeric(c.str.strip(), errors="coerce"))
    words = values.isna() & text.drop(columns="lsoa11_code").apply(lambda c: c.str.strip() != "")
    problems = [f"{path}: `{c}` wants numbers, found others on line {lines(words[c])}" for c in words if words[c].any()]
    if (again := code.duplicated() | (code == "")).any():
        problems.append(f"{path}: `lsoa11_code` must be filled and not repeat; it is not so on line {lines(again)}")
    raise_all(problems)
    return pd.DataFrame(values.astype(np.float64)).set_axis(pd.Index(code, name="lsoa11_code"))


def read_point_sources(path: Path, unit: str = "t CO2") -> pd.DataFrame:
    """Read large emitters: site, operator, sector, year, co2_t_year, easting, northing (EPSG:27700).

    `unit` says what the file's values count: "t CO2", or "t C", the carbon in it.
    """
    table = read_reference(path, "point_sources", "*.csv")
    west, south, east, north = BRITAIN_DEG
    problems = []
    if (bad := ~(table["lon"].between(west, east) & table["lat"].between(south, north))).any():
        swapped = table["lat"].between(west, east) & table["lon"].between(south, north)
        hint = "they look swapped" if swapped[bad].all() else "check them"
        problems.append(f"{path}: `lon` and `lat` lie outside Britain on line {lines(bad)}; {hint}")
    if (odd := table["unit"] != "Tonnes").any():
        problems.append(f"{path}: `unit` is not Tonnes on line {lines(odd)}; convert the values first")
    raise_all(problems)
    x, y = Transformer.from_crs(4326, 27700, always_xy=True).transform(table["lon"].to_numpy(), table["lat"].to_numpy())
    table = table.rename(columns={"period": "year", "value": "co2_t_year"})
    table = table.assign(easting=np.round(x, 1), northing=np.round(y, 1))
    if unit == "t C":
        table["co2_t_year"] *= CO2_PER_CARBON
    return table.sort_values(["site", "operator", "sector", "co2_t_year"], kind="stable", ignore_index=True)


def _road_traffic(path: Path, _: int) -> pd.DataFrame:
    table = read_reference(path, "road_traffic", "*.csv")
    return pd.DataFrame(
        {
            "statistic": "road_traffic",
            "place": table["local_authority_code"],
            "year": table["year"],
            "value": table["all_motor_vehicles"] * KM_PER_MILE,
            "units": "km/year",
        }
    )


def _territorial_co2(path: Path, _: int) -> pd.DataFrame:
    """Sectors by their published names; land use may be negative."""
    table = read_reference(path, "territorial_co2", "*.csv")
    return pd.DataFrame(
        {
            "statistic": "co2: " + table["sector"],
            "place": table["geography_code"],
            "year": table["yr"],
            "value": table["CO2"],
            "units": "kt/year",
        }
    )


def _electricity(path: Path, year: int) -> pd.DataFrame:
    table = read_reference(path, "msoa_electricity", "*.csv")
    found = {"domestic_electricity": (CONSUMPTION, "kWh/year"), "domestic_electricity_meters": (METERS, "1")}
    return _long(table, MSOA_CODE, found, year)


def _vehicles(path: Path, year: int) -> pd.DataFrame:
    table = read_reference(path, "vehicles", "*.csv")
    by_msoa = {"vehicles": ("VehsReg", "1"), "electric_vehicles": ("EVReg", "1"), "households": ("TotHhold", "1")}
    districts = table.groupby("LAD22CD", as_index=False)[["VehsReg", "EVReg", "TotHhold"]].sum()
    return pd.concat([_long(table, "MSOA21CD", by_msoa, year), _long(districts, "LAD22CD", by_msoa, year)])


def _long(table: pd.DataFrame, place: str, found: dict[str, tuple[str, str]], year: int) -> pd.DataFrame:
    rows = [
        pd.DataFrame(
            {"statistic": name, "place": table[place], "year": year, "value": table[column].astype(float), "units": u}
        )
        for name, (column, u) in found.items()
    ]
    return pd.concat(rows, ignore_index=True)


_READERS: dict[str, Callable[[Path, int], pd.DataFrame]] = {
    "road_traffic": _road_traffic,
    "territorial_co2": _territorial_co2,
    "msoa_electricity": _electricity,
    "msoa_electricity_before": _electricity,
    "vehicles": _vehicles,
}
FIGURE_DATASETS = tuple(_READERS)


def check_published(dataset: str, path: Path, year: int | None) -> None:
    """Read a published table for its faults alone; an `InputError` tells all of them."""
    if dataset == "area_changes":
        read_area_changes(path)
    elif dataset == "indicators":
        read_indicators(path)
    elif dataset == "point_sources":
        read_point_sources(path)
    elif dataset in _READERS:
        read_figures(dataset, path, year)
