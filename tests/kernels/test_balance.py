from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.balance import balance_dense, balance_sparse

from tests.reference.furness import furness


def fit(seed, rows, columns, tolerance=1e-13, sweeps=500):
    row, column = np.ones(len(rows)), np.ones(len(columns))
    made, off = balance_dense(seed, rows, columns, tolerance, sweeps, row, column)
    return row[:, None] * seed * column, made, off


def test_a_matrix_of_ones_becomes_the_product_of_its_totals():
    matrix, sweeps, off = fit(np.ones((2, 3)), np.array([30.0, 70.0]), np.array([20.0, 30, 50]))
    assert matrix.tolist() == pytest.approx(np.array([[6, 9, 15], [14, 21, 35.0]]))
    # The second sweep only sees that the first has done it.
    assert (sweeps, off) == (2, pytest.approx(0.0, abs=1e-15))


def test_what_deming_and_stephan_s_method_keeps_is_the_cross_ratio():
    seed = np.array([[1.0, 2.0], [3.0, 4.0]])
    matrix, *_ = fit(seed, np.array([5.0, 5.0]), np.array([4.0, 6.0]))
    assert matrix.sum(axis=1).tolist() == pytest.approx([5, 5]) and matrix.sum(axis=0).tolist() == pytest.approx([4, 6])
    assert matrix[0, 0] * matrix[1, 1] / (matrix[0, 1] * matrix[1, 0]) == pytest.approx(1 * 4 / (2 * 3))


def test_a_total_where_the_matrix_has_nothing_is_never_met():
    seed = np.array([[1.0, 1.0], [0.0, 0.0]])
    assert fit(seed, np.array([1.0, 1.0]), np.array([1.0, 1.0]))[2] == np.inf
    assert fit(seed.T.copy(), np.array([1.0, 1.0]), np.array([1.0, 1.0]))[2] == np.inf


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**31))
def test_dense_and_sparse_are_the_twin(n, m, seed):
    rng = np.random.default_rng(seed)
    values = rng.random((n, m)) + 0.01
    values[rng.random((n, m)) < 0.3] = 0.0
    values[:, 0] += 0.5
    values[0] += 0.5
    trips = rng.random((n, m)) * (values > 0)
    trips[:, 0] += 0.1
    rows, columns = trips.sum(axis=1), trips.sum(axis=0)
    wanted = np.array(furness(values.tolist(), rows.tolist(), columns.tolist(), 40))
    row, column = np.ones(n), np.ones(m)
    balance_dense(values, rows, columns, 0.0, 40, row, column)
    assert (row[:, None] * values * column).tolist() == pytest.approx(wanted, rel=1e-10, abs=1e-300)
    start = np.concatenate([[0], np.cumsum((values > 0).sum(axis=1))]).astype(np.int64)
    index = np.nonzero(values)[1].astype(np.int32)
    sparse_row, sparse_column = np.ones(n), np.ones(m)
    balance_sparse(start, index, values[values > 0], rows, columns, 0.0, 40, sparse_row, sparse_column)
    assert (sparse_row[:, None] * values * sparse_column).tolist() == pytest.approx(wanted, rel=1e-10, abs=1e-300)
