"""A tree of squares over line sources: what far receptors see of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.errors import InputError

LEAF_LINES = 8
"""Lines that a square holds before it is cut in four."""
_LEVELS = 20
"""Times that the region may be halved: a square of 40 km then ends at 4 cm."""


@dataclass(frozen=True)
class SourceTree:
    """Lines in the order of the squares that hold them. Cell 0 holds all."""

    order: NDArray[np.int64]
    """[line], index of each line as given."""
    lines: NDArray[np.float64]
    """[line, 4], x0, y0, x1, y1, m."""
    emission_g_m_s: NDArray[np.float64]
    """[line, class, gas]."""
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    """[cell], lines of the cell: first to last - 1."""
    child: NDArray[np.int64]
    """[cell, 4], cells inside it, -1 = none."""
    centre: NDArray[np.float64]
    """[cell, 2], centre of its emission over classes and gases, each gas weighing the same, m."""
    radius_m: NDArray[np.float64]
    """[cell], distance of its farthest line end from there."""
    spread_m: NDArray[np.float64]
    """[cell], root mean square distance of its emission from there."""
    emission_g_s: NDArray[np.float64]
    """[cell, class, gas]."""


def source_tree(lines: NDArray[np.float64], emission_g_m_s: NDArray[np.float64]) -> SourceTree:
    """Sort lines into squares within squares.

    Parameters
    ----------
    lines : ndarray
        float64[line, 4], x0, y0, x1, y1, m; at least one.
    emission_g_m_s : ndarray
        float64[line, class, gas], g/m/s, not negative.

    Returns
    -------
    SourceTree
        The same for the same input: cells are numbered from the whole to the parts, from south-west to north-east.

    Raises
    ------
    InputError
        No line at all.
    """
    if not len(lines):
        raise InputError("network.zarr has no roads between different places: nothing to disperse; run spine again")
    middle = 0.5 * (lines[:, :2] + lines[:, 2:])
    code = _z_order(middle)
    order = np.argsort(code, kind="stable")
    code, lines, emission = code[order], lines[order], emission_g_m_s[order]
    first, last, child = _cut(code)
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    mass = emission * length[:, None, None]
    weight = _weight(mass)
    n_cell = first.size
    centre, radius, spread = np.empty((n_cell, 2)), np.empty(n_cell), np.empty(n_cell)
    cell_emission = np.empty((n_cell, *mass.shape[1:]))
    middle = middle[order]
    for cell in range(n_cell):
        mine = slice(first[cell], last[cell])
        cell_emission[cell] = mass[mine].sum(axis=0)
        share = weight[mine] / weight[mine].sum()
        centre[cell] = (share[:, None] * middle[mine]).sum(axis=0)
        ends = lines[mine].reshape(-1, 2, 2) - centre[cell]
        radius[cell] = np.hypot(ends[..., 0], ends[..., 1]).max()
        off = ((middle[mine] - centre[cell]) ** 2).sum(axis=1) + length[mine] ** 2 / 12.0
        spread[cell] = np.sqrt((share * off).sum())
    return SourceTree(order, lines, emission, first, last, child, centre, radius, spread, cell_emission)


def _weight(mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight of each line in its cell's centre; a line that emits nothing still has a little."""
    total = mass.sum(axis=(0, 1))
    weight = (mass.sum(axis=1) / np.where(total > 0, total, 1.0)).sum(axis=1)
    return np.asarray(weight + 1e-9 / weight.size, dtype=np.float64)


def _z_order(middle: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Place along a curve that fills a square before it leaves it."""
    low = middle.min(axis=0)
    side = max(float((middle.max(axis=0) - low).max()), 1.0) * (1 + 1e-12)
    step = ((middle - low) / side * 2**_LEVELS).astype(np.uint64)
    code = np.zeros(len(middle), dtype=np.uint64)
    for bit in range(_LEVELS):
        for axis in range(2):
            code |= ((step[:, axis] >> np.uint64(bit)) & np.uint64(1)) << np.uint64(2 * bit + axis)
    return code


def _cut(code: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Cells as ranges of the sorted codes, and their children."""
    first, last, child, level = [0], [code.size], [[-1] * 4], [_LEVELS]
    cell = 0
    while cell < len(first):
        if last[cell] - first[cell] > LEAF_LINES and level[cell] > 0:
            shift = np.uint64(2 * (level[cell] - 1))
            quadrant = (code[first[cell] : last[cell]] >> shift) & np.uint64(3)
            edges = first[cell] + np.searchsorted(quadrant, np.arange(5))
            for k in range(4):
                if edges[k + 1] > edges[k]:
                    child[cell][k] = len(first)
                    first.append(int(edges[k]))
                    last.append(int(edges[k + 1]))
                    child.append([-1] * 4)
                    level.append(level[cell] - 1)
        cell += 1
    return np.array(first), np.array(last), np.array(child)
