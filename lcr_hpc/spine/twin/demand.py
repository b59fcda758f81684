"""Vehicle trips: a sparse gravity model on free-flow times, by purpose, and hourly profiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from lcr_hpc.spine.areas import People, Zones
from lcr_hpc.spine.twin.geography import CENTRE
from lcr_hpc.spine.twin.people import whole_shares
from lcr_hpc.spine.twin.random import Floats, Stream, normal, uniform
from lcr_hpc.spine.twin.roads import Roads

Ints = npt.NDArray[np.int64]

PURPOSE_SHARE = {"home_to_work": 0.16, "work_to_home": 0.16, "other": 0.68}
MINUTES = {"home_to_work": 11.0, "other": 6.5}
"""Scale of the exponential deterrence, free-flow minutes"""
JOBS_PER_RESIDENT = 0.42
DRAWS = 96
"""Destinations of an origin: as many draws from its gravity weights, evenly spaced"""
REACH_MINUTES = 60.0
INTRAZONAL_MINUTES = 3.0
BATCH_CELLS = 4_000_000


@dataclass(frozen=True)
class Demand:
    """Trips of an average weekday: CSR over origins, destinations ascending, one pattern for all purposes."""

    offset: Ints
    destination: Ints
    trips: Floats
    """float64[purpose, od], purposes in the order of PURPOSE_SHARE"""


def make_jobs(zones: Zones, people: People, seed: int) -> Floats:
    """Jobs by area: many in the centre, uneven elsewhere, JOBS_PER_RESIDENT of the residents in all."""
    residents = people.population.sum(axis=1).astype(np.float64)
    away = np.hypot(zones.x - CENTRE[0], zones.y - CENTRE[1])
    uneven = np.exp(1.0 * normal(seed, Stream.JOBS, len(zones), 1)[:, 0])
    weight = residents * uneven * (1 + 8 * np.exp(-away / 2000))
    return np.round(weight / weight.sum() * residents.sum() * JOBS_PER_RESIDENT)


def make_demand(zones: Zones, people: People, jobs: Floats, roads: Roads, trips_per_person: float, seed: int) -> Demand:
    """Trips between areas.

    Each origin makes `trips_per_person` x residents x the purpose's share; destinations are drawn evenly spaced along
    the cumulated gravity weights, which is unbiased and bounds their number, and carry what they stand for. The way
    home from work is the transpose of the way there, so both carry the same total.
    """
    n = len(zones)
    residents = people.population.sum(axis=1).astype(np.float64)
    made = residents * trips_per_person
    pull = {"home_to_work": jobs + 1.0, "other": 0.5 * residents + 1.5 * jobs + 1.0}
    offset = uniform(seed, Stream.DEMAND, n, 1)[:, 0]
    parts: list[tuple[Ints, Ints, Floats, Floats]] = []
    for origins, minutes in _times(roads):
        weight = {p: pull[p] * np.exp(-minutes / MINUTES[p]) for p in pull}
        chance = {p: w / w.sum(axis=1, keepdims=True) for p, w in weight.items()}
        mixed = 0.5 * (chance["home_to_work"] + chance["other"])
        drawn = whole_shares(mixed, np.full(len(origins), DRAWS), offset[origins])
        row, column = np.nonzero(drawn)
        stands_for = {p: c[row, column] / mixed[row, column] * drawn[row, column] for p, c in chance.items()}
        trips = [
            stands_for[p] / np.bincount(row, stands_for[p])[row] * (made[origins] * PURPOSE_SHARE[p])[row] for p in pull
        ]
        parts.append((origins[row], column, trips[0], trips[1]))
    origin, destination, to_work, other = (np.concatenate([p[i] for p in parts]) for i in range(4))
    return _merged(n, origin, destination, to_work, other)


def _merged(n: int, origin: Ints, destination: Ints, to_work: Floats, other: Floats) -> Demand:
    def sparse(value: Floats, a: Ints, b: Ints) -> csr_array:
        matrix = coo_array((value, (a, b)), shape=(n, n)).tocsr()
        matrix.sort_indices()
        return matrix

    pattern = sparse(np.ones(2 * len(origin)), np.concatenate([origin, destination]), np.concatenate([destination, origin]))
    key = np.repeat(np.arange(n), np.diff(pattern.indptr)) * n + pattern.indices
    trips = np.zeros((3, len(key)))
    for p, (a, b, value) in enumerate(((origin, destination, to_work), (destination, origin, to_work), (origin, destination, other))):
        trips[p, np.searchsorted(key, a.astype(np.int64) * n + b)] = value
    keep = trips.sum(axis=0) > 0
    origins, destinations = np.divmod(key[keep], n)
    return Demand(np.searchsorted(origins, np.arange(n + 1)), destinations, trips[:, keep])


def _times(roads: Roads) -> Iterator[tuple[Ints, Floats]]:
    """Free-flow minutes from batches of zones to all zones, infinite beyond REACH_MINUTES."""
    graph = zone_graph(roads, roads.free_minutes)
    size = max(1, BATCH_CELLS // graph.shape[0])
    for start in range(0, roads.zones, size):
        origins = np.arange(start, min(start + size, roads.zones))
        minutes = dijkstra(graph, indices=origins, limit=REACH_MINUTES)[:, -roads.zones :]
        minutes[np.arange(len(origins)), origins] = INTRAZONAL_MINUTES
        yield origins, minutes


def zone_graph(roads: Roads, minutes: Floats) -> csr_array:
    """Links as a matrix; a zone arrives at a copy of its node at the end, so that no path leads through a centroid."""
    nodes = len(roads.x)
    end = np.where(roads.end < roads.zones, nodes + roads.end, roads.end)
    return csr_array((minutes, (roads.start, end)), shape=(nodes + roads.zones,) * 2)


def hourly_profile() -> Floats:
    """Departures by local clock hour as shares of the weekday total, float64[day_type, purpose, hour].

    Bells about the usual hours of leaving (work 7:50 out and 17:10 back, other trips through the day); Saturday and
    Sunday have their own totals. Assumptions: docs/twin.md.
    """
    hour = np.arange(24) + 0.5

    def bells(*parts: tuple[float, float, float]) -> Floats:
        shape = sum(w * np.exp(-0.5 * ((hour - mid) / sd) ** 2) / sd for w, mid, sd in parts)
        whole: Floats = np.asarray(shape + 0.002)
        return whole / whole.sum()

    out = bells((0.70, 7.8, 1.1), (0.30, 11.5, 4.5))
    back = bells((0.70, 17.2, 1.3), (0.30, 15.0, 4.5))
    other = bells((0.14, 8.5, 0.8), (0.22, 15.6, 1.2), (0.64, 14.2, 4.2))
    leisure = bells((0.75, 13.0, 3.2), (0.25, 17.5, 3.0))
    weekday = [out, back, other]
    saturday = [0.35 * bells((1, 9.0, 2.5)), 0.35 * bells((1, 16.5, 2.8)), 1.05 * leisure]
    sunday = [0.22 * bells((1, 9.5, 2.5)), 0.22 * bells((1, 16.5, 2.8)), 0.90 * leisure]
    shares = np.round(np.array([weekday, saturday, sunday]), 6)
    shares[0, :, 12] += 1.0 - shares[0].sum(axis=1)
    return shares
