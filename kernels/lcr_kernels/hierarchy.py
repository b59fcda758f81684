"""A customisable contraction hierarchy: ordered once a network, customised once a set of link costs.

Dibbelt, Strasser & Wagner, Customizable contraction hierarchies, ACM Journal of Experimental Algorithmics 21 (2016).
Written from the description. Only nodes that paths may pass are contracted; a centroid hangs on them by its own
links. Every shortest path becomes one that first climbs in rank and then descends.
"""

from typing import NamedTuple

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.hierarchy_order import eliminate, in_postorder


class Hierarchy(NamedTuple):
    """What does not depend on costs. A *core* node is one that paths pass: node − first_through, by its rank.

    rank       int32[core]      of a core node; the least is contracted first
    first      int64[core+1]    arcs that climb from rank r: first[r] … first[r+1] − 1
    head       int32[arc]       rank that an arc climbs to, ascending within a rank
    foot       int32[arc]       rank that it climbs from
    link_arc   int32[link]      arc of a link between core nodes; −1 none
    climbs     bool[link]       whether the link runs up its arc
    target     int32[triangle]  arc between the heads of arcs i < j of a rank: by rank, then i, then j
    """

    rank: np.ndarray
    first: np.ndarray
    head: np.ndarray
    foot: np.ndarray
    link_arc: np.ndarray
    climbs: np.ndarray
    target: np.ndarray


class Metric(NamedTuple):
    """Costs on the arcs of a hierarchy.

    up, down       float64[arc]  least cost up and down the arc by way of ranks below it; inf = none
    up_by, down_by int32[arc, 2] the two arcs, first and second of a rank below, that the cost comes from;
                                 (−1 − link, 0): a link itself
    """

    up: np.ndarray
    down: np.ndarray
    up_by: np.ndarray
    down_by: np.ndarray


@kernel
def build_hierarchy(network):
    """Order the nodes of a network and find the arcs and triangles of its hierarchy.

    network  RoadNetwork
    returns  Hierarchy
    """
    through = np.int64(network.first_through)
    core = max(network.in_start.size - 1 - through, 0)
    start, neighbour = _undirected(network, through, core)
    order, first, up = in_postorder(*eliminate(start, neighbour))
    rank = np.empty(core, np.int32)
    for at in range(core):
        rank[order[at]] = at
    head = np.empty(up.size, np.int32)
    foot = np.empty(up.size, np.int32)
    triangles = 0
    for low in range(core):
        begin, end = first[low], first[low + 1]
        for arc in range(begin, end):
            head[arc] = rank[up[arc]]
            foot[arc] = low
        head[begin:end].sort()
        triangles += (end - begin) * (end - begin - 1) // 2
    return Hierarchy(
        rank,
        first,
        head,
        foot,
        *_arcs_of_links(network, through, rank, first, head),
        _targets(first, head, triangles),
    )


@kernel
def _undirected(network, through, core):
    """Neighbours of each core node, ascending, once each."""
    mark = np.full(core, -1, np.int64)
    start = np.zeros(core + 1, np.int64)
    neighbour = np.empty(2 * network.head.size, np.int32)
    found = 0
    for node in range(core):
        begin = found
        mark[node] = node
        real = node + through
        for at in range(network.in_start[real], network.in_start[real + 1]):
            other = network.tail[at] - through
            if other >= 0 and mark[other] != node:
                mark[other] = node
                neighbour[found] = other
                found += 1
        for at in range(network.out_start[real], network.out_start[real + 1]):
            other = network.head[network.out_link[at]] - through
            if other >= 0 and mark[other] != node:
                mark[other] = node
                neighbour[found] = other
                found += 1
        neighbour[begin:found].sort()
        start[node + 1] = found
    return start, neighbour[:found].copy()


@kernel
def _arcs_of_links(network, through, rank, first, head):
    links = network.head.size
    link_arc = np.full(links, -1, np.int32)
    climbs = np.zeros(links, np.bool_)
    for link in range(links):
        tail, to = network.tail[link] - through, network.head[link] - through
        if tail < 0 or to < 0 or tail == to:
            continue
        low, high = min(rank[tail], rank[to]), max(rank[tail], rank[to])
        arc = first[low]
        while head[arc] != high:
            arc += 1
        link_arc[link] = arc
        climbs[link] = rank[tail] == low
    return link_arc, climbs


@kernel
def _targets(first, head, triangles):
    """Heads of a rank's arcs are joined by arcs of their own, in the same order: one walk finds them."""
    target = np.empty(triangles, np.int32)
    at = 0
    for low in range(first.size - 1):
        for i in range(first[low], first[low + 1]):
            arc = first[head[i]]
            for j in range(i + 1, first[low + 1]):
                while head[arc] != head[j]:
                    arc += 1
                target[at] = arc
                at += 1
    return target


@kernel
def customise(hierarchy, cost):
    """Give every arc its least cost at the links' costs; of equal ways a link wins, then the lowest rank.

    hierarchy  Hierarchy
    cost       float64[link]  >= 0
    returns    Metric
    """
    arcs = hierarchy.head.size
    up, down = np.full(arcs, np.inf), np.full(arcs, np.inf)
    up_by, down_by = np.zeros((arcs, 2), np.int32), np.zeros((arcs, 2), np.int32)
    for link in range(cost.size):
        arc = hierarchy.link_arc[link]
        if arc < 0:
            continue
        if hierarchy.climbs[link]:
            if cost[link] < up[arc]:
                up[arc] = cost[link]
                up_by[arc, 0] = -1 - link
        elif cost[link] < down[arc]:
            down[arc] = cost[link]
            down_by[arc, 0] = -1 - link
    at = 0
    for low in range(hierarchy.first.size - 1):
        end = hierarchy.first[low + 1]
        for i in range(hierarchy.first[low], end):
            to_low, from_low = down[i], up[i]
            for j in range(i + 1, end):
                arc = hierarchy.target[at]
                at += 1
                climb, descent = to_low + up[j], down[j] + from_low
                if climb < up[arc]:
                    up[arc] = climb
                    up_by[arc, 0] = i
                    up_by[arc, 1] = j
                if descent < down[arc]:
                    down[arc] = descent
                    down_by[arc, 0] = i
                    down_by[arc, 1] = j
    return Metric(up, down, up_by, down_by)


@kernel
def customise_costs(hierarchy, cost, metric):
    """`customise` for those who want distances and no way back, into arrays that are there.

    hierarchy  Hierarchy
    cost       float64[link]  >= 0
    metric     Metric         up and down written
    """
    up, down = metric.up, metric.down
    link_arc, climbs, first, target = hierarchy.link_arc, hierarchy.climbs, hierarchy.first, hierarchy.target
    for arc in range(up.size):
        up[arc] = np.inf
        down[arc] = np.inf
    for link in range(cost.size):
        arc = link_arc[link]
        if arc >= 0:
            if climbs[link]:
                up[arc] = min(up[arc], cost[link])
            else:
                down[arc] = min(down[arc], cost[link])
    at = 0
    for low in range(first.size - 1):
        end = first[low + 1]
        for i in range(first[low], end):
            to_low, from_low = down[i], up[i]
            for j in range(i + 1, end):
                arc = target[at]
                at += 1
                up[arc] = min(up[arc], to_low + up[j])
                down[arc] = min(down[arc], down[j] + from_low)


@kernel
def unpack(metric, up_flow, down_flow, flow):
    """Turn flow on arcs into flow on links.

    metric             Metric
    up_flow, down_flow float64[arc]   veh/h; overwritten
    flow               float64[link]  added to
    """
    for arc in range(up_flow.size - 1, -1, -1):
        x = up_flow[arc]
        if x > 0.0:
            i, j = metric.up_by[arc, 0], metric.up_by[arc, 1]
            if i < 0:
                flow[-1 - i] += x
            else:
                down_flow[i] += x
                up_flow[j] += x
        x = down_flow[arc]
        if x > 0.0:
            i, j = metric.down_by[arc, 0], metric.down_by[arc, 1]
            if i < 0:
                flow[-1 - i] += x
            else:
                down_flow[j] += x
                up_flow[i] += x
