"""Quality flags of regular series: what is missing, a sentinel, implausible, stuck or a spike.

The rules are windows of a few intervals, so the flags of a day need the values of the intervals beside it, and of
nothing else. No value is changed.
"""

import numpy as np

from lcr_kernels._jit import kernel

GOOD, MISSING, SENTINEL, OUT_OF_RANGE, STUCK, SPIKE, CLOCK_JUMP = 0, 1, 2, 3, 4, 5, 6


@kernel
def flag_series(value, jump, first, count, low, high, sentinel_low, sentinel_high, stuck, spike_above, spike_ratio):
    """Flags of some intervals of many series, by the first rule that holds.

    value    float32[interval, site]  any unit; NaN = no observation. `stuck` - 1 intervals and at least one more before
             `first` and after `first + count` decide too, as far as there are any
    jump     bool[count, site]        instants that stand with two values, or whose clock is in doubt
    first, count  int                 intervals to flag
    low, high     float32             plausible values, both included
    sentinel_low, sentinel_high  float32   values that stand for a fault, both included
    stuck    int                      intervals in a row with one and the same value, not zero; 0 = no such rule
    spike_above, spike_ratio  float32 see below; a ratio below 0 = no such rule
    returns  int8[count, site]        1 missing, 2 sentinel, 3 out of range, 6 clock jump, 4 stuck, 5 spike, else 0

    Spike: let m be the median of an observation and its two neighbours, all three plausible. With a = min(v, m) and
    b = max(v, m), v is a spike when b - a > spike_above + spike_ratio max(a, 0): it stands alone above both, or alone
    below both, by that much.
    """
    intervals, sites = value.shape
    flag = np.zeros((count, sites), np.int8)
    start, stop = max(first - stuck + 1, 0), min(first + count + stuck - 1, intervals)
    if stuck > 0:
        before = np.zeros((count, sites), np.int32)
        run = np.zeros(sites, np.int32)
        for t in range(start, first + count):
            for s in range(sites):
                v = value[t, s]
                same = t > start and v == value[t - 1, s]
                run[s] = run[s] + 1 if same else (0 if np.isnan(v) else 1)
                if v == 0:
                    run[s] = 0
            if t >= first:
                before[t - first] = run
        run[:] = 0
        for t in range(stop - 1, first - 1, -1):
            for s in range(sites):
                v = value[t, s]
                same = t < stop - 1 and v == value[t + 1, s]
                run[s] = run[s] + 1 if same else (0 if np.isnan(v) else 1)
                if v == 0:
                    run[s] = 0
            if t < first + count:
                for s in range(sites):
                    if before[t - first, s] + run[s] - 1 >= stuck:
                        flag[t - first, s] = STUCK
    for t in range(first, first + count):
        k = t - first
        if spike_ratio >= 0 and 0 < t < intervals - 1:
            for s in range(sites):
                a, v, b = value[t - 1, s], value[t, s], value[t + 1, s]
                m = max(min(a, b), min(max(a, b), v))
                lower, upper = min(v, m), max(v, m)
                far = upper - lower > spike_above + spike_ratio * max(lower, np.float32(0))
                known = _plausible(a, low, high, sentinel_low, sentinel_high)
                known = known and _plausible(b, low, high, sentinel_low, sentinel_high)
                if far and known and flag[k, s] == GOOD:
                    flag[k, s] = SPIKE
        for s in range(sites):
            v = value[t, s]
            if jump[k, s]:
                flag[k, s] = CLOCK_JUMP
            if v < low or v > high:
                flag[k, s] = OUT_OF_RANGE
            if sentinel_low <= v <= sentinel_high:
                flag[k, s] = SENTINEL
            if np.isnan(v):
                flag[k, s] = MISSING
    return flag


@kernel
def _plausible(v, low, high, sentinel_low, sentinel_high):
    return low <= v <= high and not sentinel_low <= v <= sentinel_high
