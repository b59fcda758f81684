"""Who uses a link, and what a trip takes, by the proportions of loaded bushes.

A bush says of each node what share of the flow through it came by which link. Shares are multiplied along the way, as
if a traveller's next link did not depend on those before it: so the demand through a link sums to its flow exactly.
"""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.bush import bush_space, leave_bush, open_bush
from lcr_kernels.bush_flow import load_bush


@kernel
def select_bushes(network, bushes, trips, selected, share, flow):
    """Share of each pair's demand that passes a selected link, and where else those trips go.

    network   RoadNetwork
    bushes    Bushes         of a block of origins, as an assignment left them; not changed
    trips     TripTable
    selected  bool[link]     a trip counts once, whichever and however many of them it passes
    share     float64[pair]  out for the pairs of these origins, 0 to 1
    flow      float64[link]  the selected trips are added to it, veh/h
    """
    nodes = network.in_start.size - 1
    space = bush_space(nodes, network.head.size)
    before, after = np.empty(nodes), np.empty(nodes)
    for row in range(bushes.zone.size):
        open_bush(network, bushes, row, space)
        load_bush(trips, bushes.zone[row], space, 0.0)
        _shares_passed(space, selected, before)
        zone = bushes.zone[row]
        for pair in range(trips.start[zone], trips.start[zone + 1]):
            end = space.position[trips.destination[pair]]
            share[pair] = before[end] if end >= 0 else 0.0
        _load_selected(space, selected, before, after, flow)
        leave_bush(space)


@kernel
def _shares_passed(space, selected, before):
    """Share of the flow that enters each position of a bush that has passed a selected link by then."""
    before[0] = 0.0
    for at in range(1, space.size[0]):
        entry = space.entry[at]
        if entry >= 0:
            before[at] = 1.0 if selected[entry] else before[space.tail[at]]
            continue
        first, last = space.merge_start[-2 - entry], space.merge_start[-1 - entry]
        total = _merge_flow(space, first, last)
        before[at] = 0.0
        for slot in range(first, last):
            passed = 1.0 if selected[space.link[slot]] else before[space.slot_tail[slot]]
            before[at] += _part(space, slot, first, total) * passed


@kernel
def _load_selected(space, selected, before, after, flow):
    """Links of the trips that have passed a selected link or still will, against the order of the nodes."""
    after[:] = 0.0
    for at in range(space.size[0] - 1, 0, -1):
        through, later = space.node_flow[at], after[at]
        entry = space.entry[at]
        if entry >= 0:
            tail = space.tail[at]
            flow[entry] += through if selected[entry] else later + (through - later) * before[tail]
            after[tail] += through if selected[entry] else later
            continue
        first, last = space.merge_start[-2 - entry], space.merge_start[-1 - entry]
        total = _merge_flow(space, first, last)
        for slot in range(first, last):
            link, tail = space.link[slot], space.slot_tail[slot]
            part = _part(space, slot, first, total)
            flow[link] += part * (through if selected[link] else later + (through - later) * before[tail])
            after[tail] += part * (through if selected[link] else later)


@kernel
def skim_bushes(network, bushes, trips, values, found):
    """Mean of link values along the used paths of each pair, weighted by flow.

    network  RoadNetwork
    bushes   Bushes                of a block of origins; not changed
    trips    TripTable
    values   float64[field, link]  added up along paths
    found    float64[field, pair]  out for the pairs of these origins; NaN = no path
    """
    nodes = network.in_start.size - 1
    space = bush_space(nodes, network.head.size)
    mean = np.empty(nodes)
    for row in range(bushes.zone.size):
        open_bush(network, bushes, row, space)
        load_bush(trips, bushes.zone[row], space, 0.0)
        zone = bushes.zone[row]
        for field in range(values.shape[0]):
            _means(space, values[field], mean)
            for pair in range(trips.start[zone], trips.start[zone + 1]):
                end = space.position[trips.destination[pair]]
                found[field, pair] = mean[end] if end >= 0 else np.nan
        leave_bush(space)


@kernel
def _means(space, value, mean):
    mean[0] = 0.0
    for at in range(1, space.size[0]):
        entry = space.entry[at]
        if entry >= 0:
            mean[at] = mean[space.tail[at]] + value[entry]
            continue
        first, last = space.merge_start[-2 - entry], space.merge_start[-1 - entry]
        total = _merge_flow(space, first, last)
        mean[at] = 0.0
        for slot in range(first, last):
            part = _part(space, slot, first, total)
            if part > 0.0:
                mean[at] += part * (mean[space.slot_tail[slot]] + value[space.link[slot]])


@kernel
def _merge_flow(space, first, last):
    total = 0.0
    for slot in range(first, last):
        total += space.flow[slot]
    return total


@kernel
def _part(space, slot, first, total):
    """Share of a slot in the flow of its merge; the first has all of it where nothing flows."""
    if total > 0.0:
        return space.flow[slot] / total
    return 1.0 if slot == first else 0.0
