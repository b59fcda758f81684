"""Counter-based random numbers: a number depends on its own name alone, never on the order of work.

Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011, Parallel random numbers: as easy as 1, 2, 3, SC '11). Key: the seed.
Counter: (draw, item, stream). So draw 7 of permutation 40 is the same for any number of threads, workers and blocks.
"""

import numpy as np

from lcr_kernels._jit import kernel

STREAM_PERMUTATION = 1
"""Conditional permutation of a map; item = permutation, draw = place in the sample."""
STREAM_SHUFFLE = 2
"""Permutation of a whole map; item = permutation, draw = place in the shuffle."""
STREAM_ROUNDING = 3
"""Controlled rounding of a table; item = zone, draw = step."""

_MASK = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLY_0 = np.uint64(0xD2511F53)
_MULTIPLY_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_DROP = np.uint64(11)


@kernel
def uniform_pair(seed, stream, item, pair):
    """Two numbers in [0, 1) with 53 random bits each: draws 2·pair and 2·pair + 1 of an item.

    Parameters
    ----------
    seed : uint64
    stream : uint64
        What the numbers are for; below 2**32.
    item : int
        0 <= item < 2**63.
    pair : int
        0 <= pair < 2**32.

    Returns
    -------
    float64, float64
    """
    name = np.uint64(item)
    a, b, c, d = philox(
        np.uint64(pair),
        name & _MASK,
        name >> _HALF,
        np.uint64(stream),
        np.uint64(seed) & _MASK,
        np.uint64(seed) >> _HALF,
    )
    scale = 2.0**-53
    return float(((a << _HALF) | b) >> _DROP) * scale, float(((c << _HALF) | d) >> _DROP) * scale


@kernel
def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32.

    Parameters
    ----------
    c0, c1, c2, c3 : uint64
        Counter, 32 bits each.
    k0, k1 : uint64
        Key, 32 bits each.

    Returns
    -------
    uint64, uint64, uint64, uint64
        32 random bits each.
    """
    for _ in range(10):
        low = _MULTIPLY_0 * c0
        high = _MULTIPLY_1 * c2
        c0, c1, c2, c3 = (high >> _HALF) ^ c1 ^ k0, high & _MASK, (low >> _HALF) ^ c3 ^ k1, low & _MASK
        k0 = (k0 + _WEYL_0) & _MASK
        k1 = (k1 + _WEYL_1) & _MASK
    return c0, c1, c2, c3
