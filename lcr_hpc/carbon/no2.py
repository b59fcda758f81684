"""NO2 from NOx by the Derwent-Middleton curve: hours of total NOx, background and roads together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.carbon.tables import coefficient_table, columns
from lcr_hpc.carbon.units import UG_M3_PER_PPB_NO2
from lcr_hpc.errors import InputError

_COLUMNS = ("above_ppb", "up_to_ppb", "constant", "b0", "b1", "b2", "b3")


def no2_ug_m3(nox_ug_m3: ArrayLike, folder: Path | None = None) -> NDArray[np.float64]:
    """NO2 of an hour from its total NOx, both in µg/m³, NOx counted as NO2.

    Parameters
    ----------
    nox_ug_m3 : array_like
        float64 of any shape, hourly means of background and road increment together; NaN stays NaN. The curve bends:
        the NO2 of a mean is not the mean of the NO2, and the increment alone must not be put in.
    folder : Path, optional
        Folder of the coefficient tables.

    Returns
    -------
    ndarray
        float64 of the same shape, at 20 °C and 1013 hPa.

    Raises
    ------
    InputError
        Where NOx is below 0 or infinite.
    """
    nox = np.asarray(nox_ug_m3, dtype=np.float64) / UG_M3_PER_PPB_NO2
    return np.asarray(no2_ppb(nox, folder) * UG_M3_PER_PPB_NO2, dtype=np.float64)


def no2_ppb(nox_ppb: ArrayLike, folder: Path | None = None) -> NDArray[np.float64]:
    """NO2 of an hour from its total NOx, both in ppb; all else as of `no2_ug_m3`.

    Notes
    -----
    Source: Derwent and Middleton 1996, limits by Middleton 1998: no2_derwent_middleton.csv. It is an empirical curve:
    it holds the primary NO2 and the ozone of its time, and follows no change of either.
    """
    nox = np.asarray(nox_ppb, dtype=np.float64)
    if wrong := int(((nox < 0) | np.isinf(nox)).sum()):
        raise InputError(
            f"NOx: {wrong} of {nox.size} values are below 0 or infinite; wanted hourly totals", field="nox"
        )
    pieces = columns(coefficient_table("no2_derwent_middleton", folder), _COLUMNS, "no2_derwent_middleton")
    out = np.full(nox.shape, np.nan)
    level = np.log10(np.where(nox > 0, nox, 1.0))
    for above, up_to, constant, b0, b1, b2, b3 in pieces:
        here = (nox <= up_to) & ((nox > above) | ((nox == 0) & (above == 0)))
        share = b0 + level * (b1 + level * (b2 + level * b3))
        out[here] = (constant + nox * share)[here]
    return out
