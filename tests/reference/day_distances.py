"""Two-sample Kolmogorov–Smirnov distances by counting, one pair of samples after another."""

import numpy as np


def distance(one, other):
    """Largest difference of two empirical distribution functions."""
    if not len(one) or not len(other):
        return np.nan
    points = [*one, *other]
    return max(abs(np.mean(np.asarray(one) <= x) - np.mean(np.asarray(other) <= x)) for x in points)


def day_distances(samples):
    """Of a list of samples: each but the last against the others but the last, the last against all of those."""
    earlier = samples[:-1]
    found = []
    for k, sample in enumerate(earlier):
        rest = [v for j, other in enumerate(earlier) if j != k for v in other]
        found.append(distance(sample, rest))
    return [*found, distance(samples[-1], [v for s in earlier for v in s])]
