"""Fifths, tenths and the like: places put into groups of equal number by rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import as_float, text_array


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Groups of places.

    Attributes
    ----------
    quantile : int64[place]
        1 … `quantiles`; 0 = in none.
    rank : int64[place]
        Within the place's set, 1 = first; equal values share the best rank. 0 = not known.
    reason : object[place]
        Why a place is in none; empty where it is in one.
    """

    quantile: NDArray[np.int64]
    rank: NDArray[np.int64]
    reason: NDArray[np.object_]


def quantiles(
    value: ArrayLike, groups: ArrayLike | None = None, *, quantiles: int = 10, highest_first: Any = True
) -> Quantiles:
    """Put places into groups of equal number.

    Parameters
    ----------
    value : array_like, [place]
        NaN = not known.
    groups : array_like, [place], optional
        Sets that are ranked each on its own, such as regions.
    quantiles : int
        Groups to make: 10 for tenths.
    highest_first : bool or array_like of bool, [place]
        Whether the highest value is in group 1.

    Returns
    -------
    Quantiles
        A set with fewer places than groups is not grouped, with the reason.

    Raises
    ------
    InputError
        Shapes that do not fit, fewer than two groups to make.

    Notes
    -----
    Group = 1 + ⌊(rank - 1) · quantiles/n⌋ (OHID, Fingertips technical guidance).
    """
    number = as_float("value", value)
    labels = np.zeros(number.shape) if groups is None else np.asarray(groups)
    first = np.broadcast_to(np.asarray(highest_first, dtype=bool), number.shape) if number.ndim == 1 else None
    if first is None or labels.shape != number.shape:
        raise InputError(f"value {number.shape}, groups {labels.shape}: want one each a place")
    if quantiles < 2:
        raise InputError(f"quantiles: found {quantiles}; want 2 or more", field="quantiles")
    table = pd.DataFrame({"key": np.where(first, -number, number), "label": labels, "first": first})
    known = np.isfinite(number)
    sets = table[known].groupby(["label", "first"], sort=False)["key"]
    rank, size = np.zeros(number.size, np.int64), np.zeros(number.size, np.int64)
    rank[known] = sets.rank(method="min").to_numpy().astype(np.int64)
    size[known] = sets.transform("size").to_numpy()
    grouped = known & (size >= quantiles)
    quantile = np.where(grouped, 1 + (rank - 1) * quantiles // np.maximum(size, 1), 0)
    reason = text_array(number.size)
    reason[known & ~grouped] = f"fewer than {quantiles} places in its set"
    reason[~known] = "value not known"
    return Quantiles(quantile, rank, reason)
