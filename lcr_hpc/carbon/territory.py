"""The region's published CO2 by district and sector: what a way to net zero starts from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.errors import InputError, raise_all

SECTOR_GROUPS = {
    "industry and commerce": ("industry_electricity", "industry_gas", "industry_other_fuels", "agriculture"),
    "large installations": ("large_installations",),
    "homes": ("domestic_electricity", "domestic_gas", "domestic_other_fuels"),
    "road": ("road_a_roads", "road_motorways", "road_minor_roads", "road_other"),
    "rail": ("railways",),
    "land use": ("land_use",),
}
"""Published sectors by group; each sector is in one group."""


@dataclass(frozen=True)
class TerritorialBaseline:
    """Published CO2 of one year."""

    year: int
    districts: tuple[str, ...]
    codes: tuple[str, ...]
    """ONS codes of the districts."""
    sectors: tuple[str, ...]
    co2_kt: NDArray[np.float64]
    """[district, sector], kt of CO2; negative where land takes up more than it gives off."""

    def by_group(self) -> dict[str, NDArray[np.float64]]:
        """CO2 of each group of sectors, float64[district], kt; the groups add up to all."""
        return {
            group: self.co2_kt[:, [self.sectors.index(s) for s in members]].sum(axis=1)
            for group, members in SECTOR_GROUPS.items()
        }


def territorial_baseline(year: int = 2010, folder: Path | None = None) -> TerritorialBaseline:
    """CO2 of the six districts by sector, as published.

    Parameters
    ----------
    year : int
        2005 to 2010: no later year has all six districts by sector in the data at hand.
    folder : Path, optional
        Folder of the coefficient tables.

    Returns
    -------
    TerritorialBaseline
        Electricity where it is used; CO2 alone, without CH4 and N2O.

    Raises
    ------
    InputError
        A year that is not published; sectors of the table that no group holds, or the other way round.
    """
    table = coefficient_table("territorial_co2_lcr", folder)
    years = sorted(int(y) for y in table["year"].unique())
    sectors = tuple(str(c) for c in table.columns if c not in ("year", "code", "district"))
    grouped = [s for members in SECTOR_GROUPS.values() for s in members]
    problems = []
    if year not in years:
        problems.append(f"year {year}: found {years[0]} to {years[-1]} in territorial_co2_lcr.csv; choose one of them")
    if odd := sorted(set(sectors) ^ set(grouped)):
        problems.append(f"territorial_co2_lcr.csv: {', '.join(odd)} not both in the table and in one group of sectors")
    raise_all(problems, InputError)
    mine = table[table["year"] == year]
    return TerritorialBaseline(
        year,
        tuple(mine["district"].astype(str)),
        tuple(mine["code"].astype(str)),
        sectors,
        np.ascontiguousarray(mine[list(sectors)].to_numpy(dtype=np.float64)),
    )
