"""What a scenario does to bus journeys: timetable before, timetable and change of the roads' delay after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from lcr_hpc.config import PeriodConfig
from lcr_hpc.store.variables import DAY_TYPES
from lcr_hpc.traffic.network import Floats, LongInts
from lcr_hpc.traffic.scenario.select import Bools


@dataclass(frozen=True)
class Buses:
    """Patterns of the timetable and the links that they drive on.

    Parameters
    ----------
    name : list of str
        Route and direction of each pattern.
    scheduled_min : float64[pattern]
        Timetable's minutes from the first stop to the last.
    headway_min : float64[pattern, day_type, hour_of_day]
        NaN = none.
    offset, link : int64
        Links of pattern i: link[offset[i]] … link[offset[i + 1] − 1].
    """

    name: list[str]
    scheduled_min: Floats
    headway_min: Floats
    offset: LongInts
    link: LongInts

    def per_hour(self, period: PeriodConfig) -> Floats:
        """Buses that leave the first stop in an hour of a period, mean over its hours, float64[pattern]."""
        headway = self.headway_min[:, DAY_TYPES.index(period.day_types[0]), list(period.hours)]
        buses = np.divide(60.0, headway, out=np.zeros_like(headway), where=headway > 0.0)
        mean: Floats = buses.sum(axis=1) / len(period.hours)
        return mean

    def minutes_after(self, before: Floats, after: Floats) -> Floats:
        """Minutes from the first stop to the last, float64[pattern]; infinity where a link of the route is closed.

        Parameters
        ----------
        before, after : float64[link]
            Minutes of a bus on each link in base and scenario. The timetable is taken as the time in the base, whatever
            the period: what changes is the difference.
        """
        with np.errstate(invalid="ignore"):
            change = np.where(np.isinf(after), np.inf, after - before)
        total = np.zeros(self.scheduled_min.size)
        pattern = np.repeat(np.arange(total.size), np.diff(self.offset))
        np.add.at(total, pattern, change[self.link])
        return self.scheduled_min + total


def read_buses(bus: xr.Dataset) -> Buses:
    """Read the store bus."""
    direction = np.array(["out", "in"])[bus["direction"].to_numpy()]
    route = [f"{n} {d}" for n, d in zip(bus["route_name"].to_numpy(), direction, strict=True)]
    headway = bus["headway_min"].to_numpy().astype(np.float64)
    return Buses(
        route,
        bus["running_time_min"].to_numpy().astype(np.float64),
        headway,
        bus["link_offset"].to_numpy().astype(np.int64),
        bus["pattern_link"].to_numpy().astype(np.int64),
    )


def bus_link_minutes(time: Floats, free: Floats, lane: Bools, spared: Floats) -> Floats:
    """Minutes of a bus on each link: the road's, less the share of its delay that it is spared, all on a bus lane.

    Parameters
    ----------
    time, free : float64[link]
        Minutes of the traffic, and of an empty road.
    lane : bool[link]
    spared : float64[link]
        Share of the delay, 0 to 1.
    """
    with np.errstate(invalid="ignore"):
        delay = np.where(np.isinf(time), np.inf, np.maximum(time - free, 0.0))
        own = free + np.where(lane, 0.0, (1.0 - spared) * delay)
    return np.where(np.isinf(time), np.inf, own)
