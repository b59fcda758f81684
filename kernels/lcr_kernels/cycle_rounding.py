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
    """Cells that are not yet whole, linked in rising order within each margin cell.

    That order makes cycles short, mostly of four cells: margin cells that are alike lead to the same first open cells.

    head          int64[margin cell]  first open cell; −1 = none
    after, before int64[2, cell]      next and previous open cell by margin; −1 = none
    """

    head: np.ndarray
    after: np.ndarray
    before: np.ndarray


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
    still = Open(np.full(nodes, -1, np.int64), np.empty((2, cells), np.int64), np.empty((2, cells), np.int64))
    for k in range(nodes):
        previous = -1
        for at in range(start[k], start[k + 1]):
            c = order[at]
            m = 0 if ends[0, c] == k else 1
            still.before[m, c] = previous
            still.after[m, c] = -1
            if previous < 0:
                still.head[k] = c
            else:
                still.after[m, previous] = c
            previous = c
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
            cell = still.head[node]
            if cell >= 0 and cell == came:
                cell = still.after[0 if ends[0, cell] == node else 1, cell]
            if cell < 0:
                place[node] = -1
                if length == 0:
                    break
                # Alone in its sum: whole but for what the fit left open.
                length -= 1
                _close(came, part, count, ends, still)
                continue
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
    """Make a cell whole, and take it off the lists of open ones."""
    if part[cell] > 0.5:
        count[cell] += 1
    for m in range(2):
        before, after = still.before[m, cell], still.after[m, cell]
        if before < 0:
            still.head[ends[m, cell]] = after
        else:
            still.after[m, before] = after
        if after >= 0:
            still.before[m, after] = before
