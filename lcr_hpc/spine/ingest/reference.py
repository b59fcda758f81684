"""Published figures into the store `reference`, so that models are compared with them there and never by hand.

Always written: a night with no published figures has an empty one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lcr_hpc.errors import raise_all
from lcr_hpc.spine.areas import Zones, only_file
from lcr_hpc.spine.catalogue import ENTRY_FILE
from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.whole import Origin, Write, read_origin, write_whole
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.published import (
    FIGURE_COLUMNS,
    FIGURE_DATASETS,
    NO_YEAR,
    read_area_changes,
    read_figures,
    read_indicators,
    read_point_sources,
)
from lcr_hpc.spine.readers.tables import read_reference
from lcr_hpc.store.layout import Layout

PUBLISHED = (*FIGURE_DATASETS, "area_changes", "indicators", "point_sources", "deprivation_latest")
"""Datasets that this store is read from, all of them optional"""


def ingest_reference(layout: Layout, areas: Areas) -> Write:
    """Read whichever published tables have landed; boundaries and lookup are what their codes refer to."""
    there = [name for name in PUBLISHED if (layout.incoming / name / ENTRY_FILE).is_file()]
    origin = read_origin(layout, "boundaries", "lookup", *there)
    paths = {name: only_file(layout.incoming / name) for name in there}
    problems = Problems()
    values: dict[str, Any] = {}
    for part in (_figures, _changes, _indicators, _sites):
        with problems.collecting():
            values |= part(paths, origin, areas.zones)
    problems.raise_if_any("the published figures cannot be read")
    sizes = {"area": len(areas.zones)} | {d: len(values[d]) for d in ("figure", "change", "indicator", "site")}
    attrs = {"vintage": origin.entries["boundaries"].attributes.get("vintage", areas.zones.boundaries.vintage)}
    return lambda: write_whole(layout, "reference", origin, sizes, values, attrs)


def _figures(paths: Mapping[str, Path], origin: Origin, zones: Zones) -> dict[str, Any]:
    """All totals by statistic, place and year. Places that the night does not have stay: they are the source's."""
    tables = []
    for name in (n for n in FIGURE_DATASETS if n in paths):
        year = origin.entries[name].attributes.get("year")
        tables.append(read_figures(name, paths[name], None if year is None else int(year)).assign(dataset=name))
    empty = pd.DataFrame({c: [] for c in (*FIGURE_COLUMNS, "dataset")})
    table = pd.concat(tables, ignore_index=True) if tables else empty
    table = table.sort_values(["statistic", "year", "place"], kind="stable", ignore_index=True)
    twice = table.duplicated(["statistic", "place", "year"])
    raise_all(
        f"{row['statistic']} of {row['place']} in {row['year']} comes from two feeds, the second `{row['dataset']}`; "
        "say the `year` of each"
        for _, row in table[twice].head(1).iterrows()
    )
    known = set(zones.msoa_code) | set(zones.district_code)
    if tables and not known & set(table["place"]):
        raise_all([f"{next(iter(paths.values()))}: no place of the published figures is one of the night's areas"])
    return {
        "figure": table["statistic"],
        "figure_place": table["place"],
        "figure_year": table["year"].to_numpy(dtype=np.int64),
        "figure_value": table["value"].to_numpy(dtype=np.float64),
        "figure_units": table["units"],
        "figure_dataset": table["dataset"],
    }


def _changes(paths: Mapping[str, Path], _: Origin, zones: Zones) -> dict[str, Any]:
    """Pairs of areas of both censuses; the national rank of 2021's areas where a later index has landed."""
    if "area_changes" not in paths:
        return {"change": [], "change_area11": [], "change_area21": [], "change_rank21": np.zeros(0, np.int64)}
    table = read_area_changes(paths["area_changes"])
    theirs = table["lsoa21_code" if zones.boundaries.vintage == "LSOA 2021" else "lsoa11_code"]
    if lost := sorted(set(zones.code) - set(theirs)):
        raise_all([f"{paths['area_changes']} lacks {len(lost):,} areas of the boundaries: {few(lost)}"])
    table = table[theirs.isin(zones.code)]
    rank = pd.Series(NO_YEAR, index=table.index)
    if "deprivation_latest" in paths:
        latest = read_reference(paths["deprivation_latest"], "deprivation", "*.csv", rename=True).set_index(
            "lsoa11_code"
        )["IMD_rank"]
        rank = table["lsoa21_code"].map(latest).fillna(-1)
    return {
        "change": table["change"],
        "change_area11": table["lsoa11_code"],
        "change_area21": table["lsoa21_code"],
        "change_rank21": rank.to_numpy(dtype=np.int64),
    }


def _indicators(paths: Mapping[str, Path], _: Origin, zones: Zones) -> dict[str, Any]:
    if "indicators" not in paths:
        return {"indicator": [], "indicator_value": np.zeros((len(zones), 0))}
    table = read_indicators(paths["indicators"])
    if lost := sorted(set(zones.code) - set(table.index)):
        raise_all([f"{paths['indicators']} lacks {len(lost):,} areas of the boundaries: {few(lost)}"])
    return {"indicator": list(table.columns), "indicator_value": table.loc[zones.code].to_numpy(dtype=np.float64)}


def _sites(paths: Mapping[str, Path], origin: Origin, zones: Zones) -> dict[str, Any]:
    path = paths.get("point_sources")
    table = pd.DataFrame({c: [] for c in _SITE_COLUMNS})
    if path:
        table = read_point_sources(path, str(origin.entries["point_sources"].attributes.get("unit", "t CO2")))
    district = table["area_code"].map({c: i for i, c in enumerate(zones.district_code)}).fillna(-1)
    return {
        "site": table["site"],
        "site_operator": table["operator"],
        "site_sector": table["sector"],
        "site_x": table["easting"].to_numpy(dtype=np.float64),
        "site_y": table["northing"].to_numpy(dtype=np.float64),
        "site_district": district.to_numpy(dtype=np.int64),
        "site_year": table["year"].to_numpy(dtype=np.int64),
        "site_co2_t_year": table["co2_t_year"].to_numpy(dtype=np.float64),
    }


_SITE_COLUMNS = ("site", "operator", "sector", "easting", "northing", "area_code", "year", "co2_t_year")
