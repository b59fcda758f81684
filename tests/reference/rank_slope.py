"""Weighted least squares on relative rank, as textbook matrices: slow and obvious."""

from __future__ import annotations

import numpy as np


def rank_slope(value, population, standard_error):
    """Intercept, slope and standard error of the slope of one row of groups, most deprived first."""
    a = np.asarray(population, float) / np.sum(population)
    b = np.cumsum(a) - a / 2
    X = np.column_stack([np.ones_like(b), b])
    A = np.diag(a)
    C = np.linalg.inv(X.T @ A @ X) @ X.T @ A
    intercept, slope = C @ np.asarray(value, float)
    return intercept, slope, np.sqrt(np.sum(C[1] ** 2 * np.asarray(standard_error, float) ** 2))
