"""Gravity: trips between zones from the trips that begin and end in each, and what it costs to go between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.balancing import balance_matrix
from lcr_hpc.traffic.network import SHOWN, Floats, LongInts

Matrix: TypeAlias = Floats | sp.csr_array


@dataclass(frozen=True)
class Deterrence:
    """How trips fall with cost: cost^−power · exp(−rate · cost).

    Parameters
    ----------
    power : float
        0: exponential. With a rate beside it: Tanner's combined function; below 0 trips first rise with cost.
    rate : float
        Per unit of cost. 0: power function.
    """

    power: float = 0.0
    rate: float = 0.0

    def log(self, cost: Floats) -> Floats:
        """Logarithm of the deterrence at finite costs, above 0 where there is a power."""
        value: Floats = -self.rate * cost
        return value - self.power * np.log(cost) if self.power != 0.0 else value


@dataclass(frozen=True)
class BinnedDeterrence:
    """Deterrence that is one number in each bin of cost.

    Parameters
    ----------
    edges : float64[bin + 1]
        Rising; a bin holds its lower edge, the last one both. The last may be infinite.
    factor : float64[bin]
        0 or more; the largest is 1.
    """

    edges: Floats
    factor: Floats

    def log(self, cost: Floats) -> Floats:
        """Logarithm of the deterrence, −infinity where the factor is 0."""
        with np.errstate(divide="ignore"):
            value: Floats = np.log(self.factor)[cost_bins(cost, self.edges)]
        return value


def cost_bins(cost: Floats, edges: Floats) -> LongInts:
    """Bin of each cost, int64; −1 below the first edge, the number of bins above the last."""
    number = np.searchsorted(edges, cost, side="right") - 1
    return np.where(cost == edges[-1], edges.size - 2, number).astype(np.int64)


class Gravity(NamedTuple):
    """Trips of a doubly constrained gravity model.

    trips       float64[origin, destination], or scipy CSR where the cost was sparse
    deterrence  Deterrence or BinnedDeterrence
    mean_cost   float  of a trip
    sweeps      int    of the last balancing
    worst       float  largest difference of a row's or column's sum, as a share of its total
    """

    trips: Matrix
    deterrence: Deterrence | BinnedDeterrence
    mean_cost: float
    sweeps: int
    worst: float


def gravity_trips(
    cost: Matrix,
    origin_total: ArrayLike,
    destination_total: ArrayLike,
    deterrence: Deterrence | BinnedDeterrence,
    *,
    tolerance: float = 1e-10,
    max_sweeps: int = 10_000,
) -> Gravity:
    """Distribute trips: row factor · column factor · deterrence(cost), with given sums of rows and columns.

    Parameters
    ----------
    cost : float64[origin, destination] or scipy CSR
        From 0 up, such as a skim. NaN, infinite, or absent from CSR: no path, no trips. An explicit 0 of CSR is 0.
    origin_total, destination_total : float64[zone]
        Trips that begin and end in each zone, with the same sum.
    deterrence : Deterrence or BinnedDeterrence
    tolerance, max_sweeps
        As in `balance_matrix`.

    Returns
    -------
    Gravity

    Raises
    ------
    InputError
        Negative costs, a cost of 0 under a power, totals that `balance_matrix` refuses.
    ModelError
        When the totals are not met, as where zones without a path leave no solution.

    Notes
    -----
    A. G. Wilson, A statistical theory of spatial distribution models, Transportation Research 1 (1967). Deterrence is
    scaled by row and by column before it leaves logarithms, which the factors absorb: large rates do not underflow
    whole rows.
    """
    cells = arrange_cells(cost, power=isinstance(deterrence, Deterrence) and deterrence.power != 0.0)
    return distribute(cells, origin_total, destination_total, deterrence, tolerance, max_sweeps)


class Cells(NamedTuple):
    """Cells of a matrix that a path joins.

    shape   (int, int)
    row     int64[cell]
    column  int64[cell]
    cost    float64[cell]
    sparse  bool          whether trips go into CSR
    """

    shape: tuple[int, int]
    row: LongInts
    column: LongInts
    cost: Floats
    sparse: bool

    def matrix(self, values: Floats) -> Matrix:
        """Put values by cell into a matrix; 0 elsewhere."""
        if self.sparse:
            start = np.concatenate([[0], np.cumsum(np.bincount(self.row, minlength=self.shape[0]))])
            return sp.csr_array((values, self.column, start), shape=self.shape)
        dense = np.zeros(self.shape)
        dense[self.row, self.column] = values
        return dense

    def values(self, matrix: Matrix) -> Floats:
        """Take the values by cell out of what `matrix` made."""
        return np.asarray(matrix.data if self.sparse else matrix[self.row, self.column], np.float64)


def arrange_cells(cost: Matrix, *, power: bool) -> Cells:
    """Check costs and list the cells that a path joins; `power`: costs must be above 0."""
    sparse = bool(sp.issparse(cost))
    if sparse:
        held = sp.csr_array(cost).copy()
        held.sum_duplicates()
        row = np.repeat(np.arange(held.shape[0]), np.diff(held.indptr))
        column, value = held.indices.astype(np.int64), np.asarray(held.data, np.float64)
        shape = held.shape
    else:
        dense = np.asarray(cost, np.float64)
        if dense.ndim != 2:
            raise InputError(f"gravity: cost has shape {dense.shape}, wanted [origin, destination]")
        row, column = (index.ravel() for index in np.indices(dense.shape))
        value, shape = dense.ravel(), dense.shape
    found = []
    for bad, rule in (
        (value < 0.0, "cost must be from 0 up; NaN or infinite where no path leads"),
        ((value == 0.0) & power, "a power of a cost of 0 is infinite; give trips within a zone a cost, or none (NaN)"),
    ):
        at = np.flatnonzero(bad)
        if at.size:
            named = ", ".join(f"{row[i]} → {column[i]} ({value[i]:g})" for i in at[:SHOWN])
            found.append(f"gravity: {rule}; {named}" + (f" and {at.size - SHOWN} more" if at.size > SHOWN else ""))
    raise_all(found, InputError)
    here = np.flatnonzero(np.isfinite(value))
    return Cells((int(shape[0]), int(shape[1])), row[here], column[here], value[here], sparse)


def distribute(
    cells: Cells,
    origin_total: ArrayLike,
    destination_total: ArrayLike,
    deterrence: Deterrence | BinnedDeterrence,
    tolerance: float = 1e-10,
    max_sweeps: int = 10_000,
) -> Gravity:
    """Distribute trips over cells that `arrange_cells` has checked; otherwise as `gravity_trips`."""
    weight = _deterrence(cells, deterrence)
    done = balance_matrix(
        cells.matrix(weight), origin_total, destination_total, tolerance=tolerance, max_sweeps=max_sweeps
    )
    trips = cells.values(done.matrix)
    total = float(trips.sum())
    mean = float((trips * cells.cost).sum()) / total if total > 0.0 else 0.0
    return Gravity(done.matrix, deterrence, mean, done.sweeps, done.worst)


def _deterrence(cells: Cells, deterrence: Deterrence | BinnedDeterrence) -> Floats:
    """Deterrence by cell, such that the largest of each row and column is 1."""
    value = deterrence.log(cells.cost)
    for line, size in ((cells.row, cells.shape[0]), (cells.column, cells.shape[1])):
        largest = np.full(size, -np.inf)
        np.maximum.at(largest, line, value)
        value = value - np.where(np.isfinite(largest), largest, 0.0)[line]
    return np.exp(value)
