"""Getis and Ord's G: clusters of high and of low values, hot and cold spots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health._lag_counts import permuted_lag_counts
from lcr_hpc.health._map import (
    Alternative,
    LocalStatistic,
    check_permutations,
    pseudo_p,
    read_map,
)
from lcr_hpc.health._neighbours import Neighbours


@dataclass(frozen=True, slots=True, kw_only=True)
class GetisOrd(LocalStatistic):
    """Getis–Ord statistics of each area, beside what every `LocalStatistic` says.

    Attributes
    ----------
    statistic : float64[area]
        Weighted sum of the neighbours' values over the sum of all values.
    z : float64[area]
        Above 0 among high values, below 0 among low ones; standard normal without a pattern.
    """

    z: FloatArray


def getis_ord(
    values: ArrayLike,
    neighbours: Any,
    star: bool = False,
    permutations: int = 9999,
    seed: int = 0,
    *,
    alternative: Alternative = "two-sided",
    threads: int | None = None,
) -> GetisOrd:
    """Getis and Ord's local G, or G* with the area among its own neighbours.

    Parameters
    ----------
    values : array_like, [area]
        With a natural zero, such as rates or counts; NaN = not known.
    neighbours
        As for `local_moran`.
    star : bool
        G*. Where the matrix has no diagonal an area counts as much as its neighbours do on average, and rows that added
        to 1 do so again.
    permutations, seed, alternative, threads
        As for `local_moran`.

    Returns
    -------
    GetisOrd

    Raises
    ------
    InputError
        Neighbours that do not fit, fewer than three values, values that are all equal.

    Notes
    -----
    z = (Σ w y - W ȳ)/(s √((n Σ w² - W²)/(n - 1))), over all areas for G*, over all but the area itself for G: Ord and
    Getis 1995, Geographical Analysis 27:286-306, for any weights.
    """
    check_permutations(permutations, seed, alternative)
    found = read_map({"values": values}, neighbours, own=star)
    (value,) = found.value
    others = found.links.keep(found.links.row != found.links.index)
    weighing = _with_self(found.links) if star else found.links

    own = np.zeros(value.size) if star else value
    count = float(value.size if star else value.size - 1)
    total = value.sum() - own
    mean = total / count
    spread = np.sqrt(np.maximum((np.sum(value**2) - own**2) / count - mean**2, 0.0))
    lag, weights = weighing.lag(value), weighing.total(weighing.weight)
    room = np.maximum((count * weighing.total(weighing.weight**2) - weights**2) / (count - 1.0), 0.0)
    scale = spread * np.sqrt(room)
    z = np.divide(lag - weights * mean, scale, out=np.full_like(lag, np.nan), where=scale > 0.0)
    share = np.divide(lag, total, out=np.full_like(lag, np.nan), where=total > 0.0)

    outside = others.lag(value)
    counts = permuted_lag_counts(value, outside, others, permutations, seed, threads)
    lonely = np.diff(others.first) == 0
    reason = found.reason.copy()
    for where, text in (
        (lonely, "no neighbours"),
        (np.isnan(z) & ~lonely, "every other area is a neighbour of the same weight, or has the same value: no z"),
        (np.isnan(share) & ~lonely, "the values do not add to more than 0: no share"),
    ):
        reason[found.kept[where]] = text
    return GetisOrd(
        statistic=found.everywhere(np.where(lonely, np.nan, share)),
        z=found.everywhere(np.where(lonely, np.nan, z)),
        p_value=found.everywhere(np.where(lonely, np.nan, pseudo_p(counts, permutations, alternative))),
        reason=reason,
    )


def _with_self(links: Neighbours) -> Neighbours:
    """Add to each row without one a weight of its own area, the mean of the row; a row of sum 1 keeps it."""
    count = np.diff(links.first)
    total = links.total(links.weight)
    has_own = links.total((links.row == links.index).astype(np.float64)) > 0.0
    adds = ~has_own & (count > 0)
    mean = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    shrink = np.where(adds & (np.abs(total - 1.0) < 1e-9), count / (count + 1.0), 1.0)
    row = np.concatenate([links.row, np.flatnonzero(adds)])
    index = np.concatenate([links.index, np.flatnonzero(adds)])
    weight = np.concatenate([links.weight * shrink[links.row], (mean * shrink)[adds]])
    order = np.lexsort((index, row))
    first = np.concatenate([[0], np.cumsum(count + adds)])
    return Neighbours(first, index[order], weight[order])
