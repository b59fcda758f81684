"""Tables with a column a site: detectors, and electricity by area."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.clock import utc_seconds
from lcr_hpc.spine.readers.formats import Options, whole_number
from lcr_hpc.spine.readers.quantities import ELECTRICITY, ROADS, Quantity
from lcr_hpc.spine.readers.result import Collector, Reading
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.spine.readers.text import TextTable, read_csv

TIME = "time_utc"


def read_detectors(path: Path, options: Options) -> Reading:
    """Read flows, counts or speeds by detector, with the unit that the dataset says.

    A file with no column of times has one row an interval from `start` on, and none may be missing: a blank or ragged
    row keeps its place, and goes to quarantine.
    """
    unit = str(options.get("unit", ""))
    if unit not in ROADS:
        raise InputError(
            f"option `unit` is {unit!r}, wanted {', '.join(ROADS)}: the file does not say what its numbers are",
            field="unit",
        )
    sentinel = float(options["sentinel"]) if "sentinel" in options else None
    if "start" not in options:
        minutes = whole_number(options, "minutes") if "minutes" in options else 60
        return _read("detector_wide", path, options, ROADS[unit], minutes, sentinel)
    if "minutes" not in options or "time_column" in options:
        raise InputError("option `start` goes with `minutes`, and not with `time_column`", field="start")
    minutes, quarantine = whole_number(options, "minutes"), Quarantine()
    text = read_csv(path, [], quarantine, blank_rows=True)
    if len(names := text.frame.columns) < 2 or names.str.fullmatch(r"\d*\.\d+").any():
        raise InputError(f"{path}: the first line is {', '.join(names[:3])} …, wanted a header with ids of detectors")
    start = _start(str(options["start"]), str(options.get("time_zone", "UTC")))
    if len(text.frame) and text.frame.index[-1] >= text.rows:
        raise InputError(f"{path}: rows that span lines; where a row's place gives its time, a row must be a line")
    second = start + text.frame.index.to_numpy(np.int64) * 60 * minutes
    notes = (*text.notes, f"times from the rows' places, {minutes} minutes each from {options['start']}")
    return _columns("detector_wide", path, text, text.frame, second, ROADS[unit], minutes, sentinel, quarantine, notes)


def read_electricity(path: Path, options: Options) -> Reading:
    """Read kWh drawn in each half hour by area; days of 46 and 50 half hours are exact where the zone is said."""
    return _read("electricity_half_hourly", path, options, ELECTRICITY, 30, None)


def _read(name: str, path: Path, options: Options, quantity: Quantity, minutes: int, sentinel: float | None) -> Reading:
    quarantine = Quarantine()
    column = str(options.get("time_column", TIME))
    text = read_csv(path, [column], quarantine)
    if len(text.frame.columns) < 2:
        raise InputError(f"{path}: no column beside `{column}`, wanted one a site")
    zone = str(options.get("time_zone", "UTC"))
    second, good = utc_seconds(path, text.frame[column], quarantine, zone=zone)
    between = good & (second % (60 * minutes) != 0)
    quarantine.add(path, text.frame[column], between, column, f"not on {minutes} minutes")
    good &= ~between
    again = good & pd.Series(np.where(good, second, -np.arange(len(second)) - 1)).duplicated().to_numpy()
    quarantine.add(path, text.frame[column], again, column, "time stands twice")
    good &= ~again
    table = text.frame[good].drop(columns=column)
    return _columns(name, path, text, table, second[good], quantity, minutes, sentinel, quarantine, text.notes)


def _columns(
    name: str, path: Path, text: TextTable, table: pd.DataFrame, second: npt.NDArray[np.int64], q: Quantity,
    minutes: int, sentinel: float | None, quarantine: Quarantine, notes: tuple[str, ...],
) -> Reading:  # fmt: skip
    if "" in table.columns:
        raise InputError(f"{path}: a column without a name, wanted the id of its site; name it, or take it away")
    collect = Collector(path, quarantine)
    for site in table.columns:
        collect.add_text(
            table[site], second, site=str(site), variable=q.name, unit=q.unit, limits=q.limits, sentinel=sentinel
        )
    return collect.reading(name, text.rows, f"PT{minutes}M", notes)


def _start(text: str, zone: str) -> int:
    quarantine = Quarantine()
    second, good = utc_seconds(Path(), pd.Series([text], name="start"), quarantine, zone=zone)
    if not good[0]:
        raise InputError(f"option `start` is {text!r}, wanted a time such as 2012-03-01T00:00", field="start")
    return int(second[0])
