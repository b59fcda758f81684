"""Departure times: a day's trips and the profile of when they leave become the demand of each period."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.network import Demand, Floats

HOURS = 24.0


def split_day(
    day: Demand | Sequence[Demand], profile: ArrayLike, periods: Sequence[tuple[float, float]]
) -> tuple[Demand, ...]:
    """Divide a day's trips among periods by a profile of departures.

    Parameters
    ----------
    day : Demand or sequence of Demand
        Trips a day; of several purposes, with the same pairs, each by its own profile.
    profile : float64[step] or float64[purpose, step]
        Departures in each of equal steps of the 24 hours (24 of an hour, 96 of a quarter): any unit, shares count.
    periods : sequence of (float, float)
        Start and end of each on the clock, hours from 0 to 24; an end at or before its start is of the next day. They
        may overlap, as a peak hour and the period around it.

    Returns
    -------
    tuple of Demand
        Trips an hour of each period. Times its hours, and over periods that make up the day, they are the day's trips.

    Raises
    ------
    InputError
        Profiles and periods that cannot be used, purposes whose pairs differ: at once.

    Notes
    -----
    Departures are even within a step. `lcr_hpc.traffic.periods` does the same for the night's clock hours.
    """
    purposes = (day,) if isinstance(day, Demand) else tuple(day)
    rate = departure_rates(profile, periods)
    first = purposes[0] if purposes else None
    if first is None or rate.shape[0] != len(purposes):
        raise InputError(f"departures: {len(purposes)} purposes, {rate.shape[0]} profiles; wanted one for each")
    for other in purposes[1:]:
        if not (np.array_equal(other.indptr, first.indptr) and np.array_equal(other.destination, first.destination)):
            raise InputError(f"departures: the pairs of {other.source} are not those of {first.source}")
    split = []
    for number, (start, end) in enumerate(periods):
        trips = np.zeros(first.trips.size)
        for purpose, part in zip(purposes, rate[:, number], strict=True):
            trips += part * purpose.trips
        split.append(Demand(first.indptr, first.destination, trips, f"{first.source}, {start:g} to {end:g} h"))
    return tuple(split)


def departure_rates(profile: ArrayLike, periods: Sequence[tuple[float, float]]) -> Floats:
    """Share of a day's trips that leave in an hour of each period, float64[purpose, period]; as in `split_day`."""
    held = np.atleast_2d(np.asarray(profile, np.float64))
    raise_all(_problems(held, periods), InputError)
    # Departures from midnight to each step's end, twice over: a period may end on the next day.
    share = held / held.sum(axis=1, keepdims=True)
    whole = np.concatenate([np.zeros((held.shape[0], 1)), np.cumsum(np.tile(share, 2), axis=1)], axis=1)
    clock = np.linspace(0.0, 2.0 * HOURS, whole.shape[1])
    rate = np.empty((held.shape[0], len(periods)))
    for number, (start, given) in enumerate(periods):
        end = given if given > start else given + HOURS
        for purpose, cumulated in enumerate(whole):
            left = np.interp([start, end], clock, cumulated)
            rate[purpose, number] = (left[1] - left[0]) / (end - start)
    return rate


def _problems(profile: Floats, periods: Sequence[tuple[float, float]]) -> list[str]:
    found = []
    if profile.ndim != 2 or profile.shape[1] == 0:
        return [f"departures: profile has shape {profile.shape}, wanted [step] or [purpose, step]"]
    for purpose, row in enumerate(profile):
        if not (np.isfinite(row) & (row >= 0.0)).all() or not row.sum() > 0.0:
            found.append(f"departures: profile {purpose} has negative numbers or NaN, or is all 0; wanted 0 or more")
    for start, end in periods:
        if not (0.0 <= start < HOURS and 0.0 <= end <= HOURS):
            found.append(f"departures: period {start:g} to {end:g} h is not on a clock of 0 to 24")
    return found
