"""Blocks of lines into instants and a matrix of readings, and what is no plain number looked at cell by cell."""

from __future__ import annotations

import csv
import datetime as dt
import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from lcr_kernels.wide_rows import BAD_TIME, BLANK, LONG, NUMBER, QUOTED, SHORT, parse_rows
from pandas.api.typing import NaTType

from lcr_hpc.spine.ingest.wide_lines import Header
from lcr_hpc.spine.readers.series import MISSING_WORDS

MOST_REJECTED = 2_500
"""Cells of a part that are listed in quarantine; the rest is counted"""
FIRST_SECOND, LAST_SECOND = (int(dt.datetime(y, 1, 1, tzinfo=dt.UTC).timestamp()) for y in (1990, 2100))
"""Instants that are no damage: one mistyped year would grow a store by centuries"""
_LARGEST = float(np.finfo(np.float32).max)
_WHY = {SHORT: "fewer fields than the header", LONG: "more fields than the header"}


@dataclass
class Rejected:
    """Cells that could not be taken, lines counted from the first of the part."""

    rows: list[tuple[int, str, str, str]] = field(default_factory=list)
    count: int = 0
    lines: int = 0
    """Lines of the part, once it has been read"""

    def add(self, line: int, column: str, value: str, reason: str) -> None:
        """Note one; beyond the first 2,500 only that it was."""
        self.count += 1
        if len(self.rows) < MOST_REJECTED:
            self.rows.append((line, column, value[:200], reason))


class CellReader:
    """Parses blocks, and looks at what the kernel left over.

    Parameters
    ----------
    header : Header
        Of the file.
    site : int32[column]
        Column of the matrix, or TIME or IGNORED of `lcr_kernels.wide_rows`.
    columns : int
        Of the matrix.
    rejected : Rejected
        Gets what cannot be taken.
    """

    def __init__(self, header: Header, site: npt.NDArray[np.int32], columns: int, rejected: Rejected) -> None:
        self._header, self._site, self._columns, self._rejected = header, site, columns, rejected
        self._left = np.empty((2 * len(site) + 4096, 4), dtype=np.int64)
        self._numbers: dict[bytes, float | None] = {}

    def read(
        self, text: npt.NDArray[np.uint8], at: int, line: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], int]:
        """Read lines from byte `at`, the first of which is number `line` of the part.

        Returns
        -------
        int64[row], float32[row, column], int
            Seconds since 1970 as they are written (BLANK: none), values, and the byte to go on from: a block with
            much to look at takes several calls.
        """
        rows = int(np.count_nonzero(text[at:] == 10)) + 1
        value = np.full((rows, self._columns), np.nan, dtype=np.float32)
        second = np.empty(rows, dtype=np.int64)
        rows, items, at = parse_rows(text, at, self._site, value, second, self._left, not self._header.local)
        for row, reason, start, stop in self._left[:items].tolist():
            self._look(text[start:stop].tobytes(), reason, row, start, line, text, value, second)
        return second[:rows], value[:rows], at

    def _look(
        self, raw: bytes, reason: int, row: int, start: int, line: int,
        text: npt.NDArray[np.uint8], value: npt.NDArray[np.float32], second: npt.NDArray[np.int64],
    ) -> None:  # fmt: skip
        header = self._header
        if reason == NUMBER:
            column = _column_at(text, start)
            self._number(raw, line + row, row, column, value)
        elif reason == BAD_TIME:
            second[row] = self._time(raw, line + row)
        elif reason == QUOTED:
            self._quoted(raw, row, line, value, second)
        else:
            said = raw.split(b",", 1)[0].decode("utf-8", "replace")
            self._rejected.add(line + row, header.names[0], said, _WHY[reason])

    def _number(self, raw: bytes, line: int, row: int, column: int, value: npt.NDArray[np.float32]) -> None:
        if raw not in self._numbers:
            if len(self._numbers) > 100_000:
                self._numbers.clear()
            self._numbers[raw] = _number(raw)
        if (number := self._numbers[raw]) is None:
            self._rejected.add(line, self._header.names[column], raw.decode("utf-8", "replace"), "no number")
        else:
            value[row, self._site[column]] = number

    def _time(self, raw: bytes, line: int) -> int:
        said = raw.decode("utf-8", "replace").strip()
        stamp = pd.to_datetime(said, errors="coerce", utc=True, format="ISO8601")
        # A local file's times with an offset would be instants among clock times: they are no times of this file.
        if isinstance(stamp, NaTType) or self._header.local:
            self._rejected.add(line, self._header.time, said, "no readable time")
            return BLANK
        return math.floor(stamp.timestamp())

    def _quoted(
        self, raw: bytes, row: int, line: int, value: npt.NDArray[np.float32], second: npt.NDArray[np.int64]
    ) -> None:
        try:
            fields = next(csv.reader([raw.decode("utf-8").strip("\r")], skipinitialspace=True, strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            self._rejected.add(line + row, self._header.names[0], raw.decode("utf-8", "replace"), f"no row: {error}")
            return
        if len(fields) != len(self._header.names):
            reason = _WHY[SHORT if len(fields) < len(self._header.names) else LONG]
            self._rejected.add(line + row, self._header.names[0], fields[0] if fields else "", reason)
            return
        plain = ",".join(f.replace(",", ";") for f in fields).encode()
        if b'"' in plain:
            self._rejected.add(line + row, self._header.names[0], fields[0], "a quote within a field")
            return
        seconds, values, _ = self.read(np.frombuffer(plain, dtype=np.uint8), 0, line + row)
        value[row], second[row] = values[0], seconds[0]

    def on_the_hour(self, second: npt.NDArray[np.int64], line: int) -> npt.NDArray[np.bool_]:
        """Rows at whole hours between 1990 and 2100; the first is number `line` of the part."""
        timed = second != BLANK
        good: npt.NDArray[np.bool_] = timed & (second % 3600 == 0) & (second >= FIRST_SECOND) & (second < LAST_SECOND)
        if not good.all():
            for k in np.flatnonzero(timed & ~good):
                reason = "not on 60 minutes" if second[k] % 3600 else "before 1990, or 2100 and later"
                said = f"{np.datetime64(int(second[k]), 's')}Z"
                self._rejected.add(line + int(k), self._header.time, said, reason)
        return good


def _number(raw: bytes) -> float | None:
    said = raw.decode("utf-8", "replace").strip()
    if said.casefold() in MISSING_WORDS:
        return math.nan
    try:
        number = float(said)
    except ValueError:
        return None
    # Python takes 1_000 for a number; no feed means that, nor what no store can hold.
    return None if "_" in said or abs(number) > _LARGEST else number


def _column_at(text: npt.NDArray[np.uint8], start: int) -> int:
    """Which column of its line a byte stands in."""
    raw = text[:start].tobytes()
    return raw.count(b",", raw.rfind(b"\n") + 1)
