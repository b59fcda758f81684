"""One abridged life table, column by column as on paper, from 100,000 births."""

from __future__ import annotations

import math


def life_table(deaths, population, age_start):
    """Expectancy, standard error and years lived in each band, per 100,000 births, by age band."""
    bands = range(len(age_start))
    last = bands[-1]
    rate = [deaths[x] / population[x] for x in bands]
    width = [age_start[x + 1] - age_start[x] for x in bands[:-1]] + [math.inf]
    lived = [0.1 if age == 0 else 0.5 for age in age_start]
    dying = [
        1.0 if x == last else min(1.0, width[x] * rate[x] / (1 + (1 - lived[x]) * width[x] * rate[x])) for x in bands
    ]
    alive = [100_000.0]
    for x in bands[:-1]:
        alive.append(alive[x] - alive[x] * dying[x])
    years = [width[x] * (alive[x + 1] + lived[x] * (alive[x] - alive[x + 1])) for x in bands[:-1]]
    years.append(alive[last] / rate[last])
    expectancy = [sum(years[x:]) / alive[x] for x in bands]

    def term(x):
        if x == last:
            return (alive[x] / 2) ** 2 * 4 / (deaths[x] * rate[x] ** 2)
        spread = dying[x] ** 2 * (1 - dying[x]) / deaths[x] if deaths[x] else 0.0
        return spread * alive[x] ** 2 * ((1 - lived[x]) * width[x] + expectancy[x + 1]) ** 2

    error = [math.sqrt(sum(term(y) for y in bands[x:]) / alive[x] ** 2) for x in bands]
    return expectancy, error, years
