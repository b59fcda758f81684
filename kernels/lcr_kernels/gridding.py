"""Lines onto a grid: the exact length of each line in each cell, by walking from cell to cell.

Source of the walk: Amanatides and Woo (1987), A fast voxel traversal algorithm for ray tracing, Eurographics '87.
"""

import math

import numpy as np

from lcr_kernels._jit import kernel


@kernel
def grid_line_mass(x0, y0, x1, y1, mass, x_edges, y_edges, grid, outside):
    """Share each line's mass among the cells that it crosses, in proportion to the length in the cell.

    x0, y0, x1, y1  float64[line]  ends [m]; no NaN
    mass            float64[line]  any unit
    x_edges         float64[x+1]   strictly increasing [m]
    y_edges         float64[y+1]
    grid            float64[y, x]  unit of `mass`; added to, line by line in order
    outside         float64[line]  unit of `mass`; what lay outside the grid; overwritten

    A cell holds its lower edges, and the last cell its upper edge too. A line without length puts all in one cell.
    """
    for i in range(x0.size):
        start, stop = clip_to_box(x0[i], y0[i], x1[i], y1[i], x_edges[0], x_edges[-1], y_edges[0], y_edges[-1])
        if start > stop:
            outside[i] = mass[i]
        else:
            point = start == stop and x0[i] == x1[i] and y0[i] == y1[i]
            outside[i] = 0.0 if point else mass[i] * (start + (1.0 - stop))
            _walk(x0[i], y0[i], x1[i] - x0[i], y1[i] - y0[i], start, stop, mass[i], x_edges, y_edges, grid, point)


@kernel
def clip_to_box(x0, y0, x1, y1, x_low, x_high, y_low, y_high):
    """Part [start, stop] of a line, as fractions of it, inside a closed box; start > stop when it misses the box.

    Source: Liang and Barsky (1984), A new concept and method for line clipping, ACM Transactions on Graphics 3.
    """
    start, stop = 0.0, 1.0
    if min(x0, x1) >= x_low and max(x0, x1) <= x_high and min(y0, y1) >= y_low and max(y0, y1) <= y_high:
        # Nearly every line of a city: no division.
        return (0.0, 0.0) if x0 == x1 and y0 == y1 else (0.0, 1.0)
    for origin, step, low, high in ((x0, x1 - x0, x_low, x_high), (y0, y1 - y0, y_low, y_high)):
        if step == 0.0:
            if origin < low or origin > high:
                return 1.0, 0.0
        else:
            near = (low - origin) / step
            far = (high - origin) / step
            start = max(start, min(near, far))
            stop = min(stop, max(near, far))
    if x0 == x1 and y0 == y1:
        return 0.0, 0.0
    return start, stop


@kernel
def _walk(x0, y0, dx, dy, start, stop, mass, x_edges, y_edges, grid, point):
    """Walk from the cell at `start` to the one at `stop`; the shares add to stop - start but for rounding."""
    column = _cell(x0 + start * dx, x_edges)
    row = _cell(y0 + start * dy, y_edges)
    if point:
        grid[row, column] += mass
        return
    step_x = 1 if dx > 0.0 else -1
    step_y = 1 if dy > 0.0 else -1
    # Each crossing is computed from its own edge, never by adding steps: errors do not grow along a long line.
    t_x = _crossing(x0, dx, column, x_edges)
    t_y = _crossing(y0, dy, row, y_edges)
    t = start
    while True:
        following = max(t, min(t_x, t_y, stop))
        grid[row, column] += mass * (following - t)
        t = following
        if t >= stop:
            return
        next_column = column + (step_x if t_x <= t else 0)
        next_row = row + (step_y if t_y <= t else 0)
        if next_column < 0 or next_row < 0 or next_column == x_edges.size - 1 or next_row == y_edges.size - 1:
            # What rounding leaves between the last edge and the clipped end belongs to the last cell.
            grid[row, column] += mass * (stop - t)
            return
        if next_column != column:
            column = next_column
            t_x = _crossing(x0, dx, column, x_edges)
        if next_row != row:
            row = next_row
            t_y = _crossing(y0, dy, row, y_edges)


@kernel
def _cell(position, edges):
    """Index of the cell that holds a position; the ends are closed."""
    last = edges.size - 2
    # Where all cells are of one size the guess is right or one off; a search by halves costs as much as the whole walk.
    guess = int((position - edges[0]) / (edges[-1] - edges[0]) * (last + 1))
    guess = min(max(guess, 0), last)
    for cell in (guess, guess - 1, guess + 1):
        if 0 <= cell <= last and edges[cell] <= position < edges[cell + 1]:
            return cell
    return min(max(np.searchsorted(edges, position, side="right") - 1, 0), last)


@kernel
def _crossing(origin, step, cell, edges):
    """Fraction of the line at which it leaves a cell along one axis; infinite when it never does."""
    if step > 0.0:
        return (edges[cell + 1] - origin) / step
    if step < 0.0:
        return (edges[cell] - origin) / step
    return math.inf
