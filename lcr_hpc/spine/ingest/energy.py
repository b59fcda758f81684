"""Half-hourly electricity by MSOA as hourly sums; an hour with one half missing is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.days import SeriesStore
from lcr_hpc.spine.ingest.declared import declared_files, hours_of, require_sites, step_seconds, values_of
from lcr_hpc.spine.ingest.flags import RULES
from lcr_hpc.spine.ingest.observations import Days, read_batch, writer
from lcr_hpc.spine.ingest.whole import Write, read_origin
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.series import Ints, Quarantine, read_wide, within
from lcr_hpc.store.layout import Layout

PATTERN = "electricity_*.csv"


def ingest_energy(layout: Layout, areas: Areas) -> Write:
    """Read the half hours; one that is implausible is in quarantine and in no hour."""
    msoas, halves = areas.zones.msoa_code, Days()
    column = {name: i for i, name in enumerate(msoas)}
    origin = read_origin(layout, "energy")
    declared = declared_files(layout.incoming / "energy", origin, "energy", PATTERN)
    found: list[tuple[int, pd.DataFrame]] = []
    limits = DATASETS["energy"].column(PATTERN, "*").limits

    def read(path: Path, rejected: Quarantine) -> Ints:
        if path.name in declared:
            reading = declared.read(path, rejected)
            values = values_of(reading, {"electricity": "kWh"}, rejected, {"electricity": RULES["electricity_kwh"]})
            require_sites(values, column, Path("the lookup"))
            hours = hours_of(values, step_seconds(reading), "sum")
            found.append((declared.source(path.name), hours))
            return hours["hour"].to_numpy(np.int64)
        table, half = read_wide(path, "time_utc", 30, rejected)
        names = table.columns.drop("time_utc")
        if unknown := [c for c in names if c not in column]:
            raise InputError(f"{path}: columns that are no MSOA of the lookup: {few(unknown)}")
        for name in names:
            kwh = within(path, name, table[name], limits, rejected)
            halves.put(half, column[name], len(msoas), {"electricity_kwh": kwh}, per_day=48)
        return half // 2

    batch = read_batch(layout, origin, "energy", (PATTERN,), declared, read)
    days = Days()
    for day, table in halves.table.items():
        kwh = table["electricity_kwh"].reshape(24, 2, -1).sum(axis=1)
        days.table[day] = {"electricity_kwh": kwh, "electricity_source": np.where(np.isnan(kwh), -1, 0).astype(np.int8)}
    for day, marks in halves.jump.items():
        days.jump[day] = {n: np.logical_or.reduce(m.reshape(24, 2, -1), axis=1) for n, m in marks.items()}
    for source, hours in found:
        for site, part in hours.groupby("site"):
            kwh = part["value"].to_numpy(np.float64)
            sources = np.where(np.isnan(kwh), -1, source).astype(np.int8)
            values = {"electricity_kwh": kwh, "electricity_source": sources}
            days.put(part["hour"].to_numpy(np.int64), column[str(site)], len(msoas), values)
    points = np.bincount(areas.zones.msoa, minlength=len(msoas))
    spec = SeriesStore(
        path=layout.store("energy"),
        manifest=layout.manifest("energy"),
        store="energy",
        recipe=origin.recipe,
        site="msoa",
        sites={
            "msoa": msoas,
            "msoa_x": np.round(np.bincount(areas.zones.msoa, areas.zones.x, len(msoas)) / points, 1),
            "msoa_y": np.round(np.bincount(areas.zones.msoa, areas.zones.y, len(msoas)) / points, 1),
        },
        values=("electricity_kwh", "electricity_source"),
        other={"source": list(declared.sources)},
    )
    return writer(batch, spec, days)
