from __future__ import annotations

import numpy as np
import pytest
from lcr_kernels.draws import STREAM_BASELINE, STREAM_EXPOSURE, gamma_draws, standard_normals, weighted_sums

from tests.reference import burden_draws as reference

SEED = 2**33 + 5


def test_normals_are_box_and_muller_s_of_the_named_numbers():
    found = standard_normals(np.uint64(SEED), np.uint64(STREAM_EXPOSURE), 2**40 + 3, 2, 0, 5)
    wanted = [[reference.normal(SEED, STREAM_EXPOSURE, 2**40 + 3 + i, d) for d in range(5)] for i in range(2)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
    later = standard_normals(np.uint64(SEED), np.uint64(STREAM_EXPOSURE), 2**40 + 4, 1, 2, 3)
    np.testing.assert_array_equal(later[0], found[1, 2:])


@pytest.mark.parametrize("shape", [0.05, 0.7, 1.0, 4.2, 900.0])
def test_gammas_are_marsaglia_and_tsang_s(shape):
    found = gamma_draws(np.array([3.0]), np.array([shape]), np.uint64(SEED), np.uint64(STREAM_BASELINE), 7, 2, 12)
    wanted = [reference.gamma(3.0, shape, SEED, STREAM_BASELINE, 7, d) for d in range(2, 14)]
    np.testing.assert_allclose(found[0], wanted, rtol=1e-12)


def test_no_events_give_none_and_unknown_ones_are_not_known():
    found = gamma_draws(
        np.array([0.0, np.nan]), np.array([0.0, np.nan]), np.uint64(0), np.uint64(STREAM_BASELINE), 0, 0, 3
    )
    assert found[0].tolist() == [0.0] * 3
    assert np.isnan(found[1]).all()


def test_sums_leave_out_what_has_no_weight():
    value = np.array([[1.0, 2.0], [np.nan, np.nan], [10.0, 20.0]])
    found = weighted_sums(np.array([[1.0, 0.0, 0.5], [0.0, 0.0, 0.0]]), value)
    assert found.tolist() == [[6.0, 12.0], [0.0, 0.0]]
