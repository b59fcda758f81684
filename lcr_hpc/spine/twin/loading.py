"""A rough loading of the day's trips onto roads, for detectors to count: not the model that the night runs.

Shortest paths at twice-perturbed free-flow times, as drivers who see times differently: Sheffi, Urban
Transportation Networks (1985), chapter 11, in its plainest form. Beyond MOST_TREES zones, neighbours share a tree, so
that the time grows with the size of the region and not with its square.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from lcr_hpc.spine.areas import Zones, district_at
from lcr_hpc.spine.twin.demand import Trips, hourly_profile
from lcr_hpc.spine.twin.random import Floats, Stream, uniform
from lcr_hpc.spine.twin.road_web import CONNECTOR, Ints
from lcr_hpc.spine.twin.roads import Roads
from lcr_hpc.store.calendar import day_type
from lcr_hpc.store.variables import PURPOSES

PASSES = 2
SPREAD = 0.5
"""Each pass multiplies a link's time by something from 1 − SPREAD/2 to 1 + SPREAD/2"""
MOST_TREES = 1500
"""Areas in code order, which are neighbours, start from the middle one of their group"""
NEAR_MIN = 40.0
"""Where neighbours share a tree it first grows so far, and on only if a trip goes farther"""


def load_roads(roads: Roads, trips: Trips, seed: int) -> Floats:
    """Daily vehicles of each link by purpose, float64[3, link]."""
    noise = uniform(seed, Stream.ROAD_LINK, len(roads.start), PASSES)
    daily = np.stack([trips.home_to_work, trips.work_to_home, trips.other], axis=1) / PASSES
    size = -(-roads.areas // MOST_TREES)
    groups = [np.arange(i, min(i + size, roads.areas)) for i in range(0, roads.areas, size)]
    groups += [np.array([gate]) for gate in range(roads.areas, roads.zones)]
    loads = np.zeros((len(roads.start), 3))
    for turn in range(PASSES):
        cost = np.maximum(roads.free_minutes * (1 + SPREAD * (noise[:, turn] - 0.5)), 1e-9)
        _load_once(roads, trips, daily, cost, groups, loads)
    return loads.T


def loaded_vehicle_km_year(zones: Zones, roads: Roads, loads: Floats, year: int) -> float:
    """Vehicle-km of a calendar year that the loading of a weekday stands for, on the districts' roads.

    By the profile of each day type and purpose, and the number of such days; connectors and roads outside the
    districts are left out, as they are from published traffic.
    """
    inside = district_at(zones, *((v[roads.start] + v[roads.end]) / 2 for v in (roads.x, roads.y))) >= 0
    counted = inside & (roads.road_class != CONNECTOR)
    km = (loads[:, counted] * (roads.length_m[counted] / 1000.0)).sum(axis=1)
    first = dt.date(year, 1, 1)
    days = Counter(day_type(first + dt.timedelta(days=k)) for k in range((dt.date(year + 1, 1, 1) - first).days))
    shares = np.array([sum(n * hourly_profile(d, p).sum() for d, n in days.items()) for p in PURPOSES])
    return float((shares * km).sum())


def _load_once(roads: Roads, trips: Trips, daily: Floats, cost: Floats, groups: list[Ints], loads: Floats) -> None:
    nodes = len(roads.x)
    # A trip may begin or end at a centroid but not pass one: links into centroids are no part of the graph.
    through = roads.end >= roads.zones
    graph = csr_array((cost[through], (roads.start[through], roads.end[through])), shape=(nodes, nodes))
    key = roads.start * nodes + roads.end  # ascending: links are in the order of their ends
    inwards = _links_into(roads)
    for group in groups:
        origin = int(group[len(group) // 2])
        pairs = np.arange(trips.offset[group[0]], trips.offset[group[-1] + 1])
        at, volume = _merged(trips.destination[pairs], daily[pairs])
        at, volume = at[at != origin], volume[at != origin]
        near = NEAR_MIN if len(group) > 1 else np.inf
        away, back = dijkstra(graph, indices=origin, limit=near, return_predecessors=True)
        link, minutes = _last_links(roads, cost, away, inwards[at])
        if not np.isfinite(minutes).all():
            away, back = dijkstra(graph, indices=origin, return_predecessors=True)
            link, _ = _last_links(roads, cost, away, inwards[at])
        loads[link] += volume
        at, volume = _merged(roads.start[link], volume)
        # All trips step back along the tree together, until each has met the origin.
        while len(at):
            before = back[at].astype(np.int64)
            loads[np.searchsorted(key, before * nodes + at)] += volume
            going = before != origin
            at, volume = _merged(before[going], volume[going])


def _links_into(roads: Roads) -> Ints:
    """Links that end at each zone, int64[zone, most]; a zone with fewer has one of them more than once."""
    link = np.flatnonzero(roads.end < roads.zones)
    link = link[np.argsort(roads.end[link], kind="stable")]
    count = np.bincount(roads.end[link], minlength=roads.zones)
    place = np.cumsum(count) - count
    into: Ints = link[place[:, None] + np.minimum(np.arange(count.max()), count[:, None] - 1)]
    return into


def _last_links(roads: Roads, cost: Floats, away: Floats, inwards: Ints) -> tuple[Ints, Floats]:
    """The link by which each destination is reached first, and when."""
    minutes = away[roads.start[inwards]] + cost[inwards]
    best = np.argmin(minutes, axis=1)
    row = np.arange(len(best))
    return inwards[row, best], minutes[row, best]


def _merged(node: Ints, volume: Floats) -> tuple[Ints, Floats]:
    """Each node once, with the sum of its volumes."""
    each, place = np.unique(node, return_inverse=True)
    sums = [np.bincount(place, weights=column, minlength=len(each)) for column in volume.T]
    return each, np.stack(sums, axis=1)
