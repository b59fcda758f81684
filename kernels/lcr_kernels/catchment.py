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
    The decay is computed anew in each pass: at 15 million pairs that costs less than a column of weights, which would
    be 120 MB.
    """
    areas = demand.size
    share = np.ones(areas)
    if three_stages:
        for i in range(areas):
            total = 0.0
            for at in range(first[i], first[i + 1]):
                total += _decay(time[at], threshold, form, bounds, levels, given, at)
            share[i] = 1.0 / total if total > 0.0 else 0.0
    sharing = np.zeros(supply.size)
    for i in range(areas):
        people = demand[i]
        if people == 0.0:
            continue
        for at in range(first[i], first[i + 1]):
            weight = _decay(time[at], threshold, form, bounds, levels, given, at)
            if three_stages:
                weight *= weight * share[i]
            sharing[place[at]] += people * weight
    each = np.zeros(supply.size)
    for j in range(supply.size):
        if sharing[j] > 0.0:
            each[j] = supply[j] / sharing[j]
    access = np.zeros(areas)
    for i in range(areas):
        total = 0.0
        for at in range(first[i], first[i + 1]):
            weight = _decay(time[at], threshold, form, bounds, levels, given, at)
            if three_stages:
                weight *= weight * share[i]
            total += each[place[at]] * weight
        access[i] = total
    return access


@fused_kernel
def _decay(time, threshold, form, bounds, levels, given, at):
    """Weight of one pair; NaN and infinite times fail the comparison."""
    if not time <= threshold:
        return 0.0
    if form == GAUSSIAN:
        ratio = time / bounds[0]
        return math.exp(-0.5 * ratio * ratio)
    if form == STEP:
        for k in range(bounds.size):
            if time <= bounds[k]:
                return levels[k]
        return 0.0
    if form == GIVEN:
        return given[at]
    return 1.0


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
