"""Spreads of a plume by Pasquill class: over a town, and over open country as a cross-check."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.carbon.meteorology import PASQUILL_CLASSES
from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.carbon.units import M_PER_KM
from lcr_hpc.errors import InputError

SCHEMES = ("briggs_urban", "pasquill_gifford")
_HIGHEST_M = 5000.0


class PlumeSpread(NamedTuple):
    """Standard deviations of a plume across the wind and up."""

    sigma_y_m: NDArray[np.float64]
    sigma_z_m: NDArray[np.float64]


def plume_spread(
    stability_class: str, distance_m: ArrayLike, scheme: str = "briggs_urban", folder: Path | None = None
) -> PlumeSpread:
    """Spread of a plume at downwind distances.

    Parameters
    ----------
    stability_class : str
        A to F.
    distance_m : array_like
        float64[...], m, above 0; the curves were made for about 0.1 to 10 km (town) and 0.1 to 100 km (country).
    scheme : str
        "briggs_urban" (Briggs 1973) or "pasquill_gifford" (open country, as in ISC3).
    folder : Path, optional
        Folder of the coefficient tables.

    Returns
    -------
    PlumeSpread
        `.sigma_y_m` and `.sigma_z_m`, float64 in the shape of `distance_m`.

    Raises
    ------
    InputError
        An unknown class or scheme, a distance that is not above 0.
    """
    x = np.asarray(distance_m, dtype=np.float64)
    if stability_class not in PASQUILL_CLASSES:
        raise InputError(
            f"stability class {stability_class!r} is unknown, wanted one of: {', '.join(PASQUILL_CLASSES)}"
        )
    if scheme not in SCHEMES:
        raise InputError(f"scheme {scheme!r} is unknown, wanted one of: {', '.join(SCHEMES)}", field="scheme")
    if not (x > 0).all():
        raise InputError("distance_m must be above 0", field="distance_m")
    if scheme == "briggs_urban":
        town = coefficient_table("briggs_urban_sigma", folder).set_index("stability_class")
        c = town.loc[stability_class].to_numpy(dtype=np.float64)
        return PlumeSpread(c[0] * x * (1 + c[1] * x) ** c[2], c[3] * x * (1 + c[4] * x) ** c[5])
    country = coefficient_table("pasquill_gifford_sigma", folder)
    upper, y_c, y_d, z_a, z_b = (
        country[country["stability_class"] == stability_class]
        .drop(columns="stability_class")
        .to_numpy(dtype=np.float64)
        .T
    )
    km = x / M_PER_KM
    row = np.minimum(np.searchsorted(upper, km, side="left"), upper.size - 1)
    sigma_y = 465.11628 * km * np.tan(0.017453293 * (y_c[0] - y_d[0] * np.log(km)))
    sigma_z = z_a[row] * km ** z_b[row]
    return PlumeSpread(sigma_y, np.minimum(sigma_z, _HIGHEST_M) if stability_class in "ABC" else sigma_z)
