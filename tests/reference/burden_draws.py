"""Burden of one area and draw at a time, from the formulas and the numbers' names alone."""

from __future__ import annotations

import math

from tests.reference.philox import draw, philox

STREAM_RISK, STREAM_EXPOSURE, STREAM_BASELINE = 4, 5, 6


def normal(seed, stream, item, number):
    """Draw `number`: even ones are the cosine of a pair of Box and Muller's, odd ones its sine."""
    pair = number // 2
    radius = math.sqrt(-2 * math.log(1 - draw(seed, stream, item, 2 * pair)))
    angle = 2 * math.pi * draw(seed, stream, item, 2 * pair + 1)
    return radius * (math.cos(angle) if number % 2 == 0 else math.sin(angle))


def shares(seed, stream, attempt, item, number):
    """Four numbers in (0, 1) of an attempt at a draw."""
    words = philox((number, item % 2**32, item >> 32, stream + (attempt << 16)), (seed % 2**32, seed >> 32))
    return [(w + 0.5) / 2**32 for w in words]


def gamma(mean, shape, seed, stream, item, number):
    """Marsaglia and Tsang's; the first attempt of a pair of draws shares one pair of normal numbers."""
    if shape == 0:
        return 0.0
    d = (shape + 1 if shape < 1 else shape) - 1 / 3
    boost = shares(seed, stream, 0xFFFF, item, number)[0] ** (1 / shape) if shape < 1 else 1
    for attempt in range(64):
        second = attempt == 0 and number % 2 == 1
        one, two, three, four = shares(seed, stream, attempt, item, number - second)
        z = math.sqrt(-2 * math.log(one)) * (math.sin if second else math.cos)(2 * math.pi * two)
        v = (1 + z / math.sqrt(9 * d)) ** 3
        if v > 0 and math.log(four if second else three) < z * z / 2 + d * (1 - v + math.log(v)):
            return mean / shape * d * v * boost
    raise AssertionError("64 refusals in a row")


def deaths(area, number, *, exposure, baseline, events, risk, cutoff, error, seed, cause=0, pollutant=0):
    spread = math.sqrt(math.log(1 + error**2))
    level = exposure * math.exp(
        spread * normal(seed, STREAM_EXPOSURE, pollutant * 2**40 + area, number) - spread**2 / 2
    )
    central, lower, upper, per = risk
    log_risk = math.log(central) + (math.log(upper) - math.log(lower)) / (2 * 1.959963984540054) * normal(
        seed, STREAM_RISK, cause, number
    )
    cases = gamma(baseline, events, seed, STREAM_BASELINE, cause * 2**40 + area, number)
    return cases * (1 - math.exp(-log_risk * max(level - cutoff, 0) / per))
