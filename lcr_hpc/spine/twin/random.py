"""The twin's only source of chance: Philox counters; a number depends on its name, never on the order of work.

Key (seed, stream), counter (item, draw): area 17's third number of the stream "population" is the same whether the
twin has 20 areas or 33,000, and whether it is asked for first or last.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Floats = npt.NDArray[np.float64]
_LANES = 4  # a Philox 4x64 counter step gives four numbers


class Stream(IntEnum):
    """What a number is for. Never renumber: the numbers are part of the twin's identity."""

    SITE = 1
    MSOA = 2
    DEPRIVATION = 3
    POPULATION = 4
    AGE = 5
    MORTALITY = 6
    ROAD_NODE = 7
    ROAD_LINK = 8
    JOBS = 9
    DEMAND = 10
    COUNT_SITE = 11
    COUNT_DAY = 12
    COUNT = 13
    COUNT_FAULT = 14
    WIND = 15
    TEMPERATURE = 16
    CLOUD = 17
    AIR_SITE = 18
    AIR_REGION = 19
    AIR = 20
    AIR_FAULT = 21
    LOW_COST = 22
    ENERGY_SITE = 23
    ENERGY = 24
    SERVICE = 25
    LIFE_EXPECTANCY = 26
    OUTSIDE = 27


def uniform(seed: int, stream: Stream, items: int, draws: int = 1, *, first: int = 0) -> Floats:
    """Numbers in (0, 1), 53 bits.

    Parameters
    ----------
    seed : int
        Seed of the twin.
    stream : Stream
        What they are for.
    items : int
        Items (areas, sites, hours …) that get numbers.
    draws : int
        Numbers of an item; a stream always uses the same number of draws.
    first : int
        Number of the first item: hour 490,000 since 1970 may be asked for on its own.

    Returns
    -------
    float64[items, draws]
    """
    steps = -(-draws // _LANES)
    # The key takes two 64-bit words and the counter four; both are exact for every item that fits an int64.
    generator: Any = np.random.Philox(key=np.array([seed, int(stream)], dtype=np.uint64), counter=first * steps)
    raw = generator.random_raw(items * steps * _LANES).reshape(items, steps * _LANES)[:, :draws]
    numbers: Floats = ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return numbers


def normal(seed: int, stream: Stream, items: int, draws: int = 1, *, first: int = 0) -> Floats:
    """Standard normal numbers, by the inverse of the distribution: see `uniform`."""
    values: Floats = ndtri(uniform(seed, stream, items, draws, first=first))
    return values


def memory(seed: int, stream: Stream, first: int, count: int, *, hours: float, reach: int = 6) -> Floats:
    """Stationary noise over time with unit variance and a memory of about `hours`.

    A moving average of white noise, so that the value of an hour depends on its number alone and not on where a
    series starts.

    Returns
    -------
    float64[count]
    """
    window = round(reach * hours)
    weights = np.exp(-np.arange(window) / hours)
    weights /= np.sqrt(np.sum(weights**2))
    white = normal(seed, stream, count + window - 1, first=first - window + 1)[:, 0]
    noise: Floats = np.convolve(white, weights, mode="valid")
    return noise
