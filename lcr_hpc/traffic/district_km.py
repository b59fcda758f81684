"""Modelled vehicle-kilometres by district against published ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.network import Floats, LongInts

KM_A_MILE = 1.609344
"""International mile, exact: the UK's road traffic estimates are in vehicle-miles."""


class DistrictKm(NamedTuple):
    """Vehicle-kilometres by district, modelled and observed.

    modelled_km  float64[district]
    observed_km  float64[district]  NaN = not known
    ratio        float64[district]  modelled / observed; NaN where that is not known or 0
    total_ratio  float              of the districts that are known; NaN where none is
    outside_km   float              modelled on links of no district
    """

    modelled_km: Floats
    observed_km: Floats
    ratio: Floats
    total_ratio: float
    outside_km: float


def compare_district_km(
    flow_veh_h: ArrayLike,
    period_hours: ArrayLike,
    length_km: ArrayLike,
    link_district: ArrayLike,
    observed_km: ArrayLike,
) -> DistrictKm:
    """Sum flow · hours · length by district and set it against observed vehicle-kilometres.

    Parameters
    ----------
    flow_veh_h : float64[period, link] or float64[link]
        Vehicles, an hour of the period.
    period_hours : float64[period] or float
        Hours that each stands for: those of the time that was observed, such as 24 in all for a day.
    length_km : float64[link]
        0 for links that are no roads, such as connectors.
    link_district : int[link]
        Index of the district; −1 = none.
    observed_km : float64[district]
        Vehicle-kilometres of the same time and the same roads (vehicle-miles · `KM_A_MILE`); NaN = not known.

    Returns
    -------
    DistrictKm

    Raises
    ------
    InputError
        Shapes that do not fit, negative numbers or NaN, districts that do not exist: at once.
    """
    flow = np.atleast_2d(np.asarray(flow_veh_h, np.float64))
    hours = np.atleast_1d(np.asarray(period_hours, np.float64))
    length, observed = np.asarray(length_km, np.float64), np.asarray(observed_km, np.float64)
    district = np.asarray(link_district, np.int64)
    raise_all(_problems(flow, hours, length, district, observed), InputError)
    km = np.zeros(length.size)
    for period, lasting in enumerate(hours):
        km += flow[period] * lasting * length
    inside = district >= 0
    modelled: Floats = np.bincount(district[inside], km[inside], observed.size).astype(np.float64)
    known = np.isfinite(observed) & (observed > 0.0)
    ratio = np.divide(modelled, observed, out=np.full(observed.size, np.nan), where=known)
    total = float(modelled[known].sum() / observed[known].sum()) if known.any() else float("nan")
    return DistrictKm(modelled, observed, ratio, total, float(km[~inside].sum()))


def _problems(flow: Floats, hours: Floats, length: Floats, district: LongInts, observed: Floats) -> list[str]:
    found = []
    if flow.shape != (hours.size, length.size) or district.shape != length.shape or observed.ndim != 1:
        return [
            f"district vehicle-km: flow is {flow.shape}, hours {hours.shape}, length {length.shape}, district "
            f"{district.shape}, observed {observed.shape}; wanted [period, link], [period], [link], [link], [district]"
        ]
    for name, value in (("flow", flow), ("period_hours", hours), ("length", length)):
        if not (np.isfinite(value) & (value >= 0.0)).all():
            found.append(f"district vehicle-km: {name} has negative numbers, NaN or infinity; wanted 0 or more")
    if (observed < 0.0).any() or np.isinf(observed).any():
        found.append(
            "district vehicle-km: observed has negative numbers or infinity; wanted 0 or more, NaN = not known"
        )
    strange = np.unique(district[(district < -1) | (district >= observed.size)])
    if strange.size:
        named = ", ".join(map(str, strange[:20]))
        found.append(f"district vehicle-km: links of district {named}; they are 0 to {observed.size - 1}, −1 = none")
    return found
