"""All-or-nothing loads, and what flows from anywhere are worth."""

from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.traffic import TrafficSettings, assign
from lcr_hpc.traffic.all_or_nothing import AllOrNothing, judge
from tests.lcr_hpc.traffic.sioux_falls import OBJECTIVE, sioux_falls
from tests.lcr_hpc.traffic.test_equilibrium import trips, two_zones


def test_everybody_takes_the_cheaper_road_at_the_given_costs():
    cost = np.array([10.0, 0.0, 5.0, 0.0])
    assert AllOrNothing(two_zones(), trips((0, 1, 8.0))).load(cost).tolist() == [0.0, 0.0, 8.0, 8.0]
    assert AllOrNothing(two_zones(), trips((0, 1, 8.0), (1, 0, 5.0))).load(cost[::-1].copy()).tolist() == [8, 8, 0, 0]


def test_an_equilibrium_is_judged_as_it_judges_itself():
    network, demand = sioux_falls()
    result = assign(network, demand, TrafficSettings(relative_gap=1e-8))
    found = judge(network, demand, result.link_flow)
    assert found.objective == pytest.approx(OBJECTIVE, rel=1e-9)
    assert found.relative_gap == pytest.approx(result.relative_gap, abs=1e-14)


def test_one_all_or_nothing_is_no_equilibrium():
    network, demand = sioux_falls()
    free = network.time(np.zeros(network.n_links))
    flow = AllOrNothing(network, demand).load(free)
    assert judge(network, demand, flow).relative_gap > 0.1
    assert judge(network, demand, flow).objective > OBJECTIVE
    # Nobody can do better than the shortest paths at these very costs.
    other = AllOrNothing(network, demand).load(network.time(flow))
    assert float(free @ flow) <= float(free @ other)
    assert flow.sum() > 0


def test_costs_that_no_path_can_have_are_refused():
    for cost in (np.full(4, -1.0), np.array([1.0, np.nan, 1.0, 1.0]), np.ones(3)):
        with pytest.raises(InputError, match="4 finite numbers from 0 up"):
            AllOrNothing(two_zones(), trips((0, 1, 8.0))).load(cost)
