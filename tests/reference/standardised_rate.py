"""A directly standardised rate, its variance and its events: sums over age bands, one after the other."""

from __future__ import annotations


def standardised_rate(count, population, weight):
    """Rate per person-year, Poisson variance and events of one area; `weight` is a standard population of any size."""
    whole = sum(weight)
    rate = sum(w / whole * x / n for x, n, w in zip(count, population, weight, strict=True))
    variance = sum((w / whole) ** 2 * x / n**2 for x, n, w in zip(count, population, weight, strict=True))
    return rate, variance, sum(count)
