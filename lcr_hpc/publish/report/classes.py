"""Cut values into classes with breaks that a person can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.publish.report.words import figure


@dataclass(frozen=True)
class Classes:
    """Classes of a map.

    Attributes
    ----------
    breaks : tuple of float
        Inner breaks, ascending: class k holds breaks[k-1] ≤ value < breaks[k].
    labels : tuple of str
        A range for each class, lowest values first.
    """

    breaks: tuple[float, ...]
    labels: tuple[str, ...]

    def of(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Class of each value; -1 where there is none."""
        found = np.searchsorted(self.breaks, values, side="right")
        return np.where(np.isfinite(values), found, -1)


def quantile_classes(values: NDArray[np.float64], n: int = 7, shares: Sequence[float] = ()) -> Classes:
    """Classes with about the same number of places, at rounded breaks.

    Parameters
    ----------
    values : float64[place]
        NaN = none.
    n : int
        Classes wanted; fewer where values repeat.
    shares : sequence of float, optional
        Other shares of the places below each break than even ones.

    Returns
    -------
    Classes
        Breaks have as many figures as it takes to tell them apart.
    """
    known = np.isfinite(values)
    v = values[known]
    if v.size == 0:
        return Classes((), ("no value",))
    raw = np.quantile(v, shares or np.arange(1, n) / n)
    low, high = float(v.min()), float(v.max())
    digits = _digits(raw, high - low)
    breaks = sorted({b for b in (round(float(r), digits) for r in raw) if low < b < high})
    return Classes(tuple(breaks), range_labels(low, breaks, high, digits))


def range_labels(low: float, breaks: Sequence[float], high: float, digits: int) -> tuple[str, ...]:
    """Return a label a class: `low – break`, …, `break – high`."""
    scale = 10.0**digits
    edges = [floor(low * scale) / scale, *breaks, ceil(high * scale) / scale]
    return tuple(f"{figure(a, digits)} – {figure(b, digits)}" for a, b in pairwise(edges))


def _digits(raw: NDArray[np.float64], span: float) -> int:
    """Decimals at which all breaks that differ still differ, within reason; negative for large numbers."""
    if span <= 0:
        return 1
    start = 1 - floor(log10(span))
    # A long tail makes the span many times the breaks: CO2 of cells has its median at a hundredth of the largest.
    for digits in range(start - 1, start + 4):
        if len({round(float(r), digits) for r in raw}) == len(set(raw.tolist())):
            return digits
    return start + 1
