from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.bush import empty_like, seedlings
from lcr_kernels.bush_pairs import no_pairs, return_flows
from lcr_kernels.bush_sweep import load_bushes, plant_bushes, update_bushes, workspace
from lcr_kernels.hierarchy import build_hierarchy, customise
from lcr_kernels.hierarchy_sweep import all_ends, trip_ends
from lcr_kernels.pair_shift import level_pairs
from lcr_kernels.pair_stride import stride_direction, stride_length, take_stride
from lcr_kernels.road_network import RoadNetwork, TripTable, star
from lcr_kernels.shortest_path import shortest_path_cost
from lcr_kernels.volume_delay import beckmann, link_costs

from tests.reference.user_equilibrium import equilibrium


class Case:
    """A network of (tail, head, fixed, congestion, power) at capacity 1, a demand, and its bushes at free flow."""

    def __init__(self, links, demand, nodes, first_through=0):
        links = sorted(links, key=lambda link: link[1])
        self.links, self.demand, self.nodes, self.first_through = links, demand, nodes, first_through
        tail, head = (np.array([link[end] for link in links], np.int32) for end in (0, 1))
        fixed, congestion, power = (np.array([link[k] for link in links], float) for k in (2, 3, 4))
        in_start, _ = star(head, nodes)
        out_start, out_link = star(tail, nodes)
        self.network = RoadNetwork(
            np.int32(first_through),
            tail,
            head,
            in_start,
            out_start,
            out_link,
            fixed,
            congestion,
            np.ones(len(links)),
            power,
        )
        pairs = sorted(demand)
        start = np.searchsorted([o for o, _ in pairs], np.arange(nodes + 1)).astype(np.int64)
        self.trips = TripTable(
            start, np.array([d for _, d in pairs], np.int32), np.array([float(demand[p]) for p in pairs])
        )
        zone = np.array(sorted({o for o, _ in pairs}), np.int32)
        self.hierarchy = build_hierarchy(self.network)
        self.ends = all_ends(self.hierarchy, trip_ends(self.network, self.hierarchy, self.trips))
        self.flow, self.cost, self.slope = np.zeros(len(links)), np.zeros(len(links)), np.zeros(len(links))
        link_costs(self.network, self.flow, self.cost, self.slope)
        seeds = seedlings(zone)
        rows, planted = np.arange(zone.size), np.zeros(zone.size, np.bool_)
        self.work, self.spare, self.pairs = workspace(self.network, self.hierarchy, self.ends), empty_like(seeds), None
        self.bushes = plant_bushes(
            *self.roads(), seeds, self.trips, rows, planted, empty_like(seeds), self.flow, self.work
        )

    def roads(self):
        return self.network, self.hierarchy, customise(self.hierarchy, self.cost), self.ends, self.cost

    def update(self):
        link_costs(self.network, self.flow, self.cost, self.slope)
        old = self.bushes
        self.bushes, self.pairs, excess = update_bushes(
            *self.roads(), old, self.trips, self.spare, self.pairs or no_pairs(), self.work
        )
        self.spare = old
        return self.pairs, excess

    def turn(self):
        pairs, excess = self.update()
        moved = np.zeros(pairs.count[0])
        level_pairs(self.network, pairs, moved, self.flow, self.cost, self.slope, 60, 0.003, -1.0)
        return_flows(pairs, pairs.flow, self.bushes)
        return excess

    def solve(self, turns=40):
        for _ in range(turns):
            self.turn()
        self.flow = self.load()
        link_costs(self.network, self.flow, self.cost, self.slope)
        return self

    def load(self):
        flow = np.zeros(len(self.links))
        load_bushes(
            self.network, self.bushes, self.trips, np.arange(self.bushes.zone.size), False, flow, self.work.space
        )
        return flow

    def gap(self):
        zones = np.arange(self.nodes, dtype=np.int32)
        shortest = shortest_path_cost(self.network, self.cost, self.trips, zones)
        total = float(self.cost @ self.flow)
        return 1 - shortest / total if total else 0.0

    def bush_links(self, row):
        """Links of a row's bush and its topological order."""
        begin, end = self.bushes.node_first[row : row + 2]
        order = self.bushes.node[begin:end]
        links = []
        for entry in self.bushes.entry[begin + 1 : end]:
            if entry >= 0:
                links.append(entry)
            else:
                merge = self.bushes.merge_first[row] - 2 - entry
                links.extend(self.bushes.slot_link[self.bushes.slot_first[merge] : self.bushes.slot_first[merge + 1]])
        return links, order.tolist()


def test_two_roads_share_ten_trips_where_their_costs_meet():
    # 10 + x and 5 + 2 (10 − x) meet at x = 5, cost 15.
    case = Case([(0, 1, 10.0, 1.0, 1.0), (0, 1, 5.0, 2.0, 1.0)], {(0, 1): 10.0}, 2).solve()
    assert case.flow.tolist() == pytest.approx([5.0, 5.0])
    assert case.cost.tolist() == pytest.approx([15.0, 15.0])
    # ∫(10 + x) + ∫(5 + 2x) from 0 to 5
    assert beckmann(case.network, case.flow) == pytest.approx(62.5 + 50.0)


def test_a_road_that_nobody_should_take_stays_empty():
    case = Case([(0, 1, 10.0, 1.0, 4.0), (0, 1, 1e9, 1.0, 1.0)], {(0, 1): 2.0}, 2).solve()
    assert case.flow.tolist() == [2.0, 0.0]


def test_links_without_slope_take_everything_at_once():
    # Constant costs 3 and 2 behind a planted tree that took the congestible road first.
    case = Case([(0, 1, 1.0, 1.0, 4.0), (0, 1, 2.0, 0.0, 4.0)], {(0, 1): 3.0}, 2).solve()
    assert case.flow.tolist() == pytest.approx([1.0, 2.0])
    assert abs(case.gap()) < 1e-12


def test_links_that_cost_nothing_both_ways_close_no_cycle():
    free = [(a, b, 0.0, 0.0, 0.0) for a in range(2, 6) for b in range(2, 6) if a != b]
    ends = [(0, 2, 1.0, 1.0, 1.0), (0, 5, 1.0, 1.0, 1.0), (3, 1, 1.0, 1.0, 1.0), (4, 1, 1.0, 1.0, 1.0)]
    case = Case(free + ends, {(0, 1): 8.0, (1, 0): 0.0}, 6, first_through=2)
    for _ in range(6):
        case.turn()
        for row in range(case.bushes.zone.size):
            links, order = case.bush_links(row)
            place = {node: at for at, node in enumerate(order)}
            assert all(place[case.links[a][0]] < place[case.links[a][1]] for a in links)
    case.solve(6)
    assert abs(case.gap()) < 1e-12
    assert sorted(case.flow[case.flow > 0].tolist())[-4:] == pytest.approx([4.0] * 4)


def test_an_update_at_given_costs_moves_no_flow():
    case = Case([(0, 1, 10.0, 1.0, 1.0), (0, 1, 5.0, 2.0, 1.0)], {(0, 1): 10.0}, 2)
    before = case.flow.copy()
    _, excess = case.update()
    assert case.load().tolist() == before.tolist() == [0.0, 10.0]
    assert excess == pytest.approx(10 * (25 - 10))


def test_a_new_demand_keeps_the_shares_of_the_old_bushes():
    case = Case([(0, 1, 10.0, 1.0, 1.0), (0, 1, 5.0, 2.0, 1.0)], {(0, 1): 10.0}, 2).solve()
    twice = case.trips._replace(trips=2 * case.trips.trips)
    flow = np.zeros(2)
    load_bushes(case.network, case.bushes, twice, np.arange(1), True, flow, case.work.space)
    assert flow.tolist() == pytest.approx([10.0, 10.0])


def test_a_stride_goes_on_to_the_least_objective_and_conserves_flow():
    # 10 + x and 5 + 2 (10 − x): one veh/h was moved, and the costs meet where five are on each road.
    case = Case([(0, 1, 10.0, 1.0, 1.0), (0, 1, 5.0, 2.0, 1.0)], {(0, 1): 10.0}, 2)
    pairs, _ = case.update()
    assert pairs.count.tolist() == [1, 2, 2]
    toward = 1.0 if pairs.link[0] == np.argmax(case.flow) else -1.0
    change, cells = np.zeros(2), np.empty(2)
    most = stride_direction(pairs, np.array([toward]), change, cells)
    length = stride_length(case.network, case.flow, change, most)
    assert (most, length) == (10.0, pytest.approx(5.0))
    take_stride(case.network, length, change, case.flow, case.cost, case.slope)
    assert case.flow.tolist() == pytest.approx([5.0, 5.0])
    assert case.cost.tolist() == pytest.approx([15.0, 15.0])


def test_a_stride_stays_where_flow_would_be_negative_or_cost_more():
    case = Case([(0, 1, 10.0, 1.0, 1.0), (0, 1, 5.0, 2.0, 1.0)], {(0, 1): 10.0}, 2)
    pairs, _ = case.update()
    away = -1.0 if pairs.link[0] == np.argmax(case.flow) else 1.0
    for moved in (away, -6.0 * away):  # from the road without flow; six of ten cannot be moved twice again
        change, cells = np.zeros(2), np.empty(2)
        assert stride_direction(pairs, np.array([moved]), change, cells) == np.inf
        assert not change.any()
    uphill = np.array([1.0, -1.0]) * (1.0 if case.flow[0] > 0 else -1.0)
    assert stride_length(case.network, case.flow, uphill, 10.0) == 0.0


@st.composite
def small_cases(draw):
    """Six nodes, the first two of them centroids, roads with power 1 to 4 that always can congest."""
    ends = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=6, max_size=10, unique=True))
    ends = [(a, b) for a, b in ends if a != b] + [(0, 2), (2, 3), (3, 1), (1, 3), (3, 2), (2, 0)]
    cost = st.sampled_from([0.5, 1.0, 2.0, 4.0])
    links = [(a, b, draw(cost), draw(cost), draw(st.sampled_from([1.0, 2.0, 4.0]))) for a, b in ends]
    return links, {(0, 1): draw(st.sampled_from([1.0, 3.0])), (1, 0): draw(st.sampled_from([0.5, 2.0]))}


@settings(deadline=None, derandomize=True, max_examples=12)
@given(small_cases())
def test_flows_are_those_of_paths_written_out(drawn):
    links, demand = drawn
    case = Case(links, demand, 6, first_through=2).solve()
    ends = [link[:2] for link in case.links]
    # time·(1 + b·x^power) with b = congestion/time is fixed + congestion·x^power
    parameters = [(fixed, rise / fixed, 1.0, power) for _, _, fixed, rise, power in case.links]
    wanted = equilibrium(ends, parameters, demand, first_through=2)
    assert abs(case.gap()) < 1e-9
    assert case.flow.tolist() == pytest.approx(wanted, abs=2e-4)


@settings(deadline=None, derandomize=True, max_examples=12)
@given(small_cases())
def test_what_enters_a_node_leaves_it_but_for_its_demand(drawn):
    links, demand = drawn
    case = Case(links, demand, 6, first_through=2).solve(6)
    surplus = np.zeros(6)
    for (tail, head, *_), flow in zip(case.links, case.flow, strict=True):
        surplus[head] += flow
        surplus[tail] -= flow
    for (origin, destination), trips in demand.items():
        surplus[destination] -= trips
        surplus[origin] += trips
    assert surplus.tolist() == pytest.approx([0.0] * 6, abs=1e-12)
    assert (case.flow >= 0).all()
