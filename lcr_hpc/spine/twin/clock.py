"""UTC hours and the local clock of the region."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import numpy.typing as npt

LOCAL = ZoneInfo("Europe/London")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Clock:
    """The hours of one UTC day."""

    day: dt.date
    first_hour: int
    """Hours since 1970 at 00:00 UTC"""
    local_hour: npt.NDArray[np.int64]
    day_type: npt.NDArray[np.int64]
    """0 weekday, 1 saturday, 2 sunday or bank holiday; by local date"""

    def stamps(self, per_hour: int = 1) -> list[str]:
        """ISO 8601 starts of the day's intervals."""
        start = dt.datetime(self.day.year, self.day.month, self.day.day)
        step = dt.timedelta(minutes=60 // per_hour)
        return [(start + k * step).isoformat() + "Z" for k in range(24 * per_hour)]


def utc_days(night: dt.date, days: int) -> Iterator[Clock]:
    """Whole UTC days that cover the local civil days that end with the night.

    In summer time the local day starts at 23:00 UTC, so that one night takes two UTC days.
    """
    first_local = night - dt.timedelta(days=days - 1)
    start = dt.datetime.combine(first_local, dt.time(), tzinfo=LOCAL).astimezone(dt.UTC).date()
    end = dt.datetime.combine(night + dt.timedelta(days=1), dt.time(), tzinfo=LOCAL).astimezone(dt.UTC)
    last = (end - dt.timedelta(seconds=1)).date()
    for k in range((last - start).days + 1):
        yield clock_of(start + dt.timedelta(days=k))


def clock_of(day: dt.date) -> Clock:
    """Local hours and day types of a UTC day."""
    midnight = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    local = [(midnight + dt.timedelta(hours=h)).astimezone(LOCAL) for h in range(24)]
    types = np.array([day_type(t.date()) for t in local], dtype=np.int64)
    hours = np.array([t.hour for t in local], dtype=np.int64)
    return Clock(day, round((midnight - _EPOCH).total_seconds() / 3600), hours, types)


def day_type(day: dt.date) -> int:
    """0 weekday, 1 saturday, 2 sunday or bank holiday of England."""
    if day.weekday() == 6 or day in holidays.country_holidays("GB", subdiv="ENG", years=day.year):
        return 2
    return 1 if day.weekday() == 5 else 0
