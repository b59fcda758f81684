"""Sobol' indices against a function whose indices are known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lcr_hpc.carbon.sobol import saltelli_rows, sobol_indices
from lcr_hpc.errors import InputError


def ishigami(u):
    x = np.pi * (2.0 * u - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def indices_of(function, factors, rows, seed=1):
    a, b = saltelli_rows(factors, 0, rows, seed)
    crossed = []
    for k in range(factors):
        ab = a.copy()
        ab[:, k] = b[:, k]
        crossed.append(function(ab))
    return sobol_indices(function(a), function(b), np.array(crossed))


def test_ishigami():
    # a = 7, b = 0.1: V = a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2; published to 4 digits by Ishigami and Homma 1990, Saltelli 2008
    found = indices_of(ishigami, 3, 16384)
    assert found.variance == pytest.approx(13.844588, rel=2e-3)
    assert found.first == pytest.approx([0.313905, 0.442411, 0.0], abs=3e-3)
    assert found.total == pytest.approx([0.557589, 0.442411, 0.243684], abs=3e-3)


def test_errors_cover_the_truth_and_shrink_with_the_rows():
    truth = np.array([0.313905, 0.442411, 0.0])
    few = [indices_of(ishigami, 3, 256, seed) for seed in range(40)]
    score = np.array([(f.first - truth) / f.first_error for f in few])
    # at most as far off as random rows would be: 95 % within two standard errors
    assert (np.abs(score) < 2.0).mean() > 0.95
    ratio = indices_of(ishigami, 3, 4096).first_error / indices_of(ishigami, 3, 1024).first_error
    assert ratio == pytest.approx(0.5, rel=0.1)


def test_an_additive_function_shares_its_variance_by_its_squared_weights():
    # f = 3u + 4v: variances 9/12 and 16/12, so shares 9/25 and 16/25, and no interaction
    found = indices_of(lambda u: 3.0 * u[:, 0] + 4.0 * u[:, 1] + 100.0, 2, 4096)
    assert found.first == pytest.approx([0.36, 0.64], abs=2e-3)
    assert found.total == pytest.approx([0.36, 0.64], abs=2e-3)


@pytest.mark.parametrize("cuts", [[0, 1000], [0, 256, 1000], [0, 1, 3, 700, 1000]])
def test_rows_do_not_depend_on_the_blocks(cuts):
    whole = np.hstack(saltelli_rows(4, 0, 1000, 7))
    parts = [np.hstack(saltelli_rows(4, i, j - i, 7)) for i, j in itertools.pairwise(cuts)]
    assert np.array_equal(np.vstack(parts), whole)
    assert not np.array_equal(np.hstack(saltelli_rows(4, 0, 1000, 8)), whole)


def test_rows_fill_the_cube_evenly():
    rows = np.hstack(saltelli_rows(6, 0, 1024, 3))
    for column in rows.T:
        assert (np.bincount((column * 16).astype(int), minlength=16) == 64).all()


def test_a_factor_without_effect_has_exactly_none_and_a_constant_has_no_shares():
    found = indices_of(lambda u: u[:, 0], 2, 512)
    assert found.first[1] == found.total[1] == 0.0
    flat = indices_of(lambda u: np.full(len(u), 2e6) + 0.1, 2, 512)
    assert np.isnan(flat.first).all()
    assert flat.reason == "the result does not vary"


def test_results_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r"wanted \[row\]"):
        sobol_indices(np.zeros(4), np.zeros(5), np.zeros((1, 4)))
    with pytest.raises(InputError, match="not finite"):
        sobol_indices([0.0, np.nan], [0.0, 1.0], [[0.0, 1.0]])
