"""Hourly weather of the region."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.days import SeriesStore
from lcr_hpc.spine.ingest.observations import Days, read_batch, writer
from lcr_hpc.spine.ingest.whole import Write, read_origin
from lcr_hpc.spine.readers.series import Ints, Quarantine, read_wide, within
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import STABILITY_CLASSES

LIMITS = {
    "wind_speed": ("wind_speed_m_s", (0.0, 60.0)),
    "wind_from": ("wind_from_deg", (0.0, 360.0)),
    "air_temperature": ("air_temperature_c", (-40.0, 45.0)),
    "mixing_height": ("mixing_height_m", (10.0, 5000.0)),
}
"""Variable and plausible values of each column"""


PATTERN = "weather_*.csv"


def ingest_weather(layout: Layout, areas: Areas) -> Write:
    """Read the weather; the store has no flags, so what is implausible is missing there and stands in quarantine."""
    days = Days()

    def read(path: Path, rejected: Quarantine) -> Ints:
        table, hour = read_wide(path, "time_utc", 60, rejected, [*LIMITS, "pasquill_class"])
        values: dict[str, npt.NDArray[Any]] = {
            variable: within(path, name, table[name], limits, rejected) for name, (variable, limits) in LIMITS.items()
        }
        letter = table["pasquill_class"].str.strip().map({c: i for i, c in enumerate(STABILITY_CLASSES)})
        rejected.add(path, table["pasquill_class"], letter.isna(), "pasquill_class", "none of A to F")
        values["stability_class"] = letter.fillna(-1).to_numpy(dtype=np.int8)
        days.put(hour, None, 0, values)
        return hour

    origin = read_origin(layout, "weather")
    batch = read_batch(layout, origin, "weather", (PATTERN,), read)
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
        values=(*(variable for variable, _ in LIMITS.values()), "stability_class"),
    )
    return writer(batch, spec, days)
