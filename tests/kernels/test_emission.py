from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.emission import hot_factor, link_emission

from tests.reference import emission as reference

NAMES = ("v_min_kmh", "v_max_kmh", "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "rf")


def factor(speeds: list[float], **row: float) -> np.ndarray:
    out = np.empty((1, len(speeds)))
    hot_factor(np.array([[row.get(n, 0.0) for n in NAMES]]), np.array(speeds), out)
    return out[0]


def test_a_factor_by_hand():
    # (2·100 + 3·10 + 4 + 50/10) / (1·100 + 2·10 + 5) = 239/125, less a quarter
    found = factor(
        [10.0], v_min_kmh=5, v_max_kmh=100, alpha=2, beta=3, gamma=4, delta=50, epsilon=1, zeta=2, eta=5, rf=0.25
    )
    assert found[0] == pytest.approx(239 / 125 * 0.75, rel=1e-14)


def test_speeds_beyond_the_range_take_the_value_at_its_end():
    row = {"v_min_kmh": 10, "v_max_kmh": 90, "beta": 1.0, "eta": 1.0}
    assert factor([0.0, 5.0, 10.0, 90.0, 140.0], **row) == pytest.approx([10, 10, 10, 90, 90])


def test_a_negative_reduction_raises_the_factor():
    row = {"v_min_kmh": 5, "v_max_kmh": 140, "gamma": 1.0, "eta": 1.0}
    assert factor([50.0], rf=-4.0, **row) == pytest.approx([5.0])


def test_a_negative_factor_becomes_none():
    assert factor([50.0], v_min_kmh=5, v_max_kmh=140, gamma=-1.0, eta=1.0) == pytest.approx([0.0])


@given(st.lists(st.floats(-2.0, 2.0), min_size=7, max_size=7), st.floats(-4.0, 0.95), st.floats(0.0, 200.0))
@settings(max_examples=50, derandomize=True, deadline=None)
def test_the_kernel_is_the_formula(values: list[float], rf: float, speed: float):
    row = dict(
        zip(NAMES, [7.0, 120.0, *values[:4], abs(values[4]), abs(values[5]), 1.0 + abs(values[6]), rf], strict=True)
    )
    assert factor([speed], **row)[0] == pytest.approx(reference.hot_factor(row, speed), rel=1e-12, abs=1e-300)


def emission(flow, speed, length, curve, table) -> np.ndarray:
    out = np.full((len(speed), table.shape[2]), np.nan)
    by_speed = np.pad(table.transpose(1, 0, 2), ((0, 0), (0, 0), (0, -table.shape[2] % 4)))
    link_emission(
        np.array(flow, float), np.array(speed, float), np.array(length, float), np.array(curve), by_speed, out
    )
    return out


def test_an_emission_by_hand():
    # Half way between the factors 3 at 2 km/h and 5 at 3 km/h: 10 veh/h · 2 km · 4 g/km; and 1 veh/h of the other class
    table = np.array([[[1.0], [3.0], [5.0]], [[10.0], [10.0], [10.0]]])
    found = emission([[10.0], [1.0]], [2.5], [2.0], [[0], [1]], table)
    assert found[0, 0] == pytest.approx(10 * 2 * 4 + 1 * 2 * 10)


def test_speeds_are_clipped_to_the_table_and_an_empty_link_needs_none():
    table = np.array([[[1.0], [3.0], [5.0]]])
    found = emission([[1.0, 1.0, 0.0]], [0.0, 99.0, np.nan], [1.0, 1.0, 1.0], [[0, 0, 0]], table)
    assert found[:, 0] == pytest.approx([1.0, 5.0, 0.0])


@pytest.mark.parametrize("pollutants", [2, 3, 4, 5])
def test_the_kernel_is_the_sum_over_classes(pollutants: int):
    rng = np.random.default_rng(3)
    table = rng.uniform(0, 5, (3, 140, pollutants))
    flow, speed, length = rng.uniform(0, 900, (3, 20)), rng.uniform(0, 150, 20), rng.uniform(0.01, 3, 20)
    found = emission(flow, speed, length, np.tile([[0], [1], [2]], 20), table)
    at = np.arange(1, 141)
    for i in range(20):
        for p in range(2):
            curves = [lambda v, k=k, p=p: np.interp(v, at, table[k, :, p]) for k in range(3)]
            assert found[i, p] == pytest.approx(
                reference.link_emission(flow[:, i], speed[i], length[i], curves), rel=1e-12
            )


def test_emission_is_linear_in_flow():
    rng = np.random.default_rng(4)
    table, flow, speed = rng.uniform(0, 5, (1, 140, 1)), rng.uniform(0, 900, (1, 9)), rng.uniform(1, 140, 9)
    one = emission(flow, speed, np.ones(9), np.zeros((1, 9), int), table)
    assert emission(4 * flow, speed, np.ones(9), np.zeros((1, 9), int), table) == pytest.approx(4 * one, rel=1e-14)
