"""Finite line sources as Gaussian plumes with Briggs' urban spreads: the simple model, and a cross-check of R-LINE.

Source of the spreads: Briggs (1973), urban, by Pasquill class, as in US EPA's ISC and AERMOD line of models:
σ = c0 x (1 + c1 x)^c2, x in m, from about 0.1 to 10 km. Coefficients come in from outside.
"""

import math

from lcr_kernels._jit import kernel
from lcr_kernels.dispersion_plume import MINIMUM_DISTANCE_M, gauss_legendre, line_geometry, vertical_term, within_cutoff

_NODES, _WEIGHTS = gauss_legendre(8)
_PANEL = 1.0
"""Width of a quadrature panel in u; tests compare it with adaptive quadrature."""
_WEDGE = 6.0
"""Sources more than six sigma_y across the wind are left out: exp(-18) = 2e-8 of the centre line."""
_SQRT_2PI = math.sqrt(2.0 * math.pi)


@kernel
def briggs_sigma(x, coefficients):
    """Spread c0 x (1 + c1 x)^c2 in m at downwind distance x [m]; coefficients float64[3] = c0, c1, c2."""
    return coefficients[0] * x * (1.0 + coefficients[1] * x) ** coefficients[2]


@kernel
def briggs_concentration(lines, receptors, met, sigma_y, sigma_z, emission, cutoff, out):
    """Concentration at receptors from line sources, hour by hour.

    lines      float64[line, 7]            x0, y0, x1, y1, height, width (not used), initial sigma_z [m]
    receptors  float64[receptor, 3]        x, y, z [m]
    met        float64[hour, 3]            wind speed [m/s], where it comes from [deg], mixing height [m] (inf = none)
    sigma_y    float64[hour, 3]            Briggs coefficients of the hour's stability class
    sigma_z    float64[hour, 3]
    emission   float64[hour, line, gas]    g/m/s
    cutoff     float64                     sources farther than this from a receptor are left out [m]; inf = none
    out        float64[hour, receptor, gas]  µg/m³; overwritten. Each receptor's sum runs over lines in order.
    """
    n_hour, n_line, n_gas = emission.shape
    out[:] = 0.0
    for r in range(receptors.shape[0]):
        for i in range(n_line):
            geometry = line_geometry(
                lines[i, 0], lines[i, 1], lines[i, 2], lines[i, 3], receptors[r, 0], receptors[r, 1]
            )
            low, high = within_cutoff(geometry[0], geometry[3], geometry[4], cutoff)
            if low >= high:
                continue
            for hour in range(n_hour):
                theta = math.radians(270.0 - met[hour, 1])
                per_unit = _line_integral(
                    lines[i],
                    receptors[r],
                    geometry,
                    low,
                    high,
                    math.cos(theta),
                    math.sin(theta),
                    met[hour, 2],
                    sigma_y[hour],
                    sigma_z[hour],
                )
                if per_unit == 0.0:
                    continue
                per_unit *= 1e6 / met[hour, 0]
                for gas in range(n_gas):
                    out[hour, r, gas] += emission[hour, i, gas] * per_unit


@kernel
def _line_integral(line, receptor, geometry, low, high, down_x, down_y, lid, sigma_y, sigma_z):
    """Integral of 1 g/m/s over the part of a line in the wedge upwind of the receptor, at a wind of 1 m/s, g/m³."""
    _, tangent_x, tangent_y, foot, scale = geometry
    to_x = receptor[0] - line[0]
    to_y = receptor[1] - line[1]
    # Downwind and crosswind distance of the source at s are x0 - s along and y0 - s across.
    x0 = to_x * down_x + to_y * down_y
    y0 = to_y * down_x - to_x * down_y
    along = tangent_x * down_x + tangent_y * down_y
    across = tangent_y * down_x - tangent_x * down_y
    # σy <= c0 x, so the wedge |y| <= k (x + 1 m) holds all that matters; each side of it is a half line in s.
    k = _WEDGE * sigma_y[0]
    reach = k * MINIMUM_DISTANCE_M
    for slope, rest in (
        (along, x0),
        (across + k * along, y0 + k * x0 + reach),
        (k * along - across, k * x0 - y0 + reach),
    ):
        if slope > 0.0:
            high = min(high, rest / slope)
        elif slope < 0.0:
            low = max(low, rest / slope)
        elif rest < 0.0:
            return 0.0
    if low >= high:
        return 0.0
    start = math.asinh((low - foot) / scale)
    stop = math.asinh((high - foot) / scale)
    panels = int((stop - start) / _PANEL) + 1
    half = 0.5 * (stop - start) / panels
    total = 0.0
    for panel in range(panels):
        middle = start + half * (2 * panel + 1)
        for node in range(_NODES.size):
            u = middle + half * _NODES[node]
            s = foot + scale * math.sinh(u)
            x = max(x0 - s * along, MINIMUM_DISTANCE_M)
            y = y0 - s * across
            spread_y = briggs_sigma(x, sigma_y)
            spread_z = math.sqrt(briggs_sigma(x, sigma_z) ** 2 + line[6] * line[6])
            value = vertical_term(receptor[2], line[4], spread_z, lid) * math.exp(-0.5 * (y / spread_y) ** 2) / spread_y
            total += _WEIGHTS[node] * half * scale * math.cosh(u) * value
    return total / _SQRT_2PI
