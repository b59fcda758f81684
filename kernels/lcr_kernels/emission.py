"""Emission factors by speed, and the emissions of links by looking them up."""

import math

from lcr_kernels._jit import fused_kernel, kernel


@kernel
def hot_factor(coefficients, speed_km_h, out):
    """Hot emission factors of the EMEP/EEA form, a row of coefficients by a column of speeds.

    coefficients  float64[row, 10]     v_min, v_max [km/h], alpha, beta, gamma, delta, epsilon, zeta, eta, rf; v_min may
                                       be 0 where delta is
    speed_km_h    float64[speed]       clipped to each row's range
    out           float64[row, speed]  g/km, or MJ/km for energy; overwritten; never below 0

    EF = (alpha v² + beta v + gamma + delta/v) / (epsilon v² + zeta v + eta) (1 - rf). The reduction rf may be negative.
    Source: EMEP/EEA air pollutant emission inventory guidebook 2019, 1.A.3.b.i-iv, Tier 3.
    """
    for row in range(coefficients.shape[0]):
        v_min, v_max, alpha, beta, gamma, delta, epsilon, zeta, eta, rf = coefficients[row]
        for k in range(speed_km_h.size):
            v = min(max(speed_km_h[k], v_min), v_max)
            over = delta / v if delta != 0.0 else 0.0  # mopeds' rows begin at 0 km/h, and have no delta
            factor = (alpha * v * v + beta * v + gamma + over) / (epsilon * v * v + zeta * v + eta) * (1.0 - rf)
            out[row, k] = max(factor, 0.0)


@fused_kernel
def link_emission(flow_veh_h, speed_km_h, length_km, curve, table, out):
    """Emission of each link: flow x length x factor, the factor interpolated between whole km/h.

    flow_veh_h  float64[class, link]           veh/h
    speed_km_h  float64[link]                  km/h, clipped to the table's 1 to n km/h; no NaN where there is flow
    length_km   float64[link]                  km
    curve       int64[class, link]             row of `table` that the link's flow of that class has
    table       float64[n, curve, 4 groups]    g/km per vehicle at 1, 2 … n km/h; pollutants filled up to fours
    out         float64[link, pollutant]       g/h; overwritten. A link's sum runs over classes in order.

    All of a link's factors lie side by side, and four sums are kept in registers: half the time of a sum by pollutant.
    """
    last = table.shape[0] - 1
    n_class = flow_veh_h.shape[0]
    n_pollutant = out.shape[1]
    for i in range(flow_veh_h.shape[1]):
        # A link without speed may only be one that nothing drives on: its place in the table is then of no matter.
        position = 0.0 if math.isnan(speed_km_h[i]) else min(max(speed_km_h[i] - 1.0, 0.0), float(last))
        low = min(int(position), last - 1)
        above = length_km[i] * (position - low)
        below = length_km[i] - above
        for first in range(0, n_pollutant, 4):
            sum0 = sum1 = sum2 = sum3 = 0.0
            for k in range(n_class):
                row = curve[k, i]
                lower = flow_veh_h[k, i] * below
                upper = flow_veh_h[k, i] * above
                sum0 += lower * table[low, row, first] + upper * table[low + 1, row, first]
                sum1 += lower * table[low, row, first + 1] + upper * table[low + 1, row, first + 1]
                sum2 += lower * table[low, row, first + 2] + upper * table[low + 1, row, first + 2]
                sum3 += lower * table[low, row, first + 3] + upper * table[low + 1, row, first + 3]
            out[i, first] = sum0
            if first + 1 < n_pollutant:
                out[i, first + 1] = sum1
            if first + 2 < n_pollutant:
                out[i, first + 2] = sum2
            if first + 3 < n_pollutant:
                out[i, first + 3] = sum3
