"""Bushes: one acyclic sub-network an origin, which carries all of that origin's flow.

Dial, A path-based user-equilibrium traffic assignment algorithm that obviates path storage and enumeration,
Transportation Research B 40 (2006); Nie, A class of bush-based algorithms for the traffic assignment problem,
Transportation Research B 44 (2010). Written from the equations.

A node that one link of the bush enters needs no more than that link: its flow follows from what leaves the
node. Only a node that several links enter, a *merge*, stores a flow for each of them. That is a fifth of the
memory of a flow a link, and bushes cannot grow beyond the network as sets of paths do.
"""

from typing import NamedTuple

import numpy as np

from lcr_kernels._jit import kernel


class Bushes(NamedTuple):
    """The bushes of one block of origins, a row an origin.

    zone         int32[row]         origin
    nodes        int32[row]         nodes that the origin reaches, itself first
    order        int32[row, node]   those nodes in topological order
    predecessor  int32[row, node]   link that enters a node; −1 none; −2 − k: merge k of the row
    merge_first  int64[row+1]       merges of a row: merge_first[r] … merge_first[r+1] − 1
    slot_first   int64[merge+1]     slots of a merge, likewise
    slot_link    int32[slot]        link
    slot_flow    float64[slot]      veh/h
    """

    zone: np.ndarray
    nodes: np.ndarray
    order: np.ndarray
    predecessor: np.ndarray
    merge_first: np.ndarray
    slot_first: np.ndarray
    slot_link: np.ndarray
    slot_flow: np.ndarray


class BushSpace(NamedTuple):
    """One bush opened for work, and scratch: what a thread touches, small enough to stay in its cache.

    merge_start           int32[node+2]  slots of merge k: merge_start[k] … merge_start[k+1] − 1
    link                  int32[link]    of each slot
    flow                  float64[link]  of each slot, veh/h
    node_flow             float64[node]  what enters the node, veh/h
    low, high             float64[node]  cost of the shortest and of the longest used path from the origin
    rank                  int32[node]    place in the topological order
    low_slot, high_slot   int32[node]    by merge: slot of the shortest path, of the longest used path (−1 none)
    main_slot             int32[node]    by merge: slot with the most flow
    candidate_start       int32[node+1]  candidates into node n: candidate[candidate_start[n]:candidate_start[n+1]]
    candidate             int32[link]    links that would shorten paths
    order, stack, at      int32[node]    scratch of the topological sort
    other_…                              merges as they will be
    path_link, path_cell  int32[2·node]  a segment while it is followed
    node_cell             int32[node]    cell of a node's flow among the pairs; −1 none yet
    slot_cell             int32[link]    cell of a slot's flow
    """

    merge_start: np.ndarray
    link: np.ndarray
    flow: np.ndarray
    node_flow: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rank: np.ndarray
    low_slot: np.ndarray
    high_slot: np.ndarray
    main_slot: np.ndarray
    candidate_start: np.ndarray
    candidate: np.ndarray
    order: np.ndarray
    stack: np.ndarray
    at: np.ndarray
    other_start: np.ndarray
    other_link: np.ndarray
    other_flow: np.ndarray
    path_link: np.ndarray
    path_cell: np.ndarray
    node_cell: np.ndarray
    slot_cell: np.ndarray


@kernel
def bush_space(nodes, links):
    """Allocate a BushSpace."""
    return BushSpace(
        np.zeros(nodes + 2, np.int32),
        np.empty(links, np.int32),
        np.empty(links, np.float64),
        np.empty(nodes, np.float64),
        np.empty(nodes, np.float64),
        np.empty(nodes, np.float64),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes + 1, np.int32),
        np.empty(links, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.zeros(nodes + 2, np.int32),
        np.empty(links, np.int32),
        np.empty(links, np.float64),
        np.empty(2 * nodes, np.int32),
        np.empty(2 * nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(links, np.int32),
    )


@kernel
def plant_tree(bushes, row, tree, settled):
    """Make a shortest-path tree the bush of a row; its merges, none, are in place already.

    bushes   Bushes     row written
    tree     TreeSpace  from `shortest_path_tree`
    settled  int        nodes that it reached
    """
    bushes.nodes[row] = settled
    for at in range(settled):
        bushes.order[row, at] = tree.order[at]
    for node in range(tree.predecessor.size):
        bushes.predecessor[row, node] = tree.predecessor[node]


@kernel
def open_bush(bushes, row, space):
    """Copy the merges of a row to the scratch space; returns their number."""
    first = bushes.merge_first[row]
    merges = bushes.merge_first[row + 1] - first
    slots = 0
    space.merge_start[0] = 0
    for merge in range(merges):
        for slot in range(bushes.slot_first[first + merge], bushes.slot_first[first + merge + 1]):
            space.link[slots] = bushes.slot_link[slot]
            space.flow[slots] = bushes.slot_flow[slot]
            slots += 1
        space.merge_start[merge + 1] = slots
    return merges


@kernel
def close_bush(bushes, row, space, merges):
    """Append an open bush to bushes that are written row by row; returns them, with longer arrays if it had to."""
    first = bushes.merge_first[row]
    base = bushes.slot_first[first]
    slots = space.merge_start[merges]
    bushes = _with_room(bushes, first + merges + 1, base + slots)
    for merge in range(merges):
        bushes.slot_first[first + merge + 1] = base + space.merge_start[merge + 1]
    for slot in range(slots):
        bushes.slot_link[base + slot] = space.link[slot]
        bushes.slot_flow[base + slot] = space.flow[slot]
    bushes.merge_first[row + 1] = first + merges
    return bushes


@kernel
def _with_room(bushes, merges, slots):
    slot_first, slot_link, slot_flow = bushes.slot_first, bushes.slot_link, bushes.slot_flow
    if merges > slot_first.size:
        slot_first = longer(slot_first, merges + merges // 2)
    if slots > slot_link.size:
        slot_link = longer(slot_link, slots + slots // 2)
        slot_flow = longer(slot_flow, slots + slots // 2)
    return Bushes(
        bushes.zone,
        bushes.nodes,
        bushes.order,
        bushes.predecessor,
        bushes.merge_first,
        slot_first,
        slot_link,
        slot_flow,
    )


@kernel
def longer(array, size):
    """Copy an array into a longer one; by a loop, since a slice compiles 2 s of text handling for its error message."""
    copy = np.empty(size, array.dtype)
    for at in range(array.size):
        copy[at] = array[at]
    return copy


@kernel
def load_bush(network, bushes, row, trips, space, merges, tiny):
    """Send the demand of a row back to its origin: the flow that enters each node, in `space.node_flow`.

    A merge keeps its slots as they are, but for rounding: what is at most `tiny` becomes zero, and the largest
    slot takes the difference to what leaves the node, so that flow is conserved to the last bit that counts.

    network  RoadNetwork
    bushes   Bushes
    row      int
    trips    TripTable
    space    BushSpace  opened by `open_bush`; flow and node_flow written
    merges   int        from `open_bush`
    tiny     float64    veh/h
    """
    zone = bushes.zone[row]
    order, predecessor = bushes.order[row], bushes.predecessor[row]
    node_flow = space.node_flow
    node_flow[:] = 0.0
    for pair in range(trips.start[zone], trips.start[zone + 1]):
        node_flow[trips.destination[pair]] += trips.trips[pair]
    for at in range(bushes.nodes[row] - 1, 0, -1):
        node = order[at]
        through = node_flow[node]
        entry = predecessor[node]
        if entry >= 0:
            node_flow[network.tail[entry]] += through
            continue
        merge = -2 - entry
        first, last = space.merge_start[merge], space.merge_start[merge + 1]
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
            node_flow[network.tail[space.link[slot]]] += space.flow[slot]


@kernel
def reload_bush(network, bushes, row, trips, space, merges):
    """Load a new demand onto an old bush: each merge keeps the shares of its slots; the first, where it had no flow.

    Arguments as in `load_bush`; slots and node_flow of the space written.
    """
    zone = bushes.zone[row]
    order, predecessor = bushes.order[row], bushes.predecessor[row]
    node_flow = space.node_flow
    node_flow[:] = 0.0
    for pair in range(trips.start[zone], trips.start[zone + 1]):
        node_flow[trips.destination[pair]] += trips.trips[pair]
    for at in range(bushes.nodes[row] - 1, 0, -1):
        node = order[at]
        through = node_flow[node]
        entry = predecessor[node]
        if entry >= 0:
            node_flow[network.tail[entry]] += through
            continue
        merge = -2 - entry
        first, last = space.merge_start[merge], space.merge_start[merge + 1]
        total = 0.0
        for slot in range(first, last):
            total += space.flow[slot]
        for slot in range(first, last):
            share = space.flow[slot] / total if total > 0.0 else (1.0 if slot == first else 0.0)
            space.flow[slot] = share * through
            node_flow[network.tail[space.link[slot]]] += space.flow[slot]


@kernel
def add_bush_flow(bushes, row, space, flow):
    """Add the flow of a loaded bush to the flow of the links."""
    order, predecessor = bushes.order[row], bushes.predecessor[row]
    for at in range(1, bushes.nodes[row]):
        node = order[at]
        entry = predecessor[node]
        if entry >= 0:
            flow[entry] += space.node_flow[node]
        else:
            for slot in range(space.merge_start[-2 - entry], space.merge_start[-1 - entry]):
                flow[space.link[slot]] += space.flow[slot]
