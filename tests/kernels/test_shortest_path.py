from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.road_network import RoadNetwork, TripTable, star
from lcr_kernels.shortest_path import shortest_path_cost, shortest_path_tree, tree_space

from tests.reference.user_equilibrium import distances


def roads(links: list[tuple[int, int]], nodes: int, first_through: int = 0) -> RoadNetwork:
    tail, head = (np.array([link[end] for link in links], np.int32) for end in (0, 1))
    in_start, _ = star(head, nodes)
    out_start, out_link = star(tail, nodes)
    ones = np.ones(len(links))
    return RoadNetwork(np.int32(first_through), tail, head, in_start, out_start, out_link, ones, ones, ones, ones)


def tree_of(links, nodes, cost, origin=0, first_through=0):
    tree = tree_space(nodes)
    settled = shortest_path_tree(roads(links, nodes, first_through), np.array(cost, float), origin, tree)
    return tree, settled


def test_the_shorter_of_two_ways_and_of_two_parallel_links():
    tree, settled = tree_of([(0, 1), (0, 2), (2, 1), (2, 1)], 4, [5.0, 1.0, 3.0, 2.0])
    assert tree.distance.tolist() == [0.0, 3.0, 1.0, np.inf]
    assert tree.predecessor.tolist() == [-1, 3, 1, -1]
    assert (settled, tree.order[:settled].tolist()) == (3, [0, 2, 1])


def test_no_path_passes_a_centroid_but_its_own_origin():
    links = [(0, 1), (1, 2), (0, 3), (3, 2)]
    through, _ = tree_of(links, 4, [1.0, 1.0, 5.0, 5.0], first_through=0)
    around, _ = tree_of(links, 4, [1.0, 1.0, 5.0, 5.0], first_through=2)
    assert (through.distance[2], around.distance[2]) == (2.0, 10.0)


def test_a_demand_s_cost_leaves_out_pairs_without_a_path():
    network = roads([(0, 1), (1, 0)], 3)
    trips = TripTable(np.array([0, 2, 3, 3]), np.array([1, 2, 0], np.int32), np.array([10.0, 99.0, 2.0]))
    assert shortest_path_cost(network, np.array([3.0, 4.0]), trips, np.arange(3, dtype=np.int32)) == 38.0


LINKS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from([0.0, 0.5, 1.0, 3.0])), min_size=1)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(LINKS, st.integers(0, 11), st.integers(0, 6))
def test_distances_are_those_of_label_correcting(links, origin, first_through):
    ends, cost = sorted((a, b) for a, b, _ in links), [c for *_, c in links]
    ends.sort(key=lambda link: link[1])
    tree, settled = tree_of(ends, 12, cost, origin, first_through)
    wanted = distances(12, ends, cost, origin, first_through)
    assert tree.distance.tolist() == pytest.approx(wanted)
    assert settled == sum(np.isfinite(wanted))
    reached = tree.distance[tree.order[:settled]]
    assert (np.diff(reached) >= 0).all()
