"""Volume–delay functions other than BPR: what a link's delay is at a ratio of flow to capacity.

Each takes the ratio x = flow / capacity and the link's parameter, and returns three numbers without a unit: the rise
of the cost (0 at x = 0), its derivative by x, and its integral from 0 to x. The cost of a link is

    cost(x) = fixed + congestion · rise(x)

so that the four arrays of `RoadNetwork` hold every function; `power` is the link's parameter.

BPR2      cost over capacity rises with twice the power; `power` as in BPR, congestion = free-flow time · b
conical   Spiess, Conical volume-delay functions, Transportation Science 24 (1990): `power` is α > 1,
          congestion = free-flow time · b, and b = 1 is Spiess's function, which doubles the time at capacity
Akçelik   Akçelik, Travel time functions for transport planning purposes, Australian Road Research 21 (1991):
          `power` is k = 8·J / (capacity · T), congestion = T / 4 · length, of a delay parameter J and a flow period T
"""

import math

import numpy as np

from lcr_kernels._jit import kernel

BPR, BPR2, CONICAL, AKCELIK = 0, 1, 2, 3


@kernel
def delay(function, ratio, power):
    """Rise of the cost, its slope and its integral, by the number of the function (BPR2, CONICAL or AKCELIK).

    function  int8     as above
    ratio     float64  flow / capacity, >= 0
    power     float64  parameter of the link
    returns   (float64, float64, float64)
    """
    if function == CONICAL:
        return conical(ratio, power)
    if function == AKCELIK:
        return akcelik(ratio, power)
    return bpr2(ratio, power)


@kernel
def rises(function, ratio, power):
    """Rise of the cost of many links; arrays by link as in `delay`.

    returns  float64[link]
    """
    rise = np.empty(ratio.size)
    for link in range(ratio.size):
        rise[link] = delay(function[link], ratio[link], power[link])[0]
    return rise


@kernel
def bpr2(ratio, power):
    """Ratio ** power up to capacity, ratio ** (2·power) above; the slope has a step at capacity.

    A power between 0 and 1 has an infinite slope at zero flow: it is taken at a millionth of the capacity.
    """
    if power == 0.0:
        return 1.0, 0.0, ratio
    if ratio <= 1.0:
        rise = math.pow(ratio, power)
        slope = power * math.pow(ratio if power >= 1.0 else max(ratio, 1e-6), power - 1.0)
        return rise, slope, ratio * rise / (power + 1.0)
    twice = 2.0 * power
    rise = math.pow(ratio, twice)
    return rise, twice * rise / ratio, 1.0 / (power + 1.0) + (ratio * rise - 1.0) / (twice + 1.0)


@kernel
def conical(ratio, alpha):
    """1 + √(α²(1 − x)² + β²) − α(1 − x) − β with β = (2α − 1) / (2α − 2).

    Near an empty road that difference of large numbers would lose its digits; the same number is
    (α + β − 1 is the root at x = 0)   α·x + ((α(1 − x))² − α²) / (root + α + β − 1).
    """
    beta = (2.0 * alpha - 1.0) / (2.0 * alpha - 2.0)
    room = alpha * (1.0 - ratio)
    root = math.sqrt(room * room + beta * beta)
    empty = alpha + beta - 1.0
    rise = alpha * ratio + (room * room - alpha * alpha) / (root + empty)
    slope = alpha - alpha * room / root
    area = (_root_area(alpha, beta * beta) - _root_area(room, beta * beta)) / alpha
    return rise, slope, area - empty * ratio + 0.5 * alpha * ratio * ratio


@kernel
def akcelik(ratio, k):
    """(x − 1) + √((x − 1)² + k·x).

    Below capacity written as k·x / (√… + 1 − x), which keeps its digits where a queue is short. The slope of
    k = 0, a step at capacity, is taken as 1 there.
    """
    over = ratio - 1.0
    root = math.sqrt(over * over + k * ratio)
    rise = over + root if over >= 0.0 else k * ratio / (root - over)
    slope = 1.0 + (over + 0.5 * k) / root if root > 0.0 else 1.0
    middle = 1.0 - 0.5 * k
    constant = k * (1.0 - 0.25 * k)
    area = _root_area(ratio - middle, constant) - _root_area(-middle, constant)
    return rise, slope, 0.5 * ratio * ratio - ratio + area


@kernel
def _root_area(v, constant):
    """An integral of √(v² + constant); where the constant is negative, of v beyond its root only."""
    if constant > 0.0:
        width = math.sqrt(constant)
        return 0.5 * (v * math.sqrt(v * v + constant) + constant * math.asinh(v / width))
    if constant < 0.0:
        root = math.sqrt(max(v * v + constant, 0.0))
        return 0.5 * (v * root + constant * math.log(v + root))
    return 0.5 * v * abs(v)
