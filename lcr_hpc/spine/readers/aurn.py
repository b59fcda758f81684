"""UK-AIR stations (AURN): hours that end at 01:00 to 24:00 GMT, or days; `No data` where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.clock import utc_seconds
from lcr_hpc.spine.readers.formats import Options
from lcr_hpc.spine.readers.quantities import POLLUTANTS
from lcr_hpc.spine.readers.result import Collector, Reading, not_read
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.spine.readers.text import read_csv

DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y")


def read_aurn(path: Path, options: Options) -> Reading:
    """Read concentrations in µg/m³ (CO in mg/m³) of one station; NOx counts as NO2."""
    quarantine = Quarantine()
    text = read_csv(path, ["Date"], quarantine)
    table = text.frame
    found = [c for c in table.columns if c in POLLUTANTS]
    if not found:
        raise InputError(f"{path}: no pollutant, wanted a column of {', '.join(POLLUTANTS)}")
    second, good = utc_seconds(path, table["Date"], quarantine, formats=DATES)
    midnight = second % 86_400 == 0
    hourly = "Time" in table.columns
    if hourly:
        clock = pd.to_numeric(table["Time"].str.strip().str.extract(r"^(\d\d):00(?::00)?$")[0])
        wrong = ~clock.between(1, 24).to_numpy()
        quarantine.add(path, table["Time"], wrong & good, "Time", "no end of an hour, wanted 01:00 to 24:00")
        second = second + (clock.fillna(1).to_numpy(np.int64) - 1) * 3600
        good &= ~wrong
    good &= midnight
    collect = Collector(path, quarantine)
    site = str(options.get("site", path.name.split(".")[0]))
    for name in found:
        q = POLLUTANTS[name]
        collect.add_text(table[name][good], second[good], site=site, variable=name, unit=q.unit, limits=q.limits)
    notes = (*text.notes, *not_read(table.columns, [*found, "Date", "Time"]))
    return collect.reading("aurn", text.rows, "PT1H" if hourly else "P1D", notes)
