"""What R-LINE needs of an hour's air, from what a weather feed has: wind, stability class and mixing height."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lcr_hpc.carbon.meteorology import obukhov_length
from lcr_hpc.carbon.tables import Table, columns
from lcr_hpc.errors import InputError, raise_all

WIND_HEIGHT_M = 10.0
"""Height of the wind in the weather store."""
LEAST_SIGMA_V_M_S = 0.2
"""Sideways turbulence never ceases: AERMOD's and R-LINE's own lower limit."""
_VON_KARMAN = 0.4
_DISPLACEMENT = 5.0
"""Displacement height in roughness lengths, as in R-LINE."""


def surface_layer(
    weather: Table, roughness_m: float, minimum_wind_m_s: float, folder: Path | None = None
) -> pd.DataFrame:
    """Friction velocity, Obukhov length and turbulence of each hour.

    Parameters
    ----------
    weather : DataFrame or mapping of columns
        A row an hour: wind_speed_m_s at 10 m, wind_from_deg, mixing_height_m, stability_class (0 = A to 5 = F).
    roughness_m : float
        Roughness length of the ground that the wind blows over, m; the wind is taken as measured over it.
    minimum_wind_m_s : float
        Slower winds, calms too, are computed at this speed.
    folder : Path, optional
        Folder of the coefficient tables.

    Returns
    -------
    DataFrame
        A row an hour with the columns that `line_source_concentration` wants of "rline", and stability_class.

    Raises
    ------
    InputError
        Values that are missing, a class that is none, a roughness that leaves no wind at 10 m.

    Notes
    -----
    L = k z0^p by Pasquill class (pasquill_obukhov.csv), neutral air infinite. The log law of R-LINE, solved for the
    friction velocity: u* = 0.4 U / (ln((10 - d)/z0) - ψ(10 - d) + ψ(z0)), d = 5 z0. Convective velocity
    w* = u* (zi / (0.4 |L|))^⅓ in unstable air, else none. σv = max(√((0.6 w*)² + (1.9 u*)²), 0.2 m/s): R-LINE's own
    rule, and AERMOD's (σv² = 3.6 u*² + 0.35 w*²) to two digits.
    """
    values = columns(weather, ("wind_speed_m_s", "wind_from_deg", "mixing_height_m", "stability_class"), "weather")
    raise_all(_problems(values, roughness_m, minimum_wind_m_s), InputError)
    speed, direction, lid, stability = values.T
    speed = np.maximum(speed, minimum_wind_m_s)
    length = obukhov_length(stability.astype(np.int64), roughness_m, folder)
    above = WIND_HEIGHT_M - _DISPLACEMENT * roughness_m
    shape = np.log(above / roughness_m) - _psi(above, length) + _psi(roughness_m, length)
    ustar = _VON_KARMAN * speed / shape
    with np.errstate(divide="ignore"):
        wstar = np.where(length < 0, ustar * np.cbrt(lid / (_VON_KARMAN * np.abs(length))), 0.0)
    return pd.DataFrame(
        {
            "ustar_m_s": ustar,
            "obukhov_m": length,
            "z0_m": roughness_m,
            "mixing_height_m": lid,
            "wind_speed_m_s": speed,
            "wind_from_deg": direction,
            "reference_height_m": WIND_HEIGHT_M,
            "sigma_v_m_s": np.maximum(np.hypot(0.6 * wstar, 1.9 * ustar), LEAST_SIGMA_V_M_S),
            "stability_class": stability.astype(np.int64),
        }
    )


def _psi(z: float, length: NDArray[np.float64]) -> NDArray[np.float64]:
    """Stability correction of the log law: 0 in neutral air."""
    stable = -17.0 * (1.0 - np.exp(-0.29 * z / np.where(length > 0, length, np.inf)))
    x = (1.0 - 16.0 * z / np.where(length < 0, length, -np.inf)) ** 0.25
    unstable = 2.0 * np.log((1.0 + x) / 2.0) + np.log((1.0 + x * x) / 2.0) - 2.0 * np.arctan(x) + np.pi / 2.0
    return np.asarray(np.where(length > 0, stable, unstable), dtype=np.float64)


def _problems(values: NDArray[np.float64], roughness_m: float, minimum_wind_m_s: float) -> list[str]:
    found = []
    if missing := int((~np.isfinite(values)).any(axis=1).sum()):
        found.append(f"weather: {missing} of {len(values)} hours hold values that are missing: leave those hours out")
    if (values[:, 0] < 0).any() or (values[:, 2] <= 0).any():
        found.append("weather: wanted wind_speed_m_s of 0 or more and mixing_height_m above 0")
    if not np.isin(values[:, 3], np.arange(6.0)).all():
        found.append("weather: stability_class wanted 0 (A) to 5 (F)")
    most = WIND_HEIGHT_M / (_DISPLACEMENT + 1.0)
    if not 0 < roughness_m < most:
        found.append(f"roughness_m {roughness_m}: wanted above 0 and below {most:.2f}, or there is no wind at 10 m")
    if not minimum_wind_m_s > 0:
        found.append(f"minimum_wind_m_s {minimum_wind_m_s}: wanted above 0")
    return found
