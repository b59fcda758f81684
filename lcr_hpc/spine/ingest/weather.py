"""Hourly weather of the region."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lcr_hpc.errors import InputError
from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.days import SeriesStore
from lcr_hpc.spine.ingest.declared import Declared, declared_files, hours_of, step_seconds, values_of
from lcr_hpc.spine.ingest.flags import RULES
from lcr_hpc.spine.ingest.observations import Days, read_batch, writer
from lcr_hpc.spine.ingest.whole import Write, read_origin
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.quantities import WEATHER
from lcr_hpc.spine.readers.result import Reading
from lcr_hpc.spine.readers.series import Ints, Quarantine, numbers, read_wide
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import STABILITY_CLASSES

COLUMNS = {
    "wind_speed": "wind_speed_m_s",
    "wind_from": "wind_from_deg",
    "air_temperature": "air_temperature_c",
    "mixing_height": "mixing_height_m",
}
"""Variable of each column of numbers"""
PATTERN = "weather_*.csv"


def ingest_weather(layout: Layout, areas: Areas) -> Write:
    """Read the weather; a value that is a sentinel or implausible is kept with its flag."""
    folder, days = layout.incoming / "weather", Days()
    origin = read_origin(layout, "weather")
    declared = declared_files(folder, origin, "weather", PATTERN)
    readings: dict[str, Reading] = {}

    def read(path: Path, rejected: Quarantine) -> Ints:
        if path.name in declared:
            if not readings:
                readings.update(_of_one_site(folder, declared))
            hour, measured = _declared_hours(readings[path.name], rejected)
            days.put(hour, None, 0, measured)
            return hour
        table, hour = read_wide(path, "time_utc", 60, rejected, [*COLUMNS, "pasquill_class"])
        values: dict[str, npt.NDArray[Any]] = {
            variable: numbers(path, name, table[name], rejected) for name, variable in COLUMNS.items()
        }
        letter = table["pasquill_class"].str.strip().map({c: i for i, c in enumerate(STABILITY_CLASSES)})
        rejected.add(path, table["pasquill_class"], letter.isna(), "pasquill_class", "none of A to F")
        values["stability_class"] = letter.fillna(-1).to_numpy(dtype=np.int8)
        days.put(hour, None, 0, values)
        return hour

    batch = read_batch(layout, origin, "weather", (PATTERN,), declared, read)
    spec = SeriesStore(
        path=layout.store("weather"),
        manifest=layout.manifest("weather"),
        store="weather",
        recipe=origin.recipe,
        site="",
        sites={
            "region": origin.entries["weather"].coverage.place,
            "region_x": round(float(areas.zones.x.mean()), 1),
            "region_y": round(float(areas.zones.y.mean()), 1),
        },
        values=(*COLUMNS.values(), "stability_class"),
    )
    return writer(batch, spec, days)


def _of_one_site(folder: Path, declared: Declared) -> dict[str, Reading]:
    """Every declared file, also those that are stored: all must be of one site, on whichever night they land."""
    readings = {name: declared.read(folder / name, Quarantine()) for name in declared.by_name}
    wanted = list(COLUMNS)
    tables = (r.table[r.table["variable"].isin(wanted).to_numpy()] for r in readings.values())
    if len(sites := sorted({str(s) for t in tables for s in t["site"].unique()})) > 1:
        raise InputError(f"{folder}: weather of {few(sites)}, wanted one site: the region has one weather")
    return readings


def _declared_hours(reading: Reading, rejected: Quarantine) -> tuple[Ints, dict[str, npt.NDArray[Any]]]:
    """Hours of one file; what it does not measure (mixing height, stability) is missing."""
    rejected.rows += [tuple(row) for row in reading.rejected.itertuples(index=False, name=None)]
    units = {name: WEATHER[name].unit for name in COLUMNS}
    table = hours_of(
        values_of(reading, units, rejected, {name: RULES[COLUMNS[name]] for name in units}), step_seconds(reading)
    )
    hours = np.unique(table["hour"].to_numpy(np.int64))
    values: dict[str, npt.NDArray[Any]] = {"stability_class": np.full(len(hours), -1, np.int8)}
    for name, variable in COLUMNS.items():
        values[variable] = np.full(len(hours), np.nan)
        part = table[table["variable"] == name]
        values[variable][np.searchsorted(hours, part["hour"])] = part["value"]
    return hours, values
