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
    """Append the pairs of one open, loaded, labelled bush: at each merge, each used slot against the shortest.

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
            pairs = _with_room(pairs, 4 * nodes)
            _collect(network, predecessor, space, slot, low_slot, base, pairs)
    return pairs


@kernel
def _collect(network, predecessor, space, high_slot, low_slot, base, pairs):
    """Follow both segments to where they part: the longest used path back from one, the shortest from the other."""
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
            link = predecessor[upper]
            if link >= 0:
                cell = _node_cell(space, upper, pairs)
            else:
                slot = space.high_slot[-2 - link]
                if slot < 0:
                    slot = space.low_slot[-2 - link]
                link = space.link[slot]
                cell = _slot_cell(space, slot, base, pairs)
            pairs.link[at] = link
            pairs.cell[at] = cell
            at += 1
            upper = network.tail[link]
        else:
            link = predecessor[lower]
            if link >= 0:
                cell = _node_cell(space, lower, pairs)
            else:
                slot = space.low_slot[-2 - link]
                link = space.link[slot]
                cell = _slot_cell(space, slot, base, pairs)
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
    if count[0] + 2 > middle.size:
        first = _longer(first, 2 * first.size)
        middle = _longer(middle, 2 * middle.size)
    if count[1] + more > link.size:
        link = _longer(link, 2 * link.size + more)
        cell = _longer(cell, 2 * cell.size + more)
    if count[2] + more > flow.size:
        flow = _longer(flow, 2 * flow.size + more)
        slot = _longer(slot, 2 * slot.size + more)
    return Pairs(count, first, middle, link, cell, flow, slot)


@kernel
def _longer(array, size):
    longer = np.empty(size, array.dtype)
    longer[: array.size] = array
    return longer


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
