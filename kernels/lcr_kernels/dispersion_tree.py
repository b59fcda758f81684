"""Many lines at many receptors by their mean response: near ones by themselves, far ones by the square around them.

Source of the walk: Barnes and Hut (1986), A hierarchical O(N log N) force-calculation algorithm, Nature 324, 446-449.
A square stands for its lines when it looks small from the receptor: all of them within `opening` times its distance of
their centre. What that leaves out is of second order, since the centre is the lines' own.
"""

import math

import numpy as np

from lcr_kernels._jit import fused_kernel
from lcr_kernels.dispersion_plume import MINIMUM_DISTANCE_M, gauss_legendre, line_geometry
from lcr_kernels.dispersion_response import EVERY
from lcr_kernels.dispersion_rline_table import STEP

_NODES_1, _WEIGHTS_1 = gauss_legendre(1)
_NODES_2, _WEIGHTS_2 = gauss_legendre(2)
_NODES_4, _WEIGHTS_4 = gauss_legendre(4)
_PANEL = 1.0
"""Widest panel of four nodes in u, where s = foot + w sinh(u)."""
_FEW, _ONE = 0.4, 0.08
"""Widths in u below which two nodes and one do as well."""
_DEPTH = 256
"""Squares that may wait to be looked at: at most 3 a level and 4 at the last."""


@fused_kernel
def tree_concentration(
    receptors, lines, emission, first, last, child, centre, radius, cell_emission, response, opening, out
):
    """Mean concentration at receptors from a tree of lines, by class of hours.

    receptors      float64[receptor, 2]                x, y [m]
    lines          float64[line, 4]                    x0, y0, x1, y1 [m], in the order of the tree's leaves
    emission       float64[line, class, gas]           g/m/s
    first, last    int64[cell]                         lines of the cell; cell 0 holds all
    child          int64[cell, 4]                      cells inside it, -1 = none; a leaf has none
    centre         float64[cell, 2]                    centre of its emission [m]
    radius         float64[cell]                       distance of its farthest line end from there [m]
    cell_emission  float64[cell, class, gas]           g/s
    response       float64[node, direction, class]     of `mean_response`, a table a class
    opening        float64                             radius over distance below which a cell stands for its lines
    out            float64[receptor, class, gas]       µg/m³; overwritten. A receptor's sum runs in the tree's order.
    returns        int64                               lines and cells looked up
    """
    stack = np.empty(_DEPTH, dtype=np.int64)
    mean = np.empty(response.shape[2])
    looked_up = 0
    for r in range(receptors.shape[0]):
        out[r] = 0.0
        x, y = receptors[r, 0], receptors[r, 1]
        stack[0] = 0
        waiting = 1
        while waiting > 0:
            waiting -= 1
            cell = stack[waiting]
            to_x, to_y = x - centre[cell, 0], y - centre[cell, 1]
            if radius[cell] < opening * math.hypot(to_x, to_y):
                mean[:] = 0.0
                _add_point(to_x, to_y, 1e6, response, mean)
                _add_emission(mean, cell_emission[cell], out[r])
                looked_up += 1
                continue
            leaf = True
            for k in range(3, -1, -1):
                if child[cell, k] >= 0:
                    stack[waiting] = child[cell, k]
                    waiting += 1
                    leaf = False
            if leaf:
                for i in range(first[cell], last[cell]):
                    mean[:] = 0.0
                    _add_line(lines[i], x, y, response, mean)
                    _add_emission(mean, emission[i], out[r])
                    looked_up += 1
    return looked_up


@fused_kernel
def _add_emission(mean, emission, out):
    for p in range(mean.size):
        for gas in range(emission.shape[1]):
            out[p, gas] += mean[p] * emission[p, gas]


@fused_kernel
def _add_point(to_x, to_y, weight, response, mean):
    """Add the response to a source of `weight` µg/s from which the receptor lies at (to_x, to_y), µg/m³."""
    distance = max(math.hypot(to_x, to_y), MINIMUM_DISTANCE_M)
    directions = response.shape[1]
    position = math.log(distance) / (EVERY * STEP)
    node = min(int(position), response.shape[0] - 2)
    part = position - node
    angle = math.atan2(to_y, to_x) * (directions / (2.0 * math.pi))
    if angle < 0.0:
        angle += directions
    before = min(int(angle), directions - 1)
    after = before + 1 if before + 1 < directions else 0
    turn = angle - before
    weight /= distance
    w00 = weight * (1.0 - part) * (1.0 - turn)
    w01 = weight * (1.0 - part) * turn
    w10 = weight * part * (1.0 - turn)
    w11 = weight * part * turn
    a, b = response[node, before], response[node, after]
    c, d = response[node + 1, before], response[node + 1, after]
    for p in range(mean.size):
        mean[p] += w00 * a[p] + w01 * b[p] + w10 * c[p] + w11 * d[p]


@fused_kernel
def _add_line(line, x, y, response, mean):
    """Add the integral along a line of the response to 1 g/m/s, µg/m³."""
    length, tangent_x, tangent_y, foot, scale = line_geometry(line[0], line[1], line[2], line[3], x, y)
    if length == 0.0:
        return
    start = math.asinh(-foot / scale)
    stop = math.asinh((length - foot) / scale)
    panels = int((stop - start) / _PANEL) + 1
    half = 0.5 * (stop - start) / panels
    if 2.0 * half < _ONE:
        nodes, weights = _NODES_1, _WEIGHTS_1
    elif 2.0 * half < _FEW:
        nodes, weights = _NODES_2, _WEIGHTS_2
    else:
        nodes, weights = _NODES_4, _WEIGHTS_4
    to_x, to_y = x - line[0], y - line[1]
    for panel in range(panels):
        middle = start + half * (2 * panel + 1)
        for k in range(nodes.size):
            grown = math.exp(middle + half * nodes[k])
            shrunk = 1.0 / grown
            s = foot + 0.5 * scale * (grown - shrunk)
            weight = 1e6 * weights[k] * half * 0.5 * scale * (grown + shrunk)
            _add_point(to_x - s * tangent_x, to_y - s * tangent_y, weight, response, mean)
