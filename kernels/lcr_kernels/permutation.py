"""Conditional permutation of a map: how often chance alone gives an area such neighbours.

An area keeps its own value, and its k neighbours get those of k others drawn without replacement. Only counts are kept,
never the simulated statistics. One set of draws serves all areas, as is usual: draw d of 0 … n−2 is area d, except that
for area i itself the last area, n−1, stands in. That stand-in is what makes the work small: with equal weights the sums
of k drawn values are the same for every area, but for the few permutations that hold the area itself.
"""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.philox import STREAM_PERMUTATION, uniform_pair


@kernel
def lag_counts(value, observed, slack, first_weight, weight, equal, first, last, seed):
    """Permutations whose spatial lag is at least, and at most, the observed one.

    Parameters
    ----------
    value : float64[area]
        What is permuted; no NaN.
    observed : float64[area]
        Lag of each area: sum of weight times neighbour's value.
    slack : float64[area]
        Lags closer than this are equal: sums of the same values in another order are a tie.
    first_weight : int64[area + 1]
        Weights of area i: weight[first_weight[i]:first_weight[i + 1]].
    weight : float64[neighbour]
    equal : bool[area]
        All weights of the area are the same.
    first, last : int
        Permutations first … last − 1: a block of them.
    seed : uint64

    Returns
    -------
    int64[area, 2]
        Counts of lags >= and <= the observed one; 0 for an area without neighbours. Blocks add up.
    """
    areas = value.size
    block = last - first
    counts = np.zeros((areas, 2), np.int64)
    most = _most_neighbours(first_weight)
    if most == 0:
        return counts
    drawn = draw_others(areas - 1, most, first, last, seed)
    sums = _running_sums(value, drawn)
    start, place = _occurrences(drawn, areas)
    stand_in = value[areas - 1]
    current = value.copy()
    lag = np.empty(block)
    for i in range(areas):
        begin, end = first_weight[i], first_weight[i + 1]
        size = end - begin
        if size == 0:
            continue
        above, below = 0, 0
        if equal[i]:
            low = (observed[i] - slack[i]) / weight[begin]
            high = (observed[i] + slack[i]) / weight[begin]
            row = sums[size - 1]
            for p in range(block):
                above += row[p] >= low
                below += row[p] <= high
            for at in range(start[i], start[i + 1]):
                if place[at] >= size * block:
                    break
                before = row[place[at] % block]
                after = before - value[i] + stand_in
                above += int(after >= low) - int(before >= low)
                below += int(after <= high) - int(before <= high)
        else:
            current[i] = stand_in
            lag[:] = 0.0
            for m in range(size):
                w = weight[begin + m]
                row_drawn = drawn[m]
                for p in range(block):
                    lag[p] += w * current[row_drawn[p]]
            current[i] = value[i]
            low = observed[i] - slack[i]
            high = observed[i] + slack[i]
            for p in range(block):
                above += lag[p] >= low
                below += lag[p] <= high
        counts[i, 0] = above
        counts[i, 1] = below
    return counts


@kernel
def geary_counts(value, observed, slack, first_weight, weight, first, last, seed):
    """Permutations whose sum of weighted squared differences is at least, and at most, the observed one.

    Parameters
    ----------
    value, observed, slack, first_weight, weight, first, last, seed
        As for `lag_counts`; `observed` is the sum over neighbours of weight · (value − neighbour's value)².

    Returns
    -------
    int64[area, 2]
        As `lag_counts`, from the same draws.
    """
    areas = value.size
    block = last - first
    counts = np.zeros((areas, 2), np.int64)
    most = _most_neighbours(first_weight)
    if most == 0:
        return counts
    drawn = draw_others(areas - 1, most, first, last, seed)
    current = value.copy()
    total = np.empty(block)
    for i in range(areas):
        begin, end = first_weight[i], first_weight[i + 1]
        if begin == end:
            continue
        own = value[i]
        current[i] = value[areas - 1]
        total[:] = 0.0
        for m in range(end - begin):
            w = weight[begin + m]
            row_drawn = drawn[m]
            for p in range(block):
                apart = own - current[row_drawn[p]]
                total[p] += w * apart * apart
        current[i] = own
        above, below = 0, 0
        for p in range(block):
            above += total[p] >= observed[i] - slack[i]
            below += total[p] <= observed[i] + slack[i]
        counts[i, 0] = above
        counts[i, 1] = below
    return counts


@kernel
def _most_neighbours(first_weight):
    """Largest number of neighbours of an area."""
    most = 0
    for i in range(first_weight.size - 1):
        most = max(most, first_weight[i + 1] - first_weight[i])
    return most


@kernel
def draw_others(places, size, first, last, seed):
    """Ordered samples without replacement; any number of their first draws is such a sample too.

    Parameters
    ----------
    places : int
        Draws are from 0 … places − 1.
    size : int
        Draws of a permutation, at most `places`.
    first, last : int
        Permutations.
    seed : uint64

    Returns
    -------
    int32[draw, permutation]

    Notes
    -----
    The first `size` steps of Fisher and Yates' shuffle on one deck, taken back afterwards: no rejection, so that the
    place of a draw in the stream does not depend on the others.
    """
    out = np.empty((size, last - first), np.int32)
    deck = np.arange(places).astype(np.int32)
    swapped = np.empty(size + 1, np.int64)
    for p in range(first, last):
        for m in range(0, size, 2):
            one, two = uniform_pair(seed, STREAM_PERMUTATION, p, m >> 1)
            swapped[m] = m + int(one * (places - m))
            swapped[m + 1] = m + 1 + int(two * (places - m - 1))
        for m in range(size):
            at = swapped[m]
            deck[m], deck[at] = deck[at], deck[m]
            out[m, p - first] = deck[m]
        for m in range(size - 1, -1, -1):
            at = swapped[m]
            deck[m], deck[at] = deck[at], deck[m]
    return out


@kernel
def _running_sums(value, drawn):
    """float64[draw, permutation]: sum of the values drawn so far."""
    size, block = drawn.shape
    sums = np.empty((size, block))
    for p in range(block):
        sums[0, p] = value[drawn[0, p]]
    for m in range(1, size):
        for p in range(block):
            sums[m, p] = sums[m - 1, p] + value[drawn[m, p]]
    return sums


@kernel
def _occurrences(drawn, areas):
    """Where each area was drawn: place = draw · block + permutation, rising, in place[start[i]:start[i + 1]]."""
    size, block = drawn.shape
    start = np.zeros(areas + 1, np.int64)
    for m in range(size):
        for p in range(block):
            start[drawn[m, p] + 1] += 1
    for i in range(areas):
        start[i + 1] += start[i]
    free = start[:-1].copy()
    place = np.empty(size * block, np.int64)
    for m in range(size):
        for p in range(block):
            i = drawn[m, p]
            place[free[i]] = m * block + p
            free[i] += 1
    return start, place
