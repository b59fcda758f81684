"""How far a demand has moved from another: what a reader of an estimated matrix asks first."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from lcr_hpc.traffic.network import Demand, Floats


class Movement(NamedTuple):
    """How far the estimate is from the prior.

    total_before, total_after  float  trips
    largest_ratio              float  of a cell to its prior, or of the prior to it; 1 = none moved
    at_bound                   int    cells at prior / r or prior · r
    cell_slope, cell_intercept, cell_r2
                               float  regression of the cells on the prior's; 1, 0, 1 = none moved
    end_slope, end_intercept, end_r2
                               float  of the trips that begin, and that end, in each zone
    """

    total_before: float
    total_after: float
    largest_ratio: float
    at_bound: int
    cell_slope: float
    cell_intercept: float
    cell_r2: float
    end_slope: float
    end_intercept: float
    end_r2: float


def measure_movement(prior: Demand, after: Demand, bound: float = math.inf) -> Movement:
    """Measure how far a demand has moved from another with the same pairs; `bound` is that of the estimation."""
    old, new, zones = prior.trips, after.trips, prior.n_zones
    some = old > 0.0
    ratio = new[some] / old[some]
    apart = np.maximum(ratio, np.divide(1.0, ratio, out=np.full(ratio.size, np.inf), where=ratio > 0.0))
    ends = [
        np.concatenate([np.bincount(prior.origin, t, zones), np.bincount(prior.destination, t, zones)])
        for t in (old, new)
    ]
    return Movement(
        float(old.sum()),
        float(new.sum()),
        float(apart.max(initial=1.0)),
        int((apart >= bound * (1.0 - 1e-9)).sum()) if bound > 1.0 else 0,
        *_regression(old, new),
        *_regression(*ends),
    )


def _regression(x: Floats, y: Floats) -> tuple[float, float, float]:
    """Slope, intercept and R² of y on x; 1, 0, 1 where they are the same."""
    if np.array_equal(x, y):
        return 1.0, 0.0, 1.0
    dx, dy = x - x.mean(), y - y.mean()
    xx, xy, yy = float((dx * dx).sum()), float((dx * dy).sum()), float((dy * dy).sum())
    slope = xy / xx if xx > 0.0 else 0.0
    return slope, float(y.mean() - slope * x.mean()), xy * xy / (xx * yy) if xx > 0.0 and yy > 0.0 else 0.0
