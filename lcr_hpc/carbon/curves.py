"""Emission by speed: what every source of factors is collapsed into, once a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.errors import InputError, raise_all

POLLUTANTS = ("CO2", "NOx", "PM2.5")
"""Pollutants of the road model: NOx as NO2, PM2.5 from exhaust and wear."""

SPEEDS_KM_H = np.arange(1.0, 141.0)
"""Speeds at which curves are tabulated, km/h."""


@dataclass(frozen=True)
class EmissionCurves:
    """Emission factors by class, pollutant and speed."""

    classes: tuple[str, ...]
    pollutants: tuple[str, ...]
    factor_g_km: NDArray[np.float64]
    """[class, pollutant, speed], g/km per vehicle at 1, 2 … 140 km/h."""
    speed_range_km_h: tuple[float, float]
    """Speeds that all the sources cover; beyond, the nearest value holds."""
    illustrative: bool = False
    """True where the fleet is a user's or the twin's and no statistic."""


def mixed_curves(
    curves: EmissionCurves, shares: Mapping[str, Mapping[str, float]], *, tolerance: float = 1e-9
) -> EmissionCurves:
    """Curves of mixed traffic: the shares' weighted mean, one class a mixture.

    Parameters
    ----------
    curves : EmissionCurves
        Of single vehicle types.
    shares : mapping of str to mapping of str to float
        Mixture to share of each class of `curves` in its vehicle-kilometres; each must sum to 1.
    tolerance : float
        How far the sum of shares may be from 1.

    Raises
    ------
    InputError
        Naming unknown classes, negative shares and sums that are not 1, all at once.
    """
    problems = []
    for mixture, parts in shares.items():
        if unknown := sorted(set(parts) - set(curves.classes)):
            problems.append(f"{mixture}: no curve for {', '.join(unknown)}; there are {', '.join(curves.classes)}")
        if any(not share >= 0 for share in parts.values()):
            problems.append(f"{mixture}: found a share below 0 or not a number")
        elif abs(sum(parts.values()) - 1) > tolerance:
            problems.append(f"{mixture}: shares sum to {sum(parts.values()):.6f}, wanted 1")
    raise_all(problems, InputError)
    weight = np.array([[parts.get(c, 0.0) for c in curves.classes] for parts in shares.values()])
    factor = np.zeros((len(shares), *curves.factor_g_km.shape[1:]))
    for k in range(len(curves.classes)):  # in the order of the classes: the same bytes everywhere
        factor += weight[:, k, None, None] * curves.factor_g_km[k]
    return EmissionCurves(tuple(shares), curves.pollutants, factor, curves.speed_range_km_h, curves.illustrative)
