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

    Returns
    -------
    float64[item, draw]

    Notes
    -----
    Marsaglia and Tsang 2000, ACM Trans Math Softw 26:363-372; below a shape of 1 that of shape + 1 times U^(1/shape).
    One Philox call gives a draw's normal and its uniforms, 32 bits each; one in twenty or fewer is drawn again.
    """
    items = mean.size
    out = np.empty((items, draws))
    for i in range(items):
        if not shape[i] > 0.0:
            out[i, :] = 0.0 if shape[i] == 0.0 else np.nan
            continue
        small = shape[i] < 1.0
        d = (shape[i] + 1.0 if small else shape[i]) - 1.0 / 3.0
        c = 1.0 / math.sqrt(9.0 * d)
        scale = mean[i] / shape[i] * d
        name = np.uint64(first_item + i)
        for k in range(draws):
            value = 0.0
            attempt = 0
            while attempt < 64:
                one, two, three, four = philox(
                    np.uint64(first_draw + k),
                    name & _MASK,
                    name >> _HALF,
                    np.uint64(stream) | (np.uint64(attempt) << _ATTEMPT),
                    np.uint64(seed) & _MASK,
                    np.uint64(seed) >> _HALF,
                )
                z = math.sqrt(-2.0 * math.log(_share(one))) * math.cos(2.0 * math.pi * _share(two))
                cube = (1.0 + c * z) ** 3
                attempt += 1
                if cube <= 0.0:
                    continue
                u = _share(three)
                value = cube
                if small:
                    value *= _share(four) ** (1.0 / shape[i])
                square = z * z
                if u < 1.0 - 0.0331 * square * square:
                    break
                if math.log(u) < 0.5 * square + d * (1.0 - cube + math.log(cube)):
                    break
            out[i, k] = scale * value
    return out


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
