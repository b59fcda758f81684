"""Generalised entropy indices, Theil's among them, and what of them lies between and within groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health._items import InequalityIndex, clean_items, group_means


def generalised_entropy(
    x: ArrayLike, weights: ArrayLike | None = None, groups: ArrayLike | None = None, *, alpha: float = 1.0
) -> InequalityIndex:
    """Generalised entropy index: mean log deviation (0), Theil (1), half the squared coefficient of variation (2).

    Parameters
    ----------
    x : array_like, [item]
        0 or more; infinite for alpha of 0 or less where a value is 0.
    weights : array_like, [item], optional
        Persons.
    groups : array_like, [item], optional
        Labels to decompose by.
    alpha : float
        Weight given to differences at the top.

    Returns
    -------
    InequalityIndex
        `between` is the index of the groups' means; `within` adds the groups' own, weighted.

    Raises
    ------
    InputError
        Negative values or weights; nothing left, or a mean of 0.

    Notes
    -----
    Shorrocks 1980, Econometrica 48:613-625.
    """
    value, share, label, left_out = clean_items(x, weights, groups)
    total = _entropy(value, share, alpha)
    if label is None:
        return InequalityIndex(total, np.nan, np.nan, left_out)
    people, mean = group_means(value, share, label)
    ratio = mean / np.sum(share * value)
    own = np.array([_entropy(value[label == g], share[label == g] / people[g], alpha) for g in range(people.size)])
    # A group where nobody has anything has no inequality of its own and, for alpha above 0, no weight.
    within = float(np.sum(np.where(own == 0.0, 0.0, people * ratio**alpha * own)))
    return InequalityIndex(total, _entropy(mean, people, alpha), within, left_out)


def theil(x: ArrayLike, weights: ArrayLike | None = None, groups: ArrayLike | None = None) -> InequalityIndex:
    """Theil's index: generalised entropy with alpha of 1.

    Parameters
    ----------
    x, weights, groups : array_like, [item]
        As in `generalised_entropy`.

    Returns
    -------
    InequalityIndex

    Raises
    ------
    InputError
        As `generalised_entropy`.
    """
    return generalised_entropy(x, weights, groups, alpha=1.0)


def _entropy(value: FloatArray, share: FloatArray, alpha: float) -> float:
    mean = np.sum(share * value)
    if mean == 0.0:
        return 0.0
    ratio = value / mean
    some = ratio > 0.0
    if alpha <= 0.0 and np.any(~some & (share > 0.0)):
        return float(np.inf)
    ratio, part = ratio[some], share[some]
    if alpha == 0.0:
        return float(-np.sum(part * np.log(ratio)))
    if alpha == 1.0:
        return float(np.sum(part * ratio * np.log(ratio)))
    return float((np.sum(part * ratio**alpha) - 1.0) / (alpha * (alpha - 1.0)))
