"""Shortest paths from many origins at once, by sweeps over a hierarchy: distances, cost of a demand.

Origins are taken LANES at a time, and each label is LANES numbers side by side, so that a step is a few vector
instructions. A sweep climbs from the origins' ranks in ascending order, then descends to the destinations' ranks, and
touches only those and what lies above them in the hierarchy.
"""

from typing import NamedTuple

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.lanes import LANES, pull_least, push_least


class Ends(NamedTuple):
    """Zones that trips end in, and the ranks that lie between them and the top; no matter what links cost.

    zone        int32[end]    ascending
    below       int32[·]      ranks that a descent touches, ascending
    link_first  int64[end+1]  links from core nodes into each zone that is none: link_first[k] … link_first[k+1] − 1
    link        int32[·]
    tail_rank   int32[·]      rank that each of them leaves
    direct      int32[·]      links from a zone to a zone that are no core nodes
    """

    zone: np.ndarray
    below: np.ndarray
    link_first: np.ndarray
    link: np.ndarray
    tail_rank: np.ndarray
    direct: np.ndarray


class SweepSpace(NamedTuple):
    """Labels and scratch of one batch of origins, one a thread. Between batches everything is as allocated.

    climb                     float64[core, lane]  labels of the climb; inf
    label                     float64[node, lane]  distances: of ranks, then of nodes that paths do not pass, as far as
                                                   the descent goes
    place                     int32[node]          row of a node in `label`
    nowhere                   float64[1, lane]     inf: the climb of a rank that it does not touch
    climb_flow, descent_flow  float64[core, lane]  veh/h; 0
    wanted                    float64[zone, lane]  veh/h that end there; 0
    last_step                 float64[·]           cost of each of `Ends.link`
    marked                    bool[core]           ranks to visit; false
    above                     int32[core]          ranks that the climb touches, ascending
    up_flow, down_flow        float64[arc]         veh/h of all batches
    last, before              int32[core], int32[arc]  arcs into a rank from below, as lists from the highest foot
    """

    climb: np.ndarray
    label: np.ndarray
    place: np.ndarray
    nowhere: np.ndarray
    climb_flow: np.ndarray
    descent_flow: np.ndarray
    wanted: np.ndarray
    last_step: np.ndarray
    marked: np.ndarray
    above: np.ndarray
    up_flow: np.ndarray
    down_flow: np.ndarray
    last: np.ndarray
    before: np.ndarray


@kernel
def trip_ends(network, hierarchy, trips):
    """Find the zones that a demand ends in, and the ranks of a descent to them; returns Ends."""
    zones = trips.start.size - 1
    is_end = np.zeros(zones, np.bool_)
    for destination in trips.destination:
        is_end[destination] = True
    core, through = hierarchy.rank.size, network.first_through
    marked = np.zeros(core, np.bool_)
    zone = np.empty(zones, np.int32)
    link_first = np.zeros(zones + 1, np.int64)
    link, tail_rank = np.empty(network.head.size, np.int32), np.empty(network.head.size, np.int32)
    direct = np.empty(network.head.size, np.int32)
    found, links, directs = 0, 0, 0
    for end in range(zones):
        if not is_end[end]:
            continue
        zone[found] = end
        found += 1
        if end >= through:
            marked[hierarchy.rank[end - through]] = True
        else:
            for at in range(network.in_start[end], network.in_start[end + 1]):
                tail = network.tail[at]
                if tail < through:
                    direct[directs] = at
                    directs += 1
                    continue
                link[links] = at
                tail_rank[links] = hierarchy.rank[tail - through]
                marked[tail_rank[links]] = True
                links += 1
        link_first[found] = links
    below = np.empty(core, np.int32)
    touched = _upward_closure(hierarchy, marked, below)
    return Ends(
        zone[:found].copy(),
        below[:touched].copy(),
        link_first[: found + 1].copy(),
        link[:links].copy(),
        tail_rank[:links].copy(),
        direct[:directs].copy(),
    )


@kernel
def all_ends(hierarchy, ends):
    """Ends of descents that go to every rank, so that a sweep gives the distances of all nodes."""
    every = np.arange(hierarchy.rank.size).astype(np.int32)
    return Ends(ends.zone, every, ends.link_first, ends.link, ends.tail_rank, ends.direct)


@kernel
def sweep_space(network, hierarchy, ends):
    """Allocate a SweepSpace; `take_costs` before the first sweep, and whenever costs change."""
    core, arcs = hierarchy.rank.size, hierarchy.head.size
    nodes = network.in_start.size - 1
    place = np.empty(nodes, np.int32)
    for node in range(nodes):
        place[node] = core + node if node < nodes - core else hierarchy.rank[node - (nodes - core)]
    return SweepSpace(
        np.full((core, LANES), np.inf),
        np.full((nodes, LANES), np.inf),
        place,
        np.full((1, LANES), np.inf),
        np.zeros((core, LANES)),
        np.zeros((core, LANES)),
        np.zeros((nodes, LANES)),
        np.empty(ends.link.size),
        np.zeros(core, np.bool_),
        np.empty(core, np.int32),
        np.zeros(arcs),
        np.zeros(arcs),
        np.full(core, -1, np.int32),
        np.empty(arcs, np.int32),
    )


@kernel
def take_costs(space, ends, cost):
    """Read the costs of the links that descents to zones end with."""
    last_step, link = space.last_step, ends.link
    for at in range(link.size):
        last_step[at] = cost[link[at]]


@kernel
def hierarchy_cost(network, hierarchy, metric, ends, cost, trips, zones, space):
    """Cost of a demand on shortest paths; `shortest_path.shortest_path_cost` by sweeps.

    network    RoadNetwork
    hierarchy  Hierarchy
    metric     Metric         of the same costs
    ends       Ends           of the same demand
    cost       float64[link]  >= 0
    trips      TripTable      pairs without a path add nothing
    zones      int32[origin]  origins to cover, in the order of the sum
    space      SweepSpace
    returns    float64        min·veh/h
    """
    take_costs(space, ends, cost)
    label, place = space.label, space.place
    start, destination, demand = trips.start, trips.destination, trips.trips
    total = 0.0
    origin = with_demand(trips, zones)
    for begin in range(0, origin.size, LANES):
        batch = origin[begin : begin + LANES]
        touched = sweep(network, hierarchy, metric, ends, cost, batch, space)
        for lane in range(batch.size):
            for pair in range(start[batch[lane]], start[batch[lane] + 1]):
                reached = label[place[destination[pair]], lane]
                if reached < np.inf:
                    total += demand[pair] * reached
        forget(space, touched)
    return total


@kernel
def with_demand(trips, zones):
    """Those zones that trips begin in, in the same order."""
    kept = np.empty(zones.size, np.int32)
    found = 0
    for zone in zones:
        if trips.start[zone] < trips.start[zone + 1]:
            kept[found] = zone
            found += 1
    return kept[:found]


@kernel
def _upward_closure(hierarchy, marked, ranks):
    """List marked ranks and all that their arcs climb to, ascending; unmarks them. Returns how many."""
    first, head = hierarchy.first, hierarchy.head
    found = 0
    for rank in range(marked.size):
        if marked[rank]:
            marked[rank] = False
            ranks[found] = rank
            found += 1
            for arc in range(first[rank], first[rank + 1]):
                marked[head[arc]] = True
    return found


@kernel
def sweep(network, hierarchy, metric, ends, cost, batch, space):
    """Distances of a batch of origins to all ends, in `space.label`; returns how many ranks the climb touched."""
    # Arrays have names of their own in loops: taken out of a tuple there, each counts its references, in 20 ns.
    climb, label, place, nowhere, above = space.climb, space.label, space.place, space.nowhere, space.above
    first, head, up, down, below = hierarchy.first, hierarchy.head, metric.up, metric.down, ends.below
    zone, link_first, tail_rank, last_step = ends.zone, ends.link_first, ends.tail_rank, space.last_step
    through = network.first_through
    for lane in range(batch.size):
        origin = batch[lane]
        if origin >= through:
            climb[hierarchy.rank[origin - through], lane] = 0.0
            space.marked[hierarchy.rank[origin - through]] = True
            continue
        for at in range(network.out_start[origin], network.out_start[origin + 1]):
            link = network.out_link[at]
            to = network.head[link] - through
            if to >= 0:
                rank = hierarchy.rank[to]
                space.marked[rank] = True
                climb[rank, lane] = min(climb[rank, lane], cost[link])
    touched = _upward_closure(hierarchy, space.marked, space.above)
    for at in range(touched):
        rank = above[at]
        push_least(climb, rank, head, up, first[rank], first[rank + 1])
    top = touched - 1
    for at in range(below.size - 1, -1, -1):
        rank = below[at]
        while top >= 0 and above[top] > rank:
            top -= 1
        if top >= 0 and above[top] == rank:
            pull_least(label, rank, climb, rank, label, head, down, first[rank], first[rank + 1])
        else:
            pull_least(label, rank, nowhere, 0, label, head, down, first[rank], first[rank + 1])
    for at in range(zone.size):
        if zone[at] < through:
            pull_least(
                label, place[zone[at]], nowhere, 0, label, tail_rank, last_step, link_first[at], link_first[at + 1]
            )
    for link in ends.direct:
        end = place[network.head[link]]
        for lane in range(batch.size):
            if batch[lane] == network.tail[link]:
                label[end, lane] = min(label[end, lane], cost[link])
    for lane in range(batch.size):
        label[place[batch[lane]], lane] = 0.0
    return touched


@kernel
def forget(space, touched):
    """Make the labels of a climb infinite again."""
    climb, above = space.climb, space.above
    for at in range(touched):
        for lane in range(LANES):
            climb[above[at], lane] = np.inf
