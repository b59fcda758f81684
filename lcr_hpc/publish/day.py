"""The local civil day of a night, by clock hour."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

LONDON = ZoneInfo("Europe/London")


def clock_hours(night: dt.date) -> NDArray[np.int64]:
    """How often each local clock hour comes on a civil day of Europe/London.

    Parameters
    ----------
    night : datetime.date
        The day.

    Returns
    -------
    int64[hour_of_day]
        1 each; on the days the clock changes, 0 for the hour left out and 2 for the hour that comes twice.
    """
    start, end = (dt.datetime.combine(d, dt.time(), LONDON).astimezone(dt.UTC) for d in (night, _next(night)))
    hours = [start + dt.timedelta(hours=h) for h in range(round((end - start) / dt.timedelta(hours=1)))]
    return np.bincount([h.astimezone(LONDON).hour for h in hours], minlength=24)


def hours_in_periods(night: dt.date, hour_period: NDArray[np.int16], n_periods: int) -> NDArray[np.float64]:
    """Hours of the civil day that each period stands for.

    Parameters
    ----------
    night : datetime.date
        The day.
    hour_period : int16[hour_of_day]
        Index of the period of each local clock hour.
    n_periods : int
        Periods.

    Returns
    -------
    float64[period]
        Hours; their sum is 23, 24 or 25.
    """
    hours: NDArray[np.float64] = np.zeros(n_periods)
    np.add.at(hours, hour_period, clock_hours(night))
    return hours


def _next(night: dt.date) -> dt.date:
    return night + dt.timedelta(days=1)
