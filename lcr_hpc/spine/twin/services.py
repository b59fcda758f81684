"""Surgeries, hospitals and places of work."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.spine.areas import People, Zones
from lcr_hpc.spine.twin.random import Floats, Stream, uniform

Ints = npt.NDArray[np.int64]

RESIDENTS_PER_SURGERY = 7_500
RESIDENTS_PER_HOSPITAL = 170_000
RESIDENTS_PER_EMERGENCY_DEPARTMENT = 260_000


def make_services(zones: Zones, people: People, jobs: Floats, seed: int) -> pd.DataFrame:
    """Sites in the areas where people are, drawn in proportion to residents; every area's jobs are one site."""
    residents = people.population.sum(axis=1).astype(np.float64)
    gp = _draw(residents, round(residents.sum() / RESIDENTS_PER_SURGERY), seed, 0)
    hospital = _draw(residents, round(residents.sum() / RESIDENTS_PER_HOSPITAL), seed, 1)
    departments = min(max(round(residents.sum() / RESIDENTS_PER_EMERGENCY_DEPARTMENT), 1), len(hospital))
    emergency = np.zeros(len(hospital), np.int64)
    emergency[np.arange(departments) * len(hospital) // departments] = 1
    work = np.arange(len(zones))
    area = np.concatenate([gp, hospital, work])
    kind = ["gp"] * len(gp) + ["hospital"] * len(hospital) + ["employment"] * len(work)
    capacity = np.concatenate([np.full(len(gp), 5.0), np.full(len(hospital), 600.0), np.round(jobs)])
    return pd.DataFrame(
        {
            "service": [f"{k}_{i:05d}" for i, k in enumerate(kind)],
            "name": [
                f"{k.upper() if k == 'gp' else k.capitalize()} of {zones.boundaries.name[a]}"
                for k, a in zip(kind, area, strict=True)
            ],
            "kind": kind,
            "easting": zones.x[area] + 25.0,
            "northing": zones.y[area] - 25.0,
            "capacity": capacity,
            "emergency_department": np.concatenate([0 * gp, emergency, 0 * work]),
        }
    )


def _draw(weight: Floats, count: int, seed: int, item: int) -> Ints:
    count = max(count, 1)
    start = uniform(seed, Stream.SERVICE, 1, 1, first=item)[0, 0]
    running = np.cumsum(weight) / weight.sum()
    drawn: Ints = np.minimum(np.searchsorted(running, (np.arange(count) + start) / count), len(weight) - 1)
    return drawn
