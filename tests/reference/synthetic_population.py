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


def along_cycles(fitted, ends, item, seed):
    """Round a table with two whole margins: the first open cell of each margin cell leads on, until a cycle closes."""
    count = [math.floor(x) for x in fitted]
    part = [x - n for x, n in zip(fitted, count, strict=True)]
    nodes = sorted({*ends[0], *ends[1]})
    still = {k: [c for c in range(len(part)) if k in (ends[0][c], ends[1][c])] for k in nodes}

    def close(c):
        for side in ends:
            still[side[c]].remove(c)

    cycles = 0
    for first in nodes:
        path, trail = [first], []
        while choice := [c for c in still[path[-1]][:2] if not trail or c != trail[-1]]:
            cell = choice[0]
            to = ends[1][cell] if path[-1] == ends[0][cell] else ends[0][cell]
            if to not in path:
                path, trail = [*path, to], [*trail, cell]
                continue
            cycle = [*trail, cell][path.index(to) :]
            signs = [1 if at % 2 == 0 else -1 for at in range(len(cycle))]
            up = min(1 - part[c] if s > 0 else part[c] for c, s in zip(cycle, signs, strict=True))
            down = min(part[c] if s > 0 else 1 - part[c] for c, s in zip(cycle, signs, strict=True))
            change = up if draw(seed, STREAM_ROUNDING, item, cycles) * (up + down) < down else -down
            cycles += 1
            for c, s in zip(cycle, signs, strict=True):
                part[c] += s * change
                if not 1e-7 <= part[c] <= 1 - 1e-7:
                    close(c)
            trail = trail[: path.index(to)]
            path = path[: path.index(to) + 1]
    return [n + round(p) for n, p in zip(count, part, strict=True)]
