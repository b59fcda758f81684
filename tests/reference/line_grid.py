"""Lines onto a grid, slowly: shapely cuts each line by each cell."""

from __future__ import annotations

import numpy as np
from shapely.geometry import LineString, box


def grid_lines(x0, y0, x1, y1, mass, x_edges, y_edges):
    grid = np.zeros((len(y_edges) - 1, len(x_edges) - 1))
    for a, b, c, d, m in zip(x0, y0, x1, y1, mass, strict=True):
        line = LineString([(a, b), (c, d)])
        for j in range(grid.shape[0]):
            for i in range(grid.shape[1]):
                cell = box(x_edges[i], y_edges[j], x_edges[i + 1], y_edges[j + 1])
                grid[j, i] += m * line.intersection(cell).length / line.length
    return grid
