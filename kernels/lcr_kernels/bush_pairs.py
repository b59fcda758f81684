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
def collect_pairs(space, base, pairs):
    """Append the pairs of one open, loaded, labelled bush: at each merge, each used slot against the shortest path.

    From a slot the longest used path leads back, and, where that is another, the path of most flow. Without the
    second, flow hangs on where two detours cross on a link that a trace of flow makes dear (Braess's network with
    the shortcut's capacity at 1e-9: a gap of 0.57 after 500 updates, 1e-8 after 6 with it).

    space    BushSpace  cell written
    base     int        number of the bush's first slot once it is closed
    pairs    Pairs
    returns  Pairs      with longer arrays if they had to be
    """
    nodes, merges = space.size[0], space.size[1]
    slots = space.merge_start[merges]
    for part in range(nodes + slots):
        space.cell[part] = -1
    for merge in range(merges - 1, -1, -1):
        low_slot = space.low_slot[merge]
        for slot in range(space.merge_start[merge], space.merge_start[merge + 1]):
            if slot == low_slot or space.flow[slot] <= 0.0:
                continue
            pairs = _with_room(pairs, 4 * nodes)
            _collect(space, slot, low_slot, base, pairs, space.high_slot)
            if _leaves_longest(space, slot, low_slot):
                _collect(space, slot, low_slot, base, pairs, space.main_slot)
    return pairs


@kernel
def _leaves_longest(space, slot, low_slot):
    """Say whether the path of most flow differs from the longest used one before it meets the shortest."""
    entry, tail, slot_tail = space.entry, space.tail, space.slot_tail
    upper, lower = slot_tail[slot], slot_tail[low_slot]
    while upper != lower:
        if upper > lower:
            merge = -2 - entry[upper]
            if merge < 0:
                upper = tail[upper]
            elif space.main_slot[merge] != space.high_slot[merge]:
                return True
            else:
                upper = slot_tail[space.main_slot[merge]]
        else:
            merge = -2 - entry[lower]
            lower = tail[lower] if merge < 0 else slot_tail[space.low_slot[merge]]
    return False


@kernel
def _collect(space, high_slot, low_slot, base, pairs, way):
    """Follow both segments to where they part: back from one slot by `way`, from the other by the shortest path.

    What a link's flow is kept under goes by its part of the bush first: a position, or all positions + a slot.
    """
    entry, tail, link, slot_tail = space.entry, space.tail, space.link, space.slot_tail
    low_way, path_link, path_part = space.low_slot, space.path_link, space.path_part
    to_link, to_cell = pairs.link, pairs.cell
    nodes = space.size[0]
    begin = pairs.count[1]
    upper, lower = slot_tail[high_slot], slot_tail[low_slot]
    to_link[begin] = link[high_slot]
    to_cell[begin] = nodes + high_slot
    at = begin + 1
    path_link[0] = link[low_slot]
    path_part[0] = nodes + low_slot
    n_low = 1
    while upper != lower:
        if upper > lower:
            into = entry[upper]
            if into >= 0:
                to_link[at] = into
                to_cell[at] = upper
                upper = tail[upper]
            else:
                slot = way[-2 - into]
                if slot < 0:
                    slot = low_way[-2 - into]
                to_link[at] = link[slot]
                to_cell[at] = nodes + slot
                upper = slot_tail[slot]
            at += 1
        else:
            into = entry[lower]
            if into >= 0:
                path_link[n_low] = into
                path_part[n_low] = lower
                lower = tail[lower]
            else:
                slot = low_way[-2 - into]
                path_link[n_low] = link[slot]
                path_part[n_low] = nodes + slot
                lower = slot_tail[slot]
            n_low += 1
    middle = at
    for low in range(n_low):
        to_link[at] = path_link[low]
        to_cell[at] = path_part[low]
        at += 1
    cells = pairs.count[2]
    for k in range(begin, at):
        part = to_cell[k]
        if space.cell[part] < 0:
            space.cell[part] = cells
            pairs.flow[cells] = space.node_flow[part] if part < nodes else space.flow[part - nodes]
            pairs.slot[cells] = -1 if part < nodes else base + part - nodes
            cells += 1
        to_cell[k] = space.cell[part]
    pair = pairs.count[0]
    pairs.middle[pair] = middle
    pairs.first[pair + 1] = at
    pairs.count[0] = pair + 1
    pairs.count[1] = at
    pairs.count[2] = cells


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
