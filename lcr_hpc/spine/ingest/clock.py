"""Local clock times of Europe/London as instants: the hour that is missing in spring, and the one that comes twice.

A local hour that comes twice is told by order within its file. Rows of that hour fall into runs of rising times:

- two runs: the first is summer time, the second winter time;
- one run that follows the row before it without a gap, and not the row after it: summer time; the other way round:
  winter time (so that a file may be cut anywhere);
- one run that could be either: summer time, and in doubt (flag clock_jump).

A local hour that does not exist (spring) is no time at all: its rows go to quarantine.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
_DAY = 86_400


@dataclass(frozen=True)
class Instants:
    """Instants of some local times."""

    second: Ints
    """Seconds since 1970, UTC"""
    missing: npt.NDArray[np.bool_]
    """Local times that no clock has shown"""
    doubtful: npt.NDArray[np.bool_]
    """Times of the repeated hour that could be either; taken as summer time"""


def to_utc(local: Ints, zone: ZoneInfo, step: int) -> Instants:
    """Instants of local clock times, in the order in which a file has them.

    Parameters
    ----------
    local : int64[row]
        Seconds since 1970-01-01T00:00 on the local clock.
    zone : ZoneInfo
        Time zone whose clock it is.
    step : int
        Seconds between two regular rows.
    """
    early, late = (_offsets(local, zone, fold) for fold in (0, 1))
    # fold=0 takes the offset before a change, fold=1 the one after: they differ only within its hour.
    missing, twice = late > early, late < early
    second = local - early
    doubtful = np.zeros(len(local), dtype=bool)
    for run in _nights(twice, local):
        cut = np.flatnonzero(np.diff(local[run]) <= 0) + 1
        if len(cut):
            second[run[cut[0] :]] = local[run[cut[0] :]] - late[run[cut[0] :]]
            continue
        first, last = run[0], run[-1]
        joins_before = first > 0 and 0 < local[first] - local[first - 1] <= step
        joins_after = last + 1 < len(local) and 0 < local[last + 1] - local[last] <= step
        if joins_after and not joins_before:
            second[run] = local[run] - late[run]
        elif joins_before == joins_after:
            doubtful[run] = True
    return Instants(second, missing, doubtful)


def _nights(twice: npt.NDArray[np.bool_], local: Ints) -> list[Ints]:
    """Rows of the repeated hour, night by night."""
    rows = np.flatnonzero(twice)
    return [rows[local[rows] // _DAY == day] for day in np.unique(local[rows] // _DAY)]


def _offsets(local: Ints, zone: ZoneInfo, fold: int) -> Ints:
    """Offset from UTC in seconds that the zone's clock has at each local time."""
    hours, where = np.unique(local // 3600, return_inverse=True)
    epoch = dt.datetime(1970, 1, 1)
    stamps = [(epoch + dt.timedelta(hours=int(h))).replace(tzinfo=zone, fold=fold) for h in hours]
    found = [int((stamp.utcoffset() or dt.timedelta()).total_seconds()) for stamp in stamps]
    offset: Ints = np.array(found, dtype=np.int64)[where]
    return offset
