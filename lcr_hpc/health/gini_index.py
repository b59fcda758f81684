"""Gini coefficient and its relatives with another aversion to inequality or along another ranking."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray, as_float
from lcr_hpc.health._items import InequalityIndex, clean_items


def gini(x: ArrayLike, weights: ArrayLike | None = None, *, nu: float = 2.0) -> InequalityIndex:
    """Gini coefficient, or its single-parameter extension.

    Parameters
    ----------
    x : array_like, [item]
        0 or more; NaN leaves an item out.
    weights : array_like, [item], optional
        Persons.
    nu : float
        Aversion to inequality, above 1; 2 is the Gini coefficient.

    Returns
    -------
    InequalityIndex
        Between and within are NaN: the Gini coefficient does not decompose.

    Raises
    ------
    InputError
        Negative values, weights or a nu of 1 or less; nothing left, or a mean of 0.

    Notes
    -----
    Donaldson and Weymark 1980, J Economic Theory 22:67-86, integrated exactly over the steps of the quantile function,
    so that repeating every item changes nothing.
    """
    value, share, _, left_out = clean_items(x, weights, None)
    return InequalityIndex(_extended_concentration(value, value, share, nu, "average"), np.nan, np.nan, left_out)


def extended_concentration(
    x: ArrayLike,
    ranking: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    nu: float = 2.0,
    ties: Literal["average", "as given"] = "average",
) -> float:
    """Concentration index with aversion to inequality: `gini` along another ranking.

    Parameters
    ----------
    x, ranking : array_like, [item]
        What is distributed, and what the items are ranked by, poorest lowest.
    weights : array_like, [item], optional
        Persons.
    nu : float
        Above 1; 2 gives the concentration index without small-sample factor.
    ties : {"average", "as given"}
        Items of equal ranking share their mean, or keep the order given.

    Returns
    -------
    float

    Raises
    ------
    InputError
        As `gini`; a ranking with missing values or of another length.
    """
    by = as_float("ranking", ranking)
    if by.shape != np.shape(x) or not np.all(np.isfinite(by)):
        raise InputError(f"ranking: found shape {by.shape}; give one known value an item", field="ranking")
    value, share, _, left_out = clean_items(x, weights, None)
    if left_out:
        raise InputError(f"x: {left_out} items without value or weight; leave them out of all arguments", field="x")
    return _extended_concentration(value, by, share, nu, ties)


def _extended_concentration(value: FloatArray, by: FloatArray, share: FloatArray, nu: float, ties: str) -> float:
    if not nu > 1.0 or ties not in ("average", "as given"):
        raise InputError(f'found nu={nu}, ties={ties!r}; want nu above 1, ties "average" or "as given"', field="nu")
    order = np.argsort(by, kind="stable")
    amount, part = (share * value)[order], share[order]
    if ties == "average":
        first = np.flatnonzero(np.diff(by[order], prepend=np.nan) != 0.0)
        amount, part = np.add.reduceat(amount, first), np.add.reduceat(part, first)
    reached = np.cumsum(part)
    above = np.maximum(1.0 - reached, 0.0)
    weight = (1.0 - (reached - part)) ** nu - above**nu
    level = np.divide(amount, part, out=np.zeros_like(amount), where=part > 0.0)
    return float(1.0 - np.sum(weight * level) / np.sum(amount))
