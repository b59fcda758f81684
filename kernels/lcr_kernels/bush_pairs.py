"""Pairs of alternative segments, taken out of the bushes of a block at given costs.

Once the bushes are right, what is left is to balance the same few segments of different origins against one
another, over and over. A visit to a bush costs a pass over all nodes; its pairs cost their own links alone. The
paired alternative segment is Bar-Gera's (Traffic assignment by paired alternative segments, Transportation
Research B 44, 2010); here a pair belongs to one merge of one origin's bush, lives until the bushes are next
updated, and then hands its flow back.
"""

from typing import NamedTuple

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.bush import longer


class Pairs(NamedTuple):
    """Pairs of segments with the same ends, of all bushes of a block.

    count      int64[3]        pairs, links and cells in use
    first      int64[pair+1]   links of pair p: first[p] … first[p+1] − 1
    middle     int64[pair]     … of which those before middle[p] are one segment, the others the other
    link       int32[links]
    cell       int32[links]    where the flow of this origin on this link is kept
    flow       float64[cell]   veh/h
    slot       int64[cell]     slot of the bushes that gets the flow back; −1: the flow of a node that one link enters
    """

    count: np.ndarray
    first: np.ndarray
    middle: np.ndarray
    link: np.ndarray
    cell: np.ndarray
    flow: np.ndarray
    slot: np.ndarray


@kernel
def no_pairs():
    """Allocate Pairs with none in them."""
    return Pairs(
        np.zeros(3, np.int64),
        np.zeros(1025, np.int64),
        np.empty(1024, np.int64),
        np.empty(16384, np.int32),
        np.empty(16384, np.int32),
        np.empty(8192, np.float64),
        np.empty(8192, np.int64),
    )


@kernel
def collect_pairs(network, bushes, row, space, merges, base, pairs):
    """Append the pairs of one open, loaded, labelled bush: at each merge, each used slot against the shortest path.

    From a slot the longest used path leads back, and, where that is another, the path of most flow. Without the
    second, flow hangs on where two detours cross on a link that a trace of flow makes dear (Braess's network with
    the shortcut's capacity at 1e-9: a gap of 0.57 after 500 updates, 1e-8 after 6 with it).

    network      RoadNetwork
    bushes, row  Bushes, int
    space        BushSpace  node_cell and slot_cell written
    merges       int
    base         int        number of the bush's first slot once it is closed
    pairs        Pairs
    returns      Pairs      with longer arrays if they had to be
    """
    predecessor = bushes.predecessor[row]
    nodes = predecessor.size
    if merges > 0:
        space.node_cell[:] = -1
        space.slot_cell[: space.merge_start[merges]] = -1
    for merge in range(merges - 1, -1, -1):
        low_slot = space.low_slot[merge]
        for slot in range(space.merge_start[merge], space.merge_start[merge + 1]):
            if slot == low_slot or space.flow[slot] <= 0.0:
                continue
            pairs = _with_room(pairs, 8 * nodes)
            _collect(network, predecessor, space, slot, low_slot, base, pairs, space.high_slot)
            if _leaves_longest(network, predecessor, space, slot, low_slot):
                _collect(network, predecessor, space, slot, low_slot, base, pairs, space.main_slot)
    return pairs


@kernel
def _leaves_longest(network, predecessor, space, slot, low_slot):
    """Say whether the path of most flow differs from the longest used one before it meets the shortest."""
    upper, lower = network.tail[space.link[slot]], network.tail[space.link[low_slot]]
    while upper != lower:
        if space.rank[upper] > space.rank[lower]:
            link = predecessor[upper]
            if link < 0:
                if space.main_slot[-2 - link] != space.high_slot[-2 - link]:
                    return True
                link = space.link[space.main_slot[-2 - link]]
            upper = network.tail[link]
        else:
            link = predecessor[lower]
            if link < 0:
                link = space.link[space.low_slot[-2 - link]]
            lower = network.tail[link]
    return False


@kernel
def _collect(network, predecessor, space, high_slot, low_slot, base, pairs, way):
    """Follow both segments to where they part: back from one slot by `way`, from the other by the shortest path."""
    pair = pairs.count[0]
    at = pairs.count[1]
    half = space.path_link.size // 2
    upper, lower = network.tail[space.link[high_slot]], network.tail[space.link[low_slot]]
    pairs.link[at] = space.link[high_slot]
    pairs.cell[at] = _slot_cell(space, high_slot, base, pairs)
    at += 1
    space.path_link[half] = space.link[low_slot]
    space.path_cell[half] = _slot_cell(space, low_slot, base, pairs)
    n_low = 1
    while upper != lower:
        if space.rank[upper] > space.rank[lower]:
            link, cell = _entry(predecessor, space, upper, way, base, pairs)
            pairs.link[at] = link
            pairs.cell[at] = cell
            at += 1
            upper = network.tail[link]
        else:
            link, cell = _entry(predecessor, space, lower, space.low_slot, base, pairs)
            space.path_link[half + n_low] = link
            space.path_cell[half + n_low] = cell
            n_low += 1
            lower = network.tail[link]
    pairs.middle[pair] = at
    for low in range(half, half + n_low):
        pairs.link[at] = space.path_link[low]
        pairs.cell[at] = space.path_cell[low]
        at += 1
    pairs.first[pair + 1] = at
    pairs.count[0] = pair + 1
    pairs.count[1] = at


@kernel
def _entry(predecessor, space, node, way, base, pairs):
    """Link by which a segment enters a node, and the cell of this origin's flow on it."""
    link = predecessor[node]
    if link >= 0:
        return link, _node_cell(space, node, pairs)
    slot = way[-2 - link]
    if slot < 0:
        slot = space.low_slot[-2 - link]
    return space.link[slot], _slot_cell(space, slot, base, pairs)


@kernel
def _slot_cell(space, slot, base, pairs):
    if space.slot_cell[slot] < 0:
        space.slot_cell[slot] = pairs.count[2]
        pairs.flow[pairs.count[2]] = space.flow[slot]
        pairs.slot[pairs.count[2]] = base + slot
        pairs.count[2] += 1
    return space.slot_cell[slot]


@kernel
def _node_cell(space, node, pairs):
    if space.node_cell[node] < 0:
        space.node_cell[node] = pairs.count[2]
        pairs.flow[pairs.count[2]] = space.node_flow[node]
        pairs.slot[pairs.count[2]] = -1
        pairs.count[2] += 1
    return space.node_cell[node]


@kernel
def _with_room(pairs, more):
    count, first, middle, link, cell, flow, slot = pairs
    if count[0] + 3 > middle.size:
        first = longer(first, 2 * first.size)
        middle = longer(middle, 2 * middle.size)
    if count[1] + more > link.size:
        link = longer(link, 2 * link.size + more)
        cell = longer(cell, 2 * cell.size + more)
    if count[2] + more > flow.size:
        flow = longer(flow, 2 * flow.size + more)
        slot = longer(slot, 2 * slot.size + more)
    return Pairs(count, first, middle, link, cell, flow, slot)


@kernel
def return_flows(pairs, flow, bushes):
    """Give the flows of a block's cells back to the slots of its bushes.

    pairs    Pairs          of the block
    flow     float64[cell]  veh/h, after the shifts
    bushes   Bushes         slot_flow written
    """
    for cell in range(pairs.count[2]):
        if pairs.slot[cell] >= 0:
            bushes.slot_flow[pairs.slot[cell]] = flow[cell]
