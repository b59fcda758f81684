"""Regression on relative rank, with or without compiled code: the same numbers to the last bit."""

from __future__ import annotations

import sys

import numpy as np

from lcr_hpc.health._arrays import FloatArray

_FEW = 2**20


def fit_rank_slopes(value: FloatArray, population: FloatArray, standard_error: FloatArray) -> FloatArray:
    """Intercept, slope and standard error of the slope of each row; see `lcr_kernels.slope.rank_slopes`.

    A thousand rows take a millisecond either way, and Numba 0.8 s to import: a new process is spared that.
    """
    if "numba" in sys.modules or value.size > _FEW:
        from lcr_kernels.slope import rank_slopes

        compiled: FloatArray = rank_slopes(value, population, standard_error)
        return compiled
    return plain_rank_slopes(value, population, standard_error)


def plain_rank_slopes(value: FloatArray, population: FloatArray, standard_error: FloatArray) -> FloatArray:
    """As the kernel, in its order of summation: a sum is the last of running sums, since NumPy's own adds in pairs."""
    there = population > 0.0
    usable = there.sum(axis=1) >= 2
    total = np.where(usable, _sum(population), 1.0)
    share = population / total[:, None]
    running = np.cumsum(share, axis=1)
    below = np.concatenate([np.zeros((len(share), 1)), running[:, :-1]], axis=1)
    from_middle = np.where(there, below + 0.5 * share - 0.5, 0.0)
    known = np.where(there, value, 0.0)
    mean = _sum(share * known)
    spread = np.where(usable, _sum(share * from_middle * from_middle), 1.0)
    slope = _sum(share * from_middle * known) / spread
    lever = share * from_middle / spread[:, None]
    error = np.sqrt(_sum((lever * np.where(there, standard_error, 0.0)) ** 2))
    out = np.stack([mean - 0.5 * slope, slope, error], axis=1)
    out[~usable] = np.nan
    return out


def _sum(rows: FloatArray) -> FloatArray:
    running: FloatArray = np.cumsum(rows, axis=1)
    return running[:, -1]
