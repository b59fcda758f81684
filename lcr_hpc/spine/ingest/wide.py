"""Wide detector files, a part of a file at a time: bytes in, instants and a matrix of readings out, bounded memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from lcr_kernels.wide_rows import BLANK, IGNORED, TIME

from lcr_hpc.spine.ingest.clock import Instants, to_utc
from lcr_hpc.spine.ingest.wide_cells import FIRST_SECOND, LAST_SECOND, CellReader, Rejected
from lcr_hpc.spine.ingest.wide_lines import MOST_LINE_BYTES, Header, Part, read_lines

PART_BYTES = 16 << 20
"""A part of a file that one task reads: small enough that a few hundred MB keep several workers busy to the end"""
_DAY = 86_400
# Enough for a row of most tables; where it is not, for one of 100,000 columns and for a day of 4,096.
_PEEKS_BYTES = (64 << 10, 512 << 10)


@dataclass(frozen=True)
class Rows:
    """Good rows of a block."""

    hour: npt.NDArray[np.int64]
    """Since 1970, UTC"""
    value: npt.NDArray[np.float32]
    """[row, site]"""
    doubtful: npt.NDArray[np.bool_] | None
    """Rows whose instant could be another, where there are any"""


def cut(path: Path, header: Header, zone: str) -> list[Part]:
    """Cut a file into parts of whole lines, where a day ends if one does; local times stay whole, their order tells.

    A day that two parts share goes through scratch, which costs ten times what writing it does.
    """
    size = path.stat().st_size
    edges = [header.start]
    with path.open("rb") as file:
        while not header.local and edges[-1] + PART_BYTES < size:
            file.seek(edges[-1] + PART_BYTES)
            file.readline(MOST_LINE_BYTES)
            edges.append(min(_end_of_day(file, header), size))
        edges.append(max(size, header.start))
        return [Part(path, a, b, _span(file, a, b, header)) for a, b in itertools.pairwise(edges)]


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
    reader = CellReader(header, site, columns, rejected)
    local = _local_instants(part, header, zone) if header.local else None
    for lines in read_lines(part):
        rejected.lines = lines.next
        if lines.too_long:
            begins = lines.text.tobytes().decode("utf-8", "replace")
            rejected.add(lines.first, "", begins, "a line of more than 16 MB")
            continue
        at, first = 0, lines.first
        while at < len(lines.text):
            second, value, at = reader.read(lines.text, at, first)
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


def _local_instants(part: Part, header: Header, zone: str) -> Instants:
    """Instants of every line of a file; lines without a time get one that nobody uses."""
    none = np.array([BLANK])
    seconds = [none if lines.too_long else _times(lines.text, header) for lines in read_lines(part)]
    local = np.concatenate([*seconds, none])
    known = local != BLANK
    found = to_utc(local[known], ZoneInfo(zone), 3600)

    def spread(some: npt.NDArray[Any]) -> npt.NDArray[Any]:
        whole = np.zeros(len(local), dtype=some.dtype)
        whole[known] = some
        return whole

    return Instants(spread(found.second), spread(found.missing), spread(found.doubtful))


def _end_of_day(file: BinaryIO, header: Header) -> int:
    """First line from here on that is of another day than the line before it, or here where none is near."""
    here = file.tell()
    text = np.frombuffer(file.read(_PEEKS_BYTES[-1]), dtype=np.uint8)
    second = _times(text, header)
    day = second // _DAY
    new = np.flatnonzero((day[1:] != day[:-1]) & _sound(second[1:]) & _sound(second[:-1]))
    if not len(new):
        return here
    return here + int(np.flatnonzero(text == 10)[new[0]]) + 1


def _span(file: BinaryIO, start: int, stop: int, header: Header) -> tuple[int, int]:
    """Days of the first and the last row with a time, for planning alone; local ones a day wider."""
    found = []
    for end in (True, False):
        for size in _PEEKS_BYTES:
            a = start if end else max(start, stop - size)
            file.seek(a)
            raw = file.read(min(size, stop - a))
            raw = raw[raw.find(b"\n") + 1 :] if a > start else raw
            second = _times(np.frombuffer(raw, dtype=np.uint8), header)
            if len(good := second[_sound(second)]):
                found.append(good)
                break
    if not found:
        return (0, -1)
    days, wide = np.concatenate(found) // _DAY, 1 if header.local else 0
    return int(days.min()) - wide, int(days.max()) + wide


def _times(text: npt.NDArray[np.uint8], header: Header) -> npt.NDArray[np.int64]:
    """Seconds of each line, as it is written; BLANK where there is none."""
    site = np.array([TIME if n == header.time else IGNORED for n in header.names], dtype=np.int32)
    reader, seconds, at = CellReader(header, site, 0, Rejected()), [np.zeros(0, dtype=np.int64)], 0
    while at < len(text):
        second, _, at = reader.read(text, at, 0)
        seconds.append(second)
    return np.concatenate(seconds)


def _sound(second: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    return (second >= FIRST_SECOND) & (second < LAST_SECOND)
