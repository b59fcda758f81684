"""Unbiased rounding of a table that two margins hold: by chance, along cycles, every sum kept.

Cox 1987, A constructive procedure for unbiased controlled rounding, J Am Stat Assoc 82:520-524. A cell that is not
yet whole joins a cell of one margin to a cell of the other. Since the sums are whole, such joins close to cycles; along
a cycle some parts rise and the others fall by as much, until one is whole. Up or down is chosen so that the mean change
is 0.
"""

import math
from typing import NamedTuple

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.philox import STREAM_ROUNDING, uniform_pair

WHOLE = 1e-7
"""Parts this near to 0 or 1 are whole: what a fit leaves open."""


class Open(NamedTuple):
    """Cells that are not yet whole, by margin cell.

    cell    int64[2 · cell]       open cells of margin cell k: cell[start[k]:start[k] + count[k]]
    place   int64[2, cell]        where a cell stands in that list, by margin
    start   int64[margin cell+1]
    count   int64[margin cell]
    """

    cell: np.ndarray
    place: np.ndarray
    start: np.ndarray
    count: np.ndarray


@kernel
def round_along_cycles(fitted, ends, start, order, item, seed, count):
    """Round one zone's table; each count is the floor or the ceiling of the fitted number, which is its expectation.

    Parameters
    ----------
    fitted : float64[cell]
        Whose sums over both margins are whole.
    ends : int32[2, cell]
        Margin cells that a cell belongs to, counted on through both margins.
    start : int64[margin cell + 1]
        Cells of margin cell k: order[start[k]:start[k + 1]].
    order : int64[2 · cell]
    item : int
        Number of the zone, which names its random numbers.
    seed : uint64
    count : int32[cell]
        Out.
    """
    cells, nodes = fitted.size, start.size - 1
    part = np.empty(cells)
    still = Open(order.copy(), np.empty((2, cells), np.int64), start, np.diff(start))
    for k in range(nodes):
        for at in range(start[k], start[k + 1]):
            c = order[at]
            still.place[0 if ends[0, c] == k else 1, c] = at
    for c in range(cells):
        whole = math.floor(fitted[c] + WHOLE)
        count[c] = int(whole)
        part[c] = fitted[c] - whole
        if part[c] < WHOLE:
            _close(c, part, count, ends, still)
    place = np.full(nodes, -1, np.int64)
    path_node = np.empty(nodes + 1, np.int64)
    path_cell = np.empty(nodes + 1, np.int64)
    cycles, one, two = 0, 0.0, 0.0
    for first in range(nodes):
        length = 0
        path_node[0] = first
        place[first] = 0
        while True:
            node = path_node[length]
            came = path_cell[length - 1] if length > 0 else -1
            left = still.count[node]
            if left == 0 or (left == 1 and length > 0):
                place[node] = -1
                if length == 0:
                    break
                # Alone in its sum: whole but for what the fit left open.
                length -= 1
                _close(came, part, count, ends, still)
                continue
            cell = still.cell[start[node]]
            if cell == came:
                cell = still.cell[start[node] + 1]
            path_cell[length] = cell
            to = ends[0, cell] + ends[1, cell] - node
            if place[to] < 0:
                length += 1
                path_node[length] = to
                place[to] = length
                continue
            if cycles % 2 == 0:
                one, two = uniform_pair(seed, STREAM_ROUNDING, item, cycles >> 1)
            _turn(path_cell, place[to], length, part, count, ends, still, one if cycles % 2 == 0 else two)
            cycles += 1
            while path_node[length] != to:
                place[path_node[length]] = -1
                length -= 1


@kernel
def _turn(path_cell, first, last, part, count, ends, still, u):
    """Raise every other cell of a cycle and lower the rest, or the other way round, until one is whole."""
    up, down = 1.0, 1.0
    for at in range(first, last + 1):
        p = part[path_cell[at]]
        if (at - first) % 2 == 0:
            up, down = min(up, 1.0 - p), min(down, p)
        else:
            up, down = min(up, p), min(down, 1.0 - p)
    change = up if u * (up + down) < down else -down
    for at in range(first, last + 1):
        cell = path_cell[at]
        part[cell] += change if (at - first) % 2 == 0 else -change
        if part[cell] < WHOLE or part[cell] > 1.0 - WHOLE:
            _close(cell, part, count, ends, still)


@kernel
def _close(cell, part, count, ends, still):
    """Make a cell whole; the last open cell of each of its margin cells takes its place among the open ones."""
    if part[cell] > 0.5:
        count[cell] += 1
    for m in range(2):
        node = ends[m, cell]
        still.count[node] -= 1
        at, last = still.place[m, cell], still.start[node] + still.count[node]
        moved = still.cell[last]
        still.cell[at] = moved
        still.place[m, moved] = at
