"""Passes over all bushes of a block of origins: plant, load, bring nearer to equilibrium."""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.bush import Bushes, add_bush_flow, bush_space, close_bush, load_bush, open_bush, plant_tree, reload_bush
from lcr_kernels.bush_shift import equilibrate_bush
from lcr_kernels.bush_update import label_bush, update_bush
from lcr_kernels.shortest_path import shortest_path_tree, tree_space
from lcr_kernels.volume_delay import link_costs


@kernel
def plant_bushes(network, bushes, trips, first_row, flow, weight):
    """Give each row from `first_row` on a shortest-path tree, loaded before the next is planted.

    Trees at the costs of what earlier trees carry are much nearer to equilibrium than trees at free flow.

    network    RoadNetwork
    bushes     Bushes         rows written
    trips      TripTable
    first_row  int
    flow       float64[link]  of this block's earlier rows; written
    weight     float64        number of blocks: what the others will carry is taken to be alike
    """
    links = network.head.size
    nodes = network.in_start.size - 1
    space, tree = bush_space(nodes, links), tree_space(nodes)
    cost, slope, seen = np.empty(links), np.empty(links), np.empty(links)
    for row in range(first_row, bushes.zone.size):
        for link in range(links):
            seen[link] = weight * flow[link]
        link_costs(network, seen, cost, slope)
        settled = shortest_path_tree(network, cost, bushes.zone[row], tree)
        plant_tree(bushes, row, tree, settled)
        bushes.merge_first[row + 1] = bushes.merge_first[row]
        merges = open_bush(bushes, row, space)
        load_bush(network, bushes, row, trips, space, merges, 0.0)
        add_bush_flow(bushes, row, space, flow)


@kernel
def load_bushes(network, bushes, trips, rows, by_share, flow):
    """Add what the first rows carry to the flow of the links.

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
def sweep_bushes(network, bushes, trips, flow, cost, slope, passes, enough):
    """Visit every bush of a block once: load, label, update, and shift until it is near its equilibrium.

    network            RoadNetwork
    bushes             Bushes         rows of fixed size are rewritten in place: use only what is returned
    trips              TripTable
    flow, cost, slope  float64[link]  as this block sees them; written (Gauss–Seidel within the block)
    passes             int            most passes of shifts a bush
    enough             float64        a bush whose excess is below this share of its cost is left alone
    returns            (Bushes, float64)  bushes after the sweep; excess cost that the sweep found, min·veh/h
    """
    space = bush_space(network.in_start.size - 1, network.head.size)
    after = _empty_like(bushes)
    found = 0.0
    for row in range(bushes.zone.size):
        merges = open_bush(bushes, row, space)
        zone = bushes.zone[row]
        demand = 0.0
        for pair in range(trips.start[zone], trips.start[zone + 1]):
            demand += trips.trips[pair]
        load_bush(network, bushes, row, trips, space, merges, 1e-13 * demand)
        excess = label_bush(network, bushes, row, cost, space)
        changed = update_bush(network, bushes, row, cost, space, merges)
        if changed >= 0:
            merges = changed
            excess = label_bush(network, bushes, row, cost, space)
        for slot in range(space.merge_start[merges]):
            space.before[slot] = space.flow[slot]
        found += excess
        least = 0.0
        for pair in range(trips.start[zone], trips.start[zone + 1]):
            label = space.low[trips.destination[pair]]
            if label < np.inf:
                least += trips.trips[pair] * label
        for turn in range(passes):
            if excess <= enough * least:
                break
            equilibrate_bush(network, bushes, row, space, merges, flow, cost, slope)
            if turn + 1 < passes:
                excess = label_bush(network, bushes, row, cost, space)
        after = close_bush(after, row, space, merges)
    return after, found


@kernel
def retreat(bushes, step):
    """Go only part of the way of the last sweep: slot flow = before + step · (after − before), in place."""
    for slot in range(bushes.slot_first[bushes.merge_first[bushes.zone.size]]):
        before = bushes.slot_before[slot]
        bushes.slot_flow[slot] = before + step * (bushes.slot_flow[slot] - before)


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
        np.empty(bushes.slot_before.size, np.float64),
    )
