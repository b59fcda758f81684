"""Low-cost particle sensors: readings at any step, with sentinels, wet housings and dates that are none."""

from __future__ import annotations

from pathlib import Path

from lcr_hpc.spine.readers.clock import utc_seconds
from lcr_hpc.spine.readers.formats import Options
from lcr_hpc.spine.readers.quantities import BOX, PARTICLES
from lcr_hpc.spine.readers.result import Collector, Reading, not_read
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.spine.readers.text import read_csv

TIME = "Date & Time"


def read_low_cost(path: Path, options: Options) -> Reading:
    """Read PM1.0, PM2.5 and PM10 in µg/m³ and the housing's temperature and humidity, reading by reading."""
    quarantine = Quarantine()
    quantities = BOX | PARTICLES
    text = read_csv(path, [TIME, *quantities], quarantine)
    zone = str(options.get("time_zone", "UTC"))
    second, good = utc_seconds(path, text.frame[TIME], quarantine, zone=zone, formats=("%Y-%m-%d %H:%M:%S",))
    table, second = text.frame[good], second[good]
    collect = Collector(path, quarantine)
    site = str(options.get("site", path.name.split(".")[0]))
    for column, q in quantities.items():
        collect.add_text(table[column], second, site=site, variable=q.name, unit=q.unit, limits=q.limits)
    notes = (*text.notes, *not_read(text.frame.columns, [TIME, *quantities]))
    return collect.reading("low_cost_pm", text.rows, "PT0S", notes)
