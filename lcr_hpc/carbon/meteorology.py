"""Stability and spreads of the simple plume."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.errors import InputError

PASQUILL_CLASSES = ("A", "B", "C", "D", "E", "F")


def pasquill_class(obukhov_m: ArrayLike, z0_m: ArrayLike) -> NDArray[np.int64]:
    """Pasquill class of an Obukhov length over a surface.

    The class whose representative 1/L (Pasquill 1974, by roughness) is nearest to 1/L.

    Parameters
    ----------
    obukhov_m : array_like
        float64[hour], m; infinite is neutral.
    z0_m : array_like
        float64[hour], roughness length, m, above 0.

    Returns
    -------
    ndarray
        int64[hour], 0 = A (most unstable) to 5 = F.

    Raises
    ------
    InputError
        When a length is 0 or not a number.
    """
    length = np.atleast_1d(np.asarray(obukhov_m, dtype=np.float64))
    roughness = np.atleast_1d(np.asarray(z0_m, dtype=np.float64))
    if (length == 0).any() or np.isnan(length).any() or not (roughness > 0).all():
        raise InputError("obukhov_m must not be 0 or NaN, and z0_m must be above 0", field="obukhov_m")
    inverse = [1.0 / obukhov_length(np.full(roughness.shape, k), roughness) for k in range(len(PASQUILL_CLASSES))]
    gap = np.abs(np.stack(inverse) - 1.0 / length)
    return np.asarray(gap.argmin(axis=0), dtype=np.int64)


def obukhov_length(
    stability: NDArray[np.int64], roughness_m: float | NDArray[np.float64], folder: Path | None = None
) -> NDArray[np.float64]:
    """Obukhov length that stands for each Pasquill class over a surface, float64[hour], m; neutral air is infinite.

    Parameters
    ----------
    stability : ndarray
        int64[hour], 0 = A to 5 = F.
    roughness_m : float or ndarray
        Roughness length, m, above 0.
    folder : Path, optional
        Folder of the coefficient tables.

    Notes
    -----
    L = k z0^p, a fit of Pasquill 1974: pasquill_obukhov.csv.
    """
    table = coefficient_table("pasquill_obukhov", folder).set_index("stability_class")
    coefficient = table["coefficient"].reindex(list(PASQUILL_CLASSES), fill_value=np.inf).to_numpy(dtype=np.float64)
    power = table["power"].reindex(list(PASQUILL_CLASSES), fill_value=0.0).to_numpy(dtype=np.float64)
    return np.asarray(coefficient[stability] * np.asarray(roughness_m) ** power[stability], dtype=np.float64)


def briggs_coefficients(
    stability: NDArray[np.int64], folder: Path | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients of σy and σz over a town by hour, two float64[hour, 3], from classes 0 = A to 5 = F."""
    table = coefficient_table("briggs_urban_sigma", folder).set_index("stability_class").loc[list(PASQUILL_CLASSES)]
    y = table[["y_c0", "y_c1", "y_c2"]].to_numpy(dtype=np.float64)
    z = table[["z_c0", "z_c1", "z_c2"]].to_numpy(dtype=np.float64)
    return np.ascontiguousarray(y[stability]), np.ascontiguousarray(z[stability])
