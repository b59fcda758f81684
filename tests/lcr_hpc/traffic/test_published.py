"""Published equilibria, to the precision they are published with."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lcr_hpc.traffic import TrafficSettings, assign, read_tntp
from lcr_hpc.traffic.all_or_nothing import judge
from tests.lcr_hpc.traffic.sioux_falls import OBJECTIVE, sioux_falls


def test_braess_every_path_costs_92_and_each_carries_two(braess):
    result = assign(*read_tntp(*braess), TrafficSettings(relative_gap=1e-10))
    assert result.link_flow.tolist() == pytest.approx([4.0, 2.0, 2.0, 2.0, 4.0], abs=1e-6)
    assert result.total_travel_time == pytest.approx(6 * 92.0, abs=1e-5)
    # Two links of ∫10x to 4, two of ∫(50 + x) to 2, one of ∫(10 + x) to 2.
    assert result.objective == pytest.approx(2 * 80 + 2 * 102 + 22, abs=1e-5)


def test_braess_without_the_shortcut_everybody_is_faster(braess):
    network, demand = read_tntp(*braess)
    closed = network.capacity_veh_h.copy()
    closed[3] = 1e-9
    result = assign(
        type(network)(**{**vars(network), "capacity_veh_h": closed}), demand, TrafficSettings(relative_gap=1e-8)
    )
    assert result.total_travel_time == pytest.approx(6 * 83.0, rel=1e-5)


@pytest.mark.parametrize("blocks", [1, 4])
def test_sioux_falls_reaches_the_published_objective(blocks):
    network, demand = sioux_falls()
    assert demand.trips.sum() == 360_600
    result = assign(network, demand, TrafficSettings(relative_gap=1e-10, origin_blocks=blocks))
    assert result.relative_gap <= 1e-10
    assert result.objective == pytest.approx(OBJECTIVE, rel=1e-9)
    # Best-known flow and cost of the first link, published with the network.
    assert result.link_flow[0] == pytest.approx(4494.6576, rel=1e-5)
    assert result.link_cost[0] == pytest.approx(6.0008162, rel=1e-8)


@pytest.mark.parametrize(
    ("name", "objective"),
    [("SiouxFalls", 4_231_335.287107), ("Anaheim", 1_286_032.171096), ("Winnipeg", 827_911.494630)],
)
def test_objective_and_flows_of_the_published_networks(test_data, name, objective):
    folder = test_data / "tntp" / name
    network, demand = read_tntp(folder / f"{name}_net.tntp", folder / f"{name}_trips.tntp")
    result = assign(network, demand, TrafficSettings(relative_gap=1e-10))
    assert result.converged and 0 <= result.relative_gap <= 1e-10
    assert result.objective == pytest.approx(objective, rel=1e-9)
    published = np.loadtxt(folder / f"{name}_flow.tntp", skiprows=1)
    order = np.lexsort((published[:, 1], published[:, 0]))
    ours = np.lexsort((network.to_node, network.from_node))
    assert (published[order, 0] == network.from_node[ours] + 1).all()
    # Flows are unique where costs rise strictly; elsewhere only the costs are.
    rising = (network.free_flow_time * network.b * network.power > 0)[ours]
    assert np.abs(result.link_cost[ours] - published[order, 3]).max() < 1e-4
    assert np.abs(result.link_flow[ours] - published[order, 2])[rising].max() < 1e-4 * published[:, 2].max()


@pytest.mark.parametrize(("name", "times", "updates"), [("SiouxFalls", 5.0, 20), ("Anaheim", 3.0, 25)])
def test_heavy_congestion_does_not_creep(test_data, name, times, updates):
    # Without strides Anaheim took 74 updates, and seventeen with them.
    folder = test_data / "tntp" / name
    network, demand = read_tntp(folder / f"{name}_net.tntp", folder / f"{name}_trips.tntp")
    more = dataclasses.replace(demand, trips=times * demand.trips)
    result = assign(network, more, TrafficSettings(relative_gap=1e-10, max_iterations=updates))
    assert result.converged
    assert judge(network, more, result.link_flow).relative_gap <= 1e-10
