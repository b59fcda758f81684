"""Emissions, slowly: one formula a line."""

from __future__ import annotations


def hot_factor(row, speed):
    v = min(max(speed, row["v_min_kmh"]), row["v_max_kmh"])
    above = row["alpha"] * v**2 + row["beta"] * v + row["gamma"] + row["delta"] / v
    below = row["epsilon"] * v**2 + row["zeta"] * v + row["eta"]
    return max(0.0, above / below * (1 - row["rf"]))


def link_emission(flows, speed, length_km, factors):
    """g/h of one link: `factors` is a function of speed for each class, returning g/km by pollutant."""
    total = 0.0
    for flow, factor in zip(flows, factors, strict=True):
        total = total + flow * length_km * factor(speed)
    return total
