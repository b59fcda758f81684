from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.hierarchy import build_hierarchy, customise
from lcr_kernels.hierarchy_load import load_hierarchy
from lcr_kernels.hierarchy_order import eliminate
from lcr_kernels.hierarchy_sweep import forget, hierarchy_cost, sweep, sweep_space, take_costs, trip_ends
from lcr_kernels.lanes import LANES
from lcr_kernels.road_network import TripTable
from lcr_kernels.shortest_path import shortest_path_cost

from tests.kernels.test_shortest_path import roads
from tests.reference.hierarchy import best_detours, fill_of
from tests.reference.user_equilibrium import distances, shortest_path_loads


def trip_table(demand, zones):
    """A dict of (origin, destination) to trips as a TripTable."""
    pairs = sorted(pair for pair in demand if pair[0] != pair[1])
    start = np.searchsorted([o for o, _ in pairs], np.arange(zones + 1)).astype(np.int64)
    return TripTable(start, np.array([d for _, d in pairs], np.int32), np.array([float(demand[p]) for p in pairs]))


def skim(network, hierarchy, metric, ends, cost, zones):
    """Distances from some zones to all ends, read from the sweeps' labels; NaN where the zone is no end."""
    space = sweep_space(network, hierarchy, ends)
    take_costs(space, ends, cost)
    distance = np.full((zones.size, network.in_start.size - 1), np.nan)
    for begin in range(0, zones.size, LANES):
        batch = zones[begin : begin + LANES]
        touched = sweep(network, hierarchy, metric, ends, cost, batch, space)
        distance[begin : begin + LANES, ends.zone] = space.label[space.place[ends.zone], : batch.size].T
        forget(space, touched)
    return distance


def solve(network, cost, trips):
    """Cost of the demand, distances between zones and loads, by the hierarchy."""
    hierarchy = build_hierarchy(network)
    metric = customise(hierarchy, cost)
    ends = trip_ends(network, hierarchy, trips)
    zones = np.arange(trips.start.size - 1, dtype=np.int32)
    distance = skim(network, hierarchy, metric, ends, cost, zones)
    flow = np.zeros(cost.size)
    load_hierarchy(network, hierarchy, metric, ends, cost, trips, zones, flow)
    space = sweep_space(network, hierarchy, ends)
    return hierarchy_cost(network, hierarchy, metric, ends, cost, trips, zones, space), distance, flow


def test_a_path_is_contracted_from_its_ends_and_needs_no_arc_more():
    # 0 – 1 – 2 – 3
    start, neighbour = np.array([0, 1, 3, 5, 6]), np.array([1, 0, 2, 1, 3, 2], np.int32)
    order, first, up = eliminate(start, neighbour)
    assert order.tolist() == [0, 3, 1, 2]
    assert [up[first[k] : first[k + 1]].tolist() for k in range(4)] == [[1], [2], [2], []]


def test_a_square_needs_one_arc_more():
    start, neighbour = np.arange(0, 9, 2), np.array([1, 3, 0, 2, 1, 3, 0, 2], np.int32)
    order, _, up = eliminate(start, neighbour)
    assert order[0] == 0
    assert up[:2].tolist() == [1, 3]
    assert up.size == 5


def test_a_hand_worked_detour_through_a_contracted_node():
    # 0 → 1 costs 9 direct and 2 + 3 by 2; nothing leads back.
    network = roads([(0, 1), (2, 1), (0, 2)], 3)
    cost, distance, flow = solve(network, np.array([9.0, 3.0, 2.0]), trip_table({(0, 1): 10, (2, 1): 4}, 3))
    assert cost == 10 * 5 + 4 * 3
    assert flow.tolist() == [0.0, 14.0, 10.0]
    assert distance[0, 1] == 5.0 and distance[1, 1] == 0.0
    assert np.isnan(distance[:, [0, 2]]).all()  # nobody goes there


def test_trips_without_a_path_load_and_cost_nothing():
    network = roads([(0, 1)], 3)
    cost, _, flow = solve(network, np.array([1.0]), trip_table({(0, 1): 2, (0, 2): 50, (1, 0): 50}, 3))
    assert (cost, flow.tolist()) == (2.0, [2.0])


def test_no_path_passes_a_centroid_and_a_link_may_join_two():
    links = [(0, 1), (3, 1), (1, 2), (3, 2), (0, 3)]
    network = roads(links, 4, first_through=3)
    cost, _, flow = solve(network, np.array([1.0, 9.0, 1.0, 5.0, 5.0]), trip_table({(0, 2): 7, (0, 1): 2}, 3))
    assert cost == 7 * 10 + 2 * 1
    assert flow.tolist() == [2.0, 0.0, 0.0, 7.0, 7.0]


def test_of_equal_ways_one_carries_all_and_the_same_at_every_call():
    links = [(0, 1), (0, 2), (1, 3), (2, 3), (2, 3)]
    network = roads(sorted(links, key=lambda link: link[1]), 4)
    _, _, flow = solve(network, np.ones(5), trip_table({(0, 3): 8}, 4))
    assert sorted(flow.tolist()) == [0.0, 0.0, 0.0, 8.0, 8.0]
    assert flow[4] == 0.0  # of parallel links the first
    assert solve(network, np.ones(5), trip_table({(0, 3): 8}, 4))[2].tobytes() == flow.tobytes()


NODES = 14
LINKS = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.sampled_from([0.0, 0.5, 1.0, 3.0, 7.0])),
    min_size=1,
    max_size=60,
)
DEMAND = st.dictionaries(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), st.sampled_from([0.5, 1.0, 4.0]), min_size=1
)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(LINKS, DEMAND, st.integers(0, 8))
def test_sums_that_are_exact_are_dijkstra_s_to_the_last_bit(drawn, demand, first_through):
    drawn = sorted(drawn, key=lambda link: link[1])
    links, cost = [(a, b) for a, b, _ in drawn], np.array([c for *_, c in drawn])
    network, trips = roads(links, NODES, first_through), trip_table(demand, NODES)
    zones = np.arange(NODES, dtype=np.int32)
    found, distance, flow = solve(network, cost, trips)
    assert found == shortest_path_cost(network, cost, trips, zones) == float(flow @ cost)
    surplus = np.zeros(NODES)
    for origin in range(NODES):
        wanted = distances(NODES, links, cost, origin, first_through)
        for end in set(trips.destination.tolist()) - {origin}:
            assert distance[origin, end] == wanted[end]
            if wanted[end] < np.inf:
                surplus[end] -= demand.get((origin, end), 0.0)
                surplus[origin] += demand.get((origin, end), 0.0)
    for (tail, head), x in zip(links, flow, strict=True):
        surplus[head] += x
        surplus[tail] -= x
    assert surplus.tolist() == [0.0] * NODES
    assert (flow >= 0).all()


@settings(deadline=None, derandomize=True, max_examples=40)
@given(LINKS)
def test_arcs_are_those_of_the_elimination_and_their_costs_those_of_paths_below_them(drawn):
    drawn = sorted(drawn, key=lambda link: link[1])
    links, cost = [(a, b) for a, b, _ in drawn], np.array([c for *_, c in drawn])
    hierarchy = build_hierarchy(roads(links, NODES))
    assert sorted(hierarchy.rank.tolist()) == list(range(NODES))
    ranked = [(int(hierarchy.rank[a]), int(hierarchy.rank[b])) for a, b in links]
    arcs = list(zip(hierarchy.foot.tolist(), hierarchy.head.tolist(), strict=True))
    assert arcs == fill_of(NODES, ranked)
    metric = customise(hierarchy, cost)
    up, down = best_detours(NODES, ranked, cost, arcs)
    assert (metric.up.tolist(), metric.down.tolist()) == (up, down)


def test_costs_with_rounding_agree_with_dijkstra_and_more_origins_than_lanes_with_each_alone():
    rng = np.random.default_rng(5)
    side = 6
    grid = [(a, b) for a in range(side**2) for b in (a - 1, a + 1, a - side, a + side) if 0 <= b < side**2]
    links = sorted(grid, key=lambda link: link[1])
    network = roads(links, side**2)
    cost = rng.gamma(1.0, 1.0, len(links))
    demand = {
        (int(o), int(d)): float(q) for o, d, q in zip(*rng.integers(0, 36, (2, 150)), rng.random(150), strict=True)
    }
    trips = trip_table(demand, side**2)
    found, _, flow = solve(network, cost, trips)
    zones = np.arange(side**2, dtype=np.int32)
    assert found == pytest.approx(shortest_path_cost(network, cost, trips, zones), rel=1e-14)
    trees = shortest_path_loads(side**2, links, cost.tolist(), demand, 0)
    assert flow.tolist() == pytest.approx(trees, rel=1e-12)
    hierarchy = build_hierarchy(network)
    metric, ends = customise(hierarchy, cost), trip_ends(network, hierarchy, trips)
    together = skim(network, hierarchy, metric, ends, cost, zones)
    for zone in zones:
        alone = skim(network, hierarchy, metric, ends, cost, zones[zone : zone + 1])
        assert alone.tobytes() == together[zone : zone + 1].tobytes()
