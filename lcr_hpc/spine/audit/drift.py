"""Whether a day's values are drawn as those of earlier days of its type were.

Hours of one road or sensor follow each other, and sites move together, so that no p-value of a two-sample test holds.
A feed's own days say instead what is usual: the mean of the day, and its Kolmogorov–Smirnov distance from the earlier
days together, are each held against what they were for the earlier days, in robust standard deviations
(1.4826 × median absolute deviation). Beyond 3.5 of them, the limit of Iglewicz and Hoaglin (1993, "How to Detect and
Handle Outliers"), is a drift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from lcr_kernels.day_distances import day_distances

LEAST_DAYS = 7
"""Fewer earlier days of the type say too little of what is usual: two Saturdays are no spread"""
LIMIT_SD = 3.5
_LEAST_MEAN, _LEAST_DISTANCE = 0.005, 0.02
"""Spreads below half a per cent of the mean, or a distance of 0.02, are counted as that: no one acts on less"""


@dataclass(frozen=True)
class Drift:
    """One day against the earlier ones; NaN where there are not enough of them."""

    earlier_days: int
    mean: float
    usual_mean: float
    """Median of the earlier days' means"""
    mean_shift_sd: float
    distance: float
    """Kolmogorov–Smirnov distance from the earlier days together"""
    usual_distance: float
    """Median of the earlier days' distances, each from the others"""
    distance_shift_sd: float

    @property
    def known(self) -> bool:
        """Whether there was enough to judge by."""
        return bool(np.isfinite(self.mean_shift_sd))

    @property
    def beyond(self) -> bool:
        """Whether the day is beyond what is usual: in its mean, or farther off than days are."""
        return self.known and (abs(self.mean_shift_sd) > LIMIT_SD or self.distance_shift_sd > LIMIT_SD)


def drift_of(value: npt.NDArray[np.float64], day: npt.NDArray[np.int64], days: int) -> Drift:
    """Judge the last of some days.

    Parameters
    ----------
    value : float64[reading]
        Good readings of all sites, any unit, no NaN.
    day : int64[reading]
        Day of each, 0 … days − 1; each earlier day has a reading.
    days : int
        How many, the one that is judged among them.
    """
    earlier, last = days - 1, days - 1
    size = np.bincount(day, minlength=days)
    total = np.bincount(day, value, minlength=days)
    mean = total[last] / size[last] if size[last] else np.nan
    if earlier < LEAST_DAYS or not size[last]:
        return Drift(earlier, mean, np.nan, np.nan, np.nan, np.nan, np.nan)
    means = total[:last] / size[:last]
    order = np.argsort(value, kind="stable")
    distances = day_distances(value[order], day[order], days)
    usual, usual_distance = float(np.median(means)), float(np.median(distances[:last]))
    return Drift(
        earlier,
        float(mean),
        usual,
        float((mean - usual) / max(robust_sd(means), _LEAST_MEAN * abs(usual), np.finfo(float).tiny)),
        float(distances[last]),
        usual_distance,
        float((distances[last] - usual_distance) / max(robust_sd(distances[:last]), _LEAST_DISTANCE)),
    )


def robust_sd(values: npt.NDArray[np.float64]) -> float:
    """1.4826 × median absolute deviation: the standard deviation where values are normal, whatever a few of them do."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
