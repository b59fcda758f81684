"""Modelled flows against counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.traffic.network import Floats, LongInts


def geh(modelled: ArrayLike, counted: ArrayLike) -> Floats:
    """GEH statistic of hourly flows, √(2 (m − c)² / (m + c)); both zero is 0, NaN where either is NaN.

    UK Department for Transport, TAG Unit M3.1 Highway Assignment Modelling: below 5 is a good match.

    Parameters
    ----------
    modelled, counted : float64[...]
        veh/h, >= 0.
    """
    m, c = np.broadcast_arrays(np.asarray(modelled, np.float64), np.asarray(counted, np.float64))
    total = m + c
    square = np.divide(2.0 * (m - c) ** 2, total, out=np.where(np.isnan(total), np.nan, 0.0), where=total > 0.0)
    statistic: Floats = np.sqrt(square)
    return statistic


def period_counts(flow: Floats, good: NDArray[np.bool_], period: NDArray[np.integer], n_periods: int) -> Floats:
    """Mean of the good counts of each period, veh/h [period, detector]; NaN = none.

    Parameters
    ----------
    flow : float64[hour, detector]
        Counts of the night's hours.
    good : bool[hour, detector]
        Counts to use.
    period : int[hour]
        Period of each hour.
    n_periods : int
    """
    mean = np.full((n_periods, flow.shape[1]), np.nan)
    usable = good & np.isfinite(flow)
    for index in range(n_periods):
        inside = period == index
        count = usable[inside].sum(axis=0)
        total = np.where(usable[inside], flow[inside], 0.0).sum(axis=0)
        np.divide(total, count, out=mean[index], where=count > 0)
    return mean


def detector_links(detector_link: LongInts, link: LongInts) -> LongInts:
    """Index of the link of each detector by source id; −1 where the network has no such link."""
    order = np.argsort(link, kind="stable")
    place = np.minimum(np.searchsorted(link[order], detector_link), max(link.size - 1, 0))
    found = order[place] if link.size else np.zeros(detector_link.size, np.int64)
    matches = link[found] == detector_link if link.size else np.zeros(detector_link.size, np.bool_)
    return np.where(matches, found, -1).astype(np.int64)
