"""Classes of vehicles: what each pays, how much room it takes, and which links it may use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.traffic.network import Demand, Floats, Network
from lcr_hpc.traffic.settings import TrafficSettings

MONEY_AN_HOUR = 60.0
"""Value of time at which a unit of money costs as much as a minute."""


@dataclass(frozen=True)
class VehicleClass:
    """A class of vehicles with its own demand and its own generalised cost.

    cost = time + extra_time + 60 / value_of_time · (toll_weight · toll + distance_weight · length)

    Classes congest one another by their passenger-car units, and their costs differ by terms that flow does not
    change: so the equilibrium of all of them is the minimum of a convex function (Dafermos, The traffic assignment
    problem for multiclass-user transportation networks, Transportation Science 6, 1972), flows in PCU.

    Parameters
    ----------
    name : str
    demand : Demand
        Vehicles of the class per hour.
    value_of_time : float
        Money an hour, above 0. The default, 60, counts a unit of money as a minute.
    pcu : float
        Passenger-car units of one vehicle, above 0.
    toll_weight, distance_weight : float or None
        Share of the toll that the class pays, and money a unit of length; None: those of the settings.
    toll : float64[link] or None
        Tolls of the class; None: those of the network.
    extra_time : float64[link] or None
        Minutes that the class takes longer than the delay function says, from 0 up (a lower speed limit).
    closed : bool[link] or None
        Links that the class may not use.
    """

    name: str
    demand: Demand
    value_of_time: float = MONEY_AN_HOUR
    pcu: float = 1.0
    toll_weight: float | None = None
    distance_weight: float | None = None
    toll: Floats | None = None
    extra_time: Floats | None = None
    closed: NDArray[np.bool_] | None = None

    def surcharge(self, network: Network, settings: TrafficSettings) -> Floats:
        """What each link costs the class on top of its time, minutes; infinite where it is closed to it."""
        worth = MONEY_AN_HOUR / self.value_of_time
        toll_weight, distance_weight = self.weights(settings)
        toll = network.toll if self.toll is None else self.toll
        cost: Floats = worth * toll_weight * toll + worth * distance_weight * network.length
        if self.extra_time is not None:
            cost = cost + self.extra_time
        if self.closed is not None:
            cost = np.where(self.closed, np.inf, cost)
        return cost

    def fixed_cost(self, network: Network, settings: TrafficSettings) -> Floats:
        """Cost of each link at zero flow, minutes."""
        worth = MONEY_AN_HOUR / self.value_of_time
        toll_weight, distance_weight = self.weights(settings)
        if self.toll is None and self.extra_time is None and self.closed is None:
            # In the order in which `Network` adds it up, so that one plain class has the bytes of none.
            return network.fixed_cost(worth * toll_weight, worth * distance_weight)
        return network.free_flow_time + self.surcharge(network, settings)

    def weights(self, settings: TrafficSettings) -> tuple[float, float]:
        """Weights of toll and of length."""
        toll = settings.toll_weight if self.toll_weight is None else self.toll_weight
        distance = settings.distance_weight if self.distance_weight is None else self.distance_weight
        return toll, distance

    def problems(self, network: Network) -> Iterator[str]:
        """Everything that an assignment cannot use, apart from the demand."""
        for name in ("value_of_time", "pcu"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0.0):
                yield f"class {self.name}: {name} is {value}, wanted a number above 0"
        for name in ("toll_weight", "distance_weight"):
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value) and value >= 0.0):
                yield f"class {self.name}: {name} is {value}, wanted a number from 0 up, or None"
        for name in ("toll", "extra_time", "closed"):
            value = getattr(self, name)
            if value is None:
                continue
            if value.shape != (network.n_links,):
                yield f"class {self.name}: {name} has shape {value.shape}, wanted one for {network.n_links} links"
            elif name == "extra_time":
                yield from network.rows(
                    ~(np.isfinite(value) & (value >= 0.0)), f"{self.name}: {name} must be from 0 up", value
                )
            elif name == "toll":
                yield from network.rows(~np.isfinite(value), f"{self.name}: {name} must be finite", value)


def as_classes(demand: Demand | Sequence[VehicleClass]) -> tuple[VehicleClass, ...]:
    """Take one demand as one class, `all`."""
    return (VehicleClass("all", demand),) if isinstance(demand, Demand) else tuple(demand)


def class_problems(
    classes: Sequence[VehicleClass], network: Network, settings: TrafficSettings, sound: bool
) -> Iterator[str]:
    """Everything that is wrong with the classes; costs only where the network is `sound`."""
    if not classes:
        yield "no class of vehicles; give one demand, or a class for each"
    names = [c.name for c in classes]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield f"two classes are called {name}; name each differently"
    for c in classes:
        found = [*c.demand.problems(), *c.problems(network)]
        if c.demand.n_zones != network.n_zones:
            found.append(f"{c.demand.source} has {c.demand.n_zones} zones, {network.source} {network.n_zones}")
        yield from found
        if not found and sound:
            fixed = c.fixed_cost(network, settings)
            bad = np.flatnonzero(np.isnan(fixed) | (fixed < 0.0) | (np.isinf(fixed) & _open(c, fixed)))
            if bad.size:
                rows = f"{network.row_word} {', '.join(str(network.link_row[i]) for i in bad[:20])}"
                yield f"{network.source}: toll or length makes the cost at zero flow negative; {rows}"


def _open(c: VehicleClass, fixed: Floats) -> NDArray[np.bool_]:
    return np.ones(fixed.size, np.bool_) if c.closed is None else ~c.closed
