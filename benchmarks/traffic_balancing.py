"""Balancing a matrix of trips against NumPy, in turns: `.venv/bin/python benchmarks/traffic_balancing.py [--zones N]`.

Process time of one thread, without compiling; everybody makes the same sweeps to the same tolerance.
"""

from __future__ import annotations

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import argparse
import statistics
import time

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.compute.kernel_cache import use_kernel_cache

use_kernel_cache()
from lcr_kernels.balance import balance_dense  # noqa: E402

Floats = NDArray[np.float64]


def main() -> None:
    """Balance a gravity model three ways and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zones", type=int, default=2000)
    parser.add_argument("--tolerance", type=float, default=1e-7)
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    place = 40 * rng.random((given.zones, 2))
    seed = np.exp(-0.4 * np.linalg.norm(place[:, None] - place, axis=2))
    rows, columns = 1 + 1000 * rng.random(given.zones), 1 + 1000 * rng.random(given.zones)
    columns *= rows.sum() / columns.sum()
    ways = {"fused kernel": fused, "NumPy, factors (two BLAS products)": by_factors, "NumPy, matrix in place": in_place}
    fused(seed[:8, :8], np.ones(8), np.ones(8), 1.0)
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(given.turns):
        for name, way in ways.items():
            clock = time.process_time()
            sweeps = way(seed, rows, columns, given.tolerance)
            taken[name].append(time.process_time() - clock)
    for name, seconds in taken.items():
        print(f"{name:36} {statistics.median(seconds):.3f} s for {sweeps} sweeps")


def fused(seed: Floats, rows: Floats, columns: Floats, tolerance: float) -> int:
    """The kernel behind `balance_matrix`."""
    sweeps, _ = balance_dense(seed, rows, columns, tolerance, 1000, np.ones(rows.size), np.ones(columns.size))
    return int(sweeps)


def by_factors(seed: Floats, rows: Floats, columns: Floats, tolerance: float) -> int:
    """Two matrix-vector products a sweep."""
    column = np.ones(columns.size)
    for sweep in range(1000):
        row = rows / (seed @ column)
        total = row @ seed
        off = np.abs(total * column / columns - 1).max()
        column = columns / total
        if off <= tolerance:
            return sweep + 1
    return 1000


def in_place(seed: Floats, rows: Floats, columns: Floats, tolerance: float) -> int:
    """Scale the matrix itself, rows, then columns."""
    matrix = seed.copy()
    for sweep in range(1000):
        matrix *= (rows / matrix.sum(axis=1))[:, None]
        total = matrix.sum(axis=0)
        matrix *= columns / total
        if np.abs(total / columns - 1).max() <= tolerance:
            return sweep + 1
    return 1000


if __name__ == "__main__":
    main()
