"""Residents by sex, disability and the like into the store `people`: what synthetic people are fitted to.

Always written: a night without the feed has an empty one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.areas import only_file
from lcr_hpc.spine.catalogue import ENTRY_FILE
from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.whole import Write, read_origin, write_whole
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.tables import read_reference, read_text_table
from lcr_hpc.store.layout import Layout

FEED = "people_groups"
_OWN = ("age_from", "persons")


def ingest_people(layout: Layout, areas: Areas) -> Write:
    """Margins by area, and the sample that says how characteristics go together with age."""
    folder = layout.incoming / FEED
    there = (folder / ENTRY_FILE).is_file()
    origin = read_origin(layout, "boundaries", *([FEED] if there else []))
    empty: dict[str, Any] = {
        "characteristic": [],
        "category": [],
        "category_of": np.zeros(0, np.int64),
        "persons": np.zeros((len(areas.zones), 0), np.int64),
        "sample_age": np.zeros(0, np.int64),
        "sample_category": np.zeros((0, 0), np.int64),
        "sample_persons": np.zeros(0),
    }
    values = _read(folder, areas) if there else empty
    sizes = {
        "area": len(areas.zones),
        "characteristic": len(values["characteristic"]),
        "category": len(values["category"]),
        "sample": len(values["sample_age"]),
    }
    return lambda: write_whole(layout, "people", origin, sizes, values, {})


def _read(folder: Path, areas: Areas) -> dict[str, Any]:
    path = only_file(folder, "margins*.csv")
    table = read_reference(path, FEED, "margins.csv", rename=True)
    area = areas.index(table["lsoa11_code"], path, "lsoa11_code")
    pairs = list(dict.fromkeys(zip(table["characteristic"].str.strip(), table["category"].str.strip(), strict=True)))
    characteristics = list(dict.fromkeys(c for c, _ in pairs))
    pairs.sort(key=lambda pair: characteristics.index(pair[0]))
    column = pd.Series(zip(table["characteristic"].str.strip(), table["category"].str.strip(), strict=True)).map(
        {pair: k for k, pair in enumerate(pairs)}
    )
    persons = np.full((len(areas.zones), len(pairs)), -1, np.int64)
    persons[area, column] = table["persons"]
    owner = np.array([characteristics.index(c) for c, _ in pairs])
    raise_all(_problems(path, table, persons, owner, characteristics, areas), title="residents by group cannot be used")
    return {
        "characteristic": characteristics,
        "category": [category for _, category in pairs],
        "category_of": owner,
        "persons": persons,
    } | _sample(only_file(folder, "sample*.csv"), characteristics, pairs)


def _problems(
    path: Path, table: pd.DataFrame, persons: Any, owner: Any, characteristics: list[str], areas: Areas
) -> list[str]:
    problems = []
    if (twice := table.duplicated(["lsoa11_code", "characteristic", "category"])).any():
        problems.append(f"{path}: {few(list(table.loc[twice, 'lsoa11_code']))} have a category twice")
    if (bad := (persons < 0).any(axis=1)).any():
        codes = few([str(c) for c in areas.zones.code[bad]])
        problems.append(f"{path}: wanted 0 or more persons of each category in each area; not so in {codes}")
    residents = areas.people.population.sum(axis=1)
    for k, name in enumerate(characteristics):
        if (bare := (residents > 0) & (np.maximum(persons[:, owner == k], 0).sum(axis=1) == 0)).any():
            codes = few([str(c) for c in areas.zones.code[bare]])
            problems.append(f"{path}: nobody of any {name} where people live: {codes}")
    return problems


def _sample(path: Path, characteristics: list[str], pairs: list[tuple[str, str]]) -> dict[str, Any]:
    table = read_text_table(path)
    if lost := [c for c in (*_OWN, *characteristics) if c not in table]:
        raise InputError(f"{path}: no column {few([f'`{c}`' for c in lost])}; wanted age_from, persons and a column a "
                         "characteristic of the margins")  # fmt: skip
    age, persons = (pd.to_numeric(table[c], errors="coerce") for c in _OWN)
    problems = []
    if (bad := ~(age.between(0, 150) & (age % 1 == 0) & (persons >= 0))).any():
        problems.append(f"{path}: wanted a whole age and 0 or more persons on line {few(bad.index[bad] + 2)}")
    place = {pair: k for k, pair in enumerate(pairs)}
    category = np.full((len(table), len(characteristics)), -1, np.int64)
    for k, name in enumerate(characteristics):
        found = [place.get((name, str(value).strip()), -1) for value in table[name]]
        category[:, k] = found
        if strange := sorted({str(v) for v, at in zip(table[name], found, strict=True) if at < 0}):
            problems.append(f"{path}: `{name}` has {few(strange)}, which the margins do not have")
    raise_all(problems, InputError)
    return {
        "sample_age": age.to_numpy(np.int64),
        "sample_category": category,
        "sample_persons": persons.to_numpy(np.float64),
    }
