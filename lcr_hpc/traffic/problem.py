"""What is assigned, arranged for the kernels: network with turns drawn out, classes, preload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from lcr_kernels.road_network import RoadNetwork, TripTable
from lcr_kernels.volume_delay import beckmann
from numpy.typing import NDArray

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.arrange import road_network, trip_table
from lcr_hpc.traffic.classes import VehicleClass, as_classes, class_problems
from lcr_hpc.traffic.network import Demand, Floats, LongInts, Network
from lcr_hpc.traffic.settings import TrafficSettings
from lcr_hpc.traffic.turns import Expanded, Turns, expand_turns


@dataclass(frozen=True)
class Problem:
    """A network and the demand of each class on it, as kernels take them.

    Parameters
    ----------
    network : Network
        As it was given.
    expanded : Network
        With a link for every turn at junctions that have listed turns; the first links are the network's.
    turn_link : int64[turn]
        Link of each listed turn; −1 none.
    classes : tuple of VehicleClass
    roads : RoadNetwork
        Links sorted by head; costs that all classes share.
    place : int64[arranged link]
        Index of each arranged link in `expanded`.
    extra : float64[class, arranged link] or None
        What a link costs each class beyond `roads`; None: nothing, there is one class.
    trips : tuple of TripTable
        Demand of each class, PCU/h.
    pair : tuple of int64[pair]
        Where each pair of `trips` stands in the class's demand.
    preload : float64[arranged link] or None
        PCU/h.
    """

    network: Network
    expanded: Network
    turn_link: LongInts
    classes: tuple[VehicleClass, ...]
    roads: RoadNetwork
    place: LongInts
    extra: Floats | None
    trips: tuple[TripTable, ...]
    pair: tuple[LongInts, ...]
    preload: Floats | None

    def class_roads(self, k: int) -> RoadNetwork:
        """Road network with the costs of one class."""
        return self.roads if self.extra is None else self.roads._replace(fixed=self.roads.fixed + self.extra[k])

    def class_cost(self, k: int, cost: Floats) -> Floats:
        """Cost of each arranged link to one class, from the shared cost."""
        return cost if self.extra is None else cost + self.extra[k]

    def closed(self) -> NDArray[np.bool_]:
        """Links of `expanded` that a class may not use, bool[class, link]."""
        n = (len(self.classes), self.expanded.n_links)
        closed = np.zeros(n, np.bool_)
        if self.extra is not None:
            closed[:, self.place] = np.isinf(self.extra)
        return closed

    def total_flow(self, flows: Sequence[Floats]) -> Floats:
        """Sum of the classes' flows and the preload, PCU/h."""
        total = flows[0] if self.preload is None else self.preload + flows[0]
        for flow in flows[1:]:
            total = total + flow
        return total

    def spent(self, flows: Sequence[Floats], cost: Floats) -> float:
        """Cost of all classes' flows at the shared costs."""
        return sum(float((_finite(self.class_cost(k, cost), f) * f).sum()) for k, f in enumerate(flows))

    def objective(self, flows: Sequence[Floats]) -> float:
        """Beckmann objective of the classes' flows: what the preload would cost alone is left out."""
        total = float(beckmann(self.roads, self.total_flow(flows)))
        if self.preload is not None:
            total -= float(beckmann(self.roads, self.preload))
        if self.extra is not None:
            total += sum(float((_finite(self.extra[k], f) * f).sum()) for k, f in enumerate(flows))
        return total

    def unarranged(self, values: Floats) -> Floats:
        """Put values by arranged link into the order of `expanded`."""
        own = np.empty_like(values)
        own[self.place] = values
        return own


def arrange_problem(
    network: Network,
    demand: Demand | Sequence[VehicleClass],
    settings: TrafficSettings,
    turns: Turns | None = None,
    preload: Floats | None = None,
) -> Problem:
    """Check and arrange everything that an assignment takes; what is wrong is one `InputError`."""
    classes = as_classes(demand)
    found = [*network.problems(), *(turns.problems(network) if turns is not None else ())]
    if preload is not None and preload.shape != (network.n_links,):
        found.append(f"preload has shape {preload.shape}, wanted one number for each of {network.n_links} links")
    elif preload is not None:
        bad = ~(np.isfinite(preload) & (preload >= 0.0))
        found += network.rows(bad, "preload must be finite and not negative", preload)
    found += class_problems(classes, network, settings, sound=not found)
    raise_all(found, InputError)

    expanded = Expanded(network, np.full(0, -1, np.int64))
    if turns is not None and turns.from_link.size:
        expanded = expand_turns(network, turns)
    roads, place = road_network(expanded.network, settings)
    fixed = [_grown(c.fixed_cost(network, settings), expanded.network) for c in classes]
    extra = None
    if len(classes) == 1 and np.isfinite(fixed[0]).all():
        roads = roads._replace(fixed=fixed[0][place])
    else:
        # A base that is finite everywhere and no dearer than any class.
        base = expanded.network.free_flow_time
        roads = roads._replace(fixed=base[place])
        extra = np.stack([(f - base)[place] for f in fixed])
    tables = [trip_table(c.demand) for c in classes]
    trips = tuple(
        table if c.pcu == 1.0 else table._replace(trips=c.pcu * table.trips)
        for c, (table, _) in zip(classes, tables, strict=True)
    )
    load = None
    if preload is not None and preload.any():
        load = np.concatenate([preload, np.zeros(expanded.network.n_links - network.n_links)])[place]
    return Problem(
        network,
        expanded.network,
        expanded.turn_link,
        classes,
        roads,
        place,
        extra,
        trips,
        tuple(pair for _, pair in tables),
        load,
    )


def _grown(fixed: Floats, expanded: Network) -> Floats:
    """Cost at zero flow of the links that turns brought, too."""
    return np.concatenate([fixed, expanded.free_flow_time[fixed.size :]]) if fixed.size < expanded.n_links else fixed


def _finite(cost: Floats, flow: Floats) -> Floats:
    """Cost with 0 where it is infinite and nobody goes; a flow at an infinite cost stays infinite."""
    closed = np.isinf(cost) & (flow == 0.0)
    return np.where(closed, 0.0, cost) if closed.any() else cost
