"""Distances between days: by hand, against the slow twin, against SciPy, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.day_distances import day_distances
from scipy.stats import ks_2samp

from tests.reference import day_distances as slow


def _sweep(samples):
    value = np.concatenate([np.asarray(s, dtype=np.float64) for s in samples])
    day = np.repeat(np.arange(len(samples)), [len(s) for s in samples])
    order = np.argsort(value, kind="stable")
    return day_distances(value[order], day[order], len(samples))


def test_by_hand():
    # Tonight 3, 4 against 1, 2, 2, 4: below 3 lie all but one of the four earlier ones and none of tonight's: 3/4.
    # 1, 2 against 2, 4: at 1, 1/2 against 0; at 2, 1 against 1/2; so 1/2. The other way round the same.
    assert _sweep([[1, 2], [2, 4], [3, 4]]) == pytest.approx([0.5, 0.5, 0.75])


def test_a_day_without_readings_has_no_distance():
    found = _sweep([[1.0, 2.0], [], [5.0]])
    assert np.isnan(found[:2]).all() and found[2] == 1.0  # the first has no other earlier day to be held against


def test_like_scipy():
    draw = np.random.default_rng(1)
    earlier, tonight = [draw.normal(size=24).round(1) for _ in range(3)], draw.normal(0.5, 2.0, 24).round(1)
    found = _sweep([*earlier, tonight])
    assert found[-1] == pytest.approx(ks_2samp(tonight, np.concatenate(earlier)).statistic, abs=1e-15)
    assert found[0] == pytest.approx(ks_2samp(earlier[0], np.concatenate(earlier[1:])).statistic, abs=1e-15)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.integers(-5, 5), max_size=8), min_size=2, max_size=5))
def test_like_the_slow_twin_whatever_the_ties(samples):
    if not any(samples):
        return
    found = _sweep(samples)
    np.testing.assert_allclose(found, slow.day_distances(samples), atol=1e-12)
    # Neither unit nor zero matters.
    np.testing.assert_array_equal(found, _sweep([[3.0 * v + 7.0 for v in s] for s in samples]))
