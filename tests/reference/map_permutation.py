"""Permutations of a map, one by one, with every simulated statistic kept."""

from __future__ import annotations

from tests.reference.philox import draw

STREAM_PERMUTATION, STREAM_SHUFFLE = 1, 2


def shuffled(items, draws):
    """The first draws of a shuffle: the m-th changes places with one of those from m on."""
    deck = list(items)
    for m, u in enumerate(draws):
        at = m + int(u * (len(deck) - m))
        deck[m], deck[at] = deck[at], deck[m]
    return deck


def neighbours_values(value, area, size, permutation, seed):
    """Values that an area's neighbours get: drawn without the area, for which the last area stands in."""
    draws = [draw(seed, STREAM_PERMUTATION, permutation, m) for m in range(size)]
    places = shuffled(range(len(value) - 1), draws)[:size]
    return [value[-1] if place == area else value[place] for place in places]


def local_counts(value, rows, statistic, permutations, seed):
    """[area] of [>=, <=]; rows: one list of (neighbour, weight) an area; statistic(own, values, weights)."""
    counts = []
    for area, row in enumerate(rows):
        weights = [w for _, w in row]
        observed = statistic(value[area], [value[j] for j, _ in row], weights)
        drawn = [
            statistic(value[area], neighbours_values(value, area, len(row), p, seed), weights)
            for p in range(permutations)
        ]
        above = sum(s >= observed - 1e-10 for s in drawn)
        below = sum(s <= observed + 1e-10 for s in drawn)
        counts.append([above, below] if row else [0, 0])
    return counts


def global_counts(value, rows, statistic, permutations, seed):
    """[>=, <=] of a sum over all links of the shuffled map."""

    def total(values):
        return sum(statistic(values[i], [values[j] for j, _ in row], [w for _, w in row]) for i, row in enumerate(rows))

    observed = total(value)
    drawn = [
        total(shuffled(value, [draw(seed, STREAM_SHUFFLE, p, m) for m in range(len(value) - 1)]))
        for p in range(permutations)
    ]
    return [sum(s >= observed - 1e-10 for s in drawn), sum(s <= observed + 1e-10 for s in drawn)]


def lag(own, values, weights):
    return sum(w * v for w, v in zip(weights, values, strict=True))


def product(own, values, weights):
    return own * lag(own, values, weights)


def difference(own, values, weights):
    return sum(w * (own - v) ** 2 for w, v in zip(weights, values, strict=True))
