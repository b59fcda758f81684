"""Bounded least squares by moving one pair at a time to where it is best, over and over."""

from __future__ import annotations


def fit_cells(share, counted, variance, prior, spread, low, high, turns=2000):
    """Trips by pair; share is a list of rows, one a count."""
    trips = list(prior)
    for _ in range(turns):
        for i in range(len(trips)):
            if spread[i] == 0.0:
                continue
            above, below = prior[i] / spread[i], 1.0 / spread[i]
            for row, wanted, v in zip(share, counted, variance, strict=True):
                others = sum(s * t for j, (s, t) in enumerate(zip(row, trips, strict=True)) if j != i)
                above += row[i] * (wanted - others) / v
                below += row[i] ** 2 / v
            trips[i] = min(max(above / below, low[i]), high[i])
    return trips
