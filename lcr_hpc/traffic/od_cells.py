"""The demand nearest to a prior that fits counts, between bounds: one bounded generalised least squares."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from lcr_hpc.errors import ModelError
from lcr_hpc.traffic.network import Floats

NEWTON_STEPS = 200
SEARCH_STEPS = 60
SLOPE_LEFT = 1e-3
"""Share of the slope at the start of a step at which its line search ends."""
DONE = 1e-9
"""Slope of the dual at which it is solved: this share of a count, and of its standard deviation."""


class Fitted(NamedTuple):
    """Cells that fit counts.

    trips  float64[pair]
    steps  int            of Newton's method
    """

    trips: Floats
    steps: int


def fit_cells(
    share: sp.csr_array, counted: Floats, variance: Floats, prior: Floats, spread: Floats, low: Floats, high: Floats
) -> Fitted:
    """Minimise Σ (share · x − counted)² / variance + Σ (x − prior)² / spread, low <= x <= high.

    Parameters
    ----------
    share : CSR [count, pair]
        Share of each pair's trips that passes each count.
    counted, variance : float64[count]
        variance above 0.
    prior, spread, low, high : float64[pair]
        spread 0 keeps a pair where it is.

    Returns
    -------
    Fitted

    Notes
    -----
    E. Cascetta, Estimation of trip matrices from traffic counts and survey data: a generalized least squares
    estimator, Transportation Research B 18 (1984). There are far fewer counts than pairs, so it is solved in one
    multiplier a count: a pair stands at prior + spread · (shareᵀ · multipliers), cut to its bounds, and Newton's
    method on the piecewise quadratic dual ends at the exact minimum in a finite number of steps. The linear systems
    are solved by conjugate gradients, whose sums are in one order on any number of threads.
    """
    across = sp.csr_array(share.T)

    def slope_at(multiplier: Floats) -> tuple[Floats, Floats]:
        """Slope of the dual, and the trips that the multipliers call for."""
        trips = np.clip(prior + spread * (across @ multiplier), low, high)
        return variance * multiplier - counted + share @ trips, trips

    multiplier = np.zeros(counted.size)
    size = np.sqrt(variance) + np.abs(counted)
    for step in range(NEWTON_STEPS):
        slope, trips = slope_at(multiplier)
        if (np.abs(slope) <= DONE * size).all():
            return Fitted(trips, step)
        inside = np.where((trips > low) & (trips < high), spread, 0.0)
        move = -_solve(share, across, inside, variance, slope)
        multiplier = multiplier + _length(slope_at, multiplier, move, float((slope * move).sum())) * move
    raise ModelError(
        f"demand from counts: {NEWTON_STEPS} steps did not reach the least squares; give the prior more weight"
    )


def _length(
    slope_at: Callable[[Floats], tuple[Floats, Floats]], multiplier: Floats, move: Floats, first: float
) -> float:
    """Length of a step, 1 at most, at which the dual no longer falls along it: by secants and halves.

    Its slope along a line rises piece by piece, so that there is one such place. Against halving until the dual falls
    enough, this takes a third of the steps where many cells are at their bounds.
    """

    def along(length: float) -> float:
        return float((slope_at(multiplier + length * move)[0] * move).sum())

    low, high, low_slope, high_slope = 0.0, 1.0, first, along(1.0)
    if high_slope <= SLOPE_LEFT * abs(first):
        return 1.0
    length = 1.0
    for turn in range(SEARCH_STEPS):
        secant = high - high_slope * (high - low) / (high_slope - low_slope)
        length = secant if turn % 3 != 2 else (low + high) / 2.0
        slope = along(length)
        if abs(slope) <= SLOPE_LEFT * abs(first):
            break
        if slope > 0.0:
            high, high_slope = length, slope
        else:
            low, low_slope = length, slope
    return length


def _solve(share: sp.csr_array, across: sp.csr_array, inside: Floats, variance: Floats, right: Floats) -> Floats:
    """Solve (variance + share · inside · shareᵀ) x = right by conjugate gradients, scaled by the diagonal."""
    squared = share.copy()
    squared.data = squared.data**2
    diagonal = variance + squared @ inside
    x, left = np.zeros(right.size), right.copy()
    scaled = left / diagonal
    way, energy = scaled.copy(), float((left * scaled).sum())
    first = energy
    for _ in range(10 * right.size + 50):
        if energy <= 1e-28 * first or energy == 0.0:
            break
        image = variance * way + share @ (inside * (across @ way))
        length = energy / float((way * image).sum())
        x += length * way
        left -= length * image
        scaled = left / diagonal
        before, energy = energy, float((left * scaled).sum())
        way = scaled + energy / before * way
    return x
