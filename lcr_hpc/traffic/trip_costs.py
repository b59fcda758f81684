"""What observed trips cost: their mean, and how their costs are distributed over bins."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from lcr_hpc.errors import InputError
from lcr_hpc.traffic.gravity import Cells, Matrix, arrange_cells, cost_bins
from lcr_hpc.traffic.network import Floats, LongInts


def trip_lengths(trips: Matrix, cost: Matrix, edges: ArrayLike) -> Floats:
    """Trips by bin of cost, float64[bin]: what `fit_trip_lengths` takes; trips outside all bins or paths are left out.

    Parameters
    ----------
    trips, cost : float64[origin, destination] or scipy CSR
        Of the same shape.
    edges : float64[bin + 1]
        As in `fit_trip_lengths`.
    """
    cells = arrange_cells(cost, power=False)
    edge = np.asarray(edges, np.float64)
    number = cost_bins(cells.cost, edge)
    inside = (number >= 0) & (number < edge.size - 1)
    held = _cell_trips(trips, cells)
    return np.bincount(number[inside], held[inside], edge.size - 1).astype(np.float64)


def mean_costs(trips: Matrix, cost: Matrix) -> tuple[float, float]:
    """Mean cost and mean logarithm of the cost of trips: what `fit_mean_cost` takes; −infinity where a trip costs 0."""
    cells = arrange_cells(cost, power=False)
    held = _cell_trips(trips, cells)
    if not held.sum() > 0.0:
        raise InputError("gravity: no trips between zones with a cost; nothing to take a mean of")
    some = held > 0.0
    with np.errstate(divide="ignore"):
        log_cost = np.log(cells.cost[some])
    return float((held * cells.cost).sum() / held.sum()), float((held[some] * log_cost).sum() / held.sum())


def checked_bins(cells: Cells, edges: Floats, trips: Floats) -> LongInts:
    """Bin of each cell, or everything that is wrong with the bins."""
    if edges.ndim != 1 or edges.size < 2 or not (np.diff(edges) > 0.0).all():
        raise InputError("gravity: edges of bins must be two or more numbers that rise")
    if trips.shape != (edges.size - 1,) or not (np.isfinite(trips) & (trips >= 0.0)).all() or not trips.sum() > 0.0:
        raise InputError(f"gravity: bin_trips must be {edges.size - 1} numbers from 0 up, and not all 0")
    number = cost_bins(cells.cost, edges)
    out = (number < 0) | (number >= trips.size)
    if out.any():
        raise InputError(
            f"gravity: {out.sum()} costs from {cells.cost[out].min():g} to {cells.cost[out].max():g} lie outside the "
            f"bins, {edges[0]:g} to {edges[-1]:g}; widen them (the last edge may be infinite)"
        )
    empty = np.flatnonzero((np.bincount(number, minlength=trips.size) == 0) & (trips > 0.0))
    if empty.size:
        named = ", ".join(f"{edges[i]:g} to {edges[i + 1]:g} ({trips[i]:g})" for i in empty)
        raise InputError(f"gravity: trips in bins that no pair of zones falls in; {named}; join them to the next")
    return number


def mean_pair_cost(cells: Cells, number: LongInts, bins: int) -> Floats:
    """Mean cost of the pairs of each bin; 0 where there are none."""
    pairs = np.bincount(number, minlength=bins)
    mean: Floats = np.bincount(number, cells.cost, bins) / np.maximum(pairs, 1)
    return mean


def _cell_trips(trips: Matrix, cells: Cells) -> Floats:
    whole = trips.toarray() if isinstance(trips, sp.csr_array) else np.asarray(trips, np.float64)
    if whole.shape != cells.shape:
        raise InputError(f"gravity: trips are {whole.shape}, costs {cells.shape}; wanted the same")
    held: Floats = whole[cells.row, cells.column]
    return held
