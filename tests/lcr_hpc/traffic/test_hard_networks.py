"""Networks as published ones are: links without time, capacity 1, powers from 0 to 17, tolls, trips within zones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcr_hpc.traffic import Demand, Network, TrafficSettings, assign, demand_from_pairs
from lcr_hpc.traffic.all_or_nothing import judge

ZONES, SIDE = 4, 4
SETTINGS = TrafficSettings(relative_gap=1e-9, toll_weight=0.1, distance_weight=0.01, max_iterations=150)


def town(seed: int, blocked: bool, load: float) -> tuple[Network, Demand]:
    """A grid of two-way streets with four zones at its corners; parameters drawn by the seed."""
    random = np.random.default_rng(seed)
    at = np.arange(SIDE * SIDE).reshape(SIDE, SIDE) + ZONES
    ends = [
        *zip(at[:, :-1].ravel(), at[:, 1:].ravel(), strict=True),
        *zip(at[:-1].ravel(), at[1:].ravel(), strict=True),
    ]
    ends += list(zip(range(ZONES), (at[0, 0], at[0, -1], at[-1, 0], at[-1, -1]), strict=True))
    tail, head = np.array([*ends, *((b, a) for a, b in ends)], np.int32).T.copy()
    links = tail.size
    power = random.choice([0.0, 1.0, 2.0, 4.0, 7.3, 17.0], links)
    one = random.random(links) < 0.3
    capacity = np.where(one, 1.0, 10.0)
    scale = np.where(one, 10.0**-power, 1.0)
    network = Network(
        from_node=tail,
        to_node=head,
        capacity_veh_h=capacity,
        length=random.integers(0, 4, links).astype(float),
        free_flow_time=random.choice([0.0, 0.0, 1.0, 2.0, 5.0], links),
        b=random.choice([0.0, 0.15, 1.0], links) * scale,
        power=power,
        toll=random.choice([0.0, 0.0, 3.0], links),
        n_zones=ZONES,
        n_nodes=ZONES + SIDE * SIDE,
        first_through_node=ZONES if blocked else 0,
        node_id=np.arange(ZONES + SIDE * SIDE),
        link_row=np.arange(links),
    )
    origin, destination = (pair.astype(np.int32).ravel() for pair in np.indices((ZONES, ZONES)))
    return network, demand_from_pairs(origin, destination, load * random.random(ZONES * ZONES), ZONES)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([0.5, 5.0, 15.0]))
def test_every_town_comes_to_equilibrium(seed, blocked, load):
    network, demand = town(seed, blocked, load)
    result = assign(network, demand, SETTINGS)
    assert np.isfinite(result.link_flow).all() and np.isfinite(result.link_cost).all()
    assert (result.link_flow >= 0).all()
    assert result.converged
    assert judge(network, demand, result.link_flow, SETTINGS).relative_gap <= 1e-9
    surplus = np.zeros(network.n_nodes)
    np.add.at(surplus, network.to_node, result.link_flow)
    np.subtract.at(surplus, network.from_node, result.link_flow)
    np.subtract.at(surplus, demand.destination, demand.trips)
    np.add.at(surplus, demand.origin, demand.trips)
    assert surplus == pytest.approx(0.0, abs=1e-9 * load * ZONES**2)


def test_fifty_times_the_capacity_at_power_seventeen_is_no_nan():
    network, demand = town(1, True, 500.0)
    steep = Network(**{**vars(network), "power": np.full(network.n_links, 17.0), "b": np.ones(network.n_links)})
    result = assign(steep, demand, SETTINGS)
    assert np.isfinite(result.link_cost).all()
    assert np.isfinite(result.objective)
    assert 0.0 <= result.relative_gap <= 1.0
