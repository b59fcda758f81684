"""Deaths by MSOA and age band with the region's gradient of life expectancy along deprivation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lcr_hpc.spine.areas import People, Zones
from lcr_hpc.spine.twin.random import Floats, Stream, normal, uniform

AGE_BANDS = np.array([0, 1, *range(5, 95, 5)], dtype=np.int64)
FIRST_YEAR, LAST_YEAR = 2020, 2024

# Gompertz hazard a·exp(b·age) plus an infant term, scaled by exp(gradient·(0.5 − ridit) + noise). `a` is set so that
# the mean life expectancy of MSOAs is the published 79.5 years, `gradient` so that their slope index is the 9.1 years
# of the published values along IMD 2019, and the noise leaves the published residual of 1.8 years, chance included.
GOMPERTZ_A = 3.7e-5
GOMPERTZ_B = 0.0905
INFANT_RATE = 0.0040
GRADIENT = 0.56
NOISE_SD = 0.13
YOUNG_GRADIENT = 0.6
"""Inequality of death rates is largest in middle age: the gradient is higher by this share at 50, less at 90"""


def make_deaths(zones: Zones, people: People, seed: int) -> npt.NDArray[np.int64]:
    """Deaths over five years, int64[msoa, age_band]: Poisson about the hazard times person-years."""
    persons = persons_by_band(zones, people)
    weight = people.population.sum(axis=1).astype(np.float64)
    msoa_weight = np.bincount(zones.msoa, weight)
    rank = np.bincount(zones.msoa, weight * people.rank) / np.maximum(msoa_weight, 1)
    order = np.argsort(rank, kind="stable")
    ridit = np.empty(len(rank))
    ridit[order] = (np.cumsum(msoa_weight[order]) - msoa_weight[order] / 2) / max(msoa_weight.sum(), 1)
    noise = NOISE_SD * normal(seed, Stream.MORTALITY, len(rank), 1)[:, 0]
    expected = persons * (LAST_YEAR - FIRST_YEAR + 1) * _hazard(0.5 - ridit, noise)
    chance = uniform(seed, Stream.LIFE_EXPECTANCY, *expected.shape)
    return _poisson(expected, chance)


def persons_by_band(zones: Zones, people: People) -> Floats:
    """Residents of each MSOA by age band, float64[msoa, age_band]."""
    by_band = np.add.reduceat(people.population, AGE_BANDS, axis=1)
    sums = np.zeros((len(zones.msoa_code), len(AGE_BANDS)))
    np.add.at(sums, zones.msoa, by_band)
    return sums


def _hazard(deprived: Floats, noise: Floats) -> Floats:
    middle = AGE_BANDS + np.where(AGE_BANDS == 0, 0.5, np.where(AGE_BANDS == 1, 2.0, 2.5))
    base = GOMPERTZ_A * np.exp(GOMPERTZ_B * middle) + np.where(AGE_BANDS == 0, INFANT_RATE, 0.0)
    steep = GRADIENT * (1 + YOUNG_GRADIENT * np.clip((90 - middle) / 40, 0, 1))
    rate: Floats = base * np.exp(deprived[:, None] * steep + noise[:, None])
    return rate


def _poisson(mean: Floats, chance: Floats) -> npt.NDArray[np.int64]:
    from scipy.stats import poisson

    drawn: npt.NDArray[np.int64] = poisson.ppf(chance, mean).astype(np.int64)
    return drawn
