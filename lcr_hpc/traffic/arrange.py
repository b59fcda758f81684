"""Network and demand as the arrays that the kernels work on."""

from __future__ import annotations

import numpy as np
from lcr_kernels.road_network import RoadNetwork, TripTable, star

from lcr_hpc.traffic.network import Demand, LongInts, Network
from lcr_hpc.traffic.settings import TrafficSettings


def misfits(network: Network, demand: Demand, settings: TrafficSettings) -> list[str]:
    """Everything in network and demand that no assignment can use, one message a kind of defect."""
    found = [*network.problems(), *demand.problems()]
    if demand.n_zones != network.n_zones:
        found.append(f"{demand.source} has {demand.n_zones} zones, {network.source} {network.n_zones}")
    if not found:
        fixed = network.fixed_cost(settings.toll_weight, settings.distance_weight)
        bad = np.flatnonzero(~(np.isfinite(fixed) & (fixed >= 0.0)))
        if bad.size:
            rows = ", ".join(str(network.link_row[i]) for i in bad[:20])
            found.append(
                f"{network.source}: toll or length makes the cost at zero flow negative; {network.row_word} {rows}"
            )
    return found


def road_network(network: Network, settings: TrafficSettings) -> tuple[RoadNetwork, LongInts]:
    """Arrange links by head; also the network's own index of each arranged link."""
    place = np.argsort(network.to_node, kind="stable").astype(np.int64)
    tail = np.ascontiguousarray(network.from_node[place], np.int32)
    head = np.ascontiguousarray(network.to_node[place], np.int32)
    in_start, _ = star(head, network.n_nodes)
    out_start, out_link = star(tail, network.n_nodes)
    roads = RoadNetwork(
        np.int32(network.first_through_node),
        tail,
        head,
        in_start,
        out_start,
        out_link,
        network.fixed_cost(settings.toll_weight, settings.distance_weight)[place],
        network.congestion()[place],
        network.capacity_veh_h[place],
        network.delay_parameter()[place],
        None if network.delay_function is None else np.ascontiguousarray(network.delay_function[place], np.int8),
    )
    return roads, place


def trip_table(demand: Demand) -> tuple[TripTable, LongInts]:
    """Leave out pairs within a zone and pairs without trips; also the demand's own index of each pair left."""
    origin = demand.origin
    pair = np.flatnonzero((origin != demand.destination) & (demand.trips > 0.0))
    start = np.zeros(demand.n_zones + 1, np.int64)
    np.add.at(start, origin[pair].astype(np.int64) + 1, 1)
    table = TripTable(np.cumsum(start), np.ascontiguousarray(demand.destination[pair], np.int32), demand.trips[pair])
    return table, pair


def relative_gap(shortest: float, total: float) -> float:
    """Relative gap; what rounding leaves below zero is zero, and so is the gap of a demand that costs nothing."""
    return max(0.0, 1.0 - shortest / total) if total > 0.0 else 0.0
