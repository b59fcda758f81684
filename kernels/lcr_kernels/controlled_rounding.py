"""Whole persons from a fitted table: each cell rounded up or down by chance, all margins met."""

import math

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.cycle_rounding import round_along_cycles
from lcr_kernels.philox import STREAM_ROUNDING, uniform_pair

STRICT_PASSES = 20
PASSES = 400
"""Passes of exchanges: strict ones leave each cell at its floor or ceiling, later ones may not."""


@kernel
def round_zones(table, margin_cell, first_cell, target, first_zone, seed):
    """Round the tables of some zones.

    Parameters
    ----------
    table : float64[zone, cell]
        Fitted to the margins.
    margin_cell : int32[margin, cell]
        Cell of each margin that a cell of the table belongs to, counted on through all margins.
    first_cell : int64[margin + 1]
        First cell of each margin in that count. The first margin is met by construction: best the finest.
    target : int64[zone, margin cell]
        Margins of each zone, one after another.
    first_zone : int
        Number of the first zone, which names its random numbers.
    seed : uint64

    Returns
    -------
    int32[zone, cell]
    int64[zone]
        Persons by which margins are missed, added up over their cells; 0 = all met.

    Notes
    -----
    Two margins: along cycles, exact and unbiased. One: by the sequential pivotal method (Deville and Tillé 1998,
    Biometrika 85:89-101), as well. Three or more, where a table of floors and ceilings need not exist: by that method
    within each cell of the first margin, then exchanges of one person between two such cells until the others are met;
    the expectation is then near the fitted number.
    """
    zones, cells = table.shape
    groups = first_cell[1]
    start, order = _by_group(margin_cell[:1], groups)
    node_start, node_order = _by_group(margin_cell[:2], first_cell[min(2, margin_cell.shape[0])])
    out = np.empty((zones, cells), np.int32)
    missed = np.zeros(zones, np.int64)
    surplus = np.empty(first_cell[-1], np.int64)
    for zone in range(zones):
        item = first_zone + zone
        if margin_cell.shape[0] == 2:
            round_along_cycles(table[zone], margin_cell, node_start, node_order, item, seed, out[zone])
        else:
            _pivot(table[zone], start, order, target[zone], item, seed, out[zone])
        missed[zone] = _surplus(out[zone], margin_cell, first_cell, target[zone], surplus)
        step = 0
        while missed[zone] > 0 and step < PASSES:
            one, two = uniform_pair(seed, STREAM_ROUNDING, item, cells + step)
            better = _exchange(
                table[zone], out[zone], margin_cell, start, order, surplus, step < STRICT_PASSES, False, one, two
            )
            if better == 0 and step >= STRICT_PASSES:
                # Stuck: wander along exchanges that cost nothing, then look again.
                _exchange(table[zone], out[zone], margin_cell, start, order, surplus, False, True, two, one)
            if better == 0 and step < STRICT_PASSES:
                step = STRICT_PASSES - 1
            missed[zone] = _surplus(out[zone], margin_cell, first_cell, target[zone], surplus)
            step += 1
    return out, missed


@kernel
def _by_group(group, groups):
    """Cells of each group: order[start[g]:start[g + 1]]; a cell has a group in each row."""
    start = np.zeros(groups + 1, np.int64)
    for row in group:
        for g in row:
            start[g + 1] += 1
    for g in range(groups):
        start[g + 1] += start[g]
    free = start[:-1].copy()
    order = np.empty(group.size, np.int64)
    for row in group:
        for c in range(row.size):
            order[free[row[c]]] = c
            free[row[c]] += 1
    return start, order


@kernel
def _pivot(fitted, start, order, target, item, seed, count):
    """Round within each group: of two undecided cells one is decided, and the other takes what is left."""
    drawn, one, two = -1, 0.0, 0.0
    for g in range(start.size - 1):
        held, chance, placed = -1, 0.0, 0
        for at in range(start[g], start[g + 1]):
            c = order[at]
            whole = math.floor(fitted[c])
            count[c] = int(whole)
            placed += int(whole)
            part = fitted[c] - whole
            if part == 0.0:
                continue
            if held < 0:
                held, chance = c, part
                continue
            if at >> 1 != drawn:
                drawn = at >> 1
                one, two = uniform_pair(seed, STREAM_ROUNDING, item, drawn)
            u = one if at % 2 == 0 else two
            both = chance + part
            if both < 1.0:
                # Neither is rounded up yet: one of them stays, with the chance of both.
                if u * both < part:
                    held = c
                chance = both
            else:
                # One of the two is rounded up; the other stays with what is above 1.
                if u * (2.0 - both) < 1.0 - part:
                    count[held] += 1
                    held = c
                else:
                    count[c] += 1
                placed += 1
                chance = both - 1.0
        if held >= 0 and placed < target[g]:
            count[held] += 1


@kernel
def _surplus(count, margin_cell, first_cell, target, surplus):
    """Persons too many in each margin cell; the sum of all differences."""
    for k in range(surplus.size):
        surplus[k] = -target[k]
    for m in range(margin_cell.shape[0]):
        for c in range(count.size):
            surplus[margin_cell[m, c]] += count[c]
    missed = 0
    for k in range(surplus.size):
        missed += abs(surplus[k])
    return missed


@kernel
def _exchange(fitted, count, margin_cell, start, order, surplus, strict, wander, one, two):
    """One pass of exchanges that bring the margins closer, or at least take nothing away; how many there were."""
    groups, made = start.size - 1, 0
    offset = int(one * groups)
    for turn in range(groups):
        g = turn + offset if turn + offset < groups else turn + offset - groups
        size = start[g + 1] - start[g]
        shift = int(two * size)
        for at in range(size):
            c = order[start[g] + (at + shift if at + shift < size else at + shift - size)]
            if count[c] == 0 or (strict and count[c] <= fitted[c]) or not _in_surplus(c, margin_cell, surplus):
                continue
            best, partner = 1 if wander else 0, -1
            for to in range(size):
                other = order[start[g] + to]
                if other == c or fitted[other] == 0.0 or (strict and count[other] >= fitted[other]):
                    continue
                change = _change(c, other, margin_cell, surplus)
                if change < best:
                    best, partner = change, other
            if partner >= 0:
                made += 1
                count[c] -= 1
                count[partner] += 1
                for m in range(1, margin_cell.shape[0]):
                    surplus[margin_cell[m, c]] -= 1
                    surplus[margin_cell[m, partner]] += 1
    return made


@kernel
def _in_surplus(c, margin_cell, surplus):
    """Whether any margin but the first has too many where this cell is."""
    found = False
    for m in range(1, margin_cell.shape[0]):
        found |= surplus[margin_cell[m, c]] > 0
    return found


@kernel
def _change(c, other, margin_cell, surplus):
    """What moving a person from one cell to another adds to the sum of differences."""
    change = 0
    for m in range(1, margin_cell.shape[0]):
        k, j = margin_cell[m, c], margin_cell[m, other]
        if k != j:
            change += (-1 if surplus[k] > 0 else 1) + (-1 if surplus[j] < 0 else 1)
    return change
