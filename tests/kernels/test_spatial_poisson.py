from __future__ import annotations

import numpy as np
import pytest
from lcr_kernels.spatial_poisson import SpatialModel, eliminate, laplace_mode, laplace_moments

from tests.reference.spatial_poisson import dense_model

DRAW = np.random.default_rng(15)
# A path of five with one rung, and a pair apart from it; area 7 alone.
EDGES = np.array([[0, 1], [1, 2], [2, 3], [3, 4], [1, 3], [5, 6]])
SUMS = np.array([[1, 0]] * 5 + [[0, 1]] * 2 + [[0, 0]], dtype=float)
DEGREE = np.array([1, 3, 2, 3, 1, 1, 1, 1], dtype=float)
STRUCTURE = np.zeros((8, 3))
STRUCTURE[:, 0] = DEGREE
STRUCTURE[EDGES[:, 0], EDGES[:, 1] - EDGES[:, 0]] = -1.0
EXPECTED = DRAW.gamma(3.0, 2.0, 8)
OBSERVED = DRAW.poisson(EXPECTED * 1.5).astype(float)
DESIGN = np.column_stack([np.ones(8), DRAW.normal(size=8)])
MODEL = SpatialModel(OBSERVED, EXPECTED, DESIGN, STRUCTURE, SUMS)
SHARED = np.array([0.6] * 5 + [0.4] * 2 + [0.5])


def mode(own, shared):
    theta, phi, beta = np.zeros(8), np.zeros(8), np.zeros(2)
    value = laplace_mode(MODEL, own, shared, theta, phi, beta)
    return value, theta, phi, beta


def test_mode_and_moments_match_dense_matrices():
    value, theta, phi, beta = mode(0.3, SHARED)
    x, _, covariance, jacobian, mean = dense_model(OBSERVED, EXPECTED, DESIGN, EDGES, 0.3, SHARED)
    assert np.concatenate([theta, phi, beta]) == pytest.approx(x, abs=1e-5)
    found, beta_mean, beta_covariance = laplace_moments(MODEL, 0.3, SHARED, theta, phi, beta)
    effect = jacobian.copy()
    effect[:, 16:] = 0.0
    of_effect, of_eta = (np.diag(j @ covariance @ j.T) for j in (effect, jacobian))
    drawn = x - 0.5 * covariance @ jacobian.T @ (mean * of_eta)
    assert found == pytest.approx(np.column_stack([effect @ drawn, of_effect, jacobian @ drawn, of_eta]), abs=1e-4)
    assert beta_mean == pytest.approx(drawn[16:], abs=1e-4)
    assert beta_covariance == pytest.approx(covariance[16:, 16:], abs=1e-4)
    assert SUMS.T @ phi == pytest.approx([0.0, 0.0], abs=1e-9)
    assert np.isfinite(value)


def test_marginal_likelihoods_differ_as_dense_ones_do():
    settings = [(0.3, SHARED), (0.05, 1.5 * SHARED), (0.9, 0.1 * SHARED)]
    found = [mode(*s)[0] for s in settings]
    wanted = [dense_model(OBSERVED, EXPECTED, DESIGN, EDGES, *s)[1] for s in settings]
    assert np.diff(found) == pytest.approx(np.diff(wanted), abs=1e-4)


def test_one_rate_by_hand():
    # Nothing but an intercept: events less expected events equals the intercept (its prior's pull) at the mode.
    _, theta, phi, beta = mode(1e-4, np.full(8, 1e-4))
    rate = EXPECTED * np.exp(DESIGN @ beta)
    assert DESIGN.T @ (OBSERVED - rate) == pytest.approx(beta, abs=1e-2)
    assert np.abs(theta).max() < 1e-2
    assert np.abs(phi).max() < 1e-2


def test_small_dense_systems():
    matrix, sides = np.array([[0.0, 2.0], [3.0, 1.0]]), np.array([[4.0], [5.0]])
    assert eliminate(matrix, sides) == pytest.approx(np.log(6.0))
    assert sides.ravel() == pytest.approx([1.0, 2.0])
