"""Flow in an open bush: a demand sent back to its origin, and what carries nothing dropped."""

from lcr_kernels._jit import kernel


@kernel
def load_bush(trips, zone, space, tiny):
    """Send the demand of an origin back to it: the flow that enters each node, in `space.node_flow`.

    A merge keeps its slots as they are, but for rounding: what is at most `tiny` becomes zero, and the largest
    slot takes the difference to what leaves the node, so that flow is conserved to the last bit that counts.

    trips    TripTable
    zone     int        origin
    space    BushSpace  flow and node_flow written
    tiny     float64    veh/h
    returns  bool       whether a node or a slot carries nothing
    """
    nodes = space.size[0]
    node_flow, entry, tail = space.node_flow, space.entry, space.tail
    _place_demand(trips, zone, space)
    idle = False
    for at in range(nodes - 1, 0, -1):
        through = node_flow[at]
        if through <= 0.0:
            idle = True
        if entry[at] >= 0:
            node_flow[tail[at]] += through
            continue
        first, last = space.merge_start[-2 - entry[at]], space.merge_start[-1 - entry[at]]
        rest = through
        largest = first
        for slot in range(first, last):
            if space.flow[slot] <= tiny:
                space.flow[slot] = 0.0
            rest -= space.flow[slot]
            if space.flow[slot] > space.flow[largest]:
                largest = slot
        space.flow[largest] = max(space.flow[largest] + rest, 0.0)
        for slot in range(first, last):
            if space.flow[slot] <= 0.0:
                idle = True
            node_flow[space.slot_tail[slot]] += space.flow[slot]
    return idle


@kernel
def reload_bush(trips, zone, space):
    """Load a new demand onto an old bush: each merge keeps the shares of its slots; the first, where it had no flow.

    Arguments as in `load_bush`.
    """
    node_flow, entry = space.node_flow, space.entry
    _place_demand(trips, zone, space)
    for at in range(space.size[0] - 1, 0, -1):
        through = node_flow[at]
        if entry[at] >= 0:
            node_flow[space.tail[at]] += through
            continue
        first, last = space.merge_start[-2 - entry[at]], space.merge_start[-1 - entry[at]]
        total = 0.0
        for slot in range(first, last):
            total += space.flow[slot]
        for slot in range(first, last):
            share = space.flow[slot] / total if total > 0.0 else (1.0 if slot == first else 0.0)
            space.flow[slot] = share * through
            node_flow[space.slot_tail[slot]] += space.flow[slot]


@kernel
def _place_demand(trips, zone, space):
    for at in range(space.size[0]):
        space.node_flow[at] = 0.0
    for pair in range(trips.start[zone], trips.start[zone + 1]):
        at = space.position[trips.destination[pair]]
        if at >= 0:
            space.node_flow[at] += trips.trips[pair]


@kernel
def prune_bush(space):
    """Drop nodes and slots of an open, loaded bush that carry nothing."""
    nodes = space.size[0]
    moved, node_flow = space.place, space.node_flow
    kept, merges, slots = 1, 0, 0
    moved[0] = 0
    for at in range(1, nodes):
        entry = space.entry[at]
        if node_flow[at] <= 0.0:
            space.position[space.node[at]] = -1
            continue
        if entry >= 0:
            space.tail[kept] = moved[space.tail[at]]
        else:
            merge = -2 - entry
            begin, end = space.merge_start[merge], space.merge_start[merge + 1]
            first = slots
            for slot in range(begin, end):
                if space.flow[slot] > 0.0:
                    space.link[slots] = space.link[slot]
                    space.slot_tail[slots] = moved[space.slot_tail[slot]]
                    space.flow[slots] = space.flow[slot]
                    slots += 1
            if slots == first + 1:
                slots = first
                entry = space.link[first]
                space.tail[kept] = space.slot_tail[first]
            else:
                entry = -2 - merges
                merges += 1
                space.other_start[merges] = slots
        space.node[kept] = space.node[at]
        space.entry[kept] = entry
        node_flow[kept] = node_flow[at]
        space.position[space.node[at]] = kept
        moved[at] = kept
        kept += 1
    for merge in range(1, merges + 1):
        space.merge_start[merge] = space.other_start[merge]
    space.size[0] = kept
    space.size[1] = merges


@kernel
def add_bush_flow(space, flow):
    """Add the flow of an open, loaded bush to the flow of the links."""
    for at in range(1, space.size[0]):
        entry = space.entry[at]
        if entry >= 0:
            flow[entry] += space.node_flow[at]
        else:
            for slot in range(space.merge_start[-2 - entry], space.merge_start[-1 - entry]):
                flow[space.link[slot]] += space.flow[slot]
