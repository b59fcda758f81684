"""Short cuts of large regions: shared trees, trees of gates and near hubs lose no trip and no path."""

from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.spine.areas import People
from lcr_hpc.spine.twin import loading, road_web
from lcr_hpc.spine.twin.demand import Trips, make_jobs, make_trips
from lcr_hpc.spine.twin.local_roads import make_local_roads
from lcr_hpc.spine.twin.people import make_population, make_ranks
from lcr_hpc.spine.twin.roads import Roads, make_roads
from tests.lcr_hpc.spine.test_city import SEED, _zones


@pytest.fixture(scope="module")
def city() -> tuple[Roads, Trips]:
    zones = _zones(300)
    people = People(make_population(zones, SEED), make_ranks(zones, SEED), 32_844)
    roads = make_roads(zones, SEED)
    return roads, make_trips(zones, people, make_jobs(zones, people, SEED), roads, SEED, 1.1)


@pytest.mark.parametrize("limits", [(40.0, np.inf), (2.0, 5.0, np.inf)], ids=["near", "too-near"])
def test_neighbours_that_share_a_tree_lose_no_trip(city, monkeypatch, limits):
    roads, trips = city
    alone = loading.load_roads(roads, trips, SEED)
    monkeypatch.setattr(loading, "MOST_TREES", 150)
    monkeypatch.setattr(loading, "NEAR_MIN", limits)
    shared = loading.load_roads(roads, trips, SEED)
    origin = np.repeat(np.arange(roads.zones), np.diff(trips.offset))
    # Two areas share a tree, from the second of them: what neither keeps to itself arrives, at every zone.
    start = np.where(origin < roads.areas, origin // 2 * 2 + 1, origin)
    there = np.where(trips.destination >= roads.areas, origin, start) != trips.destination
    for load, wanted in zip(shared, (trips.home_to_work, trips.work_to_home, trips.other), strict=True):
        arrived = np.bincount(roads.end, load, len(roads.x))[: roads.zones]
        assert arrived == pytest.approx(np.bincount(trips.destination[there], wanted[there], roads.zones))
    # Gates load as they do alone: their trees are their own, forwards and backwards.
    gates = np.arange(roads.areas, roads.zones)
    gate = np.isin(roads.start, gates) | np.isin(roads.end, gates)
    assert shared[:, gate] == pytest.approx(alone[:, gate])
    km = [(load * roads.length_m).sum() for load in (alone, shared)]
    assert km[1] == pytest.approx(km[0], rel=0.03)


def test_trees_against_the_links_are_the_trees_along_them(city, monkeypatch):
    roads, trips = city
    origin = np.repeat(np.arange(roads.zones), np.diff(trips.offset))
    to_gates = ((origin < roads.areas) & (trips.destination >= roads.areas)).astype(float)
    none = np.zeros_like(to_gates)
    only = Trips(trips.offset, trips.destination, to_gates, none, none)
    forwards = loading.load_roads(roads, only, SEED)
    monkeypatch.setattr(loading, "MOST_TREES", 150)
    assert loading.load_roads(roads, only, SEED) == pytest.approx(forwards)
    assert forwards.sum() > to_gates.sum() > 0


def test_paths_between_hubs_do_not_depend_on_how_far_is_looked_first(monkeypatch):
    zones = _zones(300)
    made = []
    for detour in (np.inf, road_web.HUB_DETOUR, 0.5):
        monkeypatch.setattr(road_web, "HUB_DETOUR", detour)
        made.append(make_local_roads(zones, SEED).road_class)
    assert (made[0] == road_web.A_ROAD).any()
    assert np.array_equal(made[0], made[1]) and np.array_equal(made[0], made[2])
