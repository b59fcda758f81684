from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from lcr_hpc.errors import InputError, ModelError
from lcr_hpc.traffic import balance_matrix


def gravity(n=60):
    rng = np.random.default_rng(3)
    place = rng.random((n, 2)) * 20
    cost = np.linalg.norm(place[:, None] - place, axis=2)
    attraction = rng.random(n)
    return np.exp(-0.1 * cost), rng.random(n) * 1000, 1000 * attraction


def test_a_gravity_model_meets_both_its_totals():
    seed, rows, columns = gravity()
    columns *= rows.sum() / columns.sum()
    done = balance_matrix(seed, rows, columns)
    assert done.matrix.sum(axis=1) == pytest.approx(rows, rel=1e-10)
    assert done.matrix.sum(axis=0) == pytest.approx(columns, rel=1e-10)
    assert done.worst <= 1e-10
    # Every cell is seed · row factor · column factor.
    assert done.matrix[3, 5] == done.row_factor[3] * seed[3, 5] * done.column_factor[5]
    assert balance_matrix(sp.csr_array(seed), rows, columns).matrix.toarray() == pytest.approx(done.matrix, rel=1e-9)


def test_zeros_stay_zero_and_a_matrix_that_fits_stays_as_it_is():
    trips = np.array([[0.0, 4.0, 0.0], [1.0, 0.0, 2.0]])
    held = sp.csr_array(trips)
    done = balance_matrix((held.indptr, held.indices, held.data), [4.0, 3.0], [1.0, 4.0, 2.0])
    assert done.matrix.toarray().tolist() == trips.tolist()
    assert balance_matrix(trips, [0.0, 3.0], [1.0, 0.0, 2.0]).matrix.tolist() == [[0, 0, 0], [1, 0, 2]]


def test_everything_wrong_with_the_totals_is_one_error():
    seed = np.array([[1.0, -1.0], [np.nan, 0.0]])
    with pytest.raises(InputError) as error:
        balance_matrix(seed, [-1.0, 1.0], [np.inf, 1.0])
    for part in ("negative numbers or NaN", "row 0 (-1)", "column 0 (inf)"):
        assert part in str(error.value)
    with pytest.raises(InputError) as error:
        balance_matrix(np.array([[1.0, 0.0], [0.0, 0.0]]), [1.0, 2.0], [1.0, 1.0])
    for part in ("rows sum to 3, columns to 2", "matrix has nothing; row 1", "matrix has nothing; column 1"):
        assert part in str(error.value)
    with pytest.raises(InputError, match=r"the matrix is \(2, 2\), the totals \(3,\)"):
        balance_matrix(np.ones((2, 2)), np.ones(3), np.ones(2))


def test_zeros_that_leave_no_solution_are_said():
    # Row 0 can only go to column 0, which wants less.
    with pytest.raises(ModelError, match="zeros of the seed may leave no solution"):
        balance_matrix(np.array([[1.0, 0.0], [1.0, 1.0]]), [5.0, 1.0], [2.0, 4.0], max_sweeps=50)
