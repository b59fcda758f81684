"""Draws of uncertain numbers, each named by what it is of: the same for any block of items or draws it is asked in."""

import math

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.philox import philox, uniform_pair

STREAM_RISK = 4
"""Logarithm of a relative risk; item = cause."""
STREAM_EXPOSURE = 5
"""Error of an exposure; item = pollutant · 2**40 + area."""
STREAM_BASELINE = 6
"""Baseline of a burden; item = cause · 2**40 + area."""
STREAM_VALUE = 7
"""Error of any other value; item = attribute · 2**40 + place."""
STREAM_SLOPE = 8
"""Slope and mean of a regression; item 0."""

_MASK = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ATTEMPT = np.uint64(16)
_BOOST = 0xFFFF


@kernel
def standard_normals(seed, stream, first_item, items, first_draw, draws):
    """Standard normal numbers after Box and Muller.

    Parameters
    ----------
    seed, stream : uint64
    first_item, items : int
    first_draw, draws : int
        first_draw is even.

    Returns
    -------
    float64[item, draw]
    """
    out = np.empty((items, draws))
    for i in range(items):
        for d in range(0, draws, 2):
            one, two = uniform_pair(seed, stream, first_item + i, (first_draw + d) >> 1)
            radius = math.sqrt(-2.0 * math.log1p(-one))
            angle = 2.0 * math.pi * two
            out[i, d] = radius * math.cos(angle)
            if d + 1 < draws:
                out[i, d + 1] = radius * math.sin(angle)
    return out


@kernel
def gamma_draws(mean, shape, seed, stream, first_item, first_draw, draws):
    """Gamma-distributed numbers of given means.

    Parameters
    ----------
    mean : float64[item]
    shape : float64[item]
        Events that the mean rests on: the relative standard deviation is 1/√shape. 0 gives 0; NaN gives NaN.
    seed, stream : uint64
        stream below 2**16.
    first_item : int
    first_draw, draws : int
        first_draw is even.

    Returns
    -------
    float64[item, draw]

    Notes
    -----
    Marsaglia and Tsang 2000, ACM Trans Math Softw 26:363-372; below a shape of 1 that of shape + 1 times U^(1/shape).
    One Philox call gives two draws their normal and uniform numbers, 32 bits each; a draw that is refused, one in
    twenty or fewer, goes on with calls of its own.
    """
    items = mean.size
    out = np.empty((items, draws))
    for i in range(items):
        if not shape[i] > 0.0:
            out[i, :] = 0.0 if shape[i] == 0.0 else np.nan
            continue
        d = (shape[i] + 1.0 if shape[i] < 1.0 else shape[i]) - 1.0 / 3.0
        c = 1.0 / math.sqrt(9.0 * d)
        scale = mean[i] / shape[i] * d
        for k in range(0, draws, 2):
            one, two, three, four = _words(seed, stream, 0, first_item + i, first_draw + k)
            radius = math.sqrt(-2.0 * math.log(_share(one)))
            angle = 2.0 * math.pi * _share(two)
            out[i, k] = scale * _gamma(radius * math.cos(angle), _share(three), c, d)
            if k + 1 < draws:
                out[i, k + 1] = scale * _gamma(radius * math.sin(angle), _share(four), c, d)
        for k in range(draws):
            attempt = 1
            while out[i, k] < 0.0:
                one, two, three, _ = _words(seed, stream, attempt, first_item + i, first_draw + k)
                z = math.sqrt(-2.0 * math.log(_share(one))) * math.cos(2.0 * math.pi * _share(two))
                out[i, k] = scale * _gamma(z, _share(three), c, d)
                attempt += 1
        if shape[i] < 1.0:
            for k in range(draws):
                one, _, _, _ = _words(seed, stream, _BOOST, first_item + i, first_draw + k)
                out[i, k] *= _share(one) ** (1.0 / shape[i])
    return out


@kernel
def _gamma(z, u, c, d):
    """Gamma number over its scale from a normal and a uniform number; negative = refused."""
    root = 1.0 + c * z
    if root <= 0.0:
        return -1.0
    cube = root * root * root
    square = z * z
    if u < 1.0 - 0.0331 * square * square:
        return cube
    if math.log(u) < 0.5 * square + d * (1.0 - cube + math.log(cube)):
        return cube
    return -1.0


@kernel
def _words(seed, stream, attempt, item, draw):
    """Four words of 32 bits of an attempt at a draw."""
    name = np.uint64(item)
    return philox(
        np.uint64(draw),
        name & _MASK,
        name >> _HALF,
        np.uint64(stream) | (np.uint64(attempt) << _ATTEMPT),
        np.uint64(seed) & _MASK,
        np.uint64(seed) >> _HALF,
    )


@kernel
def _share(word):
    """In (0, 1): the middle of a word's stretch."""
    return (float(word) + 0.5) * 2.0**-32


@kernel
def weighted_sums(weight, value):
    """Weighted sums over items of each draw, in the items' order.

    Parameters
    ----------
    weight : float64[sum, item]
        0 leaves an item out, whatever its value.
    value : float64[item, draw]

    Returns
    -------
    float64[sum, draw]
        Of one block of items; blocks add up, in their order.
    """
    sums, items = weight.shape
    out = np.zeros((sums, value.shape[1]))
    for i in range(items):
        row = value[i]
        for s in range(sums):
            w = weight[s, i]
            if w == 0.0:
                continue
            total = out[s]
            for d in range(row.size):
                total[d] += w * row[d]
    return out
