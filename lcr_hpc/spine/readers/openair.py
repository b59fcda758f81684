"""Hourly roadside concentrations with weather, as the R package openair keeps them, in Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.clock import FIRST, LAST
from lcr_hpc.spine.readers.formats import Options
from lcr_hpc.spine.readers.parquet import floats, instants, read_table, refuse
from lcr_hpc.spine.readers.quantities import POLLUTANTS, WEATHER
from lcr_hpc.spine.readers.result import Collector, Reading, not_read
from lcr_hpc.spine.readers.series import Quarantine

GASES = {"nox": "NOx", "no2": "NO2", "no": "NO", "o3": "O3", "so2": "SO2"}
PARTICLES = {"pm10": "PM10", "pm25": "PM2.5", "pm2.5": "PM2.5"}
MET = {"ws": "wind_speed", "wd": "wind_from", "air_temp": "air_temperature", "RH": "relative_humidity"}
UNITS = {"ppb": "ppb", "ug m-3": "ug m-3"}


def read_openair(path: Path, options: Options) -> Reading:
    """Read one site's hours, GMT.

    The gases' unit must be said: of two files of the same road one is in ppb, the other in µg/m³ (their NOx differs by
    1.916 throughout), and neither says so.
    """
    unit = str(options.get("gas_unit", ""))
    if unit not in UNITS:
        raise InputError(
            f"option `gas_unit` is {unit!r}, wanted ppb or ug m-3: the file does not say", field="gas_unit"
        )
    table = read_table(path, ["date"])
    second, quarantine = instants(path, table, "date"), Quarantine()
    bad = refuse(path, table, "date", (second < FIRST) | (second >= LAST), "no time from 1980 to 2099", quarantine)
    bad |= refuse(path, table, "date", second % 3600 != 0, "not on an hour", quarantine, ~bad)
    line = np.arange(1, len(second) + 1, dtype=np.int64)
    site = str(options.get("site", path.stem))
    collect = Collector(path, quarantine)
    read = [c for c in table.column_names if c in GASES | PARTICLES | MET or (c == "co" and unit == "ppb")]
    if not read:
        raise InputError(f"{path}: no column of {', '.join(GASES | PARTICLES | MET)}")
    for column in read:
        value = floats(path, table, column)
        good = ~bad & ~refuse(path, table, column, np.isinf(value), "no finite number", quarantine, ~bad)
        q = POLLUTANTS.get((GASES | PARTICLES | {"co": "CO"}).get(column, "")) or WEATHER[MET[column]]
        said = "ppm" if column == "co" else unit if column in GASES else q.unit
        collect.add(value[good], second[good], line[good], site=site, variable=q.name, unit=said, limits=q.limits)
    notes = ("a line is a row, from 1", *not_read(table.column_names, [*read, "date"]))
    return collect.reading("openair", len(second), "PT1H", notes)
