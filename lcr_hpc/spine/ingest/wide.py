"""Wide detector files, a part of a file at a time: bytes in, instants and a matrix of readings out, bounded memory."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
from lcr_kernels.wide_rows import BAD_TIME, BLANK, IGNORED, LONG, NUMBER, QUOTED, SHORT, TIME, parse_rows
from pandas.api.typing import NaTType

from lcr_hpc.errors import InputError
from lcr_hpc.spine.ingest.clock import to_utc
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.series import MISSING_WORDS

PART_BYTES = 64 << 20
"""A part of a file that one task reads: part of no result"""
_BLOCK_BYTES = 2 << 20
_PEEK_BYTES = 512 << 10
# 4,096 columns of 20 characters are 80 kB; a line of 16 MB is no row of any table.
_MOST_LINE_BYTES = 16 << 20
MOST_REJECTED = 10_000
"""Cells of a part that are listed in quarantine; the rest is counted"""
_UTC, _LOCAL = "time_utc", "time_local"
_FIRST, _LAST = (int(dt.datetime(y, 1, 1, tzinfo=dt.UTC).timestamp()) for y in (1990, 2100))
_WHY = {SHORT: "fewer fields than the header", LONG: "more fields than the header"}


@dataclass(frozen=True)
class Header:
    """First line of a wide file."""

    names: tuple[str, ...]
    time: str
    local: bool
    """Whether its times are local clock times"""
    start: int
    """First byte after the line"""

    @property
    def sites(self) -> tuple[str, ...]:
        """Every column but the time's."""
        return tuple(n for n in self.names if n != self.time)


@dataclass(frozen=True)
class Part:
    """Whole lines of a file, and the days that its first and last row say it spans."""

    path: Path
    start: int
    stop: int
    days: tuple[int, int]
    """First and last, UTC, counted since 1970; (0, -1) where no row has a time"""


@dataclass
class Rejected:
    """Cells that could not be taken, lines counted from the first of the part."""

    rows: list[tuple[int, str, str, str]] = field(default_factory=list)
    count: int = 0
    lines: int = 0
    """Lines of the part, once it has been read"""

    def add(self, line: int, column: str, value: str, reason: str) -> None:
        """Note one; beyond the first 10,000 only that it was."""
        self.count += 1
        if len(self.rows) < MOST_REJECTED:
            self.rows.append((line, column, value[:200], reason))


@dataclass(frozen=True)
class Rows:
    """Good rows of a block."""

    hour: npt.NDArray[np.int64]
    """Since 1970, UTC"""
    value: npt.NDArray[np.float32]
    """[row, site]"""
    doubtful: npt.NDArray[np.bool_] | None
    """Rows whose instant could be another, where there are any"""


def read_header(path: Path) -> Header:
    """Read the first line of a wide file.

    Raises
    ------
    InputError
        When there is none, it is not UTF-8, has no time or a name twice.
    """
    with path.open("rb") as file:
        raw = file.readline(_MOST_LINE_BYTES)
    try:
        fields = next(csv.reader([raw.decode("utf-8-sig")], skipinitialspace=True), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is no readable UTF-8 CSV ({error})") from None
    names = tuple(f.strip() for f in fields)
    time = next((n for n in (_UTC, _LOCAL) if n in names), None)
    if time is None:
        raise InputError(f"{path}: no column `{_UTC}` (or `{_LOCAL}`); the file has {few(names, 8) or 'no header'}")
    if again := sorted({n for n in names if names.count(n) > 1} if len(set(names)) < len(names) else ()):
        raise InputError(f"{path}: columns must not repeat: {few(again)}")
    return Header(names, time, time == _LOCAL, len(raw))


def cut(path: Path, header: Header, zone: str) -> list[Part]:
    """Cut a file into parts of whole lines; one of local times stays whole, since its order tells the hours."""
    size = path.stat().st_size
    edges = [header.start]
    with path.open("rb") as file:
        while not header.local and edges[-1] + PART_BYTES < size:
            file.seek(edges[-1] + PART_BYTES)
            file.readline(_MOST_LINE_BYTES)
            edges.append(min(file.tell(), size))
        edges.append(max(size, header.start))
        return [Part(path, a, b, _span(file, a, b, header, zone)) for a, b in itertools.pairwise(edges)]


def read_part(part: Part, header: Header, place: Mapping[str, int], zone: str, rejected: Rejected) -> Iterator[Rows]:
    """Good rows of a part, block by block.

    Parameters
    ----------
    part, header : Part, Header
        Of one file.
    place : mapping
        Column of the matrix, 0 to n − 1, by site name; a site that is not in it is left out.
    zone : str
        Time zone of local times.
    rejected : Rejected
        Gets the rest. Its lines count from the part's first; after the last block `rejected` is complete.
    """
    site = np.array([TIME if n == header.time else place.get(n, IGNORED) for n in header.names], dtype=np.int32)
    columns = len(place)
    reader = _Reader(header, site, columns, rejected)
    local = _local_instants(part, header, zone) if header.local else None
    for line, text in _blocks(part, rejected):
        at, first = 0, line
        while at < len(text):
            second, value, at = reader.read(text, at, first)
            doubtful = None
            if local is not None:
                span = slice(first, first + len(second))
                plain = second != BLANK
                rejected_rows = plain & local.missing[span]
                for k in np.flatnonzero(rejected_rows):
                    rejected.add(first + int(k), header.time, str(np.datetime64(int(second[k]), "s")), "no such time")
                second = np.where(rejected_rows | ~plain, BLANK, local.second[span])
                doubtful = local.doubtful[span] if local.doubtful[span].any() else None
            first += len(second)
            good = reader.on_the_hour(second, first - len(second))
            if good.all():
                yield Rows(second // 3600, value, doubtful)
            elif good.any():
                yield Rows(second[good] // 3600, value[good], None if doubtful is None else doubtful[good])


class _Reader:
    """Parses blocks, and looks at what the kernel left over."""

    def __init__(self, header: Header, site: npt.NDArray[np.int32], columns: int, rejected: Rejected) -> None:
        self._header, self._site, self._columns, self._rejected = header, site, columns, rejected
        self._left = np.empty((2 * len(site) + 4096, 4), dtype=np.int64)
        self._numbers: dict[bytes, float | None] = {}

    def read(
        self, text: npt.NDArray[np.uint8], at: int, line: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], int]:
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
        timed = second != BLANK
        good: npt.NDArray[np.bool_] = timed & (second % 3600 == 0) & (second >= _FIRST) & (second < _LAST)
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
        # Python takes 1_000 for a number; no feed means that.
        return None if "_" in said else float(said)
    except ValueError:
        return None


def _column_at(text: npt.NDArray[np.uint8], start: int) -> int:
    """Which column of its line a byte stands in."""
    raw = text[:start].tobytes()
    return raw.count(b",", raw.rfind(b"\n") + 1)


def _blocks(part: Part, rejected: Rejected) -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
    """Whole lines of a part, a few MB at once, each with the number of its first line in the part."""
    line, kept = 0, b""
    with part.path.open("rb") as file:
        file.seek(part.start)
        todo = part.stop - part.start
        while todo > 0 and (raw := file.read(min(_BLOCK_BYTES, todo))):
            todo -= len(raw)
            edge = raw.rfind(b"\n") + 1
            if edge == 0 and todo > 0:
                kept += raw
                if len(kept) > _MOST_LINE_BYTES:
                    rejected.add(line, "", kept[:200].decode("utf-8", "replace"), "a line of more than 16 MB")
                    todo -= _skip_line(file, todo)
                    line, kept = line + 1, b""
                continue
            if todo <= 0:
                edge = len(raw)
            text = np.frombuffer(kept + raw[:edge] if kept else memoryview(raw)[:edge], dtype=np.uint8)
            kept = raw[edge:]
            yield line, text
            line += int(np.count_nonzero(text == 10))
    rejected.lines = line


def _skip_line(file: BinaryIO, todo: int) -> int:
    skipped = 0
    while skipped < todo and (raw := file.readline(min(_BLOCK_BYTES, todo - skipped))):
        skipped += len(raw)
        if raw.endswith(b"\n"):
            break
    return skipped


def _local_instants(part: Part, header: Header, zone: str):  # type: ignore[no-untyped-def]
    """Instants of every line of a file; lines without a time get one that nobody uses."""
    site = np.array([TIME if n == header.time else IGNORED for n in header.names], dtype=np.int32)
    reader = _Reader(header, site, 0, Rejected())
    seconds = []
    for _, text in _blocks(part, Rejected()):
        at = 0
        while at < len(text):
            second, _, at = reader.read(text, at, 0)
            seconds.append(second)
    local = np.concatenate(seconds) if seconds else np.zeros(0, dtype=np.int64)
    known = local != BLANK
    found = to_utc(local[known], ZoneInfo(zone), 3600)
    for name in ("second", "missing", "doubtful"):
        whole = np.zeros(len(local), dtype=getattr(found, name).dtype)
        whole[known] = getattr(found, name)
        object.__setattr__(found, name, whole)
    return found


def _span(file: BinaryIO, start: int, stop: int, header: Header, zone: str) -> tuple[int, int]:
    """Days of the first and the last row with a time, for planning alone; local ones a day wider."""
    site = np.array([TIME if n == header.time else IGNORED for n in header.names], dtype=np.int32)
    reader = _Reader(header, site, 0, Rejected())
    found = []
    for a, b in ((start, min(start + _PEEK_BYTES, stop)), (max(start, stop - _PEEK_BYTES), stop)):
        file.seek(a, os.SEEK_SET)
        raw = file.read(b - a)
        raw = raw[raw.find(b"\n") + 1 :] if a > start else raw
        text, at = np.frombuffer(raw, dtype=np.uint8), 0
        while at < len(text):
            second, _, at = reader.read(text, at, 0)
            found.append(second[(second >= _FIRST) & (second < _LAST)])
    good = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
    if not len(good):
        return (0, -1)
    wide = 1 if header.local else 0
    return int(good.min() // 86_400) - wide, int(good.max() // 86_400) + wide
