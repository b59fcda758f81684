"""The BYM2 model with dense matrices: every unknown at once, nothing eliminated, constraints by their null space."""

from __future__ import annotations

import numpy as np


def dense_model(observed, expected, design, edges, own, shared):
    """Mode of all unknowns [theta, phi, beta], log marginal likelihood and covariance, by plain Newton steps."""
    n, p = design.shape
    laplacian = np.zeros((n, n))
    for i, j in edges:
        laplacian[[i, j], [i, j]] += 1.0
        laplacian[i, j] -= 1.0
        laplacian[j, i] -= 1.0
    lonely = np.diag(laplacian) == 0.0
    laplacian[lonely, lonely] = 1.0
    prior = np.zeros((2 * n + p, 2 * n + p))
    prior[:n, :n], prior[n : 2 * n, n : 2 * n], prior[2 * n :, 2 * n :] = np.eye(n), laplacian, np.eye(p)
    # Directions that keep each connected part's sum at 0.
    values, vectors = np.linalg.eigh(laplacian)
    free = np.zeros((2 * n + p, 2 * n + p - int(np.sum(values < 1e-9))))
    rough = vectors[:, values >= 1e-9]
    free[:n, :n] = np.eye(n)
    free[n : 2 * n, n : n + rough.shape[1]] = rough
    free[2 * n :, n + rough.shape[1] :] = np.eye(p)
    jacobian = np.hstack([own * np.eye(n), np.diag(shared), design])

    x = np.zeros(2 * n + p)
    x[2 * n] = np.log(observed.sum() / expected.sum())
    for _ in range(60):
        mean = expected * np.exp(jacobian @ x)
        gradient = jacobian.T @ (observed - mean) - prior @ x
        hessian = free.T @ (jacobian.T @ (mean[:, None] * jacobian) + prior) @ free
        x = x + free @ np.linalg.solve(hessian, free.T @ gradient)
    eta = jacobian @ x
    value = observed @ eta - np.sum(expected * np.exp(eta)) - 0.5 * x @ prior @ x
    covariance = free @ np.linalg.inv(hessian) @ free.T
    return x, value - 0.5 * np.linalg.slogdet(hessian)[1], covariance, jacobian, mean


def scaling(edges, n):
    """Geometric mean of the diagonal of the Laplacian's pseudo-inverse."""
    laplacian = np.zeros((n, n))
    for i, j in edges:
        laplacian[[i, j], [i, j]] += 1.0
        laplacian[i, j] -= 1.0
        laplacian[j, i] -= 1.0
    return np.exp(np.mean(np.log(np.diag(np.linalg.pinv(laplacian)))))
