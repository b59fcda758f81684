"""How a period's trips change where travellers choose anew between car and bus, on the base's skims."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lcr_hpc.config import ModeShift
from lcr_hpc.traffic.mode_shift import change_utility, shift_modes
from lcr_hpc.traffic.network import Demand, Floats


class Choice(NamedTuple):
    """What becomes of the trips of one period.

    factor           float64[pair]  vehicles after over before
    car_persons_h    float64[2]     persons by car an hour, before and after
    bus_persons_h    float64[2]     persons by bus an hour, before and after; all four add up to twice the same
    """

    factor: Floats
    car_persons_h: Floats
    bus_persons_h: Floats


def choose(measure: ModeShift, demand: Demand, share: float, car_minutes: Floats) -> Choice:
    """Divide persons between car and bus anew.

    Parameters
    ----------
    measure : ModeShift
    demand : Demand
        Vehicles of all classes.
    share : float
        Part of them whose travellers choose.
    car_minutes : float64[zone, zone]
        The base's skim. A pair without a path keeps its trips as they are.

    Notes
    -----
    Persons by bus today are bus_share / (1 − bus_share) for each one by car, on every pair of zones that somebody
    drives between: an assumption that the config states, for want of a count. Persons are conserved, pair by pair.
    """
    minutes = car_minutes[demand.origin, demand.destination]
    known = np.isfinite(minutes)
    bus_minutes = measure.bus_minutes_per_car_minute * np.where(known, minutes, 0.0)
    change = {
        "car": {"minutes": known * measure.car_minutes_change},
        "bus": {"minutes": known * (bus_minutes * (measure.bus_time_factor - 1.0) + measure.bus_minutes_change)},
    }
    car = demand.trips * (share * measure.persons_per_car)
    bus = car * (measure.bus_share / (1.0 - measure.bus_share))
    after = shift_modes({"car": car, "bus": bus}, change_utility(change, {"minutes": measure.utility_per_min})).trips
    factor = np.divide(after["car"], car, out=np.ones_like(car), where=car > 0.0)
    return Choice(
        factor,
        np.array([car.sum(), after["car"].sum()]),
        np.array([bus.sum(), after["bus"].sum()]),
    )
