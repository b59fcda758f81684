"""The demand nearest to a prior that fits counts, between bounds: one bounded generalised least squares."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from lcr_hpc.errors import ModelError
from lcr_hpc.traffic.network import Floats

NEWTON_STEPS = 200
SLOPE_SHARE = 1e-4
DONE = 1e-12


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
    multiplier = np.zeros(counted.size)
    size = np.sqrt(variance) + np.abs(counted)
    trips, value = _pairs(across, multiplier, counted, variance, prior, spread, low, high)
    for step in range(NEWTON_STEPS):
        slope = variance * multiplier - counted + share @ trips
        if (np.abs(slope) <= DONE * size).all():
            return Fitted(trips, step)
        inside = np.where((trips > low) & (trips < high), spread, 0.0)
        move = -_solve(share, across, inside, variance, slope)
        fall, length = float((slope * move).sum()), 1.0
        while True:
            trips, now = _pairs(across, multiplier + length * move, counted, variance, prior, spread, low, high)
            # Near the minimum the value no longer shows what the slope still does.
            if now <= value + SLOPE_SHARE * length * fall + 1e-13 * abs(value) or length < 1e-10:
                break
            length /= 2.0
        multiplier, value = multiplier + length * move, now
    raise ModelError(
        f"demand from counts: {NEWTON_STEPS} steps did not reach the least squares; check the counts' weights"
    )


def _pairs(
    across: sp.csr_array,
    multiplier: Floats,
    counted: Floats,
    variance: Floats,
    prior: Floats,
    spread: Floats,
    low: Floats,
    high: Floats,
) -> tuple[Floats, float]:
    """Trips at the multipliers, (count − flow) / variance in the end, and the value of the dual, which is to fall."""
    pull = across @ multiplier
    trips = np.clip(prior + spread * pull, low, high)
    moved = trips - prior
    cost = np.divide(moved**2, spread, out=np.zeros_like(moved), where=spread > 0.0) / 2.0
    value = (variance * multiplier**2 / 2.0 - counted * multiplier).sum() + (pull * trips - cost).sum()
    return trips, float(value)


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
