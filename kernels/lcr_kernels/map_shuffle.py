"""Permutation of a whole map: how often chance alone gives such a pattern."""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.philox import STREAM_SHUFFLE, uniform_pair


@kernel
def shuffle_counts(value, observed, slack, first_neighbour, neighbour, weight, difference, first, last, seed):
    """Shuffles of a map whose sum over all links is at least, and at most, the observed one.

    Parameters
    ----------
    value : float64[area]
        From their mean; no NaN.
    observed : float64
        Sum of weight · value · neighbour's value, or of weight · (value − neighbour's value)².
    slack : float64
        Sums closer than this are equal.
    first_neighbour : int64[area + 1]
        Neighbours of area i: first_neighbour[i] … first_neighbour[i + 1] − 1.
    neighbour : int64[link]
    weight : float64[link]
    difference : bool
        Squared differences in place of products.
    first, last : int
        Permutations first … last − 1.
    seed : uint64

    Returns
    -------
    int64[2]
    """
    areas = value.size
    counts = np.zeros(2, np.int64)
    shuffled = np.empty(areas)
    for p in range(first, last):
        shuffled[:] = value
        for m in range(0, areas - 1, 2):
            one, two = uniform_pair(seed, STREAM_SHUFFLE, p, m >> 1)
            at = m + int(one * (areas - m))
            shuffled[m], shuffled[at] = shuffled[at], shuffled[m]
            at = m + 1 + int(two * (areas - m - 1))
            shuffled[m + 1], shuffled[at] = shuffled[at], shuffled[m + 1]
        total = 0.0
        for i in range(areas):
            own = shuffled[i]
            part = 0.0
            for at in range(first_neighbour[i], first_neighbour[i + 1]):
                other = shuffled[neighbour[at]]
                part += weight[at] * ((own - other) * (own - other) if difference else own * other)
            total += part
        counts[0] += total >= observed - slack
        counts[1] += total <= observed + slack
    return counts
