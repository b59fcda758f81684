"""Hourly weather of the region."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.days import SeriesStore
from lcr_hpc.spine.ingest.declared import Declared, declared_files
from lcr_hpc.spine.ingest.observations import Days, put, writer
from lcr_hpc.spine.ingest.whole import Write, read_origin
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.quantities import WEATHER
from lcr_hpc.spine.readers.series import Quarantine, read_wide, within
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import STABILITY_CLASSES

LIMITS = {
    "wind_speed": ("wind_speed_m_s", (0.0, 60.0)),
    "wind_from": ("wind_from_deg", (0.0, 360.0)),
    "air_temperature": ("air_temperature_c", (-40.0, 45.0)),
    "mixing_height": ("mixing_height_m", (10.0, 5000.0)),
}
"""Variable and plausible values of each column"""


def ingest_weather(layout: Layout, areas: Areas) -> Write:
    """Read the weather; the store has no flags, so what is implausible is missing there and stands in quarantine."""
    folder, rejected, problems = layout.incoming / "weather", Quarantine(), Problems()
    days: Days = {}
    files = declared_files(layout, "weather", rejected, "weather_*.csv")
    for path in files.contract:
        with problems.collecting():
            table, hour = read_wide(path, "time_utc", 60, rejected, [*LIMITS, "pasquill_class"])
            values: dict[str, npt.NDArray[Any]] = {
                variable: within(path, name, table[name], limits, rejected)
                for name, (variable, limits) in LIMITS.items()
            }
            letter = table["pasquill_class"].str.strip().map({c: i for i, c in enumerate(STABILITY_CLASSES)})
            rejected.add(path, table["pasquill_class"], letter.isna(), "pasquill_class", "none of A to F")
            values["stability_class"] = letter.fillna(-1).to_numpy(dtype=np.int8)
            put(days, hour, None, 0, values)
    with problems.collecting():
        problems.add(_put_declared(days, files, folder, rejected))
    problems.raise_if_any("the weather cannot be read")
    origin = read_origin(layout, "weather")
    names = (*(variable for variable, _ in LIMITS.values()), "stability_class")
    spec = SeriesStore(layout.store("weather"), layout.manifest("weather"), "weather", origin.recipe, "", {}, names, {})
    return writer(layout, origin, spec, days, rejected)


def _put_declared(days: Days, files: Declared, folder: Path, rejected: Quarantine) -> Iterator[str]:
    """Hours of one site; what it does not measure (mixing height, stability) is missing."""
    if not files.readings:
        return
    tables = files.hourly({name: WEATHER[name].unit for name in LIMITS}, rejected, flags=False)
    if len(sites := sorted({str(s) for t in tables.values() for s in t["site"].unique()})) > 1:
        yield f"{folder}: weather of {few(sites)}, wanted one site: the region has one weather"
        return
    hours = np.unique(np.concatenate([t["hour"].to_numpy(np.int64) for t in tables.values()]))
    values: dict[str, npt.NDArray[Any]] = {"stability_class": np.full(len(hours), -1, np.int8)}
    for name, (variable, _) in LIMITS.items():
        values[variable] = np.full(len(hours), np.nan)
        if name in tables:
            table = tables[name]
            values[variable][np.searchsorted(hours, table["hour"])] = table["value"].where(table["flag"] == 0)
    put(days, hours, None, 0, values)
