"""The hours that an audit looks at: a night's local civil day and the eight weeks before it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from lcr_hpc.store.calendar import day_type, hours_of_day

WEEKS = 8
"""Long enough for eight Saturdays, short enough that a season is not taken for a drift"""


@dataclass(frozen=True)
class Window:
    """Local civil days, the night's last."""

    days: tuple[dt.date, ...]
    first: int
    """First hour, since 1970, UTC"""
    day: npt.NDArray[np.int64]
    """[hour], index into `days`"""
    begins: npt.NDArray[np.int64]
    """[day], first hour of each, since 1970, UTC"""
    same_type: npt.NDArray[np.bool_]
    """[day], whether it is of the night's type: weekday, Saturday, Sunday and holiday"""

    @property
    def hours(self) -> int:
        """How many."""
        return len(self.day)

    @property
    def tonight(self) -> npt.NDArray[np.bool_]:
        """[hour], of the night's own day."""
        tonight: npt.NDArray[np.bool_] = self.day == len(self.days) - 1
        return tonight

    def cut(self, dataset: xr.Dataset) -> xr.Dataset:
        """The window's part of a store of hours, which may begin later or end earlier."""
        start = int(dataset["time"][:1].to_numpy().astype("datetime64[h]").astype(np.int64)[0])
        low, high = (min(max(h - start, 0), dataset.sizes["time"]) for h in (self.first, self.first + self.hours))
        return dataset.isel(time=slice(low, high))

    def place(self, dataset: xr.Dataset) -> slice:
        """Which of the window's hours a part from `cut` has."""
        times = dataset["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
        low = int(times[0]) - self.first if len(times) else 0
        return slice(low, low + len(times))


def window_of(night: dt.date) -> Window:
    """Window of a night."""
    days = tuple(night - dt.timedelta(days=k) for k in range(7 * WEEKS, -1, -1))
    hours = [hours_of_day(d) for d in days]
    return Window(
        days,
        int(hours[0][0]),
        np.repeat(np.arange(len(days)), [len(h) for h in hours]),
        np.array([h[0] for h in hours], dtype=np.int64),
        np.array([day_type(d) == day_type(night) for d in days]),
    )
