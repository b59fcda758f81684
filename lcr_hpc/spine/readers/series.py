"""Feeds of observations: bad rows go to quarantine with their reason, everything else is kept as it was reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.spine.readers.tables import read_text_table, require_columns, short_rows

MISSING_WORDS = ("", "no data", "nan", "na", "null")
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass
class Quarantine:
    """Cells that could not be taken, for `<root>/spine/quarantine/<dataset>.csv`."""

    rows: list[tuple[str, int, str, str, str]] = field(default_factory=list)

    def add(self, path: Path, cells: pd.Series, bad: npt.ArrayLike, column: str, reason: str) -> None:
        """Note the cells of a column where `bad` holds; the row of index i is line i + 2."""
        chosen = cells[np.asarray(bad, dtype=bool)]
        values = ["" if pd.isna(v) else str(v) for v in chosen]
        self.rows += [(path.name, int(i) + 2, column, v, reason) for i, v in zip(chosen.index, values, strict=True)]

    def table(self) -> pd.DataFrame:
        """Return one row a rejected cell, in file and line order."""
        return pd.DataFrame(sorted(self.rows), columns=["file", "line", "column", "value", "reason"])


def read_rows(path: Path, columns: Iterable[str], quarantine: Quarantine) -> pd.DataFrame:
    """Read a table as text; rows with fewer fields than the header (a file that was cut off) go to quarantine."""
    table = read_text_table(path)
    require_columns(path, table.columns, columns)
    short = short_rows(table)
    quarantine.add(path, table.iloc[:, 0], short, str(table.columns[0]), "fewer fields than the header")
    return table[~short]


def read_wide(
    path: Path, time_column: str, minutes: int, quarantine: Quarantine, columns: Iterable[str] = ()
) -> tuple[pd.DataFrame, Ints]:
    """Read a table with a column a site: text cells and the number of the interval since 1970, UTC.

    Parameters
    ----------
    path : Path
        CSV file.
    time_column : str
        Start of the interval, ISO 8601; UTC where no offset is written.
    minutes : int
        Length of the interval.
    quarantine : Quarantine
        Gets rows with no readable time or with a time between two intervals.
    columns : iterable of str
        Further columns that must be there.

    Returns
    -------
    DataFrame, int64[row]
        Good rows, and their interval.
    """
    table = read_rows(path, [time_column, *columns], quarantine)
    stamp = pd.to_datetime(table[time_column].str.strip(), errors="coerce", utc=True, format="ISO8601")
    nothing = stamp.isna().to_numpy()
    quarantine.add(path, table[time_column], nothing, time_column, "no readable time")
    seconds = since_1970(stamp, "s")
    between = ~nothing & (seconds % (60 * minutes) != 0)
    quarantine.add(path, table[time_column], between, time_column, f"not on {minutes} minutes")
    damaged = refuse_years(path, table[time_column], stamp, quarantine).to_numpy() & ~between
    good = ~nothing & ~between & ~damaged
    return table[good], seconds[good] // (60 * minutes)


def refuse_years(path: Path, text: pd.Series, stamp: pd.Series, quarantine: Quarantine) -> pd.Series:
    """Put times before 1990 and from 2100 into quarantine: one mistyped year would grow a store by centuries.

    Returns
    -------
    Series of bool
        Which of the instants those are; what is no time (NaT) is none of them.
    """
    damaged: pd.Series = stamp.notna() & ~stamp.dt.year.between(1990, 2099)
    quarantine.add(path, text, damaged, str(text.name), "before 1990, or 2100 and later")
    return damaged


def since_1970(stamp: pd.Series, unit: str) -> Ints:
    """Whole seconds ("s") or hours ("h") since 1970, UTC, of aware instants; what is no time has no meaning here."""
    plain = stamp.dt.tz_convert(None).to_numpy()
    whole: Ints = plain.astype(f"datetime64[{unit}]").astype(np.int64)
    return whole


_LARGEST = float(np.finfo(np.float32).max)


def numbers(path: Path, column: str, text: pd.Series, quarantine: Quarantine) -> Floats:
    """Numbers of a text column; words for "no data" are NaN, anything else that is no number goes to quarantine.

    So does a number beyond what a store can hold (3.4e38), as which `inf` and `1e999` count.
    """
    plain = text.str.strip()
    value = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64)
    word = np.isnan(value) & ~plain.str.casefold().isin(MISSING_WORDS).to_numpy()
    quarantine.add(path, text, word, column, "no number")
    endless = np.abs(value) > _LARGEST
    quarantine.add(path, text, endless, column, "no finite number")
    return np.where(endless, np.nan, value)


def within(path: Path, column: str, text: pd.Series, limits: tuple[float, float], quarantine: Quarantine) -> Floats:
    """Numbers of a column whose store has no flags: what is outside the limits is NaN, and in quarantine."""
    value = numbers(path, column, text, quarantine)
    with np.errstate(invalid="ignore"):
        out = (value < limits[0]) | (value > limits[1])
    quarantine.add(path, text, out, column, f"outside {limits[0]:g} to {limits[1]:g}")
    return np.where(out, np.nan, value)


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
