"""Lines onto a grid, mass conserved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError, raise_all


@dataclass(frozen=True)
class GriddedMass:
    """Mass by cell and what lay outside: mass given = sum over cells + sum of `outside`, to 1e-12."""

    mass: NDArray[np.float64]
    """[y, x], unit of the given mass."""
    outside: NDArray[np.float64]
    """[line], same unit: the part of each line's mass outside the grid."""


def grid_lines(
    x0: ArrayLike,
    y0: ArrayLike,
    x1: ArrayLike,
    y1: ArrayLike,
    mass: ArrayLike,
    x_edges: ArrayLike,
    y_edges: ArrayLike,
) -> GriddedMass:
    """Share the mass of straight lines among the cells of a grid, by the exact length of each line in each cell.

    Parameters
    ----------
    x0, y0, x1, y1 : array_like
        float64[line], ends of the lines in the unit of the edges (m). A line without length puts all into one cell.
    mass : array_like
        float64[line], any extensive unit.
    x_edges, y_edges : array_like
        float64[x+1] and float64[y+1], strictly increasing; cells may differ in size. A cell holds its lower edges.

    Returns
    -------
    GriddedMass

    Raises
    ------
    InputError
        Lengths that differ, values that are not finite, edges that do not increase.
    """
    from lcr_kernels.gridding import grid_line_mass

    lines = {n: _floats(n, v) for n, v in {"x0": x0, "y0": y0, "x1": x1, "y1": y1, "mass": mass}.items()}
    edges = {n: _floats(n, v) for n, v in {"x_edges": x_edges, "y_edges": y_edges}.items()}
    problems = [
        f"{name}: {count} of {values.size} values are not finite"
        for name, values in (lines | edges).items()
        if (count := int((~np.isfinite(values)).sum()))
    ]
    if len({v.size for v in lines.values()}) > 1:
        problems.append(
            f"lines of different number: { ({n: v.size for n, v in lines.items()}) }; give one value a line to each"
        )
    for name, values in edges.items():
        if values.size < 2 or (np.diff(values) <= 0).any():
            problems.append(f"{name}: wanted two or more edges, strictly increasing")
    raise_all(problems, InputError)
    grid = np.zeros((edges["y_edges"].size - 1, edges["x_edges"].size - 1))
    outside = np.empty(lines["mass"].size)
    grid_line_mass(*lines.values(), *edges.values(), grid, outside)
    return GriddedMass(grid, outside)


def regular_edges(low: float, high: float, cell: float) -> NDArray[np.float64]:
    """Edges of cells of one size that cover [low, high], on whole multiples of the size: grids of nights agree."""
    first = np.floor(low / cell)
    last = max(np.ceil(high / cell), first + 1)
    return np.asarray(np.arange(first, last + 1) * cell, dtype=np.float64)


def _floats(name: str, values: ArrayLike) -> NDArray[np.float64]:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise InputError(f"{name}: found values that are not numbers ({problem})", field=name) from None
    if array.ndim != 1:
        raise InputError(f"{name}: found {array.ndim} dimensions, wanted one", field=name)
    return np.ascontiguousarray(array)
