"""What is assigned in one period: the network, and the demand of each class of vehicles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.config import TrafficConfig
from lcr_hpc.store.variables import ROAD_CLASSES
from lcr_hpc.traffic.classes import MONEY_AN_HOUR, VehicleClass
from lcr_hpc.traffic.network import Demand, Floats, Network

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class PeriodCase:
    """One period as `assign` takes it.

    closed  bool[link]  closed to all classes
    """

    network: Network
    classes: tuple[VehicleClass, ...]
    closed: Bools


def class_names(config: TrafficConfig) -> tuple[str, ...]:
    """Names of the classes of vehicles; one, `all`, where none are configured."""
    return tuple(c.name for c in config.classes) or ("all",)


def prohibited_links(config: TrafficConfig, road_class: NDArray[np.integer]) -> Bools:
    """Links that the config bars classes from, bool[class, link]."""
    barred = [[ROAD_CLASSES.index(r) for r in c.prohibited] for c in config.classes] or [[]]
    return np.stack([np.isin(road_class, numbers) for numbers in barred])


def divide(
    config: TrafficConfig,
    network: Network,
    demand: Demand,
    closed: Bools,
    toll: Floats | None = None,
    factor: Mapping[str, Floats] | None = None,
) -> PeriodCase:
    """Divide a period's demand into classes of vehicles.

    Parameters
    ----------
    config : TrafficConfig
    network : Network
    demand : Demand
        Vehicles of all classes.
    closed : bool[class, link]
    toll : float64[class, link], optional
        £.
    factor : mapping of str to float64[pair], optional
        By class, what its trips are multiplied by.

    Notes
    -----
    One class without tolls and closed links is the demand itself, to the last bit.
    """
    classes = []
    for k, name in enumerate(class_names(config)):
        given = config.classes[k] if config.classes else None
        trips = demand.trips if given is None or given.share == 1.0 else given.share * demand.trips
        if factor is not None and name in factor:
            trips = trips * factor[name]
        own = demand if trips is demand.trips else replace(demand, trips=trips, source=f"{demand.source}, {name}")
        worth = given.value_of_time_gbp_h if given is not None else None
        classes.append(
            VehicleClass(
                name,
                own,
                value_of_time=MONEY_AN_HOUR if worth is None else worth,
                pcu=1.0 if given is None else given.pcu,
                toll_weight=None if given is None else given.toll_weight,
                toll=toll[k] if toll is not None and toll[k].any() else None,
                closed=closed[k] if closed[k].any() else None,
            )
        )
    to_all: Bools = np.logical_and.reduce(closed, axis=0)
    return PeriodCase(network, tuple(classes), to_all)
