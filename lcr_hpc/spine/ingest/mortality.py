"""Deaths by MSOA and age band, and published life expectancy where there is any."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lcr_hpc.errors import raise_all
from lcr_hpc.spine.areas import only_file, read_life_expectancy
from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.whole import Write, read_origin, write_whole
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.tables import lines, read_reference
from lcr_hpc.store.layout import Layout

AGE_BANDS = (0, 1, *range(5, 95, 5))


def ingest_mortality(layout: Layout, areas: Areas) -> Write:
    """Deaths by MSOA and age band, and published life expectancy where there is any."""
    path = only_file(layout.incoming / "mortality")
    table = read_reference(path, "mortality", "*.csv")
    msoas = areas.zones.msoa_code
    bands = np.unique(table["age_band"])
    row = areas.msoa_index(table["msoa11_code"], path, "msoa11_code")
    column = np.searchsorted(bands, table["age_band"])
    problems = []
    if (table["deaths"] < 0).any():
        problems.append(f"{path}: deaths below 0 on line {lines(table['deaths'] < 0)}")
    if tuple(bands) != AGE_BANDS:
        problems.append(f"{path}: wanted the age bands 0, 1, 5, 10 … 90; found {few(bands, 25)}")
    if len(table) != len(msoas) * len(bands) or len(np.unique(row * len(bands) + column)) != len(table):
        problems.append(f"{path}: wanted one row an MSOA and age band, {len(msoas)} × {len(bands)}; found {len(table)}")
    spans = table[["first_year", "last_year"]].drop_duplicates()
    if len(spans) != 1 or (spans["last_year"] < spans["first_year"]).any():
        problems.append(f"{path}: wanted the same first_year ≤ last_year on every row")
    raise_all(problems)
    deaths = np.zeros((len(msoas), len(bands)), dtype=np.int64)
    deaths[row, column] = table["deaths"]
    published, names = _published(layout, areas)
    years = int(spans["last_year"].iloc[0] - spans["first_year"].iloc[0] + 1)
    origin = read_origin(layout, "mortality", *names)
    values = {"msoa": msoas, "age_band": bands, "deaths": deaths, "published_life_expectancy": published}
    sizes = {"msoa": len(msoas), "age_band": len(bands)}
    return lambda: write_whole(layout, "mortality", origin, sizes, values, {"observation_years": years})


def _published(layout: Layout, areas: Areas) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
    """Published life expectancy of each MSOA, NaN where there is none, and the dataset that it is from."""
    folder = layout.incoming / "life_expectancy"
    if not folder.is_dir():
        return np.full(len(areas.zones.msoa_code), np.nan), ()
    return read_life_expectancy(only_file(folder), areas.zones), ("life_expectancy",)
