"""Abridged period life tables (Chiang's second method) and the variance of their expectancies."""

import numpy as np

from lcr_kernels._jit import kernel


@kernel
def life_tables(deaths, population, width, lived):
    """Life expectancy at the start of each age band, its variance and the years lived in the band.

    Parameters
    ----------
    deaths, population : float64[row, age]
        Deaths and person-years, every population above 0; the last band is open-ended and has deaths.
    width : float64[age]
        Years in each band; the last is not used.
    lived : float64[age]
        Share of the band lived by those who die in it (0.1 in the first year of life, else 0.5).

    Returns
    -------
    float64[row, age, 3]
        Expectancy in years, its variance in years squared (Silcocks' term for the open band), and years lived in the
        band by one person born. NaN at ages that nobody reaches.

    Notes
    -----
    Chiang 1978, Life Table and Mortality Analysis (WHO); Silcocks, Jenner and Reza 2001, J Epidemiol Community Health
    55:38-43. A band's probability of dying is held at 1, since a rate above 1/(width lived) leaves fewer than none
    alive.
    """
    rows, ages = deaths.shape
    last = ages - 1
    out = np.full((rows, ages, 3), np.nan)
    alive = np.empty(ages)
    dying = np.empty(ages)
    for r in range(rows):
        alive[0] = 1.0
        for x in range(last):
            rate = deaths[r, x] / population[r, x]
            q = width[x] * rate / (1.0 + width[x] * rate * (1.0 - lived[x]))
            q = min(q, 1.0)
            dying[x] = q
            alive[x + 1] = alive[x] * (1.0 - q)
            out[r, x, 2] = width[x] * alive[x] * (1.0 - q * (1.0 - lived[x]))
        rate = deaths[r, last] / population[r, last]
        years = alive[last] / rate
        weighted = (0.5 * alive[last]) ** 2 * 4.0 / (deaths[r, last] * rate * rate)
        out[r, last, 2] = years
        if alive[last] > 0.0:
            out[r, last, 0] = years / alive[last]
            out[r, last, 1] = weighted / alive[last] ** 2
        for x in range(last - 1, -1, -1):
            following = out[r, x + 1, 0]
            if deaths[r, x] > 0.0:
                variance = dying[x] ** 2 * (1.0 - dying[x]) / deaths[r, x]
                reach = (1.0 - lived[x]) * width[x]
                if alive[x + 1] > 0.0:
                    reach += following
                weighted += variance * alive[x] ** 2 * reach**2
            years += out[r, x, 2]
            if alive[x] > 0.0:
                out[r, x, 0] = years / alive[x]
                out[r, x, 1] = weighted / alive[x] ** 2
    return out
