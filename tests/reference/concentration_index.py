"""Concentration index by convenient regression written out with matrices, observation by observation in rank."""

from __future__ import annotations

import numpy as np


def concentration_index(health, ranking, weights):
    """Index and its delta-method standard error."""
    health, ranking = np.asarray(health, float), np.asarray(ranking, float)
    w = np.asarray(weights, float) / np.sum(weights)
    rank = np.array([np.sum(w[ranking < r]) + np.sum(w[ranking == r]) / 2 for r in ranking])
    X, W = np.column_stack([np.ones_like(rank), rank]), np.diag(w)
    inverse = np.linalg.inv(X.T @ W @ X)
    alpha, beta = inverse @ X.T @ W @ health
    mean = np.sum(w * health)
    twice = 2 * np.sum(w * (rank - 0.5) ** 2) / (1 - np.sum(w**2))
    left = health - alpha - beta * rank
    covariance = inverse * np.sum(w * left**2) / (health.size - 2)
    by = twice / mean**2 * np.array([-beta, alpha])
    return twice * beta / mean, np.sqrt(by @ covariance @ by)


def gini(x, weights):
    """Half the mean absolute difference of all pairs, over the mean."""
    x, w = np.asarray(x, float), np.asarray(weights, float) / np.sum(weights)
    pairs = sum(a * b * abs(p - q) for a, p in zip(w, x, strict=True) for b, q in zip(w, x, strict=True))
    return pairs / (2 * np.sum(w * x))
