"""All-or-nothing by a hierarchy: flow goes back the way that the labels of a sweep came.

Labels of the climb and of the descent are kept apart, and the sums that gave them repeat to the last bit: that is how
flow finds its way, and why there is no fastmath here.
"""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.hierarchy import unpack
from lcr_kernels.hierarchy_sweep import forget, sweep, sweep_space, with_demand
from lcr_kernels.lanes import LANES


@kernel
def load_hierarchy(network, hierarchy, metric, ends, cost, trips, zones, flow):
    """Put a demand on shortest paths; of equal paths one wins, the same at every call.

    A climb wins over a descent, then the arc with the lowest head (down) or the highest foot (up), then what
    `customise` says; of connectors the first.

    flow  float64[link]  the demand is added to it, veh/h
    Other arguments as in `hierarchy_sweep.hierarchy_cost`.
    """
    space = sweep_space(network, hierarchy, ends, cost)
    origin = with_demand(trips, zones)
    for begin in range(0, origin.size, LANES):
        batch = origin[begin : begin + LANES]
        touched = sweep(network, hierarchy, metric, ends, cost, batch, space)
        for lane in range(batch.size):
            for pair in range(trips.start[batch[lane]], trips.start[batch[lane] + 1]):
                if space.label[space.place[trips.destination[pair]], lane] < np.inf:
                    space.wanted[trips.destination[pair], lane] += trips.trips[pair]
        _load_last_links(network, hierarchy, ends, cost, batch, space, flow)
        _load_descents(hierarchy, metric, ends, space)
        _load_climbs(hierarchy, metric, space, touched)
        _load_first_links(network, hierarchy, cost, batch, space, flow)
        forget(space, touched)
    unpack(metric, space.up_flow, space.down_flow, flow)


@kernel
def _load_last_links(network, hierarchy, ends, cost, batch, space, flow):
    """From the zones, over the links into them, to the ranks that descents end at."""
    through = network.first_through
    for end in ends.zone:
        if end >= through:
            rank = hierarchy.rank[end - through]
            for lane in range(LANES):
                space.descent_flow[rank, lane] += space.wanted[end, lane]
                space.wanted[end, lane] = 0.0
            continue
        for link in range(network.in_start[end], network.in_start[end + 1]):
            tail = network.tail[link]
            for lane in range(batch.size):
                x = space.wanted[end, lane]
                if x == 0.0:
                    continue
                if tail < through:
                    won = batch[lane] == tail and cost[link] == space.label[space.place[end], lane]
                else:
                    rank = hierarchy.rank[tail - through]
                    won = space.label[rank, lane] + cost[link] == space.label[space.place[end], lane]
                    if won:
                        space.descent_flow[rank, lane] += x
                if won:
                    flow[link] += x
                    space.wanted[end, lane] = 0.0


@kernel
def _load_descents(hierarchy, metric, ends, space):
    """From each rank of the descent to the climb that it was reached by, or up the arc that it was."""
    climb, descent, loaded = space.climb, space.label, space.descent_flow
    x = np.empty(LANES)
    for rank in ends.below:
        left = 0.0
        for lane in range(LANES):
            x[lane] = loaded[rank, lane]
            left += x[lane]
        if left == 0.0:
            continue
        for lane in range(LANES):
            loaded[rank, lane] = 0.0
            if x[lane] > 0.0 and climb[rank, lane] == descent[rank, lane]:
                space.climb_flow[rank, lane] += x[lane]
                x[lane] = 0.0
        for arc in range(hierarchy.first[rank], hierarchy.first[rank + 1]):
            head = hierarchy.head[arc]
            step = metric.down[arc]
            moved = 0.0
            for lane in range(LANES):
                won = descent[head, lane] + step == descent[rank, lane]
                move = x[lane] if won else 0.0
                loaded[head, lane] += move
                x[lane] -= move
                moved += move
            space.down_flow[arc] += moved


@kernel
def _load_climbs(hierarchy, metric, space, touched):
    """From each rank of the climb down the arc that it was reached by; what stays came by a first link."""
    climb, loaded = space.climb, space.climb_flow
    for at in range(touched):
        rank = space.above[at]
        for arc in range(hierarchy.first[rank], hierarchy.first[rank + 1]):
            space.before[arc] = space.last[hierarchy.head[arc]]
            space.last[hierarchy.head[arc]] = arc
    for at in range(touched - 1, -1, -1):
        rank = space.above[at]
        arc = space.last[rank]
        space.last[rank] = -1
        left = 0.0
        for lane in range(LANES):
            left += loaded[rank, lane]
        if left == 0.0:
            continue
        while arc >= 0:
            foot = hierarchy.foot[arc]
            step = metric.up[arc]
            moved = 0.0
            for lane in range(LANES):
                won = climb[foot, lane] + step == climb[rank, lane]
                move = loaded[rank, lane] if won else 0.0
                loaded[foot, lane] += move
                loaded[rank, lane] -= move
                moved += move
            space.up_flow[arc] += moved
            arc = space.before[arc]


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
