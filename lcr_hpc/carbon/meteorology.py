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
    table = coefficient_table("pasquill_obukhov").set_index("stability_class")
    fit = {
        str(c): (float(k), float(p)) for c, k, p in zip(table.index, table["coefficient"], table["power"], strict=True)
    }
    inverse = [
        1.0 / (fit[c][0] * roughness ** fit[c][1]) if c in fit else np.zeros_like(roughness) for c in PASQUILL_CLASSES
    ]
    gap = np.abs(np.stack(inverse) - 1.0 / length)
    return np.asarray(gap.argmin(axis=0), dtype=np.int64)


def briggs_coefficients(
    stability: NDArray[np.int64], folder: Path | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients of σy and σz over a town by hour, two float64[hour, 3], from classes 0 = A to 5 = F."""
    table = coefficient_table("briggs_urban_sigma", folder).set_index("stability_class").loc[list(PASQUILL_CLASSES)]
    y = table[["y_c0", "y_c1", "y_c2"]].to_numpy(dtype=np.float64)
    z = table[["z_c0", "z_c1", "z_c2"]].to_numpy(dtype=np.float64)
    return np.ascontiguousarray(y[stability]), np.ascontiguousarray(z[stability])
