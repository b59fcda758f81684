from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.volume_delay import bpr_cost_slope

from tests.reference.user_equilibrium import bpr

POWERS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 4.0, 4.4683, 16.8])


def test_at_capacity_the_bureau_s_road_takes_fifteen_per_cent_longer():
    cost, slope = bpr_cost_slope(1800.0, 10.0, 10.0 * 0.15, 1800.0, 4.0)
    assert cost == pytest.approx(11.5)
    assert slope == pytest.approx(10 * 0.15 * 4 / 1800)


def test_power_0_is_a_constant_even_on_the_empty_link():
    assert bpr_cost_slope(0.0, 10.0, 1.5, 1800.0, 0.0) == (11.5, 0.0)
    assert bpr_cost_slope(900.0, 10.0, 1.5, 1800.0, 0.0) == (11.5, 0.0)


def test_a_link_without_free_flow_time_or_b_costs_what_is_fixed():
    assert bpr_cost_slope(500.0, 0.0, 0.0, 1.0, 4.0) == (0.0, 0.0)
    assert bpr_cost_slope(500.0, 3.0, 0.0, 1.0, 16.8) == (3.0, 0.0)


def test_capacity_1_with_b_divided_by_its_power_is_the_same_road():
    # As published for Winnipeg: b 1e-60 and less, capacity 1, power 16.8.
    divided = 0.15 * 1800.0**-16.8
    assert bpr_cost_slope(1500.0, 10.0, 10 * divided, 1.0, 16.8) == pytest.approx(
        bpr_cost_slope(1500.0, 10.0, 1.5, 1800.0, 16.8)
    )


def test_rounding_below_zero_counts_as_no_flow():
    assert bpr_cost_slope(-1e-12, 10.0, 1.5, 1800.0, 4.4683) == (10.0, 0.0)


def test_the_infinite_slope_of_a_root_at_zero_flow_is_cut_off():
    _, slope = bpr_cost_slope(0.0, 10.0, 1.5, 1800.0, 0.5)
    assert math.isfinite(slope) and slope > 0


@settings(deadline=None, derandomize=True)
@given(st.floats(0.0, 1e4), st.floats(0.0, 60.0), st.floats(0.0, 5.0), st.floats(1.0, 1e4), POWERS)
def test_cost_is_the_formula_and_slope_its_difference_quotient(flow, time, b, capacity, power):
    cost, slope = bpr_cost_slope(flow, time, time * b, capacity, power)
    assert cost == pytest.approx(bpr(flow, time, b, capacity, power), rel=1e-12, abs=1e-300)
    if flow > 0.01 * capacity:
        h = 1e-6 * flow
        rise = bpr(flow + h, time, b, capacity, power) - bpr(flow - h, time, b, capacity, power)
        assert slope == pytest.approx(rise / (2 * h), rel=1e-4, abs=1e-7 * (1 + cost) / flow)
