from __future__ import annotations

import numpy as np
import pytest
from lcr_kernels.banded import band_factor, band_inverse, band_solve

DRAW = np.random.default_rng(14)


def band_of(matrix, width):
    rows = matrix.shape[0]
    return np.array([[matrix[i, i + d] if i + d < rows else 0.0 for d in range(width)] for i in range(rows)])


def banded_matrix(rows, width):
    root = np.tril(np.triu(DRAW.normal(size=(rows, rows))), width - 1)
    root[0, 1 : width - 1] = 0.0
    return root.T @ root + np.eye(rows)


def test_by_hand():
    # [[4, 2], [2, 5]] is UᵀU with U = [[2, 1], [0, 2]]; determinant 16, inverse [[5, -2], [-2, 4]]/16.
    band = np.array([[4.0, 2.0], [5.0, 0.0]])
    assert band_factor(band) == pytest.approx(np.log(16.0))
    assert band.ravel() == pytest.approx([2, 1, 2, 0])
    assert band_inverse(band).ravel() == pytest.approx([5 / 16, -2 / 16, 4 / 16, 0])


@pytest.mark.parametrize(("rows", "width"), [(1, 1), (6, 1), (7, 3), (9, 9)])
def test_matches_dense_algebra(rows, width):
    matrix = banded_matrix(rows, width)
    band = band_of(matrix, width)
    assert band_factor(band) == pytest.approx(np.linalg.slogdet(matrix)[1])
    sides = DRAW.normal(size=(rows, 2))
    found = sides.copy()
    band_solve(band, found)
    assert found == pytest.approx(np.linalg.solve(matrix, sides))
    assert band_inverse(band) == pytest.approx(band_of(np.linalg.inv(matrix), width))


def test_a_matrix_that_is_not_positive_definite_has_no_factor():
    assert np.isnan(band_factor(np.array([[1.0, 2.0], [1.0, 0.0]])))
