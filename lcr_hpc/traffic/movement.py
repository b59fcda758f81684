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
    mean_length_ratio, sd_length_ratio
                               float  mean and standard deviation of trips' lengths, after / before; NaN = no lengths
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
    mean_length_ratio: float
    sd_length_ratio: float

    def beyond(self) -> tuple[str, ...]:
        """Criteria of TAG unit M3.1 (Department for Transport) that the movement goes beyond, as sentences.

        Cells: slope 0.98 to 1.02, R² above 0.95. Trip ends: 0.99 to 1.01, 0.98. Lengths: mean and standard deviation
        within 5 %. Going beyond calls for an explanation, not for another answer.
        """
        found = [
            f"{what} {value:.3f}, wanted {low} to {high}"
            for what, value, low, high in (
                ("cells: slope", self.cell_slope, 0.98, 1.02),
                ("trip ends: slope", self.end_slope, 0.99, 1.01),
                ("trip lengths: mean changed by the factor", self.mean_length_ratio, 0.95, 1.05),
                ("trip lengths: standard deviation changed by the factor", self.sd_length_ratio, 0.95, 1.05),
            )
            if value < low or value > high
        ]
        for what, value, least in (("cells", self.cell_r2, 0.95), ("trip ends", self.end_r2, 0.98)):
            if value <= least:
                found.append(f"{what}: R² {value:.3f}, wanted above {least}")
        return tuple(found)


def measure_movement(prior: Demand, after: Demand, bound: float = math.inf, length: Floats | None = None) -> Movement:
    """Measure how far a demand has moved from another with the same pairs.

    Parameters
    ----------
    prior, after : Demand
    bound : float
        That of the estimation.
    length : float64[pair], optional
        Of each pair's trips, such as a skim; NaN = none, left out.
    """
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
        *(_length_ratios(old, new, length) if length is not None else (math.nan, math.nan)),
    )


def _regression(x: Floats, y: Floats) -> tuple[float, float, float]:
    """Slope, intercept and R² of y on x; 1, 0, 1 where they are the same."""
    if np.array_equal(x, y):
        return 1.0, 0.0, 1.0
    dx, dy = x - x.mean(), y - y.mean()
    xx, xy, yy = float((dx * dx).sum()), float((dx * dy).sum()), float((dy * dy).sum())
    slope = xy / xx if xx > 0.0 else 0.0
    return slope, float(y.mean() - slope * x.mean()), xy * xy / (xx * yy) if xx > 0.0 and yy > 0.0 else 0.0


def _length_ratios(old: Floats, new: Floats, length: Floats) -> tuple[float, float]:
    some = np.isfinite(length)
    (mean, sd), (other_mean, other_sd) = (_spread(trips[some], length[some]) for trips in (old, new))
    return other_mean / mean if mean > 0.0 else 1.0, other_sd / sd if sd > 0.0 else 1.0


def _spread(trips: Floats, length: Floats) -> tuple[float, float]:
    """Mean and standard deviation of trips' lengths; 0 without trips."""
    total = max(float(trips.sum()), np.finfo(float).tiny)
    mean = float((trips * length).sum()) / total
    return mean, math.sqrt(float((trips * (length - mean) ** 2).sum()) / total)
