"""The mean response to a source over many hours, by distance and direction.

A mean over hours needs no hour at a receptor. With every source at one height, an hour's response depends on the
vector from source to receptor alone, so that all hours of one class of traffic add up to one table over distance and
direction, each with its own wind, stability and mixing height. A year of town then costs as much as a few hours.

Equations: R-LINE's, as in `dispersion_rline`; spreads and winds by distance, as in `dispersion_rline_table`.
"""

import math

import numpy as np

from lcr_kernels._jit import fused_kernel
from lcr_kernels.dispersion_plume import MINIMUM_DISTANCE_M
from lcr_kernels.dispersion_rline import met_state
from lcr_kernels.dispersion_rline_table import AXIS, DIRECT, STEP, WIDTH, fill_responses, fill_spreads

EVERY = 2
"""A node of the response to two of `STEP`: 8 % in distance. What is tabulated, response x distance, bends little."""
_SIGMAS = 6.0
"""Half width of a plume in standard deviations: what lies beyond is under exp(-18) = 1.5e-8 of its axis."""


@fused_kernel
def mean_response(met, height, initial, z, n_node, directions, response, strength):
    """Mean over some hours of the response to a point source of 1 g/s, times distance, by distance and direction.

    met         float64[hour, 8]            as of `rline_concentration`; no NaN
    height      float64                     of the source [m]
    initial     float64                     its own vertical spread [m]
    z           float64                     height of the receptor [m]
    n_node      int64                       nodes of distance: exp(EVERY STEP k) m, k = 0 …
    directions  int64                       nodes of direction, from source to receptor, anticlockwise from east
    response    float64[n_node, directions] g/m²; overwritten
    strength    float64[hour]               each hour's mean over all directions at the middle node; overwritten
    """
    fine = EVERY * (n_node - 1) + 2
    spreads = np.empty((fine, 3))
    plume = np.empty((fine, 3))
    meander = np.empty(fine)
    one_hour = np.empty(directions)
    response[:] = 0.0
    middle = n_node // 2
    turn = 2.0 * math.pi / directions
    for hour in range(met.shape[0]):
        state = met_state(met[hour])
        fill_spreads(height, initial, state, spreads)
        widest = fill_responses(height, z, state, spreads, plume, meander)
        downwind = math.radians(270.0 - met[hour, 5])
        wedge = int(math.atan(_SIGMAS * widest) / turn) + 2
        centre = math.floor(downwind / turn)
        for node in range(n_node):
            distance = math.exp(EVERY * STEP * node)
            one_hour[:] = meander[EVERY * node]
            direct = plume[EVERY * node, DIRECT]
            if direct > 0.0:
                # Beside the source the distance downwind is counted as 1 m at least, so that the wedge has a blunt tip.
                half = wedge if distance > _SIGMAS * widest + MINIMUM_DISTANCE_M else directions // 4 + 1
                for k in range(centre - half, centre + half + 2):
                    angle = k * turn - downwind
                    x = distance * math.cos(angle)
                    if x > 0.0:
                        value = _plume(x, distance * math.sin(angle), plume)
                        one_hour[k % directions] += direct * distance * value
            for k in range(directions):
                response[node, k] += one_hour[k]
            if node == middle:
                strength[hour] = one_hour.sum() / directions
    for node in range(n_node):
        for k in range(directions):
            response[node, k] /= met.shape[0]


@fused_kernel
def _plume(x, y, table):
    """Plume of 1 g/s that does not meander, at x downwind and y across, g/m³."""
    x = max(x, MINIMUM_DISTANCE_M)
    position = math.log(x) / STEP
    node = int(position)
    part = position - node
    sigma = x * (table[node, WIDTH] + part * (table[node + 1, WIDTH] - table[node, WIDTH]))
    if abs(y) > _SIGMAS * sigma:
        return 0.0
    axis = table[node, AXIS] + part * (table[node + 1, AXIS] - table[node, AXIS])
    return axis * math.exp(-0.5 * (y / sigma) ** 2) / sigma
