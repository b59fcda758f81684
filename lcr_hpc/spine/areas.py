"""The areas of a night, joined from four feeds: boundaries, lookup, population, deprivation.

The twin builds on them and the ingest stores them, through the same door.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.boundaries import Boundaries, read_boundaries
from lcr_hpc.spine.readers.tables import census_names, read_reference, read_text_table

Strings = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]

AGES = tuple("90+" if a == 90 else str(a) for a in range(91))
RANKED = {"LSOA 2011": 32_844, "LSOA 2021": 33_755}
"""Areas of England that the indices of 2019 and 2025 rank."""
DISTRICT_CODES = {
    "Halton": "E06000006",
    "Knowsley": "E08000011",
    "Liverpool": "E08000012",
    "St. Helens": "E08000013",
    "Sefton": "E08000014",
    "Wirral": "E08000015",
}
"""ONS codes of the six districts; a lookup of areas to MSOAs names a district only within its areas' names."""


@dataclass(frozen=True)
class Zones:
    """Areas in code order, with the middle-layer area and the district of each."""

    boundaries: Boundaries
    msoa: Ints
    """Index into msoa_code, by area"""
    msoa_code: Strings
    msoa_name: Strings
    district: Ints
    """Index into district_code, by area"""
    district_code: Strings
    district_name: Strings

    @property
    def code(self) -> Strings:
        """Code of each area."""
        return self.boundaries.code

    @property
    def x(self) -> npt.NDArray[np.float64]:
        """Easting of each population point."""
        return self.boundaries.x

    @property
    def y(self) -> npt.NDArray[np.float64]:
        """Northing of each population point."""
        return self.boundaries.y

    def __len__(self) -> int:
        return len(self.boundaries.code)


@dataclass(frozen=True)
class People:
    """Who lives in the areas."""

    population: Ints
    """int64[area, age]"""
    rank: Ints
    """National rank of deprivation, 1 = most deprived"""
    n_ranked: int
    domains: tuple[str, ...] = ()
    """Further ranks that the deprivation feed has, by the names of their columns"""
    domain_rank: Ints = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    """int64[area, domain]"""


def read_zones(boundaries: Path, lookup: Path) -> Zones:
    """Join boundaries and lookup.

    Raises
    ------
    InputError
        Everything that is wrong with either, or areas that only one of them has.
    """
    problems = Problems()
    shapes = table = None
    with problems.collecting():
        shapes = read_boundaries(boundaries)
    with problems.collecting():
        table = read_reference(lookup, "lookup", "*.csv", rename=True)
    if shapes is not None and table is not None:
        problems.add(_unmatched(shapes.code, table["lsoa11_code"], boundaries, lookup))
    problems.raise_if_any("the areas do not fit together")
    assert shapes is not None and table is not None
    table = table.set_index("lsoa11_code").loc[shapes.code]
    msoa_code, msoa = np.unique(table["msoa11_code"].to_numpy(dtype=str), return_inverse=True)
    msoa_name = np.empty(len(msoa_code), dtype=object)
    msoa_name[msoa] = table["msoa11_name"].to_numpy(dtype=object)
    names = [re.sub(r" \d{3}[A-Z]+$", "", str(n)) for n in shapes.name]
    codes = [DISTRICT_CODES.get(n, n) for n in names]
    district_code, district = np.unique(np.array(codes, dtype=str), return_inverse=True)
    district_name = np.empty(len(district_code), dtype=object)
    district_name[district] = names
    return Zones(shapes, msoa, _text(msoa_code), msoa_name, district, _text(district_code), district_name)


def read_people(population: Path, deprivation: Path, zones: Zones) -> People:
    """Read residents by age and deprivation ranks, in the order of the zones.

    Raises
    ------
    InputError
        Missing columns, negative counts, ranks below 1 or areas that do not match.
    """
    problems = Problems()
    people = ranks = None
    with problems.collecting():
        people = read_reference(population, "population", "*.csv", rename=True, problems=problems)
        problems.add(_unmatched(zones.code, people["lsoa11_code"], Path("boundaries"), population))
    n_ranked = RANKED.get(zones.boundaries.vintage, RANKED["LSOA 2011"])
    with problems.collecting():
        ranks = read_reference(deprivation, "deprivation", "*.csv", rename=True, problems=problems)
        problems.add(_unmatched(zones.code, ranks["lsoa11_code"], Path("boundaries"), deprivation))
        wrong = ranks["IMD_rank"] > n_ranked
        if wrong.any():
            problems.add(f"{deprivation}: ranks above {n_ranked:,} in {few(ranks.loc[wrong, 'lsoa11_code'])}")
    domains: dict[str, Ints] = {}
    with problems.collecting():
        domains = _domain_ranks(deprivation, zones, n_ranked)
    problems.raise_if_any("the people do not fit the areas")
    assert people is not None and ranks is not None
    by_age = people.set_index("lsoa11_code").loc[zones.code, list(AGES)].to_numpy(dtype=np.int64)
    rank = ranks.set_index("lsoa11_code").loc[zones.code, "IMD_rank"].to_numpy(dtype=np.int64)
    by_domain = np.stack([*domains.values()], axis=1) if domains else np.zeros((len(zones), 0), np.int64)
    return People(by_age, rank, n_ranked, tuple(domains), by_domain)


def _domain_ranks(path: Path, zones: Zones, n_ranked: int) -> dict[str, Ints]:
    """Ranks of every other column of the feed that is called `…_rank`; −1 where a cell is empty."""
    table = read_text_table(path)
    table = table.rename(columns=census_names(table.columns)).set_index("lsoa11_code")
    columns = [str(c) for c in table.columns if str(c).endswith("_rank") and c != "IMD_rank"]
    if not set(zones.code) <= set(table.index):
        return {}  # told where the feed's own rank is read
    problems, found = [], {}
    for column in columns:
        text = table.loc[zones.code, column].fillna("").str.strip()
        rank = pd.to_numeric(text.mask(text == "", "-1"), errors="coerce")
        if (bad := ~(rank.between(1, n_ranked) | (text == "")) | (rank % 1 != 0)).any():
            problems.append(f"{path}: `{column}` is no rank of 1 to {n_ranked:,} in {few(list(text.index[bad]))}")
        found[column] = rank.fillna(-1).to_numpy().astype(np.int64)
    raise_all(problems, InputError)
    return found


def read_life_expectancy(path: Path, zones: Zones) -> npt.NDArray[np.float64]:
    """Published life expectancy of each MSOA in years, float64[msoa]; NaN where the feed has none.

    Raises
    ------
    InputError
        Missing columns, values that are no life expectancy, or codes that are none of the MSOAs.
    """
    problems = Problems()
    table = read_reference(path, "life_expectancy", "*.csv", problems=problems)
    years = table["simple_average_2009_2013"]
    if strangers := sorted(set(table["msoa11cd"]) - set(zones.msoa_code)):
        problems.add(
            f"{path}: `msoa11cd` has {len(strangers):,} codes that are none of the MSOAs: {few(strangers)}; "
            "use the codes of the lookup"
        )
    problems.raise_if_any("the life expectancy cannot be used")
    return years.set_axis(table["msoa11cd"]).reindex(zones.msoa_code).to_numpy(dtype=np.float64)


def district_at(zones: Zones, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """District of the area that holds each point, else of the nearest within 2 km, else −1."""
    tree = shapely.STRtree(zones.boundaries.polygon)
    points = shapely.points(x, y)
    found = np.full(len(x), -1, dtype=np.int64)
    point, area = tree.query_nearest(points, max_distance=2000.0, all_matches=False)
    found[point] = zones.district[area]
    return found


def only_file(folder: Path, pattern: str = "*") -> Path:
    """The one data file of a landed dataset.

    Raises
    ------
    InputError
        When there is none, or more than one.
    """
    found = sorted(f for f in folder.glob(pattern) if f.name != "dataset.json") if folder.is_dir() else []
    if len(found) != 1:
        raise InputError(f"{folder} has {len(found)} files, wanted one; run `lcr spine feeds`")
    return found[0]


def _unmatched(wanted: Strings, found: pd.Series, here: Path, there: Path) -> Iterator[str]:
    lacking = sorted(set(wanted) - set(found))
    unknown = sorted(set(found) - set(wanted))
    advice = "take both for the same places and census"
    if lacking:
        yield f"{there} lacks {len(lacking):,} areas of {here}: {few(lacking)}; {advice}"
    if unknown:
        yield f"{there} has {len(unknown):,} areas that are not in {here}: {few(unknown)}; {advice}"


def _text(values: Strings) -> Strings:
    return values.astype(object)
