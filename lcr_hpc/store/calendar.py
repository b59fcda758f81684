"""Local civil days of Europe/London and the UTC hours that stores are counted in."""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import numpy.typing as npt

LOCAL_TIME = ZoneInfo("Europe/London")


def day_type(day: dt.date) -> str:
    """Type of a local civil day: weekday, saturday or sunday; bank holidays of England count as sunday."""
    if day.weekday() == 6 or day in _bank_holidays(day.year):
        return "sunday"
    return "saturday" if day.weekday() == 5 else "weekday"


@cache
def _bank_holidays(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("GB", subdiv="ENG", years=year)


def hours_of_day(day: dt.date) -> npt.NDArray[np.int64]:
    """Hours of a local civil day: 23, 24 or 25 of them.

    Returns
    -------
    int64[hour]
        Start of each hour, in hours since 1970-01-01T00:00Z.
    """
    first = dt.datetime.combine(day, dt.time(), LOCAL_TIME)
    last = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), LOCAL_TIME)
    return np.arange(int(first.timestamp()) // 3600, int(last.timestamp()) // 3600, dtype=np.int64)


def clock_hours(hours: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Local clock hour, 0 to 23, of each hour since 1970; in autumn one comes twice, in spring one is missing."""
    return np.array([dt.datetime.fromtimestamp(int(h) * 3600, LOCAL_TIME).hour for h in hours], dtype=np.int64)
