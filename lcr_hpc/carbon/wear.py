"""PM2.5 from tyres, brakes and the road surface by speed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.carbon.tables import coefficient_table

HALF_LADEN = 0.5
"""Load of goods vehicles and buses as a share of the full load, as in the exhaust factors (an assumption)."""


def wear_pm25_g_km(
    vehicle_class: str,
    axles: float,
    speed_km_h: NDArray[np.float64],
    load: float = HALF_LADEN,
    folder: Path | None = None,
) -> NDArray[np.float64]:
    """PM2.5 worn off by a vehicle, g/km.

    Parameters
    ----------
    vehicle_class : str
        car, lgv or heavy, as in nonexhaust_pm.csv.
    axles : float
        Number of axles: tyre wear of heavy vehicles goes with axles / 2.
    speed_km_h : ndarray
        float64[speed].
    load : float
        Share of the full load, heavy vehicles alone.
    folder : Path, optional
        Folder of the coefficient tables.

    Notes
    -----
    Source: EMEP/EEA guidebook 2019, 1.A.3.b.vi-vii, Tier 2. Resuspended dust is not in it.
    """
    table = coefficient_table("nonexhaust_pm", folder)
    out = np.zeros(len(speed_km_h))
    for row in table[table["vehicle_class"] == vehicle_class].to_dict("records"):
        between = row["factor_between_constant"] + row["factor_between_slope"] * speed_km_h
        by_speed = np.where(
            speed_km_h < row["speed_low_kmh"],
            row["factor_below"],
            np.where(speed_km_h <= row["speed_high_kmh"], between, row["factor_above"]),
        )
        by_load = row["load_constant"] + row["load_slope"] * load
        by_axles = axles / 2 if row["per_axle_pair"] == "yes" else 1.0
        out += row["tsp_g_per_km"] * row["pm25_fraction"] * by_load * by_axles * by_speed
    return out
