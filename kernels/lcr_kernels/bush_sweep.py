"""Passes over all bushes of a block of origins: plant them, add their flows up, update them."""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.bush import (
    Bushes,
    add_bush_flow,
    bush_space,
    close_bush,
    load_bush,
    open_bush,
    plant_tree,
    reload_bush,
)
from lcr_kernels.bush_pairs import collect_pairs, no_pairs
from lcr_kernels.bush_update import label_bush, update_bush
from lcr_kernels.shortest_path import shortest_path_tree, tree_space
from lcr_kernels.volume_delay import link_costs

ROUNDING = 1e-13
"""Flow below this share of an origin's demand is what subtraction left behind, and counts as none."""


@kernel
def plant_bushes(network, bushes, trips, rows, shared, flow):
    """Give some rows a shortest-path tree each, loaded before the next is planted.

    Trees at the costs of what earlier trees carry are much nearer to equilibrium than trees at free flow.

    network  RoadNetwork
    bushes   Bushes         rows written, in ascending order and after all rows that have merges
    trips    TripTable
    rows     int64[·]       rows to plant
    shared   float64[link]  flow of earlier rows of all blocks
    flow     float64[link]  out; flow of these rows
    """
    links = network.head.size
    nodes = network.in_start.size - 1
    space, tree = bush_space(nodes, links), tree_space(nodes)
    cost, slope, seen = np.empty(links), np.empty(links), np.empty(links)
    for row in rows:
        for link in range(links):
            seen[link] = shared[link] + flow[link]
        link_costs(network, seen, cost, slope)
        settled = shortest_path_tree(network, cost, bushes.zone[row], tree)
        plant_tree(bushes, row, tree, settled)
        bushes.merge_first[row + 1] = bushes.merge_first[row]
        merges = open_bush(bushes, row, space)
        load_bush(network, bushes, row, trips, space, merges, 0.0)
        add_bush_flow(bushes, row, space, flow)


@kernel
def load_bushes(network, bushes, trips, rows, by_share, flow):
    """Add what the first rows carry to the flow of the links, exactly.

    network   RoadNetwork
    bushes    Bushes         slots rewritten: rounding mended or, by share, the demand replaced
    trips     TripTable
    rows      int            how many rows
    by_share  bool           keep the shares of the slots, not their flows: a new demand on old bushes
    flow      float64[link]  written
    """
    space = bush_space(network.in_start.size - 1, network.head.size)
    for row in range(rows):
        merges = open_bush(bushes, row, space)
        if by_share:
            reload_bush(network, bushes, row, trips, space, merges)
        else:
            load_bush(network, bushes, row, trips, space, merges, 0.0)
        add_bush_flow(bushes, row, space, flow)
        base = bushes.slot_first[bushes.merge_first[row]]
        for slot in range(space.merge_start[merges]):
            bushes.slot_flow[base + slot] = space.flow[slot]


@kernel
def update_bushes(network, bushes, trips, cost):
    """Update every bush of a block at the same costs, and take out its pairs; no flow moves.

    Costs are fixed, so that the blocks do not depend on one another and may run anywhere.

    network  RoadNetwork
    bushes   Bushes         rows of fixed size are rewritten in place: use only what is returned
    trips    TripTable
    cost     float64[link]
    returns  (Bushes, Pairs, float64)  the bushes; their pairs; the excess cost inside them, min·veh/h
    """
    space = bush_space(network.in_start.size - 1, network.head.size)
    after = _empty_like(bushes)
    pairs = no_pairs()
    excess = 0.0
    for row in range(bushes.zone.size):
        merges = open_bush(bushes, row, space)
        zone = bushes.zone[row]
        demand = 0.0
        for pair in range(trips.start[zone], trips.start[zone + 1]):
            demand += trips.trips[pair]
        load_bush(network, bushes, row, trips, space, merges, ROUNDING * demand)
        found = label_bush(network, bushes, row, cost, space)
        changed = update_bush(network, bushes, row, cost, space, merges)
        if changed >= 0:
            merges = changed
            found = label_bush(network, bushes, row, cost, space)
        excess += found
        base = after.slot_first[after.merge_first[row]]
        pairs = collect_pairs(network, bushes, row, space, merges, base, pairs)
        after = close_bush(after, row, space, merges)
    return after, pairs, excess


@kernel
def _empty_like(bushes):
    return Bushes(
        bushes.zone,
        bushes.nodes,
        bushes.order,
        bushes.predecessor,
        np.zeros(bushes.merge_first.size, np.int64),
        np.zeros(bushes.slot_first.size, np.int64),
        np.empty(bushes.slot_link.size, np.int32),
        np.empty(bushes.slot_flow.size, np.float64),
    )
