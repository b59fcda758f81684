from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.delay_functions import AKCELIK, BPR2, CONICAL, akcelik, bpr2, conical, delay

from tests.reference.delay_functions import TWINS, area

RATIO = st.floats(0.0, 4.0)


def test_spiess_s_cone_doubles_the_time_at_capacity_whatever_its_steepness():
    for alpha in (1.5, 2.0, 4.0, 10.0):
        rise, slope, _ = conical(1.0, alpha)
        assert rise == pytest.approx(1.0, rel=1e-14)
        assert slope == pytest.approx(alpha)


def test_spiess_s_cone_at_twice_capacity():
    # α 4, β 7/6: 1 + √(16 + 49/36) + 4 − 7/6 = 1 + 25/6 + 4 − 7/6 = 8
    assert conical(2.0, 4.0)[0] == pytest.approx(8.0, rel=1e-14)


def test_akcelik_at_capacity_waits_a_third_of_a_minute_a_kilometre():
    # J 0.1, 1,800 veh/h, one hour: 15 min · √(8 · 0.1 / 1800) = √0.1 min
    k = 8 * 0.1 / (1800 * 1.0)
    assert 15 * akcelik(1.0, k)[0] == pytest.approx(math.sqrt(0.1), rel=1e-14)


def test_akcelik_without_randomness_is_the_queue_of_arithmetic():
    # J 0: nobody waits below capacity; at 1.5 times capacity for an hour the mean wait is a quarter of an hour.
    assert akcelik(0.8, 0.0)[0] == 0.0
    assert 15 * akcelik(1.5, 0.0)[0] == 15.0
    assert math.isfinite(akcelik(1.0, 0.0)[1])


def test_bpr2_has_twice_the_power_above_capacity():
    assert bpr2(0.5, 4.0)[0] == 0.0625
    assert 1 + 0.15 * bpr2(1.5, 4.0)[0] == pytest.approx(1 + 0.15 * 25.62890625)
    assert bpr2(0.0, 0.0) == (1.0, 0.0, 0.0)
    # ∫x⁴ to 1 and ∫x⁸ from 1 to 2
    assert bpr2(2.0, 4.0)[2] == pytest.approx(1 / 5 + (2**9 - 1) / 9)


def test_an_empty_road_has_no_delay():
    for function, power in ((BPR2, 4.0), (CONICAL, 1.2), (CONICAL, 300.0), (AKCELIK, 0.0), (AKCELIK, 50.0)):
        rise, _, integral = delay(function, 0.0, power)
        assert (rise, integral) == (0.0, pytest.approx(0.0, abs=1e-11))


CASES = st.one_of(
    st.tuples(st.just(BPR2), st.sampled_from([0.5, 1.0, 2.5, 4.0, 8.0])),
    st.tuples(st.just(CONICAL), st.sampled_from([1.1, 2.0, 4.0, 20.0])),
    st.tuples(st.just(AKCELIK), st.sampled_from([1e-6, 4e-4, 0.1, 2.0, 4.0, 9.0])),
)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(CASES, RATIO)
def test_rise_is_the_formula_slope_its_difference_quotient_and_integral_its_area(case, ratio):
    function, power = case
    rise, slope, integral = delay(function, ratio, power)
    twin = TWINS[function]
    assert rise == pytest.approx(twin(ratio, power), rel=1e-9, abs=1e-9)
    assert slope >= 0.0
    h = 1e-6
    if ratio > 0.05 and abs(ratio - 1.0) > 0.01:
        assert slope == pytest.approx((twin(ratio + h, power) - twin(ratio - h, power)) / (2 * h), rel=1e-4, abs=1e-5)
    assert integral == pytest.approx(area(twin, ratio, power), rel=2e-3, abs=2e-6)


@settings(deadline=None, derandomize=True)
@given(CASES, RATIO, RATIO)
def test_delay_never_falls_with_flow(case, one, other):
    low, high = sorted((one, other))
    assert delay(case[0], low, case[1])[0] <= delay(case[0], high, case[1])[0] * (1 + 1e-12) + 1e-15
