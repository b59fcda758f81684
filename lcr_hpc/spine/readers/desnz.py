"""DESNZ electricity statistics: a row an MSOA, one file a year and kind of meter."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.formats import Options, whole_number
from lcr_hpc.spine.readers.result import Collector, Reading
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.spine.readers.text import read_csv

CODE = "Middle Layer Super Output Area (MSOA) Code"
COLUMNS = {
    "Number of meters": ("meters", "1", 1e6),
    "Consumption (kWh)": ("electricity", "kWh", 1e10),
    "Mean consumption (kWh per meter)": ("mean_electricity", "kWh", 1e8),
    "Median consumption (kWh per meter)": ("median_electricity", "kWh", 1e8),
}
"""Variable, unit and the most that is plausible"""
ROUNDING = 0.005
"""Share by which meters × mean may differ from the consumption: both are printed with six figures or more"""


def read_msoa_electricity(path: Path, options: Options) -> Reading:
    """Read meters, consumption, mean and median of each MSOA in one calendar year."""
    year = whole_number(options, "year") if "year" in options else _year_in(path)
    quarantine = Quarantine()
    text = read_csv(path, ["MSOA Name", CODE, *COLUMNS], quarantine)
    table = text.frame
    code = table[CODE].str.strip()
    strange = ~code.str.fullmatch(r"[EW]02\d{6}|S02\d{6}").to_numpy(dtype=bool)
    quarantine.add(path, table[CODE], strange, CODE, "no code of an MSOA")
    meters, total, mean, _ = (pd.to_numeric(table[c].str.strip(), errors="coerce") for c in COLUMNS)
    differ = ((meters * mean - total).abs() > ROUNDING * total.abs()).to_numpy() & ~strange
    quarantine.add(path, table["Consumption (kWh)"], differ, "Consumption (kWh)", "not meters times their mean")
    table = table[~(strange | differ)]
    site = table[CODE].str.strip().to_numpy(dtype=object)
    second = np.full(len(table), int(pd.Timestamp(year, 1, 1, tz="UTC").timestamp()), dtype=np.int64)
    collect = Collector(path, quarantine)
    for column, (variable, unit, most) in COLUMNS.items():
        collect.add_text(table[column], second, site=site, variable=variable, unit=unit, limits=(0.0, most))
    return collect.reading("msoa_electricity", text.rows, "P1Y", (*text.notes, f"year {year}"))


def _year_in(path: Path) -> int:
    found = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", path.name)
    if len(set(found)) != 1:
        raise InputError(f"{path} names no one year; say which with the option `year`", field="year")
    return int(found[0])
