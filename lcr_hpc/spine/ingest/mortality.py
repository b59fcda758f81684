"""Deaths by MSOA and age band, of all causes and of some, and published life expectancy where there is any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.errors import raise_all
from lcr_hpc.spine.areas import only_file, read_life_expectancy
from lcr_hpc.spine.datasets import AGE_BANDS
from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.whole import Write, read_origin, write_whole
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.tables import read_reference
from lcr_hpc.store.layout import Layout

Ints = npt.NDArray[np.int64]
Years = tuple[int, int]


def ingest_mortality(layout: Layout, areas: Areas) -> Write:
    """Deaths by MSOA and age band, those of some causes, and published life expectancy where there is any."""
    path = only_file(layout.incoming / "mortality")
    found = Problems()
    table = read_reference(path, "mortality", "*.csv", problems=found)
    found.add(_problems(path, table, len(areas.zones.msoa_code)))
    found.raise_if_any()
    deaths = _counts(path, table, areas)
    span = (int(table["first_year"].iloc[0]), int(table["last_year"].iloc[0]))
    causes, by_cause, cause_feed = _by_cause(layout, areas, deaths, span)
    published, names = _published(layout, areas)
    origin = read_origin(layout, "mortality", *cause_feed, *names)
    values = {
        "msoa": areas.zones.msoa_code,
        "age_band": np.array(AGE_BANDS),
        "deaths": deaths,
        "death_cause": causes,
        "deaths_by_cause": by_cause,
        "published_life_expectancy": published,
    }
    sizes = {"msoa": len(deaths), "age_band": len(AGE_BANDS), "death_cause": len(causes)}
    years = {"observation_years": span[1] - span[0] + 1}
    return lambda: write_whole(layout, "mortality", origin, sizes, values, years)


def _problems(path: Path, table: pd.DataFrame, msoas: int, what: str = "") -> list[str]:
    """What is wrong with the rows of one cause; empty = nothing."""
    problems = []
    if tuple(bands := np.unique(table["age_band"])) != AGE_BANDS:
        problems.append(f"{path}: wanted the age bands 0, 1, 5, 10 … 90{what}; found {few(bands, 25)}")
    if len(table) != msoas * len(AGE_BANDS) or table.duplicated(["msoa11_code", "age_band"]).any():
        problems.append(
            f"{path}: wanted one row an MSOA and age band{what}, {msoas} × {len(AGE_BANDS)}; found {len(table)}"
        )
    spans = table[["first_year", "last_year"]].drop_duplicates()
    if len(spans) != 1 or (spans["last_year"] < spans["first_year"]).any():
        problems.append(f"{path}: wanted the same first_year ≤ last_year on every row")
    return problems


def _counts(path: Path, table: pd.DataFrame, areas: Areas) -> Ints:
    deaths = np.zeros((len(areas.zones.msoa_code), len(AGE_BANDS)), dtype=np.int64)
    row = areas.msoa_index(table["msoa11_code"], path, "msoa11_code")
    deaths[row, np.searchsorted(AGE_BANDS, table["age_band"])] = table["deaths"]
    return deaths


def _by_cause(layout: Layout, areas: Areas, deaths: Ints, span: Years) -> tuple[list[str], Ints, tuple[str, ...]]:
    """Causes in the order of the alphabet, int64[msoa, age_band, cause], and the dataset that they are from."""
    folder = layout.incoming / "deaths_by_cause"
    if not folder.is_dir():
        return [], np.zeros((*deaths.shape, 0), np.int64), ()
    path = only_file(folder)
    table = read_reference(path, "deaths_by_cause", "*.csv")
    table["cause"] = table["cause"].str.strip()
    problems, counted = [], {}
    for cause, rows in table.groupby("cause"):
        said = _problems(path, rows, len(deaths), f" of {str(cause)!r}")
        problems += said
        if (years := (int(rows["first_year"].iloc[0]), int(rows["last_year"].iloc[0]))) != span:
            problems.append(
                f"{path}: {str(cause)!r} is counted over {years[0]} to {years[1]}, all deaths over {span[0]} to "
                f"{span[1]}; take both of the same years"
            )
        if not said:
            counted[str(cause)] = _counts(path, rows, areas)
            more = np.flatnonzero((counted[str(cause)] > deaths).any(axis=1))
            if more.size:
                where = few([str(m) for m in areas.zones.msoa_code[more]])
                problems.append(f"{path}: more deaths of {str(cause)!r} than of all causes in {where}")
    raise_all(problems, title="the deaths by cause cannot be used")
    return list(counted), np.stack(list(counted.values()), axis=2), ("deaths_by_cause",)


def _published(layout: Layout, areas: Areas) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
    """Published life expectancy of each MSOA, NaN where there is none, and the dataset that it is from."""
    folder = layout.incoming / "life_expectancy"
    if not folder.is_dir():
        return np.full(len(areas.zones.msoa_code), np.nan), ()
    return read_life_expectancy(only_file(folder), areas.zones), ("life_expectancy",)
