"""Deterministic user equilibrium of one class: all used paths between two zones cost the same, none costs less.

Wardrop, Some theoretical aspects of road traffic research (1952), first principle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from lcr_kernels.bush import Bushes
from lcr_kernels.road_network import RoadNetwork
from lcr_kernels.volume_delay import beckmann, link_costs

from lcr_hpc.compute.communicator import Communicator, SerialCommunicator
from lcr_hpc.errors import InputError, ModelError, raise_all
from lcr_hpc.traffic.arrange import misfits, relative_gap, road_network, trip_table
from lcr_hpc.traffic.blocks import OriginBlocks
from lcr_hpc.traffic.network import Demand, Floats, Ints, Network
from lcr_hpc.traffic.settings import TrafficSettings


class UnreachableDemand(NamedTuple):
    """Demand between zones that no path joins; it loads no link and is no part of the gap.

    origin, destination are zone indices, int32[pair]; trips float64[pair].
    """

    origin: Ints
    destination: Ints
    trips: Floats

    @property
    def total(self) -> float:
        """Trips without a path."""
        return float(self.trips.sum())


class WarmStart(NamedTuple):
    """Where another assignment of the same network may begin: the bushes of this rank's blocks."""

    bushes: dict[int, Bushes]
    blocks: int
    from_node: Ints
    to_node: Ints


@dataclass(frozen=True)
class Assignment:
    """Link flows at user equilibrium.

    Parameters
    ----------
    link_flow : float64[link]
        In the unit of the demand, in the order of the network's links.
    link_cost : float64[link]
        Generalised cost at that flow, minutes.
    relative_gap : float
        1 − (shortest-path cost · demand) / (link cost · link flow), of an all-or-nothing at these costs.
    objective : float
        Beckmann objective: the sum over links of the integral of cost.
    total_travel_time : float
        Link time · link flow, without toll and distance cost.
    iterations : int
        Updates of all bushes.
    history : float64[iteration]
        Relative gap inside the bushes before each update's shifts; the last one is `relative_gap` itself.
    unreachable : UnreachableDemand
    converged : bool
        Whether the gap that was asked for was reached.
    blocks : int
        Blocks of origins: part of the problem.
    warm_start : WarmStart
        Bushes to begin another assignment with.
    """

    link_flow: Floats
    link_cost: Floats
    relative_gap: float
    objective: float
    total_travel_time: float
    iterations: int
    history: Floats
    unreachable: UnreachableDemand
    converged: bool
    blocks: int
    warm_start: WarmStart = field(repr=False)


def assign(
    network: Network,
    demand: Demand,
    settings: TrafficSettings | None = None,
    *,
    communicator: Communicator | None = None,
    threads: int = 1,
    warm_start: WarmStart | None = None,
) -> Assignment:
    """Find the user equilibrium of a demand on a network.

    Parameters
    ----------
    network, demand : Network, Demand
        From `read_tntp`, `read_gmns`, or built from arrays.
    settings : TrafficSettings, optional
        Gap, weights, blocks.
    communicator : Communicator, optional
        Ranks; every rank calls with the same arguments and gets the same result, byte for byte, whatever their
        number and that of the threads.
    threads : int
        Blocks that a rank works on at once.
    warm_start : WarmStart, optional
        From an earlier result on the same links with the same number of blocks, on this rank.

    Returns
    -------
    Assignment

    Raises
    ------
    InputError
        Everything that is wrong with network and demand, at once, naming rows and pairs.
    ModelError
        When the warm start is of another network.

    Notes
    -----
    Each origin keeps a bush, an acyclic sub-network. An update at fixed costs labels every bush, lets links in
    that shorten its paths and drops links that carry nothing; it moves no flow, so that blocks of origins are
    independent. The pairs of alternative segments of all bushes are then levelled by Newton shifts in one fixed
    order. Sources: `lcr_kernels.bush`, `lcr_kernels.bush_pairs`.
    """
    settings = settings or TrafficSettings()
    raise_all(misfits(network, demand, settings), InputError)
    roads, place = road_network(network, settings)
    trips, pair = trip_table(demand)
    n_blocks = settings.blocks(network.n_zones)
    if warm_start is not None and not _fits(warm_start, network, n_blocks):
        raise ModelError(
            f"the warm start has {warm_start.blocks} blocks on {warm_start.from_node.size} links, the problem "
            f"{n_blocks} blocks on {network.n_links} links, or the links differ; start cold"
        )
    zones = np.array_split(np.arange(network.n_zones, dtype=np.int32), n_blocks)
    blocks = OriginBlocks(roads, trips, zones, communicator or SerialCommunicator(), threads)

    flow = blocks.plant(warm_start.bushes if warm_start else None)
    lost = blocks.unreachable()
    flow, cost, gap, history = _equilibrate(roads, blocks, flow, settings)

    link_flow, link_cost = np.empty_like(flow), np.empty_like(cost)
    link_flow[place], link_cost[place] = flow, cost
    origin = demand.origin[pair]
    return Assignment(
        link_flow=link_flow,
        link_cost=link_cost,
        relative_gap=gap,
        objective=float(beckmann(roads, flow)),
        total_travel_time=float((link_flow * network.time(link_flow)).sum()),
        iterations=len(history),
        history=np.array(history),
        unreachable=UnreachableDemand(origin[lost], trips.destination[lost], trips.trips[lost]),
        converged=gap <= settings.relative_gap,
        blocks=n_blocks,
        warm_start=WarmStart(blocks.bushes, n_blocks, network.from_node, network.to_node),
    )


def _equilibrate(
    roads: RoadNetwork, blocks: OriginBlocks, flow: Floats, settings: TrafficSettings
) -> tuple[Floats, Floats, float, list[float]]:
    """Update and level until an exact all-or-nothing confirms the gap; returns flow, cost, gap and its history."""
    cost, slope = np.empty_like(flow), np.empty_like(flow)
    history: list[float] = []
    while True:
        link_costs(roads, flow, cost, slope)
        pairs, excess = blocks.update(cost)
        total = float((cost * flow).sum())
        history.append(excess / total if total > 0.0 else 0.0)
        last = len(history) >= settings.max_iterations
        if history[-1] <= settings.relative_gap or last:
            # Shifts add up to rounding; the flows that are reported are the sum of the bushes.
            flow = blocks.load()
            link_costs(roads, flow, cost, slope)
            history[-1] = relative_gap(blocks.shortest_cost(cost), float((cost * flow).sum()))
            if history[-1] <= settings.relative_gap or last:
                return flow, cost, history[-1], history
        blocks.level(pairs, flow, cost, slope)


def _fits(warm: WarmStart, network: Network, n_blocks: int) -> bool:
    return (
        warm.blocks == n_blocks
        and np.array_equal(warm.from_node, network.from_node)
        and np.array_equal(warm.to_node, network.to_node)
    )
