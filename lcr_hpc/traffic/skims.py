"""Skims: time, distance, toll, cost, or anything that links have, between zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from lcr_kernels.bush_select import skim_bushes
from lcr_kernels.skim import skim_trees
from numpy.typing import ArrayLike

from lcr_hpc.compute.communicator import Communicator, SerialCommunicator
from lcr_hpc.errors import InputError
from lcr_hpc.traffic.equilibrium import Assignment
from lcr_hpc.traffic.network import Floats
from lcr_hpc.traffic.select import gather_bushes, in_demand_order

FIELDS = ("time", "distance", "toll", "cost")
Fields = Sequence[str] | Mapping[str, Floats]


def skim_shortest(
    result: Assignment, fields: Fields = FIELDS, *, origins: ArrayLike | None = None, vehicle_class: int = 0
) -> dict[str, Floats]:
    """Add link values up along each pair's shortest path at the final costs, for all pairs of zones.

    Parameters
    ----------
    result : Assignment
    fields : sequence of str, or mapping of str to float64[link]
        Some of time (minutes, with turns), distance, toll (as the class pays it, unweighted), cost (generalised,
        minutes); or own values by link.
    origins : int[origin], optional
        Zones to begin in; by default all. A caller may go by blocks of them, and over ranks.
    vehicle_class : int
        Index of the class whose costs say which path is shortest.

    Returns
    -------
    dict of str to float64[origin, zone]
        0 from a zone to itself; NaN where no path leads.

    Notes
    -----
    At equilibrium every used path costs the same as the shortest one, so `cost` is the same along either; other fields
    are those of one path of them. `skim_used` gives their mean.
    """
    problem = result.problem
    zones = problem.network.n_zones
    start = np.arange(zones, dtype=np.int32) if origins is None else np.asarray(origins, np.int32)
    if start.size and not (start.min() >= 0 and start.max() < zones):
        raise InputError(f"skims: origins are zones 0 to {zones - 1}, found {start.min()} to {start.max()}")
    names, values = _values(result, fields, vehicle_class)
    found = np.empty((len(names), start.size, zones))
    cost = problem.class_cost(vehicle_class, result.shared_cost)
    skim_trees(problem.roads._replace(function=None), cost, start, zones, values, found)
    return dict(zip(names, found, strict=True))


def skim_used(
    result: Assignment, fields: Fields = FIELDS, *, vehicle_class: int = 0, communicator: Communicator | None = None
) -> dict[str, Floats]:
    """Mean link values along the used paths of each pair with demand, weighted by flow.

    Parameters
    ----------
    result, fields, vehicle_class
        As in `skim_shortest`.
    communicator : Communicator, optional
        That of the assignment; every rank calls, and gets the whole answer.

    Returns
    -------
    dict of str to float64[pair]
        In the order of the class's `Demand`. 0 within a zone; NaN for pairs without a path, and without trips.
    """
    problem, k = result.problem, vehicle_class
    names, values = _values(result, fields, k)
    roads, trips = problem.roads._replace(function=None), problem.trips[k]
    mine = {}
    for block, bushes in gather_bushes(result, k).items():
        found = np.zeros((len(names), trips.trips.size))
        skim_bushes(roads, bushes, trips, values, found)
        mine[block] = found
    whole = (communicator or SerialCommunicator()).gather_blocks(mine, result.blocks)
    total = sum(whole[1:], start=whole[0])
    demand = problem.classes[k].demand
    within = np.where(demand.origin == demand.destination, 0.0, np.nan)
    skims = {}
    for name, row in zip(names, total, strict=True):
        skims[name] = in_demand_order(problem, k, row, np.nan)
        skims[name][~np.isnan(within)] = 0.0
    return skims


def _values(result: Assignment, fields: Fields, k: int) -> tuple[list[str], Floats]:
    """Names of fields and their values, [field, arranged link]."""
    problem = result.problem
    network, links = problem.expanded, problem.network.n_links
    if not 0 <= k < len(problem.classes):
        raise InputError(f"skims: no class {k}; there are {len(problem.classes)}")
    rows = []
    for name in fields:
        if isinstance(fields, Mapping):
            own = np.asarray(fields[name], np.float64)
            if own.shape != (links,):
                raise InputError(f"skims: `{name}` has shape {own.shape}, wanted one number for each of {links} links")
        elif name == "time":
            own = network.time(problem.unarranged(result.shared_flow))
            extra = problem.classes[k].extra_time
            if extra is not None:
                own[:links] += extra
        elif name == "distance":
            own = network.length
        elif name == "toll":
            toll = problem.classes[k].toll
            own = problem.network.toll if toll is None else toll
        elif name == "cost":
            own = problem.unarranged(problem.class_cost(k, result.shared_cost))
        else:
            raise InputError(f"skims: no field `{name}`; there is {', '.join(FIELDS)}, or a mapping to own values")
        # Turns have a time and a cost, and nothing else.
        own = np.concatenate([own, np.zeros(network.n_links - own.size)])
        rows.append(own[problem.place])
    return list(fields), np.ascontiguousarray(np.stack(rows)) if rows else np.zeros((0, network.n_links))
