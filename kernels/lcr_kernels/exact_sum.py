"""Sums of arrays that do not depend on the order: added up as integers, in two parts of a number.

A flow of 2⁰ to 2⁶⁰ units is an integer, and what is below a unit another, so that a sum loses nothing that a float64
could hold beside the largest flow. Ranks and threads may add in any order, and need not send each other their parts.
"""

import numpy as np

from lcr_kernels._jit import kernel

BELOW = 2.0**52
"""Parts of a unit. 2¹¹ sums of them fit an integer."""


@kernel
def add_exactly(values, unit, high, low):
    """Add numbers to their sums.

    values     float64[n]  >= 0; all that is ever added to a number is below 2⁶² units
    unit       float64     a power of 2
    high, low  int64[n]    written: units, and parts of a unit
    """
    for at in range(values.size):
        if values[at] != 0.0:
            scaled = values[at] / unit
            whole = np.floor(scaled)
            high[at] += np.int64(whole)
            low[at] += np.int64((scaled - whole) * BELOW)


@kernel
def exact_total(high, low, unit, total):
    """Write the sums as float64, into `total`."""
    for at in range(high.size):
        total[at] = (high[at] + low[at] / BELOW) * unit
