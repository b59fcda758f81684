"""Bushes without some links: what is left of another problem's solution where links are closed."""

from lcr_kernels._jit import kernel
from lcr_kernels.bush import bush_space, close_bush, empty_like, open_bush
from lcr_kernels.bush_flow import prune_bush


@kernel
def cut_links(network, bushes, closed):
    """Take links out of bushes, and the nodes that then no used path reaches.

    Flows stay as they are where a slot stays; load the demand by share afterwards, and plant what is missing.

    network  RoadNetwork
    bushes   Bushes
    closed   bool[link]
    returns  Bushes      of the same origins
    """
    space = bush_space(network.in_start.size - 1, network.head.size)
    after = empty_like(bushes)
    for row in range(bushes.zone.size):
        open_bush(network, bushes, row, space)
        _mark(closed, space)
        prune_bush(space)
        after = close_bush(after, row, space)
    return after


@kernel
def _mark(closed, space):
    """Set the flow of nodes that stay to 1 and of others to 0, and that of slots that go to 0."""
    node_flow, entry, flow = space.node_flow, space.entry, space.flow
    node_flow[0] = 1.0
    for at in range(1, space.size[0]):
        if entry[at] >= 0:
            node_flow[at] = 0.0 if closed[entry[at]] else node_flow[space.tail[at]]
            continue
        node_flow[at] = 0.0
        for slot in range(space.merge_start[-2 - entry[at]], space.merge_start[-1 - entry[at]]):
            if closed[space.link[slot]] or node_flow[space.slot_tail[slot]] == 0.0:
                flow[slot] = 0.0
            elif flow[slot] > 0.0:
                node_flow[at] = 1.0
