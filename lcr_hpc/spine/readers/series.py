"""Feeds of observations: bad rows go to quarantine with their reason, everything else is kept as it was reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.spine.readers.tables import read_text_table, require_columns

MISSING_WORDS = ("", "no data", "nan", "na", "null")


@dataclass
class Quarantine:
    """Rows that could not be taken, for `<root>/spine/quarantine/<dataset>.csv`."""

    rows: list[tuple[str, int, str, str, str]] = field(default_factory=list)

    def add(self, path: Path, lines: npt.NDArray[Any], column: str, values: npt.NDArray[Any], reason: str) -> None:
        """Note rows of a file by index; the first data row is line 2."""
        self.rows += [(path.name, int(i) + 2, column, str(v), reason) for i, v in zip(lines, values, strict=True)]

    def table(self) -> pd.DataFrame:
        """Return one row a rejected cell, in file and line order."""
        return pd.DataFrame(sorted(self.rows), columns=["file", "line", "column", "value", "reason"])


def read_wide(path: Path, time_column: str, minutes: int, quarantine: Quarantine) -> tuple[pd.DataFrame, Any]:
    """Read a table with a column a site: text cells and the number of the interval since 1970, UTC.

    Parameters
    ----------
    path : Path
        CSV file.
    time_column : str
        Start of the interval, ISO 8601 with its offset.
    minutes : int
        Length of the interval.
    quarantine : Quarantine
        Gets rows with no readable time, with a time between two intervals, or with a time that came before.

    Returns
    -------
    DataFrame, int64[row]
        Good rows, and their interval.
    """
    table = read_text_table(path)
    require_columns(path, table.columns, [time_column])
    stamp = pd.to_datetime(table[time_column], errors="coerce", utc=True, format="ISO8601")
    nothing = stamp.isna().to_numpy()
    quarantine.add(
        path, np.flatnonzero(nothing), time_column, table[time_column][nothing].to_numpy(), "no readable time"
    )
    seconds = since_1970(stamp, "s")
    between = ~nothing & (seconds % (60 * minutes) != 0)
    quarantine.add(
        path, np.flatnonzero(between), time_column, table[time_column][between].to_numpy(), f"not on {minutes} minutes"
    )
    again = pd.Series(seconds).duplicated().to_numpy() & ~nothing & ~between
    quarantine.add(path, np.flatnonzero(again), time_column, table[time_column][again].to_numpy(), "time stands twice")
    good = ~nothing & ~between & ~again
    return table[good], seconds[good] // (60 * minutes)


def since_1970(stamp: pd.Series, unit: str) -> npt.NDArray[np.int64]:
    """Whole seconds ("s") or hours ("h") since 1970, UTC, of aware instants; what is no time has no meaning here."""
    plain = stamp.dt.tz_convert(None).to_numpy()
    whole: npt.NDArray[np.int64] = plain.astype(f"datetime64[{unit}]").astype(np.int64)
    return whole


def numbers(path: Path, column: str, text: pd.Series, quarantine: Quarantine) -> npt.NDArray[np.float64]:
    """Numbers of a text column; words for "no data" are NaN, anything else that is no number goes to quarantine."""
    plain = text.str.strip()
    value = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64)
    word = np.isnan(value) & ~plain.str.casefold().isin(MISSING_WORDS).to_numpy()
    quarantine.add(path, text.index[word].to_numpy(), column, text[word].to_numpy(), "no number")
    return value


def flag_values(
    value: npt.NDArray[np.float64],
    low: float,
    high: float,
    sentinel: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.bool_]],
) -> npt.NDArray[np.int8]:
    """Flags by the dictionary's order: 0 good, 1 missing, 2 sentinel, 3 out of range; values stay as they are."""
    flag = np.zeros(value.shape, dtype=np.int8)
    with np.errstate(invalid="ignore"):
        flag[(value < low) | (value > high)] = 3
        flag[sentinel(value)] = 2
    flag[np.isnan(value)] = 1
    return flag
