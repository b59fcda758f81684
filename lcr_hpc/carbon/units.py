"""Conversions of the carbon model: here and nowhere else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

G_PER_KG = 1e3
G_PER_T = 1e6
M_PER_KM = 1e3
S_PER_H = 3600.0
KWH_PER_KTOE = 11.63e6
MJ_PER_KWH = 3.6
T_PER_KT = 1e3
UG_M3_PER_PPB_NO2 = 1.9125
"""At 20 °C and 1013 hPa; NOx is counted as NO2."""


def g_m_s(emission_g_h: NDArray[np.float64], length_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Strength of line sources, g/m/s, of links that emit `emission_g_h` g/h along `length_m` m."""
    return emission_g_h / (S_PER_H * length_m)


def co2_g_km(fuel_litre_km: NDArray[np.float64], co2_kg_litre: float) -> NDArray[np.float64]:
    """CO2 by distance, g/km, from fuel burnt by distance, litre/km."""
    return fuel_litre_km * co2_kg_litre * G_PER_KG
