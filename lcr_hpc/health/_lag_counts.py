"""Conditional permutation of spatial lags, by the cheaper of two ways to the same counts."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health._map import equal_weights, permutation_counts, tie_slack
from lcr_hpc.health._neighbours import Neighbours
from lcr_hpc.health._order_counts import equal_lag_counts

_FEW_DRAWS = 2**22


def permuted_lag_counts(
    value: FloatArray, lag: FloatArray, links: Neighbours, permutations: int, seed: int, threads: int | None
) -> NDArray[np.int64]:
    """Permutations whose spatial lag is at least, and at most, the observed one.

    Parameters
    ----------
    value : float64[area]
        What is permuted; no NaN.
    lag : float64[area]
        Observed: sum of weight times neighbour's value.
    links : Neighbours
    permutations, seed : int
    threads : int, optional
        By default what NUMBA_NUM_THREADS says, else 1.

    Returns
    -------
    int64[area, 2]
        The same from either way and for any number of threads.
    """
    slack = tie_slack(links, float(np.abs(value).max()))
    equal = equal_weights(links)
    most = int(np.diff(links.first).max())
    # A map of 1,000 areas takes 5 ms once compiled, and Numba 0.8 s to import: a new process that needs nothing
    # compiled is through in a third of a second.
    if equal.all() and "numba" not in sys.modules and permutations * most <= _FEW_DRAWS:
        return permutation_counts(
            lambda first, last: equal_lag_counts(value, lag, slack, links.first, links.weight, first, last, seed),
            most,
            permutations,
            threads,
        )

    from lcr_kernels.permutation import lag_counts

    key = np.uint64(seed)

    def block(first: int, last: int) -> NDArray[np.int64]:
        counts: NDArray[np.int64] = lag_counts(value, lag, slack, links.first, links.weight, equal, first, last, key)
        return counts

    return permutation_counts(block, most, permutations, threads)
