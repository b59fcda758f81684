"""Rational-agent access: people move to the service whose travel and crowding cost them least.

Saxon and Snow 2020, A rational agent model for the spatial accessibility of primary health care, Annals of the American
Association of Geographers 110:205-222. Starts with everyone at the nearest service; each cycle moves whole persons of
every area from its dearest service in use to its cheapest.
"""

import numpy as np

from lcr_kernels._jit import kernel

CYCLES = 150
FIRST_STEP = 0.2
LAST_STEP = 0.005
HALF_LIFE = 50.0
GENTLE_CYCLES = 20


@kernel
def rational_agents(demand, capacity, first, place, cost):
    """Travel and crowding that the people of each area bear after they have spread out.

    Parameters
    ----------
    demand : float64[area]
        Persons.
    capacity : float64[service]
        Persons that a service takes at the mean crowding of all; 0 = closed.
    first : int[area + 1]
        Pairs of area i: first[i] … first[i + 1] − 1.
    place : int[pair]
        Service; of equal costs the first listed wins.
    cost : float64[pair]
        Travel time over the time that is worth as much as the mean crowding; infinity = out of reach.

    Returns
    -------
    float64[area]
        Mean over the area's people, in units of the mean crowding; of an area without people, what one would bear;
        infinity with nothing in reach.

    Notes
    -----
    A move equalises the cost of the two services as if no one else moved. It is bounded by the people at the dearer
    one and by a share of the area's people that falls from 0.2 to 0.005, and in the first 20 cycles scaled down where
    all moves together would more than fill a service.
    """
    areas, services = demand.size, capacity.size
    people = np.zeros(place.size)
    _all_to_the_nearest(demand, capacity, first, place, cost, people)
    crowd = np.zeros(services)
    arriving = np.zeros(services)
    cheapest = np.full(areas, -1, np.int64)
    dearest = np.full(areas, -1, np.int64)
    move = np.zeros(areas)
    for cycle in range(CYCLES):
        _count(first, place, people, crowd)
        arriving[:] = 0.0
        step = max(FIRST_STEP * 0.5 ** (cycle / HALF_LIFE), LAST_STEP)
        for i in range(areas):
            _extremes(i, first, place, cost, capacity, crowd, people, cheapest, dearest)
            move[i] = 0.0
            if demand[i] > 0.0 and cheapest[i] != dearest[i] and dearest[i] >= 0:
                wanted = _wanted_move(cheapest[i], dearest[i], place, cost, capacity, crowd, people)
                move[i] = float(int(min(wanted, people[dearest[i]], step * demand[i])))
                arriving[place[cheapest[i]]] += move[i]
        for i in range(areas):
            if move[i] == 0.0:
                continue
            if cycle < GENTLE_CYCLES:
                j = place[cheapest[i]]
                move[i] = np.rint(move[i] / max(arriving[j] / capacity[j], 1.0))
            people[cheapest[i]] += move[i]
            people[dearest[i]] -= move[i]
    return _borne(demand, first, place, cost, capacity, crowd, people, cheapest)


@kernel
def _all_to_the_nearest(demand, capacity, first, place, cost, people):
    for i in range(demand.size):
        best = -1
        for at in range(first[i], first[i + 1]):
            if capacity[place[at]] > 0.0 and cost[at] < np.inf and (best < 0 or cost[at] < cost[best]):
                best = at
        if best >= 0:
            people[best] = demand[i]


@kernel
def _count(first, place, people, crowd):
    """People at each service; whole persons, so that their order does not matter."""
    crowd[:] = 0.0
    for at in range(first[-1]):
        crowd[place[at]] += people[at]


@kernel
def _extremes(i, first, place, cost, capacity, crowd, people, cheapest, dearest):
    """Pairs of an area with the least cost, and with the greatest of those in use."""
    low, high = np.inf, -np.inf
    cheapest[i] = -1
    dearest[i] = -1
    for at in range(first[i], first[i + 1]):
        j = place[at]
        if not (capacity[j] > 0.0 and cost[at] < np.inf):
            continue
        whole = crowd[j] / capacity[j] + cost[at]
        if whole < low:
            low = whole
            cheapest[i] = at
        if people[at] != 0.0 and whole > high:
            high = whole
            dearest[i] = at


@kernel
def _wanted_move(low, high, place, cost, capacity, crowd, people):
    """People to move from pair `high` to pair `low` until both cost the same."""
    room_low, room_high = capacity[place[low]], capacity[place[high]]
    others_low = crowd[place[low]] - people[low]
    others_high = crowd[place[high]] - people[high]
    both = people[low] + people[high]
    even = (room_low * room_high / (room_low + room_high)) * (
        (cost[high] - cost[low]) + (both + others_high) / room_high - others_low / room_low
    )
    return even - people[low]


@kernel
def _borne(demand, first, place, cost, capacity, crowd, people, cheapest):
    """Mean cost of each area's people at the crowding of the last cycle."""
    out = np.full(demand.size, np.inf)
    for i in range(demand.size):
        if cheapest[i] < 0:
            continue
        if demand[i] == 0.0:
            j = place[cheapest[i]]
            out[i] = crowd[j] / capacity[j] + cost[cheapest[i]]
            continue
        total = 0.0
        for at in range(first[i], first[i + 1]):
            if people[at] != 0.0:
                total += (crowd[place[at]] / capacity[place[at]] + cost[at]) * people[at]
        out[i] = total / demand[i]
    return out
