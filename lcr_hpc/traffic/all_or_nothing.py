"""All-or-nothing of a demand at given costs, and the judgement of link flows by it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from lcr_kernels.hierarchy import build_hierarchy, customise
from lcr_kernels.hierarchy_load import load_hierarchy
from lcr_kernels.hierarchy_sweep import trip_ends
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


class AllOrNothing:
    """A demand on a network, ready to be loaded at any costs: the hierarchy is ordered once.

    Parameters
    ----------
    network, demand : Network, Demand
        Demand without a path, and demand within a zone, loads nothing.

    Raises
    ------
    InputError
        What is wrong with network and demand, at once.
    """

    def __init__(self, network: Network, demand: Demand) -> None:
        raise_all(misfits(network, demand, TrafficSettings()), InputError)
        self._roads, self._place = road_network(network, TrafficSettings())
        self._trips, _ = trip_table(demand)
        self._zones = np.arange(network.n_zones, dtype=np.int32)
        self._hierarchy = build_hierarchy(self._roads)
        self._ends = trip_ends(self._roads, self._hierarchy, self._trips)

    def load(self, cost: Floats) -> Floats:
        """Load every pair on one shortest path, the same one at every call.

        Parameters
        ----------
        cost : float64[link]
            Finite, >= 0, in the order of the network's links.

        Returns
        -------
        float64[link]
            Flow in the unit of the demand.

        Raises
        ------
        InputError
            Costs that no path can have.
        """
        links = self._place.size
        if cost.shape != (links,) or not (np.isfinite(cost) & (cost >= 0.0)).all():
            raise InputError(f"costs must be {links} finite numbers from 0 up, one a link")
        at, loaded = cost[self._place], np.zeros(links)
        metric = customise(self._hierarchy, at)
        load_hierarchy(self._roads, self._hierarchy, metric, self._ends, at, self._trips, self._zones, loaded)
        flow = np.empty_like(loaded)
        flow[self._place] = loaded
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
