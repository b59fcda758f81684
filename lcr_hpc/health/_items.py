"""Items, people or places, among which a quantity is shared out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray, as_float


@dataclass(frozen=True, slots=True)
class InequalityIndex:
    """An index, and what of it lies between and within groups.

    Attributes
    ----------
    value : float
        0 = all equal.
    between, within : float
        NaN without groups. Generalised entropy: they add to `value`. Atkinson: 1 - value = (1 - between)(1 - within).
    left_out : int
        Items without value, weight or group.
    """

    value: float
    between: float
    within: float
    left_out: int


def clean_items(
    x: ArrayLike, weights: ArrayLike | None, groups: ArrayLike | None
) -> tuple[FloatArray, FloatArray, NDArray[np.int64] | None, int]:
    """Values, weights that add to 1, group indices, and how many items were left out."""
    value = as_float("x", x)
    share = np.ones_like(value) if weights is None else as_float("weights", weights)
    labels = None if groups is None else np.asarray(groups, dtype=object)
    if value.ndim != 1 or share.shape != value.shape or (labels is not None and labels.shape != value.shape):
        raise InputError(f"x: found shape {value.shape}; give one value, weight and group an item", field="x")
    known = np.isfinite(value) & np.isfinite(share)
    if labels is not None:
        known &= ~pd.isna(labels)
    value, share, left_out = value[known], share[known], int((~known).sum())
    if np.any(value < 0.0) or np.any(share < 0.0):
        raise InputError("x and weights: found a negative number; want 0 or more", field="x")
    if not np.sum(share * value) > 0.0:
        raise InputError("x: nothing to share out: no items, or a mean of 0", field="x")
    label = None if labels is None else np.unique(labels[known].astype(str), return_inverse=True)[1]
    return value, share / share.sum(), label, left_out


def group_means(value: FloatArray, share: FloatArray, label: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
    """Share of the weight and weighted mean of each group.

    Parameters
    ----------
    value, share : float64[item]
        Values, and weights that sum to 1.
    label : int64[item]
        Group of each item, 0 … groups − 1.

    Returns
    -------
    float64[group], float64[group]
    """
    people: FloatArray = np.bincount(label, weights=share).astype(np.float64)
    if not np.all(people > 0.0):
        raise InputError("groups: a group has no weight; leave it out", field="groups")
    return people, np.bincount(label, weights=share * value) / people
