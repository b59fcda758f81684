"""A rough loading of the day's trips onto roads, for detectors to count: not the model that the night runs.

Shortest paths at twice-perturbed free-flow times, as drivers who see times differently: Sheffi, Urban
Transportation Networks (1985), chapter 11, in its plainest form. Beyond MOST_TREES areas, neighbours share a tree that
grows no farther than their own trips, and trips to a gate step along the gate's own tree, so that the time grows with
the size of the region and not with its square.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from lcr_hpc.spine.areas import Zones, district_at
from lcr_hpc.spine.twin.demand import Trips, hourly_profile
from lcr_hpc.spine.twin.random import Floats, Stream, uniform
from lcr_hpc.spine.twin.road_web import CONNECTOR, LANE_CAPACITY, Ints
from lcr_hpc.spine.twin.roads import Roads
from lcr_hpc.store.calendar import day_type
from lcr_hpc.store.variables import PURPOSES

PASSES = 2
SPREAD = 0.5
"""Each pass multiplies a link's time by something from 1 − SPREAD/2 to 1 + SPREAD/2"""
MOST_TREES = 1500
"""Areas in code order, which are neighbours, start from the middle one of their group"""
MOST_LANES = np.array([1, 4, 4, 2])
"""A direction, by class of road"""
NEAR_MIN = (40.0, 80.0, np.inf)
"""Where neighbours share a tree it first grows so far, and on only if a trip goes farther"""


@dataclass(frozen=True)
class _Ways:
    """Links in the order of their starts and ends, for trees that grow along them."""

    start: Ints
    end: Ints
    cost: Floats
    graph: csr_array
    """Without links into zones: a trip may begin or end at a centroid but not pass one"""
    key: Ints
    """start × nodes + end, ascending"""
    inwards: Ints
    """Links that end at each zone, int64[zone, most]; a zone with fewer has one of them more than once"""


@dataclass(frozen=True)
class _Tree:
    """Trips that share the shortest paths of one origin."""

    origin: int
    at: Ints
    """Zones where they end, each once"""
    volume: Floats
    """float64[zone, purpose]"""
    limits: tuple[float, ...]
    """Minutes that the tree grows to, until all trips have ended"""


def load_roads(roads: Roads, trips: Trips, seed: int) -> Floats:
    """Daily vehicles of each link by purpose, float64[3, link]."""
    noise = uniform(seed, Stream.ROAD_LINK, len(roads.start), PASSES)
    daily = np.stack([trips.home_to_work, trips.work_to_home, trips.other], axis=1) / PASSES
    nodes, back = len(roads.x), np.lexsort((roads.start, roads.end))
    loads, against = np.zeros((len(roads.start), 3)), np.zeros((len(roads.start), 3))
    for turn in range(PASSES):
        cost = np.maximum(roads.free_minutes * (1 + SPREAD * (noise[:, turn] - 0.5)), 1e-9)
        ways = _ways(roads.start, roads.end, cost, nodes, roads.zones)
        if roads.areas <= MOST_TREES:
            for zone in range(roads.zones):
                _load(ways, _trips_from(trips, daily, np.array([zone]), roads.zones, (np.inf,)), loads)
            continue
        size = -(-roads.areas // MOST_TREES)
        for first in range(0, roads.areas, size):
            group = np.arange(first, min(first + size, roads.areas))
            _load(ways, _trips_from(trips, daily, group, roads.areas, NEAR_MIN), loads)
        for gate in range(roads.areas, roads.zones):
            _load(ways, _trips_from(trips, daily, np.array([gate]), roads.zones, (np.inf,)), loads)
        ways = _ways(roads.end[back], roads.start[back], cost[back], nodes, roads.zones)
        for tree in _trips_to_gates(trips, daily, roads.areas):
            _load(ways, tree, against)
    loads[back] += against
    return loads.T


def widened(roads: Roads, loads: Floats) -> Roads:
    """Give generated roads the lanes that the busiest hour of the rough loading needs, as far as their class goes.

    Where water leaves three crossings a part, a crossing of the usual two lanes would hold up whole districts: with
    them the A road over the Mersey at Runcorn ran at 2.8 times its capacity.
    """
    hourly = np.stack([hourly_profile("weekday", purpose) for purpose in PURPOSES])
    busiest = (loads.T @ hourly).max(axis=1)
    needed = np.ceil(busiest / LANE_CAPACITY[roads.road_class]).astype(np.int64)
    lanes = np.clip(needed, roads.lanes, np.maximum(roads.lanes, MOST_LANES[roads.road_class]))
    return replace(roads, lanes=np.where(roads.built, roads.lanes, lanes))


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


def _ways(start: Ints, end: Ints, cost: Floats, nodes: int, zones: int) -> _Ways:
    """Arrange links whose ends ascend; the way against all links is the same of swapped ends."""
    through = end >= zones
    graph = csr_array((cost[through], (start[through], end[through])), shape=(nodes, nodes))
    return _Ways(start, end, cost, graph, start * nodes + end, _links_into(end, zones))


def _trips_from(trips: Trips, daily: Floats, group: Ints, zones: int, limits: tuple[float, ...]) -> _Tree:
    """Trips of neighbouring zones to the first so many zones, all from the middle one."""
    origin = int(group[len(group) // 2])
    pairs = np.arange(trips.offset[group[0]], trips.offset[group[-1] + 1])
    at, volume = _merged(trips.destination[pairs], daily[pairs])
    there = (at != origin) & (at < zones)
    return _Tree(origin, at[there], volume[there], limits)


def _trips_to_gates(trips: Trips, daily: Floats, areas: int) -> Iterator[_Tree]:
    """Trips of all areas to each gate, from the gate against the links."""
    pairs = np.flatnonzero(trips.destination[: trips.offset[areas]] >= areas)
    origin = np.searchsorted(trips.offset, pairs, side="right") - 1
    for gate in np.unique(trips.destination[pairs]):
        here = trips.destination[pairs] == gate
        yield _Tree(int(gate), origin[here], daily[pairs[here]], (np.inf,))


def _load(ways: _Ways, tree: _Tree, loads: Floats) -> None:
    nodes, origin = ways.graph.shape[0], tree.origin
    for limit in tree.limits:
        away, back = dijkstra(ways.graph, indices=origin, limit=limit, return_predecessors=True)
        link, minutes = _last_links(ways, away, tree.at)
        if np.isfinite(minutes).all():
            break
    loads[link] += tree.volume
    at, volume = _merged(ways.start[link], tree.volume)
    # All trips step back along the tree together, until each has met the origin.
    while len(at):
        before = back[at].astype(np.int64)
        loads[np.searchsorted(ways.key, before * nodes + at)] += volume
        going = before != origin
        at, volume = _merged(before[going], volume[going])


def _links_into(end: Ints, zones: int) -> Ints:
    link = np.flatnonzero(end < zones)
    link = link[np.argsort(end[link], kind="stable")]
    count = np.bincount(end[link], minlength=zones)
    place = np.cumsum(count) - count
    into: Ints = link[place[:, None] + np.minimum(np.arange(count.max()), count[:, None] - 1)]
    return into


def _last_links(ways: _Ways, away: Floats, at: Ints) -> tuple[Ints, Floats]:
    """The link by which each zone is reached first, and when."""
    inwards = ways.inwards[at]
    minutes = away[ways.start[inwards]] + ways.cost[inwards]
    best = np.argmin(minutes, axis=1)
    row = np.arange(len(best))
    return inwards[row, best], minutes[row, best]


def _merged(node: Ints, volume: Floats) -> tuple[Ints, Floats]:
    """Each node once, with the sum of its volumes."""
    each, place = np.unique(node, return_inverse=True)
    sums = [np.bincount(place, weights=column, minlength=len(each)) for column in volume.T]
    return each, np.stack(sums, axis=1)
