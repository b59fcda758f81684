"""Directly standardised rates: weighted sums over age bands."""

import numpy as np

from lcr_kernels._jit import kernel


@kernel
def weighted_rates(count, population, weight):
    """Rate weighted to a standard population, its variance and the events behind it.

    Parameters
    ----------
    count, population : float64[row, age]
        Events and person-years, every population above 0.
    weight : float64[row, age]
        Share of the standard population in each band; each row adds to 1.

    Returns
    -------
    float64[row, 3]
        Rate per person-year, its Poisson variance, and the events.
    """
    rows, ages = count.shape
    out = np.zeros((rows, 3))
    for r in range(rows):
        for x in range(ages):
            share = weight[r, x] / population[r, x]
            out[r, 0] += share * count[r, x]
            out[r, 1] += share * share * count[r, x]
            out[r, 2] += count[r, x]
    return out
