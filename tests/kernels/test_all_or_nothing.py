from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.all_or_nothing import load_trees
from lcr_kernels.road_network import RoadNetwork, TripTable, star

from tests.reference.user_equilibrium import distances


def roads(links, nodes, first_through=0):
    """Links as (tail, head), sorted by head already."""
    tail, head = (np.array([link[end] for link in links], np.int32).reshape(-1) for end in (0, 1))
    in_start, _ = star(head, nodes)
    out_start, out_link = star(tail, nodes)
    ones = np.ones(len(links))
    return RoadNetwork(np.int32(first_through), tail, head, in_start, out_start, out_link, ones, ones, ones, ones)


def trip_table(demand, zones):
    """A dict of (origin, destination) to trips as a TripTable."""
    pairs = sorted(pair for pair in demand if pair[0] != pair[1])
    start = np.searchsorted([o for o, _ in pairs], np.arange(zones + 1)).astype(np.int64)
    return TripTable(start, np.array([d for _, d in pairs], np.int32), np.array([float(demand[p]) for p in pairs]))


def load(links, nodes, cost, demand, first_through=0):
    flow = np.zeros(len(links))
    trips = trip_table(demand, nodes)
    load_trees(roads(links, nodes, first_through), np.array(cost, float), trips, np.arange(nodes, dtype=np.int32), flow)
    return flow


def test_all_take_the_shorter_way_and_none_the_longer():
    # 0 → 1 costs 5 direct and 3 by 2; 2 → 1 is shared with the trips that begin at 2.
    flow = load([(0, 1), (2, 1), (0, 2)], 3, [5.0, 2.0, 1.0], {(0, 1): 10, (2, 1): 4, (0, 2): 1})
    assert flow.tolist() == [0.0, 14.0, 11.0]


def test_trips_without_a_path_load_nothing():
    assert load([(0, 1)], 3, [1.0], {(0, 1): 2, (0, 2): 50, (1, 0): 50}).tolist() == [2.0]


def test_paths_begin_and_end_at_a_centroid_but_never_pass_it():
    links = [(0, 1), (3, 1), (1, 2), (3, 2), (0, 3)]
    through = load(links, 4, [1.0, 9.0, 1.0, 5.0, 5.0], {(0, 2): 7}, first_through=0)
    around = load(links, 4, [1.0, 9.0, 1.0, 5.0, 5.0], {(0, 2): 7}, first_through=3)
    assert (through.tolist(), around.tolist()) == ([7.0, 0.0, 7.0, 0.0, 0.0], [0.0, 0.0, 0.0, 7.0, 7.0])


LINKS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from([0.0, 0.5, 1.0, 3.0])), min_size=1)
DEMAND = st.dictionaries(st.tuples(st.integers(0, 9), st.integers(0, 9)), st.sampled_from([0.5, 1.0, 4.0]))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(LINKS, DEMAND, st.integers(0, 6))
def test_link_cost_by_flow_is_distance_by_trips_and_flow_is_conserved(drawn, demand, first_through):
    drawn = sorted(drawn, key=lambda link: link[1])
    links, cost = [(a, b) for a, b, _ in drawn], [c for *_, c in drawn]
    flow = load(links, 10, cost, demand, first_through)
    label = [distances(10, links, cost, origin, first_through) for origin in range(10)]
    carried = {pair: q for pair, q in demand.items() if pair[0] != pair[1] and np.isfinite(label[pair[0]][pair[1]])}
    assert float(flow @ np.array(cost)) == pytest.approx(sum(q * label[o][d] for (o, d), q in carried.items()))
    surplus = np.zeros(10)
    for (tail, head), x in zip(links, flow, strict=True):
        surplus[head] += x
        surplus[tail] -= x
    for (origin, destination), q in carried.items():
        surplus[destination] -= q
        surplus[origin] += q
    assert surplus.tolist() == pytest.approx([0.0] * 10, abs=1e-12)
