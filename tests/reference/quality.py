"""Quality flags of one observation at a time, rule by rule as docs/spine.md states them."""

from __future__ import annotations

import math

import numpy as np

GOOD, MISSING, SENTINEL, OUT_OF_RANGE, STUCK, SPIKE, CLOCK_JUMP = range(7)


def flag(series, t, jump, low, high, sentinel, stuck, spike_above, spike_ratio) -> int:
    """Flag of observation t of one series, by the first rule that holds."""
    v = series[t]
    if math.isnan(v):
        return MISSING
    if sentinel[0] <= v <= sentinel[1]:
        return SENTINEL
    if v < low or v > high:
        return OUT_OF_RANGE
    if jump:
        return CLOCK_JUMP
    if stuck > 0 and v != 0:
        for begin in range(t - stuck + 1, t + 1):
            if begin >= 0 and begin + stuck <= len(series) and all(series[begin + k] == v for k in range(stuck)):
                return STUCK
    if spike_ratio >= 0 and 0 < t < len(series) - 1:
        around = [series[t - 1], v, series[t + 1]]
        if all(low <= u <= high and not sentinel[0] <= u <= sentinel[1] for u in around):
            median = sorted(around)[1]
            small, large = sorted([v, median])
            # In float32, as values are stored: the threshold itself must fall on the same side.
            if large - small > np.float32(spike_above) + np.float32(spike_ratio) * max(small, np.float32(0)):
                return SPIKE
    return GOOD
