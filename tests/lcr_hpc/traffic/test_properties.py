"""What holds for every network, demand, class, preload and turn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcr_hpc.traffic import TrafficSettings, Turns, VehicleClass, assign, demand_from_pairs
from tests.lcr_hpc.traffic.test_turns import network_of, turns

SETTINGS = TrafficSettings(relative_gap=1e-9, toll_weight=1.0, origin_blocks=2)
NODES, ZONES = 8, 3


@st.composite
def problems(draw):
    """Eight nodes, three of them zones, a ring both ways so that paths exist, and some other links."""
    ring = [(a, b) for a in range(3, 8) for b in range(3, 8) if abs(a - b) in (1, 4)]
    spokes = [(z, 3 + z) for z in range(ZONES)] + [(4 + z, z) for z in range(ZONES)]
    more = draw(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=6, unique=True))
    ends = ring + spokes + [(a, b) for a, b in more if a != b]
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    n = len(ends)
    network = network_of(ends, rng.choice([0.5, 1.0, 2.0], n), rng.choice([0.1, 0.5, 1.0], n), ZONES, ZONES)
    network = dataclasses.replace(network, power=rng.choice([1.0, 2.0, 4.0], n), toll=rng.choice([0.0, 0.0, 1.0], n))
    classes = []
    for name, worth, pcu in (("cars", 60.0, 1.0), ("lorries", 20.0, 2.0)):
        origin, destination = (index.ravel().astype(np.int32) for index in np.indices((ZONES, ZONES)))
        demand = demand_from_pairs(origin, destination, rng.choice([0.0, 1.0, 2.0], ZONES * ZONES), ZONES)
        classes.append(VehicleClass(name, demand, value_of_time=worth, pcu=pcu))
    preload = rng.choice([0.0, 0.0, 2.0], n)
    a, b = rng.integers(0, n, 40), rng.integers(0, n, 40)
    meet = np.unique(np.stack([a, b])[:, network.to_node[a] == network.from_node[b]], axis=1)
    return network, classes, turns(*((int(x), int(y), float(rng.choice([0.5, np.inf]))) for x, y in meet.T)), preload


def solve(problem):
    network, classes, listed, preload = problem
    return assign(network, classes, SETTINGS, turns=listed, preload=preload)


@settings(deadline=None, derandomize=True, max_examples=12)
@given(problems())
def test_what_enters_a_node_leaves_it_but_for_demand_that_has_a_path(problem):
    network, classes, *_ = problem
    result = solve(problem)
    assert 0.0 <= result.relative_gap <= 1e-9 and result.converged
    assert (result.class_flow >= 0.0).all()
    for c, flow, lost in zip(classes, result.class_flow, result.class_unreachable, strict=True):
        surplus = np.bincount(network.to_node, flow, NODES) - np.bincount(network.from_node, flow, NODES)
        between = c.demand.origin != c.demand.destination
        for ends, sign in ((c.demand.destination, -1), (c.demand.origin, 1)):
            surplus += sign * np.bincount(ends[between], c.demand.trips[between], NODES)
        for ends, sign in ((lost.destination, 1), (lost.origin, -1)):
            surplus += sign * np.bincount(ends, lost.trips, NODES)
        assert surplus.tolist() == pytest.approx([0.0] * NODES, abs=1e-11)
        out = np.bincount(network.from_node, flow, NODES)[:ZONES].sum()
        assert out == pytest.approx(c.demand.interzonal - lost.total, abs=1e-11)


@settings(deadline=None, derandomize=True, max_examples=6)
@given(problems())
def test_links_and_nodes_may_have_any_order_and_name(problem):
    network, classes, listed, preload = problem
    straight = solve(problem)
    rng = np.random.default_rng(network.n_links)
    order = rng.permutation(network.n_links)
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    name = np.concatenate([rng.permutation(ZONES), ZONES + rng.permutation(NODES - ZONES)]).astype(np.int32)
    columns = {
        field.name: getattr(network, field.name)[order]
        for field in dataclasses.fields(network)
        if isinstance(getattr(network, field.name), np.ndarray) and field.name != "node_id"
    }
    columns["from_node"], columns["to_node"] = name[columns["from_node"]], name[columns["to_node"]]
    mixed = [
        dataclasses.replace(
            c, demand=demand_from_pairs(name[c.demand.origin], name[c.demand.destination], c.demand.trips, ZONES)
        )
        for c in classes
    ]
    moved = Turns(place[listed.from_link], place[listed.to_link], listed.penalty_min)
    shuffled = solve((dataclasses.replace(network, **columns), mixed, moved, preload[order]))
    assert shuffled.objective == pytest.approx(straight.objective, rel=1e-7)
    assert shuffled.link_cost == pytest.approx(straight.link_cost[order], rel=1e-3)


@settings(deadline=None, derandomize=True, max_examples=6)
@given(problems())
def test_more_demand_costs_more(problem):
    network, classes, listed, preload = problem
    objectives = []
    for factor in (0.5, 1.0, 2.0):
        scaled = [
            dataclasses.replace(c, demand=dataclasses.replace(c.demand, trips=factor * c.demand.trips)) for c in classes
        ]
        objectives.append(solve((network, scaled, listed, preload)).objective / factor)
    # The least of Σ∫cost a trip is higher with more of them: costs rise, and a mixture of both was possible.
    assert objectives[0] <= objectives[1] * (1 + 1e-8) and objectives[1] <= objectives[2] * (1 + 1e-8)
