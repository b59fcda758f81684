"""Proportional fitting and rounding of one zone, cell by cell."""

from __future__ import annotations

import math

from tests.reference.philox import draw

STREAM_ROUNDING = 3


def fit(seed, margins, rounds=200):
    """margins: list of (margin cell of each table cell, counts)."""
    table = list(seed)
    for _ in range(rounds):
        for cell, counts in margins:
            total = [sum(x for x, k in zip(table, cell, strict=True) if k == j) for j in range(len(counts))]
            table = [x * counts[k] / total[k] if total[k] else 0.0 for x, k in zip(table, cell, strict=True)]
    return table


def pivot(fitted, item, seed):
    """Round one group that adds to a whole number: of two undecided cells one is decided at a time."""
    chance = [x - math.floor(x) for x in fitted]
    count = [math.floor(x) for x in fitted]
    held = None
    for c, part in enumerate(chance):
        if part == 0.0 or held is None:
            held = c if part else held
            continue
        u = draw(seed, STREAM_ROUNDING, item, c)
        both = chance[held] + part
        loser_stays = u * both < part if both < 1 else u * (2 - both) < 1 - part
        decided, left = (held, c) if loser_stays else (c, held)
        count[decided] += both >= 1
        chance[left], held = both if both < 1 else both - 1, left
    if held is not None and chance[held] > 0.5:
        count[held] += 1
    return count
