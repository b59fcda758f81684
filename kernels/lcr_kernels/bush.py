"""Bushes: one acyclic sub-network an origin, of the links that carry that origin's flow and no others.

Dial, A path-based user-equilibrium traffic assignment algorithm that obviates path storage and enumeration,
Transportation Research B 40 (2006); Nie, A class of bush-based algorithms for the traffic assignment problem,
Transportation Research B 44 (2010). Written from the equations.

A node that one link of the bush enters needs no more than that link: its flow follows from what leaves the
node. Only a node that several links enter, a *merge*, stores a flow for each of them. Bushes cannot grow beyond the
network as sets of paths do, and nodes that nobody passes on the way from an origin take no part in its bush: distances
to all nodes, which tell what should enter, come from a sweep over a hierarchy (`hierarchy_sweep`).

Within a bush a node goes by its *position* in the topological order, so that passes run through memory once.
"""

from typing import NamedTuple

import numpy as np

from lcr_kernels._jit import kernel


class Bushes(NamedTuple):
    """The bushes of one block of origins, a row an origin.

    zone         int32[row]      origin
    node_first   int64[row+1]    nodes of a row: node_first[r] … node_first[r+1] − 1
    node         int32[·]        in topological order, the origin first
    entry        int32[·]        link that enters the node; −1 at the origin; −2 − k: merge k of the row
    merge_first  int64[row+1]    merges of a row, likewise
    slot_first   int64[merge+1]  slots of a merge, likewise
    slot_link    int32[slot]     link
    slot_flow    float64[slot]   veh/h
    """

    zone: np.ndarray
    node_first: np.ndarray
    node: np.ndarray
    entry: np.ndarray
    merge_first: np.ndarray
    slot_first: np.ndarray
    slot_link: np.ndarray
    slot_flow: np.ndarray


class BushSpace(NamedTuple):
    """One bush opened for work, and scratch: what a thread touches, small enough to stay in its cache.

    size                          int64[3]       positions and merges in use; number of the last search
    position                      int32[node]    place of a node in the bush; −1 none
    node, entry                   int32[·]       by position, as in Bushes
    tail                          int32[·]       by position: position that the only link into it leaves
    merge_start                   int32[·]       slots of merge k: merge_start[k] … merge_start[k+1] − 1
    link, slot_tail               int32[slot]    link, and the position that it leaves
    flow                          float64[slot]  veh/h
    node_flow                     float64[·]     by position: what enters, veh/h
    near                          float64[·]     by position: distance over all of the network
    low, high                     float64[·]     by position: cost of the shortest and of the longest used path
    low_slot, high_slot, main_slot int32[·]      by merge: slot of shortest, longest used path, most flow
    cell                          int32[·]       cell of a position's flow, then of each slot's; −1 none yet
    path_link, path_part          int32[·]       a segment while it is followed
    new_link, new_tail            int32[·]       by position: link to enter, −1 none; position it leaves
    seen, cursor, stack           int32[node]    scratch of searches over nodes
    place, order                  int32[·]       scratch of the topological sort
    other_…                                      the bush as it will be
    """

    size: np.ndarray
    position: np.ndarray
    node: np.ndarray
    entry: np.ndarray
    tail: np.ndarray
    merge_start: np.ndarray
    link: np.ndarray
    slot_tail: np.ndarray
    flow: np.ndarray
    node_flow: np.ndarray
    near: np.ndarray
    low: np.ndarray
    high: np.ndarray
    low_slot: np.ndarray
    high_slot: np.ndarray
    main_slot: np.ndarray
    cell: np.ndarray
    path_link: np.ndarray
    path_part: np.ndarray
    new_link: np.ndarray
    new_tail: np.ndarray
    seen: np.ndarray
    cursor: np.ndarray
    stack: np.ndarray
    place: np.ndarray
    order: np.ndarray
    other_node: np.ndarray
    other_entry: np.ndarray
    other_tail: np.ndarray
    other_node_flow: np.ndarray
    other_start: np.ndarray
    other_link: np.ndarray
    other_slot_tail: np.ndarray
    other_flow: np.ndarray


@kernel
def bush_space(nodes, links):
    """Allocate a BushSpace."""
    size = nodes + 2
    slots = links + nodes
    return BushSpace(
        np.zeros(3, np.int64),
        np.full(nodes, -1, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.zeros(size, np.int32),
        np.empty(slots, np.int32),
        np.empty(slots, np.int32),
        np.empty(slots, np.float64),
        np.empty(size, np.float64),
        np.empty(size, np.float64),
        np.empty(size, np.float64),
        np.empty(size, np.float64),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size + slots, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.full(size, -1, np.int32),
        np.empty(size, np.int32),
        np.zeros(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.int32),
        np.empty(size, np.float64),
        np.zeros(size, np.int32),
        np.empty(slots, np.int32),
        np.empty(slots, np.int32),
        np.empty(slots, np.float64),
    )


@kernel
def seedlings(zones):
    """Bushes of the origins alone, one a row, ready to be planted.

    zones    int32[row]
    returns  Bushes
    """
    rows = zones.size
    return Bushes(
        zones.copy(),
        np.arange(rows + 1),
        zones.copy(),
        np.full(rows, -1, np.int32),
        np.zeros(rows + 1, np.int64),
        np.zeros(1, np.int64),
        np.zeros(0, np.int32),
        np.zeros(0),
    )


@kernel
def open_bush(network, bushes, row, space):
    """Copy a row to the scratch space."""
    begin = bushes.node_first[row]
    nodes = bushes.node_first[row + 1] - begin
    position, tail = space.position, space.tail
    for at in range(nodes):
        node, entry = bushes.node[begin + at], bushes.entry[begin + at]
        space.node[at] = node
        space.entry[at] = entry
        position[node] = at
        if entry >= 0:
            tail[at] = position[network.tail[entry]]
    first = bushes.merge_first[row]
    merges = bushes.merge_first[row + 1] - first
    slots = 0
    space.merge_start[0] = 0
    for merge in range(merges):
        for slot in range(bushes.slot_first[first + merge], bushes.slot_first[first + merge + 1]):
            space.link[slots] = bushes.slot_link[slot]
            space.slot_tail[slots] = position[network.tail[bushes.slot_link[slot]]]
            space.flow[slots] = bushes.slot_flow[slot]
            slots += 1
        space.merge_start[merge + 1] = slots
    space.size[0] = nodes
    space.size[1] = merges


@kernel
def close_bush(bushes, row, space):
    """Append an open bush to bushes that are written row by row; returns them, with longer arrays if it had to."""
    nodes, merges = space.size[0], space.size[1]
    begin, first = bushes.node_first[row], bushes.merge_first[row]
    base = bushes.slot_first[first]
    slots = space.merge_start[merges]
    bushes = _with_room(bushes, begin + nodes, first + merges + 1, base + slots)
    for at in range(nodes):
        bushes.node[begin + at] = space.node[at]
        bushes.entry[begin + at] = space.entry[at]
        space.position[space.node[at]] = -1
    for merge in range(merges):
        bushes.slot_first[first + merge + 1] = base + space.merge_start[merge + 1]
    for slot in range(slots):
        bushes.slot_link[base + slot] = space.link[slot]
        bushes.slot_flow[base + slot] = space.flow[slot]
    bushes.node_first[row + 1] = begin + nodes
    bushes.merge_first[row + 1] = first + merges
    return bushes


@kernel
def leave_bush(space):
    """Forget an open bush that is not to be closed."""
    for at in range(space.size[0]):
        space.position[space.node[at]] = -1


@kernel
def empty_like(bushes):
    """Bushes of the same origins to append rows to, with room for as much as the given ones hold."""
    return Bushes(
        bushes.zone,
        np.zeros(bushes.node_first.size, np.int64),
        np.empty(bushes.node.size, np.int32),
        np.empty(bushes.entry.size, np.int32),
        np.zeros(bushes.merge_first.size, np.int64),
        np.zeros(bushes.slot_first.size, np.int64),
        np.empty(bushes.slot_link.size, np.int32),
        np.empty(bushes.slot_flow.size, np.float64),
    )


@kernel
def emptied(bushes, zone):
    """Bushes of some origins to append rows to, in the arrays of others that are no longer wanted."""
    rows = zone.size
    node_first, merge_first = bushes.node_first, bushes.merge_first
    if node_first.size != rows + 1:
        node_first, merge_first = np.zeros(rows + 1, np.int64), np.zeros(rows + 1, np.int64)
    node_first[0] = 0
    merge_first[0] = 0
    bushes.slot_first[0] = 0
    return Bushes(
        zone,
        node_first,
        bushes.node,
        bushes.entry,
        merge_first,
        bushes.slot_first,
        bushes.slot_link,
        bushes.slot_flow,
    )


@kernel
def _with_room(bushes, nodes, merges, slots):
    node, entry = bushes.node, bushes.entry
    slot_first, slot_link, slot_flow = bushes.slot_first, bushes.slot_link, bushes.slot_flow
    if nodes > node.size:
        node = longer(node, nodes + nodes // 2)
        entry = longer(entry, nodes + nodes // 2)
    if merges > slot_first.size:
        slot_first = longer(slot_first, merges + merges // 2)
    if slots > slot_link.size:
        slot_link = longer(slot_link, slots + slots // 2)
        slot_flow = longer(slot_flow, slots + slots // 2)
    return Bushes(bushes.zone, bushes.node_first, node, entry, bushes.merge_first, slot_first, slot_link, slot_flow)


@kernel
def longer(array, size):
    """Copy an array into a longer one."""
    copy = np.empty(size, array.dtype)
    for at in range(array.size):
        copy[at] = array[at]
    return copy
