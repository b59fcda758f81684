"""A doubly constrained gravity model as it is told: deterrence, Furness, and a mean cost by bisection."""

from __future__ import annotations

import math

from tests.reference.furness import furness


def gravity(cost, rows, columns, power=0.0, rate=0.0, turns=400):
    """Trips as a list of rows."""
    seed = [[c**-power * math.exp(-rate * c) for c in row] for row in cost]
    return furness(seed, rows, columns, turns)


def mean_cost(trips, cost):
    rows = zip(trips, cost, strict=True)
    flat = [(t, c) for held, costs in rows for t, c in zip(held, costs, strict=True)]
    return sum(t * c for t, c in flat) / sum(t for t, _ in flat)


def rate_by_bisection(cost, rows, columns, wanted, high=5.0):
    """Rate of an exponential deterrence with which trips cost on average what is wanted."""
    low = 0.0
    for _ in range(60):
        middle = (low + high) / 2
        if mean_cost(gravity(cost, rows, columns, rate=middle), cost) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2
