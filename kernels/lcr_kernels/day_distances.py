"""How far each day's values lie from those of other days: two-sample Kolmogorov–Smirnov distances in one sweep."""

import numpy as np

from lcr_kernels._jit import kernel


@kernel
def day_distances(value, day, days):
    """Largest difference between a day's empirical distribution function and that of the earlier days.

    value    float64[reading]  ascending, any unit, no NaN
    day      int64[reading]    day of each reading, 0 … days - 1; the last is judged, the others are earlier
    days     int               days, two or more
    returns  float64[days]     0 to 1. Of the last day: against all earlier ones together. Of an earlier day: against
             the other earlier ones. NaN = the day, or all that it is held against, has no reading

    Equal values step together, so that ties make no difference.
    """
    last = days - 1
    size = np.zeros(days, np.int64)
    for d in day:
        size[d] += 1
    earlier = len(value) - size[last]
    below = np.zeros(days, np.int64)
    below_earlier = 0
    distance = np.zeros(days)
    for k in range(len(value)):
        below[day[k]] += 1
        if day[k] != last:
            below_earlier += 1
        if k + 1 < len(value) and value[k + 1] == value[k]:
            continue
        for d in range(days):
            others = earlier if d == last else earlier - size[d]
            if size[d] == 0 or others == 0:
                continue
            low = below_earlier if d == last else below_earlier - below[d]
            distance[d] = max(distance[d], abs(below[d] / size[d] - low / others))
    for d in range(days):
        others = earlier if d == last else earlier - size[d]
        if size[d] == 0 or others == 0:
            distance[d] = np.nan
    return distance
