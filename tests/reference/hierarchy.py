"""Slow, obvious twins of the contraction hierarchy: elimination by sets, detours by the definition of an arc."""

from __future__ import annotations

import math


def fill_of(nodes, links):
    """Arcs (low, high) when nodes 0, 1, … are eliminated in this order, sorted."""
    near = [set() for _ in range(nodes)]
    for a, b in links:
        if a != b:
            near[a].add(b)
            near[b].add(a)
    arcs = []
    for node in range(nodes):
        later = {other for other in near[node] if other > node}
        arcs.extend((node, other) for other in sorted(later))
        for other in later:
            near[other] |= later - {other}
    return arcs


def best_detours(nodes, links, cost, arcs):
    """Least cost of each arc, up and down, over paths whose inner nodes all lie below both of its ends."""
    best = [[math.inf] * nodes for _ in range(nodes)]
    for (a, b), c in zip(links, cost, strict=True):
        best[a][b] = min(best[a][b], float(c))
    up, down = {}, {}
    for by in range(nodes + 1):  # Floyd–Warshall; arcs of foot `by` are final once all below it have been passed
        for foot, head in arcs:
            if foot == by:
                up[foot, head], down[foot, head] = best[foot][head], best[head][foot]
        if by < nodes:
            for a in range(nodes):
                for b in range(nodes):
                    best[a][b] = min(best[a][b], best[a][by] + best[by][b])
    return [up[arc] for arc in arcs], [down[arc] for arc in arcs]
