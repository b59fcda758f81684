"""Residents by sex and disability, and how those go together with age: rules, no data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from lcr_hpc.spine.areas import People
from lcr_hpc.spine.twin.people import Ints
from lcr_hpc.spine.twin.random import Floats

AGE_FROM = (0, 15, 30, 45, 65, 75)
FEMALE = (0.49, 0.49, 0.50, 0.50, 0.52, 0.60)
DISABLED = (0.08, 0.12, 0.15, 0.25, 0.35, 0.50)
GRADIENT = 0.7
"""Of the logarithm of disability, from the least to the most deprived end: an assumption"""
MOST_DISABLED = 0.9
CATEGORIES = {"sex": ("female", "male"), "disability": ("disabled", "not disabled")}


@dataclass(frozen=True)
class Groups:
    """What the feed says.

    Attributes
    ----------
    persons : mapping of str to int64[area, category]
        By characteristic; each adds up to the area's residents.
    sample : sequence of (int, sequence of str, float)
        First age, categories in the characteristics' order, persons of the region.
    """

    persons: Mapping[str, Ints]
    sample: Sequence[tuple[int, tuple[str, ...], float]]


def make_groups(people: People) -> Groups:
    """Split residents by fixed shares of each age, disability steeper where deprivation is higher."""
    by_age = np.add.reduceat(people.population, AGE_FROM, axis=1).astype(np.float64)
    total = people.population.sum(axis=1)
    order = np.empty(len(total))
    order[np.argsort(people.rank, kind="stable")] = (np.arange(len(total)) + 0.5) / len(total)
    prevalence = np.minimum(np.array(DISABLED) * np.exp(GRADIENT * (0.5 - order))[:, None], MOST_DISABLED)
    women, disabled = by_age * np.array(FEMALE), by_age * prevalence
    whole = {
        name: np.stack([some := np.rint(first.sum(axis=1)).astype(np.int64), total - some], axis=1)
        for name, first in (("sex", women), ("disability", disabled))
    }
    of_sex, of_disability = _of_age(by_age, women), _of_age(by_age, disabled)
    region = by_age.sum(axis=0)
    sample = [
        (age, (sex, disability), round(float(region[a] * of_sex[a, s] * of_disability[a, d]), 3))
        for a, age in enumerate(AGE_FROM)
        for (s, sex), (d, disability) in product(enumerate(CATEGORIES["sex"]), enumerate(CATEGORIES["disability"]))
    ]
    return Groups(whole, sample)


def _of_age(by_age: Floats, first: Floats) -> Floats:
    """Share of the first category and of the other at each age, in the region."""
    share = first.sum(axis=0) / np.maximum(by_age.sum(axis=0), 1.0)
    both: Floats = np.stack([share, 1.0 - share], axis=1)
    return both
