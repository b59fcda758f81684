"""All-or-nothing by a hierarchy: flow goes back the way that the labels of a sweep came.

Labels of the climb and of the descent are kept apart, and the sums that gave them repeat to the last bit: that is how
flow finds its way, and why there is no fastmath here.
"""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.hierarchy import unpack
from lcr_kernels.hierarchy_sweep import forget, sweep, sweep_space, take_costs, with_demand
from lcr_kernels.lanes import LANES


@kernel
def load_hierarchy(network, hierarchy, metric, ends, cost, trips, zones, flow):
    """Put a demand on shortest paths; of equal paths one wins, the same at every call.

    A climb wins over a descent, then the arc with the lowest head (down) or the highest foot (up), then what
    `customise` says; of connectors the first.

    flow  float64[link]  the demand is added to it, veh/h
    Other arguments as in `hierarchy_sweep.hierarchy_cost`.
    """
    space = sweep_space(network, hierarchy, ends)
    take_costs(space, ends, cost)
    label, place, wanted = space.label, space.place, space.wanted
    start, destination, demand = trips.start, trips.destination, trips.trips
    origin = with_demand(trips, zones)
    for begin in range(0, origin.size, LANES):
        batch = origin[begin : begin + LANES]
        touched = sweep(network, hierarchy, metric, ends, cost, batch, space)
        for lane in range(batch.size):
            for pair in range(start[batch[lane]], start[batch[lane] + 1]):
                if label[place[destination[pair]], lane] < np.inf:
                    wanted[destination[pair], lane] += demand[pair]
        _load_last_links(network, hierarchy, ends, cost, batch, space, flow)
        _load_descents(hierarchy, metric, ends, space)
        _load_climbs(hierarchy, metric, space, touched)
        _load_first_links(network, hierarchy, cost, batch, space, flow)
        forget(space, touched)
    unpack(metric, space.up_flow, space.down_flow, flow)


@kernel
def _load_last_links(network, hierarchy, ends, cost, batch, space, flow):
    """From the zones, over the links into them, to the ranks that descents end at."""
    label, place, wanted, loaded, last_step = (
        space.label,
        space.place,
        space.wanted,
        space.descent_flow,
        space.last_step,
    )
    marked = space.marked
    zone, link_first, link_of, tail_rank = ends.zone, ends.link_first, ends.link, ends.tail_rank
    through = network.first_through
    for link in ends.direct:
        end = network.head[link]
        for lane in range(batch.size):
            if batch[lane] == network.tail[link] and cost[link] == label[place[end], lane]:
                flow[link] += wanted[end, lane]
                wanted[end, lane] = 0.0
    for at in range(zone.size):
        end = zone[at]
        row = place[end]
        if end >= through:
            marked[row] = True
            for lane in range(LANES):
                loaded[row, lane] += wanted[end, lane]
                wanted[end, lane] = 0.0
            continue
        for lane in range(batch.size):
            x = wanted[end, lane]
            if x == 0.0:
                continue
            wanted[end, lane] = 0.0
            reached = label[row, lane]
            for k in range(link_first[at], link_first[at + 1]):
                if label[tail_rank[k], lane] + last_step[k] == reached:
                    loaded[tail_rank[k], lane] += x
                    marked[tail_rank[k]] = True
                    flow[link_of[k]] += x
                    break


@kernel
def _load_descents(hierarchy, metric, ends, space):
    """From each rank of the descent to the climb that it was reached by, or up the arc that it was."""
    climb, label, loaded, climb_flow = space.climb, space.label, space.descent_flow, space.climb_flow
    marked = space.marked
    first, head, down, below, down_flow = hierarchy.first, hierarchy.head, metric.down, ends.below, space.down_flow
    for at in range(below.size):
        rank = below[at]
        if not marked[rank]:
            continue
        marked[rank] = False
        for lane in range(LANES):
            x = loaded[rank, lane]
            if x == 0.0:
                continue
            loaded[rank, lane] = 0.0
            reached = label[rank, lane]
            if climb[rank, lane] == reached:
                climb_flow[rank, lane] += x
                continue
            for arc in range(first[rank], first[rank + 1]):
                if label[head[arc], lane] + down[arc] == reached:
                    loaded[head[arc], lane] += x
                    marked[head[arc]] = True
                    down_flow[arc] += x
                    break


@kernel
def _load_climbs(hierarchy, metric, space, touched):
    """From each rank of the climb down the arc that it was reached by; what stays came by a first link."""
    climb, loaded, above, last, before = space.climb, space.climb_flow, space.above, space.last, space.before
    first, head, foot, up, up_flow = hierarchy.first, hierarchy.head, hierarchy.foot, metric.up, space.up_flow
    for at in range(touched):
        rank = above[at]
        for arc in range(first[rank], first[rank + 1]):
            before[arc] = last[head[arc]]
            last[head[arc]] = arc
    for at in range(touched - 1, -1, -1):
        rank = above[at]
        into = last[rank]
        last[rank] = -1
        for lane in range(LANES):
            x = loaded[rank, lane]
            if x == 0.0:
                continue
            arc = into
            while arc >= 0:
                if climb[foot[arc], lane] + up[arc] == climb[rank, lane]:
                    loaded[foot[arc], lane] += x
                    loaded[rank, lane] = 0.0
                    up_flow[arc] += x
                    break
                arc = before[arc]


@kernel
def _load_first_links(network, hierarchy, cost, batch, space, flow):
    """What climbs began with: flow on the links out of the origins, none where an origin is a rank itself."""
    through = network.first_through
    for lane in range(batch.size):
        origin = batch[lane]
        if origin >= through:
            space.climb_flow[hierarchy.rank[origin - through], lane] = 0.0
            continue
        for at in range(network.out_start[origin], network.out_start[origin + 1]):
            link = network.out_link[at]
            to = network.head[link] - through
            if to < 0:
                continue
            rank = hierarchy.rank[to]
            if cost[link] == space.climb[rank, lane]:
                flow[link] += space.climb_flow[rank, lane]
                space.climb_flow[rank, lane] = 0.0
