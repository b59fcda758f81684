"""All-or-nothing of a demand at given costs, and the judgement of link flows by it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from lcr_kernels.all_or_nothing import load_trees
from lcr_kernels.shortest_path import shortest_path_cost
from lcr_kernels.volume_delay import beckmann, link_costs

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.arrange import misfits, relative_gap, road_network, trip_table
from lcr_hpc.traffic.network import Demand, Floats, Network
from lcr_hpc.traffic.settings import TrafficSettings


class Judgement(NamedTuple):
    """What any link flows are worth as an equilibrium: Beckmann objective and relative gap."""

    objective: float
    relative_gap: float


def all_or_nothing(network: Network, demand: Demand, cost: Floats) -> Floats:
    """Load every pair on one shortest path.

    Parameters
    ----------
    network, demand : Network, Demand
        Demand without a path, and demand within a zone, loads nothing.
    cost : float64[link]
        Finite, >= 0, in the order of the network's links.

    Returns
    -------
    float64[link]
        Flow in the unit of the demand.

    Raises
    ------
    InputError
        What is wrong with network, demand or cost.
    """
    problems = misfits(network, demand, TrafficSettings())
    if cost.shape != (network.n_links,) or not (np.isfinite(cost) & (cost >= 0.0)).all():
        problems.append(f"costs must be {network.n_links} finite numbers from 0 up, one a link")
    raise_all(problems, InputError)
    roads, place = road_network(network, TrafficSettings())
    trips, _ = trip_table(demand)
    loaded = np.zeros(network.n_links)
    load_trees(roads, cost[place], trips, np.arange(network.n_zones, dtype=np.int32), loaded)
    flow = np.empty_like(loaded)
    flow[place] = loaded
    return flow


def judge(network: Network, demand: Demand, link_flow: Floats, settings: TrafficSettings | None = None) -> Judgement:
    """Beckmann objective and relative gap of link flows from anywhere.

    Parameters
    ----------
    network, demand : Network, Demand
        What the flows are said to be an equilibrium of.
    link_flow : float64[link]
        In the order of the network's links.
    settings : TrafficSettings, optional
        Weights of toll and distance.
    """
    settings = settings or TrafficSettings()
    raise_all(misfits(network, demand, settings), InputError)
    roads, place = road_network(network, settings)
    trips, _ = trip_table(demand)
    flow = np.ascontiguousarray(link_flow[place], np.float64)
    cost, slope = np.empty_like(flow), np.empty_like(flow)
    link_costs(roads, flow, cost, slope)
    shortest = shortest_path_cost(roads, cost, trips, np.arange(network.n_zones, dtype=np.int32))
    return Judgement(float(beckmann(roads, flow)), relative_gap(shortest, float((cost * flow).sum())))
