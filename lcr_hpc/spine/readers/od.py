"""Trips between zones, a row a pair and a column a mode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.boundaries import read_frame
from lcr_hpc.spine.readers.formats import Options
from lcr_hpc.spine.readers.result import Reading, not_read
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.spine.readers.tables import require_columns
from lcr_hpc.spine.readers.text import read_csv

MOST_TRIPS = 1e8


def read_od_csv(path: Path, options: Options) -> Reading:
    """Read every column of numbers as the trips of one mode.

    A pair to or from a zone that the boundaries lack, a negative or missing number, and a pair that stands twice go to
    quarantine.
    """
    quarantine = Quarantine()
    keys = [str(options.get("origin", "O")), str(options.get("destination", "D"))]
    if len(set(keys)) == 1:
        raise InputError(f"options `origin` and `destination` are both {keys[0]!r}, wanted two columns", field="origin")
    text = read_csv(path, keys, quarantine)
    table = text.frame
    values = {c: pd.to_numeric(table[c].str.strip(), errors="coerce") for c in table.columns if c not in keys}
    # A column of names has hardly a number; one that has some is a mode, and its other cells are defects.
    modes = [c for c, v in values.items() if len(v) and v.notna().mean() > 0.5]
    if not modes:
        raise InputError(f"{path}: no column of numbers beside `{keys[0]}` and `{keys[1]}`, wanted trips")
    pair = [table[k].str.strip() for k in keys]
    good = np.ones(len(table), bool)
    known = _zones(options)
    for key, zone in zip(keys, pair, strict=True):
        empty = (zone == "").to_numpy() & good
        quarantine.add(path, table[key], empty, key, "no zone")
        good &= ~empty
        if known is not None:
            strange = ~zone.isin(known).to_numpy() & good
            quarantine.add(path, table[key], strange, key, "no zone of the boundaries")
            good &= ~strange
    again = pd.DataFrame({"o": pair[0], "d": pair[1]}).duplicated().to_numpy() & good
    quarantine.add(path, table[keys[0]], again, keys[0], "origin and destination stand twice")
    good &= ~again
    parts = []
    for mode in modes:
        value = values[mode].to_numpy(np.float64)
        wrong = ~((value >= 0) & (value <= MOST_TRIPS)) & good
        quarantine.add(path, table[mode], wrong, mode, "no number of trips")
        take = good & ~wrong
        part = {"origin": pair[0][take], "destination": pair[1][take], "variable": mode, "value": value[take]}
        parts.append(pd.DataFrame(part).assign(line=table.index.to_numpy(np.int64)[take] + 2))
    notes = (*text.notes, *not_read(table.columns, [*keys, *modes]))
    whole = pd.concat(parts, ignore_index=True).astype(
        {"origin": "category", "destination": "category", "variable": "category"}
    )
    return Reading("od_csv", path, "pairs", whole, text.rows, quarantine.table(), notes)


def _zones(options: Options) -> set[str] | None:
    if "zones" not in options:
        return None
    path = Path(str(options["zones"]))
    frame, code = read_frame(path), str(options.get("code", "geo_code"))
    require_columns(path, frame.columns, [code])
    zones = frame[code].astype(str)
    if repeated := sorted(set(zones[zones.duplicated()])):
        raise InputError(f"{path}: `{code}` must not repeat: {few(repeated)}")
    return set(zones)
