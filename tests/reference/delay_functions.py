"""Slow, obvious twins of the volume–delay functions: the formulas as printed, their area by rectangles."""

from __future__ import annotations

import math


def bpr2(x, power):
    return x ** (power if x <= 1 else 2 * power)


def conical(x, alpha):
    """Spiess (1990), less the 1 of the empty road."""
    beta = (2 * alpha - 1) / (2 * alpha - 2)
    return 2 + math.sqrt(alpha**2 * (1 - x) ** 2 + beta**2) - alpha * (1 - x) - beta - 1


def akcelik(x, k):
    """Akçelik (1991), the bracket alone."""
    return (x - 1) + math.sqrt((x - 1) ** 2 + k * x)


TWINS = {1: bpr2, 2: conical, 3: akcelik}


def area(function, end, parameter, strips=400):
    """Integral from 0 to end by the midpoint of each strip."""
    width = end / strips
    return width * math.fsum(function((strip + 0.5) * width, parameter) for strip in range(strips))
