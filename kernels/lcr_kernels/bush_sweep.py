"""Passes over all bushes of a block of origins: plant them, add their flows up, update them."""

from typing import NamedTuple

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.bush import bush_space, close_bush, emptied, leave_bush, open_bush
from lcr_kernels.bush_flow import add_bush_flow, load_bush, prune_bush, reload_bush
from lcr_kernels.bush_pairs import collect_pairs
from lcr_kernels.bush_plant import plant_bush
from lcr_kernels.bush_update import grow_bush, judge_bush, label_bush
from lcr_kernels.hierarchy_sweep import forget, sweep, sweep_space, take_costs
from lcr_kernels.lanes import LANES

ROUNDING = 1e-13
"""Flow below this share of an origin's demand is what subtraction left behind, and counts as none."""


class Workspace(NamedTuple):
    """What one thread works in, pass after pass: an open bush and the labels of a batch of origins.

    Allocated anew for each block it took a tenth of Austin's time in 23 blocks, and threads waited for one another's
    pages.
    """

    space: tuple
    labels: tuple


@kernel
def workspace(network, hierarchy, ends):
    """Allocate a Workspace; `ends` everywhere: see `all_ends`."""
    return Workspace(bush_space(network.in_start.size - 1, network.head.size), sweep_space(network, hierarchy, ends))


@kernel
def planted_rows(bushes, trips, network):
    """Say of each row whether its bush holds every destination of its origin's demand.

    bushes   Bushes
    trips    TripTable
    network  RoadNetwork
    returns  bool[row]
    """
    holds = np.full(network.in_start.size - 1, -1, np.int64)
    planted = np.empty(bushes.zone.size, np.bool_)
    for row in range(bushes.zone.size):
        planted[row] = _lost(bushes, trips, row, holds).size == 0
    return planted


@kernel
def lost_pairs(bushes, trips, network):
    """Pairs of the demand of some origins whose destination their planted bushes do not hold: there is no path.

    bushes   Bushes
    trips    TripTable
    network  RoadNetwork
    returns  int64[·]     into the trip table
    """
    holds = np.full(network.in_start.size - 1, -1, np.int64)
    lost = np.empty(0, np.int64)
    for row in range(bushes.zone.size):
        found = _lost(bushes, trips, row, holds)
        if found.size > 0:
            lost = np.concatenate((lost, found))
    return lost


@kernel
def _lost(bushes, trips, row, holds):
    """Pairs of one row's demand whose destination its bush does not hold; `holds` says of nodes which row met them."""
    zone = bushes.zone[row]
    for at in range(bushes.node_first[row], bushes.node_first[row + 1]):
        holds[bushes.node[at]] = row
    first, last = trips.start[zone], trips.start[zone + 1]
    return first + np.flatnonzero(holds[trips.destination[first:last]] != row)


@kernel
def plant_bushes(network, hierarchy, metric, ends, cost, bushes, trips, rows, planted, after, flow, work):
    """Append some rows to bushes: those that lack destinations get shortest paths to them, and are loaded.

    network    RoadNetwork
    hierarchy  Hierarchy
    metric     Metric         of the same costs
    ends       Ends           everywhere: see `all_ends`
    cost       float64[link]  what later rows should see of the flow of earlier ones is in it
    bushes     Bushes         as they are
    trips      TripTable
    rows       int64[·]       rows to take, ascending, the next that `after` lacks first
    planted    bool[row]      rows to leave as they are
    after      Bushes         appended to: use only what is returned
    flow       float64[link]  out; the flow of the rows that were planted is added
    work       Workspace
    returns    Bushes
    """
    space, labels = work
    take_costs(labels, ends, cost)
    for begin in range(0, rows.size, LANES):
        batch = rows[begin : begin + LANES]
        touched = sweep(network, hierarchy, metric, ends, cost, bushes.zone[batch], labels)
        for lane in range(batch.size):
            row = batch[lane]
            zone = bushes.zone[row]
            open_bush(network, bushes, row, space)
            if not planted[row]:
                plant_bush(network, cost, labels, lane, trips, zone, space)
                reload_bush(trips, zone, space)
                add_bush_flow(space, flow)
            after = close_bush(after, row, space)
        forget(labels, touched)
    return after


@kernel
def load_bushes(network, bushes, trips, rows, by_share, flow, space):
    """Add what some rows carry to the flow of the links, exactly.

    network   RoadNetwork
    bushes    Bushes         slots rewritten: rounding mended or, by share, the demand replaced
    trips     TripTable
    rows      int64[·]       which rows
    by_share  bool           keep the shares of the slots, not their flows: a new demand on old bushes
    flow      float64[link]  written
    space     BushSpace
    """
    for row in rows:
        open_bush(network, bushes, row, space)
        if by_share:
            reload_bush(trips, bushes.zone[row], space)
        else:
            load_bush(trips, bushes.zone[row], space, 0.0)
        add_bush_flow(space, flow)
        base = bushes.slot_first[bushes.merge_first[row]]
        for slot in range(space.merge_start[space.size[1]]):
            bushes.slot_flow[base + slot] = space.flow[slot]
        leave_bush(space)


@kernel
def update_bushes(network, hierarchy, metric, ends, cost, bushes, trips, after, pairs, work):
    """Update every bush of a block at the same costs, and take out its pairs; no flow moves.

    Costs are fixed, so that the blocks do not depend on one another and may run anywhere.

    network    RoadNetwork
    hierarchy  Hierarchy
    metric     Metric         of the same costs
    ends       Ends           everywhere: see `all_ends`
    cost       float64[link]
    bushes     Bushes
    trips      TripTable
    after      Bushes         overwritten: from `empty_like`, or bushes that are no longer wanted
    pairs      Pairs          overwritten, likewise
    work       Workspace
    returns    (Bushes, Pairs, float64)  the bushes; their pairs; their excess cost over shortest paths, min·veh/h
    """
    space, labels = work
    take_costs(labels, ends, cost)
    after = emptied(after, bushes.zone)
    pairs.count[:] = 0
    excess = 0.0
    for begin in range(0, bushes.zone.size, LANES):
        batch = bushes.zone[begin : begin + LANES]
        touched = sweep(network, hierarchy, metric, ends, cost, batch, labels)
        for lane in range(batch.size):
            row = begin + lane
            zone = batch[lane]
            demand = 0.0
            for pair in range(trips.start[zone], trips.start[zone + 1]):
                demand += trips.trips[pair]
            open_bush(network, bushes, row, space)
            if load_bush(trips, zone, space, ROUNDING * demand):
                prune_bush(space)
            found, wanting = judge_bush(cost, labels, lane, space)
            excess += found
            if wanting > 0:
                grow_bush(network, cost, labels, lane, space, wanting)
            if space.size[1] > 0:
                label_bush(cost, space)
                pairs = collect_pairs(space, after.slot_first[after.merge_first[row]], pairs)
            after = close_bush(after, row, space)
        forget(labels, touched)
    return after, pairs, excess
