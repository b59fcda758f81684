"""Emission factors by speed, and the emissions of links by looking them up."""

import math

from lcr_kernels._jit import kernel


@kernel
def hot_factor(coefficients, speed_km_h, out):
    """Hot emission factors of the EMEP/EEA form, a row of coefficients by a column of speeds.

    coefficients  float64[row, 10]     v_min, v_max [km/h], alpha, beta, gamma, delta, epsilon, zeta, eta, rf
    speed_km_h    float64[speed]       clipped to each row's range
    out           float64[row, speed]  g/km, or MJ/km for energy; overwritten; never below 0

    EF = (alpha v² + beta v + gamma + delta/v) / (epsilon v² + zeta v + eta) (1 - rf). The reduction rf may be negative.
    Source: EMEP/EEA air pollutant emission inventory guidebook 2019, 1.A.3.b.i-iv, Tier 3.
    """
    for row in range(coefficients.shape[0]):
        v_min, v_max, alpha, beta, gamma, delta, epsilon, zeta, eta, rf = coefficients[row]
        for k in range(speed_km_h.size):
            v = min(max(speed_km_h[k], v_min), v_max)
            factor = (alpha * v * v + beta * v + gamma + delta / v) / (epsilon * v * v + zeta * v + eta) * (1.0 - rf)
            out[row, k] = max(factor, 0.0)


@kernel
def link_emission(flow_veh_h, speed_km_h, length_km, curve, table, out):
    """Emission of each link: flow x length x factor, the factor interpolated between whole km/h.

    flow_veh_h  float64[class, link]           veh/h
    speed_km_h  float64[link]                  km/h, clipped to the table's 1 to n km/h; no NaN where there is flow
    length_km   float64[link]                  km
    curve       int64[class, link]             row of `table` that the link's flow of that class has
    table       float64[curve, n, pollutant]   g/km per vehicle at 1, 2 … n km/h
    out         float64[link, pollutant]       g/h; overwritten. A link's sum runs over classes in order.
    """
    last = table.shape[1] - 1
    for i in range(flow_veh_h.shape[1]):
        # A link without speed may only be one that nothing drives on: its place in the table is then of no matter.
        position = 0.0 if math.isnan(speed_km_h[i]) else min(max(speed_km_h[i] - 1.0, 0.0), float(last))
        low = min(int(position), last - 1)
        share = position - low
        for pollutant in range(table.shape[2]):
            out[i, pollutant] = 0.0
        for k in range(flow_veh_h.shape[0]):
            activity = flow_veh_h[k, i] * length_km[i]
            if activity == 0.0:
                continue
            row = curve[k, i]
            for pollutant in range(table.shape[2]):
                factor = (1.0 - share) * table[row, low, pollutant] + share * table[row, low + 1, pollutant]
                out[i, pollutant] += activity * factor
