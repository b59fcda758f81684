"""Line-source dispersion by R-LINE's equations with tabulated spreads and winds: many lines, receptors and hours.

Three things make it fast. Spreads and winds come from a table by log distance. Meandering has no direction, so that one
set of points along a line serves all hours of a block, side by side in memory. A plume is integrated only over the
part of the line upwind of the receptor and within `reach` sigma_y of it.

What the reach leaves out of a source is less than exp(-reach²/2) of what the same source gives on its plume's axis
at that distance downwind: 1.5e-8 for 6.
"""

import math

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.dispersion_plume import MINIMUM_DISTANCE_M, gauss_legendre, line_geometry, within_cutoff
from lcr_kernels.dispersion_rline import met_state
from lcr_kernels.dispersion_rline_table import AXIS, DIRECT, STEP, WIDTH, fill_responses, fill_spreads, node_count

_HOURS = 32
"""Hours whose tables are kept at once: 32 of 289 nodes are 300 kB."""
_PANEL_MEANDER = 1.6
"""Width of a quadrature panel in u where no plume has to be seen."""
_PANEL_PLUME = 0.8
"""The same across a plume, unless the plume is narrower: it is about sigma_v/Ue wide in u."""
_NODES, _WEIGHTS = gauss_legendre(8)
_NODES_4, _WEIGHTS_4 = gauss_legendre(4)


@kernel
def rline_tabulated_concentration(lines, receptors, met, emission, reach, cutoff, out):
    """Concentration at receptors from line sources, hour by hour.

    lines      float64[line, 7]            x0, y0, x1, y1, height, width, initial sigma_z [m]
    receptors  float64[receptor, 3]        x, y, z [m]
    met        float64[hour, 8]            as of `rline_concentration`; no NaN
    emission   float64[hour, line, gas]    g/m/s
    reach      float64                     half width of a plume in sigma_y
    cutoff     float64                     sources farther than this from a receptor are left out [m]; inf = none
    out        float64[hour, receptor, gas]  µg/m³; overwritten. Each receptor's sum runs over lines in order.

    Neighbours in `lines` with equal height and sigma_z share a table, and so do neighbours in `receptors` with equal z:
    sort both, or a table is made for every line and receptor.
    """
    n_hour = met.shape[0]
    out[:] = 0.0
    if lines.shape[0] == 0 or receptors.shape[0] == 0:
        return
    n_node = node_count(lines, receptors)
    block = min(_HOURS, n_hour)
    spreads = np.empty((block, n_node, 3))
    plume = np.empty((block, n_node, 3))
    column = np.empty(n_node)
    meander = np.empty((n_node, block))
    wind = np.empty((block, 4))
    per_unit = np.empty(block)
    for first in range(0, n_hour, block):
        hours = min(block, n_hour - first)
        line_start = 0
        while line_start < lines.shape[0]:
            line_stop = _run(lines, 4, 6, line_start)
            height, initial = lines[line_start, 4], lines[line_start, 6]
            for hour in range(hours):
                fill_spreads(height, initial, met_state(met[first + hour]), spreads[hour])
            start = 0
            while start < receptors.shape[0]:
                stop = _run(receptors, 2, 2, start)
                for hour in range(hours):
                    state = met_state(met[first + hour])
                    widest = fill_responses(height, receptors[start, 2], state, spreads[hour], plume[hour], column)
                    meander[:, hour] = column
                    wind[hour, 0], wind[hour, 1], wind[hour, 3] = state[8], state[9], widest
                    # No lower limit, unlike the full form: the reach bounds the number of panels.
                    wind[hour, 2] = min(_PANEL_PLUME, 5.0 * state[5] / max(met[first + hour, 4], state[6]))
                for r in range(start, stop):
                    for i in range(line_start, line_stop):
                        if _line_responses(
                            lines[i], receptors[r], reach, cutoff, hours, wind, plume, meander, per_unit
                        ):
                            for hour in range(hours):
                                for gas in range(out.shape[2]):
                                    out[first + hour, r, gas] += 1e6 * emission[first + hour, i, gas] * per_unit[hour]
                start = stop
            line_start = line_stop


@kernel
def _run(rows, a, b, start):
    """End of the run of rows that have the same columns a and b as row `start`."""
    stop = start + 1
    while stop < rows.shape[0] and rows[stop, a] == rows[start, a] and rows[stop, b] == rows[start, b]:
        stop += 1
    return stop


@kernel
def _line_responses(line, receptor, reach, cutoff, hours, wind, plume, meander, per_unit):
    """Integral along a line of the response to 1 g/m/s in each hour, g/m³; False when the line is out of reach."""
    length, tangent_x, tangent_y, foot, scale = line_geometry(
        line[0], line[1], line[2], line[3], receptor[0], receptor[1]
    )
    low, high = within_cutoff(length, foot, scale, cutoff)
    if low >= high:
        return False
    to_x, to_y = receptor[0] - line[0], receptor[1] - line[1]
    _add_meander(to_x, to_y, tangent_x, tangent_y, low, high, foot, scale, hours, meander, per_unit)
    for hour in range(hours):
        down_x, down_y = wind[hour, 0], wind[hour, 1]
        x0 = to_x * down_x + to_y * down_y
        y0 = to_y * down_x - to_x * down_y
        along = tangent_x * down_x + tangent_y * down_y
        across = tangent_y * down_x - tangent_x * down_y
        initial_y = abs(0.5 * line[5] * along)
        near, far = _upwind(x0, y0, along, across, reach * wind[hour, 3], reach * initial_y, low, high)
        if near < far:
            per_unit[hour] += _plume(
                x0, y0, along, across, near, far, foot, scale, wind[hour, 2], initial_y, plume[hour]
            )
    return True


@kernel
def _add_meander(to_x, to_y, tangent_x, tangent_y, low, high, foot, scale, hours, table, per_unit):
    """Set `per_unit` to the meandering part of each hour: the points along the line are the same for all."""
    for hour in range(hours):
        per_unit[hour] = 0.0
    start = math.asinh((low - foot) / scale)
    stop = math.asinh((high - foot) / scale)
    panels = int((stop - start) / _PANEL_MEANDER) + 1
    half = 0.5 * (stop - start) / panels
    few = 4.0 * half < _PANEL_MEANDER
    nodes, weights = (_NODES_4, _WEIGHTS_4) if few else (_NODES, _WEIGHTS)
    for panel in range(panels):
        middle = start + half * (2 * panel + 1)
        for k in range(nodes.size):
            u = middle + half * nodes[k]
            s = foot + scale * math.sinh(u)
            distance = max(math.hypot(to_x - s * tangent_x, to_y - s * tangent_y), MINIMUM_DISTANCE_M)
            position = math.log(distance) / STEP
            node = int(position)
            weight = weights[k] * half * scale * math.cosh(u) / distance
            upper = weight * (position - node)
            lower = weight - upper
            for hour in range(hours):
                per_unit[hour] += lower * table[node, hour] + upper * table[node + 1, hour]


@kernel
def _upwind(x0, y0, along, across, k, margin, low, high):
    """Part of a line that is upwind and within |y| <= k max(x, 1 m) + margin of a receptor; near >= far if none."""
    rest_left = y0 + k * (x0 + MINIMUM_DISTANCE_M) + margin
    rest_right = k * (x0 + MINIMUM_DISTANCE_M) - y0 + margin
    for slope, rest in ((along, x0), (across + k * along, rest_left), (k * along - across, rest_right)):
        if slope > 0.0:
            high = min(high, rest / slope)
        elif slope < 0.0:
            low = max(low, rest / slope)
        elif rest <= 0.0:
            return 0.0, 0.0
    return low, high


@kernel
def _plume(x0, y0, along, across, low, high, foot, scale, panel_width, initial_y, table):
    """Integrate the plumes of the part of a line from `low` to `high` m, of 1 g/m/s, g/m³."""
    start = math.asinh((low - foot) / scale)
    stop = math.asinh((high - foot) / scale)
    panels = int((stop - start) / panel_width) + 1
    half = 0.5 * (stop - start) / panels
    few = 4.0 * half < panel_width
    nodes, weights = (_NODES_4, _WEIGHTS_4) if few else (_NODES, _WEIGHTS)
    total = 0.0
    for panel in range(panels):
        middle = start + half * (2 * panel + 1)
        for j in range(nodes.size):
            grown = math.exp(middle + half * nodes[j])
            shrunk = 1.0 / grown
            s = foot + 0.5 * scale * (grown - shrunk)
            x = x0 - s * along
            y = y0 - s * across
            square = x * x + y * y
            x = max(x, MINIMUM_DISTANCE_M)
            position = math.log(x) / STEP
            node = int(position)
            part = position - node
            sigma = x * (table[node, WIDTH] + part * (table[node + 1, WIDTH] - table[node, WIDTH]))
            axis = table[node, AXIS] + part * (table[node + 1, AXIS] - table[node, AXIS])
            variance = sigma * sigma + initial_y * initial_y
            position = 0.5 * math.log(max(square, 1.0)) / STEP
            node = int(position)
            part = position - node
            direct = table[node, DIRECT] + part * (table[node + 1, DIRECT] - table[node, DIRECT])
            value = direct * axis * math.exp(-0.5 * y * y / variance) / math.sqrt(variance)
            total += weights[j] * (grown + shrunk) * value
    return 0.5 * half * scale * total
