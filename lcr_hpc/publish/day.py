"""The local civil day of a night, by period."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.store.calendar import clock_hours, hours_of_day


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
    np.add.at(hours, hour_period[clock_hours(hours_of_day(night))], 1.0)
    return hours
