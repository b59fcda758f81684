"""Large installations: what a file says they emitted, by district."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lcr_hpc.carbon.units import CO2_PER_CARBON, T_PER_KT
from lcr_hpc.errors import InputError, raise_all

COLUMNS = ("period", "site", "sector", "area_code", "value")


@dataclass(frozen=True)
class PointSources:
    """CO2 of large installations."""

    co2_kt: NDArray[np.float64]
    """[district], kt a year."""
    year: int
    installations: int
    left_out_kt: float
    """What the sectors that were to be left out emit in these districts."""
    elsewhere: int
    """Rows whose district is none of those asked for: they are in no sum."""


def read_point_sources(path: Path, codes: list[str], unit: str, leave_out: tuple[str, ...] = ()) -> PointSources:
    """Add up a file of installations by district.

    Parameters
    ----------
    path : Path
        CSV with a row an installation: period (a year), site, sector, area_code (ONS code of its district), value.
    codes : list of str
        Districts wanted.
    unit : str
        "t CO2", or "t C": the carbon in it, as the national inventory's maps of point sources count.
    leave_out : tuple of str
        Sectors that are not counted: power stations, where electricity is counted where it is used.

    Raises
    ------
    InputError
        No such file or columns; values that are negative or missing; several years in one file.
    """
    try:
        table = pd.read_csv(path)
    except FileNotFoundError:
        raise InputError(
            f"no file {path} of point sources; set carbon.point_sources.path, or null", field="path"
        ) from None
    except (ValueError, OSError) as error:
        raise InputError(f"{path} cannot be read as a table ({error})", field="path") from None
    if missing := [c for c in COLUMNS if c not in table.columns]:
        raise InputError(f"{path}: no column {', '.join(missing)}; it has {', '.join(table.columns)}", field=missing[0])
    value = pd.to_numeric(table["value"], errors="coerce").to_numpy(dtype=np.float64)
    years = sorted(set(table["period"].astype(str)))
    problems = []
    if wrong := int((~(np.isfinite(value) & (value >= 0))).sum()):
        problems.append(f"{path}: {wrong} of {len(table)} values are negative or missing; mend them or take them out")
    if len(years) != 1 or not years[0].isdigit():
        problems.append(f"{path}: periods {', '.join(years[:5])}; wanted one year")
    raise_all(problems, InputError)
    value = value * ((CO2_PER_CARBON if unit == "t C" else 1.0) / T_PER_KT)
    home = pd.Index(codes).get_indexer(pd.Index(table["area_code"].astype(str)))
    counted = (home >= 0) & ~table["sector"].isin(leave_out).to_numpy()
    co2 = np.zeros(len(codes))
    np.add.at(co2, home[counted], value[counted])
    left_out = float(value[(home >= 0) & ~counted].sum())
    return PointSources(co2, int(years[0]), int(counted.sum()), left_out, int((home < 0).sum()))
