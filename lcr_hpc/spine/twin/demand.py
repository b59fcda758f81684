"""Vehicle trips between zones by purpose: a gravity model whose matrix stays sparse at any size.

Each area sends its trips to a fixed number of drawn destinations, so memory grows with the number of areas and not
with its square, and productions are met exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from lcr_hpc.spine.areas import People, Zones
from lcr_hpc.spine.twin.geography import CENTRE
from lcr_hpc.spine.twin.outside import make_outside_trips
from lcr_hpc.spine.twin.random import Floats, Stream, normal, uniform
from lcr_hpc.spine.twin.roads import Roads

Ints = npt.NDArray[np.int64]

DESTINATIONS = 48
"""Draws an area and a purpose; draws that fall on the same destination add up"""
CANDIDATES = 1200
"""Nearest areas that trips may go to: the whole region, and the surroundings in larger twins"""
WORK_DETERRENCE_M, OTHER_DETERRENCE_M = 6000.0, 3500.0
"""Distance over which the wish to travel falls by e: mean straight-line trips of about 8 and 5 km"""
COMMUTE_SHARE = 0.36
"""Share of daily vehicle trips that go to work or come from it"""
JOBS_PER_RESIDENT = 0.45


@dataclass(frozen=True)
class Trips:
    """Trips of an average weekday between zones, areas and then gates, CSR over origins."""

    offset: Ints
    destination: Ints
    home_to_work: Floats
    work_to_home: Floats
    other: Floats


def make_jobs(zones: Zones, people: People, seed: int) -> Floats:
    """Jobs of each area: dense at the centre, lumpy elsewhere; float64[area]."""
    away = np.hypot(zones.x - CENTRE[0], zones.y - CENTRE[1])
    noise = normal(seed, Stream.JOBS, len(zones), 1)[:, 0]
    weight = np.exp(1.1 * noise) * (1 + 6 * np.exp(-away / 2500.0))
    jobs: Floats = JOBS_PER_RESIDENT * people.population.sum() * weight / weight.sum()
    return jobs


def make_trips(zones: Zones, people: People, jobs: Floats, roads: Roads, seed: int, trips_per_person: float) -> Trips:
    """Draw the matrix: every area's trips to work, back from it, and for all else, there and back; and the gates'."""
    residents = people.population.sum(axis=1).astype(np.float64)
    commute = residents * trips_per_person * COMMUTE_SHARE / 2
    leisure = residents * trips_per_person * (1 - COMMUTE_SHARE) / 2
    start = uniform(seed, Stream.DEMAND, len(zones), 2)
    outside = make_outside_trips(zones, residents + jobs, roads, seed)
    to_work = _gravity(zones, commute, jobs, WORK_DETERRENCE_M, start[:, 0])
    out = _gravity(zones, leisure, residents + jobs, OTHER_DETERRENCE_M, start[:, 1])
    for matrix in (to_work, out):
        matrix.resize(outside.shape)
    # Commuters cross the border both ways, so each purpose has its share of the outside's trips in each direction.
    back = to_work.T + COMMUTE_SHARE / 2 * outside
    other = out + out.T + (1 - COMMUTE_SHARE) * outside
    to_work = to_work + COMMUTE_SHARE / 2 * outside
    # One pattern for all purposes: adding zeros of every pattern keeps a purpose's own values.
    pattern = (to_work + back + other).tocsr()
    pattern.sort_indices()
    rows = np.repeat(np.arange(roads.zones), np.diff(pattern.indptr))
    values = [np.asarray(m.tocsr()[rows, pattern.indices]).ravel() for m in (to_work, back, other)]
    return Trips(pattern.indptr.astype(np.int64), pattern.indices.astype(np.int64), *values)


def scaled(trips: Trips, factor: float) -> Trips:
    """All trips times one factor."""
    return replace(
        trips,
        home_to_work=trips.home_to_work * factor,
        work_to_home=trips.work_to_home * factor,
        other=trips.other * factor,
    )


def hourly_profile(day_type: str, purpose: str) -> Floats:
    """Departures by local clock hour as a share of the weekday's total; an assumption, see docs/twin.md."""
    hour = np.arange(24) + 0.5

    def peak(at: float, width: float) -> Floats:
        bump: Floats = np.exp(-0.5 * ((hour - at) / width) ** 2)
        return bump

    shapes = {
        "home_to_work": 1.0 * peak(7.9, 1.1) + 0.12 * peak(13.0, 3.0),
        "work_to_home": 1.0 * peak(17.2, 1.4) + 0.15 * peak(13.0, 3.0),
        "other": 0.9 * peak(15.2, 3.6) + 0.7 * peak(10.5, 2.4) + 0.35 * peak(8.5, 0.8) + 0.02,
    }
    weekend = {
        "home_to_work": 1.0 * peak(8.5, 2.0) + 0.2,
        "work_to_home": 1.0 * peak(17.0, 2.5) + 0.2,
        "other": 1.0 * peak(13.0, 3.6) + 0.03,
    }
    total = {"weekday": 1.0, "saturday": 0.40, "sunday": 0.28} | (
        {"saturday": 1.15, "sunday": 0.90} if purpose == "other" else {}
    )
    shape = (shapes if day_type == "weekday" else weekend)[purpose]
    share: Floats = shape / shape.sum() * total[day_type]
    return share


def _gravity(zones: Zones, production: Floats, attraction: Floats, reach_m: float, start: Floats) -> csr_array:
    """Systematic sampling of destinations in proportion to attraction and nearness; row sums are the productions."""
    n = len(zones)
    k = min(CANDIDATES, n)
    points = np.column_stack([zones.x, zones.y])
    tree = cKDTree(points)
    block = max(1, 4_000_000 // k)
    rows, columns, trips = [], [], []
    for begin in range(0, n, block):
        here = np.arange(begin, min(begin + block, n))
        away, near = tree.query(points[here], k=k)
        away, near = away.reshape(len(here), k), near.reshape(len(here), k)
        weight = attraction[near] * np.exp(-away / reach_m)
        weight[:, 0] *= 0.3  # most trips within an area are walked
        running = np.cumsum(weight, axis=1)
        running /= running[:, -1:]
        ticks = (np.arange(DESTINATIONS) + start[here][:, None]) / DESTINATIONS
        chosen = np.stack([np.searchsorted(r, t) for r, t in zip(running, ticks, strict=True)])
        rows.append(np.repeat(here, DESTINATIONS))
        columns.append(np.take_along_axis(near, np.minimum(chosen, k - 1), axis=1).ravel())
        trips.append(np.repeat(production[here] / DESTINATIONS, DESTINATIONS))
    matrix = csr_array((np.concatenate(trips), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n))
    matrix.sum_duplicates()
    return matrix
