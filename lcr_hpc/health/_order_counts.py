"""Counts of conditional permutation from sorted sums, without compiled code.

With equal weights the sums of k drawn values are the same for every area of k neighbours, but for the few permutations
that hold the area itself. So the permutations on either side of an area's own sum are counted by bisection, and those
few are put right. The counts are those of `lcr_kernels.permutation.lag_counts`, to the last one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.health._arrays import FloatArray

STREAM_PERMUTATION = 1
"""As in `lcr_kernels.philox`, which brings Numba with it."""

_MASK, _HALF, _DROP = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(11)
_MULTIPLY = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)


def equal_lag_counts(
    value: FloatArray,
    observed: FloatArray,
    slack: FloatArray,
    first_weight: NDArray[np.int64],
    weight: FloatArray,
    first: int,
    last: int,
    seed: int,
) -> NDArray[np.int64]:
    """Permutations whose spatial lag is at least, and at most, the observed one, where each area's weights are equal.

    Parameters
    ----------
    value, observed, slack, first_weight, weight, first, last, seed
        As for `lcr_kernels.permutation.lag_counts`.

    Returns
    -------
    int64[area, 2]
    """
    size = np.diff(first_weight)
    block = last - first
    counts = np.zeros((value.size, 2), np.int64)
    if not size.any():
        return counts
    drawn = draw_others(value.size - 1, int(size.max()), first, last, seed)
    sums = np.cumsum(value[drawn], axis=0)
    each = np.where(size > 0, weight[np.minimum(first_weight[:-1], weight.size - 1)], 1.0)
    low, high = (observed - slack) / each, (observed + slack) / each
    for neighbours in np.unique(size[size > 0]):
        who = np.flatnonzero(size == neighbours)
        ranked = np.sort(sums[neighbours - 1])
        counts[who, 0] = block - np.searchsorted(ranked, low[who], side="left")
        counts[who, 1] = np.searchsorted(ranked, high[who], side="right")

    held = np.arange(drawn.shape[0])[:, None] < size[drawn]
    area, permutation = drawn[held], np.nonzero(held)[1]
    before = sums[size[area] - 1, permutation]
    after = before - value[area] + value[-1]
    for side, mends in enumerate(
        (
            (after >= low[area]).astype(np.int64) - (before >= low[area]),
            (after <= high[area]).astype(np.int64) - (before <= high[area]),
        )
    ):
        counts[:, side] += np.bincount(area, weights=mends, minlength=value.size).astype(np.int64)
    return counts


def draw_others(places: int, size: int, first: int, last: int, seed: int) -> NDArray[np.int64]:
    """Ordered samples without replacement, those of `lcr_kernels.permutation.draw_others`.

    Parameters
    ----------
    places : int
        Draws are from 0 … places − 1.
    size : int
        Draws of a permutation.
    first, last : int
        Permutations.
    seed : int

    Returns
    -------
    int64[draw, permutation]
    """
    uniform = _uniforms((size + 1) // 2, np.arange(first, last, dtype=np.uint64), seed)
    # Of a shuffle of the deck only the places that were changed are known: a place holds what it was last given.
    at: list[NDArray[np.int64]] = []
    gave: list[NDArray[np.int64]] = []
    out = np.empty((size, last - first), np.int64)
    for m in range(size):
        target = m + (uniform[m] * (places - m)).astype(np.int64)
        here, there = np.full(last - first, m), target.copy()
        for swapped, given in zip(at, gave, strict=True):
            np.copyto(here, given, where=swapped == m)
            np.copyto(there, given, where=swapped == target)
        out[m] = there
        at.append(target)
        gave.append(here)
    return out


def _uniforms(pairs: int, item: NDArray[np.uint64], seed: int) -> FloatArray:
    """float64[draw, item] in [0, 1): Philox4x32-10 as `lcr_kernels.philox.uniform_pair`, all items at once."""
    c0 = np.repeat(np.arange(pairs, dtype=np.uint64)[:, None], item.size, axis=1)
    c1 = np.broadcast_to(item & _MASK, c0.shape)
    c2 = np.broadcast_to(item >> _HALF, c0.shape)
    c3 = np.full(c0.shape, STREAM_PERMUTATION, np.uint64)
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        left, right = _MULTIPLY[0] * c0, _MULTIPLY[1] * c2
        c0, c1 = (right >> _HALF) ^ c1 ^ np.uint64(k0), right & _MASK
        c2, c3 = (left >> _HALF) ^ c3 ^ np.uint64(k1), left & _MASK
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    words = np.stack([(c0 << _HALF) | c1, (c2 << _HALF) | c3], axis=1)
    uniform: FloatArray = (words >> _DROP).astype(np.float64).reshape(2 * pairs, item.size) * 2.0**-53
    return uniform
