"""Parts of the local days of each type, and their demand from a weekday's trips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.config import PeriodConfig
from lcr_hpc.errors import InputError
from lcr_hpc.store.variables import DAY_TYPES
from lcr_hpc.traffic.network import Demand, Floats, Ints, LongInts


def period_of_hour(periods: Sequence[PeriodConfig]) -> NDArray[np.int16]:
    """Index of the period that each local clock hour of each type of day belongs to, int16[day_type, 24]."""
    index = np.full((len(DAY_TYPES), 24), -1, np.int16)
    for place, period in enumerate(periods):
        for day_type in period.day_types:
            index[DAY_TYPES.index(day_type), list(period.hours)] = place
    return index


def counted_period(periods: Sequence[PeriodConfig], day_type: str) -> NDArray[np.int16]:
    """Index of the period that counts of each clock hour are compared with, int16[24]; −1 = none.

    A period that only borrows its traffic for this type of day is no forecast of it, and is not compared.
    """
    index = period_of_hour(periods)[DAY_TYPES.index(day_type)]
    own = np.array([period.day_types[0] == day_type for period in periods])
    compared: NDArray[np.int16] = np.where(own[index], index, -1).astype(np.int16)
    return compared


def period_demand(
    origin_offset: LongInts,
    destination: Ints,
    trips_veh_day: Floats,
    hourly_share: Floats,
    hours: Sequence[int],
    label: str,
) -> Demand:
    """Demand of one period, veh/h: over purposes, trips of a weekday × mean share of the period's hours.

    Parameters
    ----------
    origin_offset : int64[zone + 1]
    destination : int32[od]
    trips_veh_day : float64[purpose, od]
        Vehicle trips of an average weekday.
    hourly_share : float64[purpose, 24]
        Share of those that departs in each clock hour of the day's type.
    hours : sequence of int
        Local clock hours of the period.
    label : str
        Named in messages.
    """
    if hourly_share.shape != (trips_veh_day.shape[0], 24) or not np.isfinite(hourly_share).all():
        raise InputError(f"demand: hourly_share is {hourly_share.shape} or has NaN, wanted [purpose, 24 hours]")
    share = hourly_share[:, list(hours)].sum(axis=1) / len(hours)
    trips = np.zeros(destination.size)
    for purpose, part in enumerate(share):
        trips += part * trips_veh_day[purpose]
    return Demand(
        indptr=np.ascontiguousarray(origin_offset, np.int64),
        destination=np.ascontiguousarray(destination, np.int32),
        trips=trips,
        source=f"demand {label}",
    )
