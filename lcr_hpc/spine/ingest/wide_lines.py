"""Wide detector files as bytes: the header, and the lines of a part, whole and a few MB at once."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from lcr_hpc.errors import InputError
from lcr_hpc.spine.problems import few

MOST_LINE_BYTES = 16 << 20
"""4,096 columns of 20 characters are 80 kB; a line of 16 MB is no row of any table"""
_BLOCK_BYTES = 2 << 20
_UTC, _LOCAL = "time_utc", "time_local"


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


def read_header(path: Path) -> Header:
    """Read the first line of a wide file.

    Raises
    ------
    InputError
        When there is none, it is not UTF-8, has no time or a name twice.
    """
    with path.open("rb") as file:
        raw = file.readline(MOST_LINE_BYTES)
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


@dataclass(frozen=True)
class Lines:
    """Some lines of a part."""

    first: int
    """Number of the first in the part"""
    text: npt.NDArray[np.uint8]
    too_long: bool = False
    """Whether this is the beginning of one line of more than 16 MB, of which the rest was passed over"""

    @property
    def next(self) -> int:
        """Number of the line after them."""
        return self.first + (1 if self.too_long else int(np.count_nonzero(self.text == 10)))


def read_lines(part: Part) -> Iterator[Lines]:
    """Whole lines of a part, a few MB at once."""
    line, kept = 0, b""
    with part.path.open("rb") as file:
        file.seek(part.start)
        todo = part.stop - part.start
        while todo > 0 and (raw := file.read(min(_BLOCK_BYTES, todo))):
            todo -= len(raw)
            edge = raw.rfind(b"\n") + 1
            if edge == 0 and todo > 0:
                kept += raw
                if len(kept) > MOST_LINE_BYTES:
                    yield (lines := Lines(line, np.frombuffer(kept[:200], dtype=np.uint8), too_long=True))
                    todo -= _skip_line(file, todo)
                    line, kept = lines.next, b""
                continue
            if todo <= 0:
                edge = len(raw)
            text = np.frombuffer(kept + raw[:edge] if kept else memoryview(raw)[:edge], dtype=np.uint8)
            kept = raw[edge:]
            yield (lines := Lines(line, text))
            line = lines.next


def _skip_line(file: BinaryIO, todo: int) -> int:
    skipped = 0
    while skipped < todo and (raw := file.readline(min(_BLOCK_BYTES, todo - skipped))):
        skipped += len(raw)
        if raw.endswith(b"\n"):
            break
    return skipped
