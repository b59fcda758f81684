"""The local civil day of a night, by period."""

from __future__ import annotations

import datetime as dt

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.store.calendar import clock_hours, day_type, hours_of_day
from lcr_hpc.store.variables import DAY_TYPES


def hours_in_periods(night: dt.date, hour_period: NDArray[np.int16], n_periods: int) -> NDArray[np.float64]:
    """Hours of the civil day that each period stands for.

    Parameters
    ----------
    night : datetime.date
        The day.
    hour_period : int16[day_type, hour_of_day]
        Index of the period of each local clock hour of each type of day, in the order of DAY_TYPES.
    n_periods : int
        Periods.

    Returns
    -------
    float64[period]
        Hours; their sum is 23, 24 or 25. Periods of other types of day have none.
    """
    hours: NDArray[np.float64] = np.zeros(n_periods)
    of_day = hour_period[DAY_TYPES.index(day_type(night))]
    np.add.at(hours, of_day[clock_hours(hours_of_day(night))], 1.0)
    return hours
