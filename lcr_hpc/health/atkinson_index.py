"""Atkinson's index of inequality and its decomposition by groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health._items import InequalityIndex, clean_items, group_means


def atkinson(
    x: ArrayLike, epsilon: float, weights: ArrayLike | None = None, groups: ArrayLike | None = None
) -> InequalityIndex:
    """Atkinson index: the share of the total that could be given up if the rest were shared equally.

    Parameters
    ----------
    x : array_like, [item]
        0 or more.
    epsilon : float
        Aversion to inequality, above 0; at 1 and more one value of 0 makes the index 1.
    weights : array_like, [item], optional
        Persons.
    groups : array_like, [item], optional
        Labels to decompose by.

    Returns
    -------
    InequalityIndex
        `between` is the index if everybody had the mean of the group, `within` what is lost from there.

    Raises
    ------
    InputError
        Negative values or weights, epsilon of 0 or less; nothing left, or a mean of 0.

    Notes
    -----
    Atkinson 1970, J Economic Theory 2:244-263; decomposed after Blackorby, Donaldson and Auersperg 1981, Canadian J
    Economics 14:665-685: 1 - value = (1 - between)(1 - within).
    """
    if not epsilon > 0.0:
        raise InputError(f"epsilon: found {epsilon}; wants a number above 0", field="epsilon")
    value, share, label, left_out = clean_items(x, weights, groups)
    mean = np.sum(share * value)
    total = _equal_equivalent(value, share, epsilon)
    if label is None:
        return InequalityIndex(float(1.0 - total / mean), np.nan, np.nan, left_out)
    people, group_mean = group_means(value, share, label)
    levelled = _equal_equivalent(group_mean, people, epsilon)
    within = 1.0 - total / levelled if levelled > 0.0 else 0.0
    return InequalityIndex(float(1.0 - total / mean), float(1.0 - levelled / mean), float(within), left_out)


def _equal_equivalent(value: FloatArray, share: FloatArray, epsilon: float) -> float:
    """Amount that would be as good, had everybody the same."""
    if epsilon >= 1.0 and np.any((value == 0.0) & (share > 0.0)):
        return 0.0
    some = share > 0.0
    if epsilon == 1.0:
        return float(np.exp(np.sum(share[some] * np.log(value[some]))))
    return float(np.sum(share[some] * value[some] ** (1.0 - epsilon)) ** (1.0 / (1.0 - epsilon)))
