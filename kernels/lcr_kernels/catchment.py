"""Access to services over sparse travel times: who can reach what, and how many share it."""

import math

import numpy as np

from lcr_kernels._jit import fused_kernel, kernel

WITHIN, STEP, GAUSSIAN, GIVEN = 0, 1, 2, 3
"""Forms of the decay of access with travel time."""


@fused_kernel
def floating_catchments(demand, supply, first, place, time, threshold, form, bounds, levels, given, three_stages):
    """Supply per person within reach of each area, services being shared by all who can reach them.

    Parameters
    ----------
    demand : float64[area]
        Persons.
    supply : float64[service]
        Beds, doctors, jobs.
    first : int[area + 1]
        Pairs of area i: first[i] … first[i + 1] − 1.
    place : int[pair]
        Service.
    time : float[pair]
        Minutes; NaN and infinity are out of reach.
    threshold : float64
        Minutes; longer is out of reach.
    form : int
        WITHIN: 1; STEP: levels[k] up to bounds[k], 0 beyond; GAUSSIAN: exp(−½(time/bounds[0])²); GIVEN: given[pair].
    bounds, levels : float64[step]
    given : float64[pair]
        Empty unless GIVEN.
    three_stages : bool
        Weights are shared out among the services of an area first: W · W/Σ W.

    Returns
    -------
    float64[area]
        0 with nothing in reach.

    Notes
    -----
    Each row's pairs within reach are set side by side first and weighed once, while they are in the cache: at 15
    million pairs, half of them in reach, 0.25 s in place of 1.1 s with the decay computed anew in each pass. What is
    kept is 12 bytes a pair within reach.
    """
    areas = demand.size
    start = np.empty(areas + 1, np.int64)
    near = np.empty(place.size, np.int32)
    weight = np.empty(place.size)
    sharing = np.zeros(supply.size)
    end = 0
    for i in range(areas):
        begin = end
        start[i] = begin
        for at in range(first[i], first[i + 1]):
            # Written in any case and kept if within reach: no branch to guess. NaN fails the comparison.
            near[end] = place[at]
            weight[end] = given[at] if form == GIVEN else time[at]
            end += time[at] <= threshold
        _decay(weight[begin:end], form, bounds, levels)
        if three_stages:
            total = 0.0
            for at in range(begin, end):
                total += weight[at]
            share = 1.0 / total if total > 0.0 else 0.0
            for at in range(begin, end):
                weight[at] *= weight[at] * share
        people = demand[i]
        for at in range(begin, end):
            sharing[near[at]] += people * weight[at]
    start[areas] = end
    each = np.zeros(supply.size)
    for j in range(supply.size):
        if sharing[j] > 0.0:
            each[j] = supply[j] / sharing[j]
    access = np.zeros(areas)
    for i in range(areas):
        total = 0.0
        for at in range(start[i], start[i + 1]):
            total += each[near[at]] * weight[at]
        access[i] = total
    return access


@fused_kernel
def _decay(value, form, bounds, levels):
    """Turn times within reach into weights, in place; weights that were given stay."""
    if form == GAUSSIAN:
        for k in range(value.size):
            ratio = value[k] / bounds[0]
            value[k] = math.exp(-0.5 * ratio * ratio)
    elif form == STEP:
        for k in range(value.size):
            found = 0.0
            for step in range(bounds.size - 1, -1, -1):
                if value[k] <= bounds[step]:
                    found = levels[step]
            value[k] = found
    elif form == WITHIN:
        value[:] = 1.0


@kernel
def nearest(first, place, time, open_service):
    """Shortest travel time of each area to a service that is open.

    Parameters
    ----------
    first, place, time
        As for `floating_catchments`.
    open_service : bool[service]

    Returns
    -------
    float64[area]
        Minutes; infinity with nothing in reach.
    int64[area]
        The service, of equal ones the first listed; −1 with nothing in reach.
    """
    areas = first.size - 1
    shortest = np.full(areas, np.inf)
    service = np.full(areas, -1, np.int64)
    for i in range(areas):
        for at in range(first[i], first[i + 1]):
            if time[at] < shortest[i] and open_service[place[at]]:
                shortest[i] = time[at]
                service[i] = place[at]
    return shortest, service


@kernel
def faulty_pairs(first, place, time, services):
    """First area with each kind of fault: a service that does not exist, one listed twice, a time that is none.

    Parameters
    ----------
    first, place, time
        As for `floating_catchments`; infinity is a fair time.
    services : int

    Returns
    -------
    int64[3]
        Area; −1 = no such fault.
    """
    fault = np.full(3, -1, np.int64)
    seen = np.full(services, -1, np.int64)
    for i in range(first.size - 1):
        for at in range(first[i], first[i + 1]):
            j = place[at]
            if j < 0 or j >= services:
                if fault[0] < 0:
                    fault[0] = i
                continue
            if seen[j] == i and fault[1] < 0:
                fault[1] = i
            seen[j] = i
            if not time[at] >= 0.0 and fault[2] < 0:
                fault[2] = i
    return fault
