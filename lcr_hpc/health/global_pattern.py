"""Moran's I and Geary's c of a whole map: is there any pattern at all?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from lcr_kernels.map_shuffle import shuffle_counts
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health._map import (
    Alternative,
    AreaMap,
    check_permutations,
    permutation_counts,
    pseudo_p,
    read_map,
)

Assumption = Literal["randomisation", "normality"]


@dataclass(frozen=True, slots=True)
class GlobalPattern:
    """A statistic of the whole map, what it would be without a pattern, and how likely that is.

    Attributes
    ----------
    statistic : float
    expected, variance : float
        Without a pattern.
    z, p_analytic : float
        Standardised, and its two-sided probability.
    p_value : float
        Of permutation.
    reason : object[area]
        Areas left out, or what was assumed for them.
    """

    statistic: float
    expected: float
    variance: float
    z: float
    p_analytic: float
    p_value: float
    reason: NDArray[np.object_]


def moran(
    values: ArrayLike,
    neighbours: Any,
    permutations: int = 9999,
    seed: int = 0,
    alternative: Alternative = "two-sided",
    *,
    assumption: Assumption = "randomisation",
    threads: int | None = None,
) -> GlobalPattern:
    """Moran's I: positive where like lies beside like.

    Parameters
    ----------
    values, neighbours, permutations, seed, alternative, threads
        As for `local_moran`.
    assumption : {"randomisation", "normality"}
        Of the variance: the values at hand in another order, or draws from a normal distribution.

    Returns
    -------
    GlobalPattern

    Raises
    ------
    InputError
        As for `local_moran`; no links at all.

    Notes
    -----
    Cliff and Ord 1981, Spatial Processes, pp. 42-46.
    """
    found, z, sums = _read(values, neighbours, assumption)
    n, s0, s1, s2, kurtosis = sums
    expected = -1.0 / (n - 1.0)
    if assumption == "normality":
        square = (n * n * s1 - n * s2 + 3.0 * s0 * s0) / (s0 * s0 * (n * n - 1.0))
    else:
        square = (
            n * ((n * n - 3.0 * n + 3.0) * s1 - n * s2 + 3.0 * s0 * s0)
            - kurtosis * ((n * n - n) * s1 - 2.0 * n * s2 + 6.0 * s0 * s0)
        ) / ((n - 1.0) * (n - 2.0) * (n - 3.0) * s0 * s0)
    cross = float(np.sum(z * found.links.lag(z)))
    scale = n / s0 / float(np.sum(z**2))
    return _pattern(
        found, z, cross, scale, False, (expected, square - expected**2), permutations, seed, alternative, threads
    )


def geary(
    values: ArrayLike,
    neighbours: Any,
    permutations: int = 9999,
    seed: int = 0,
    alternative: Alternative = "two-sided",
    *,
    assumption: Assumption = "randomisation",
    threads: int | None = None,
) -> GlobalPattern:
    """Geary's c: below 1 where like lies beside like.

    Parameters
    ----------
    values, neighbours, permutations, seed, alternative, assumption, threads
        As for `moran`.

    Returns
    -------
    GlobalPattern

    Raises
    ------
    InputError
        As for `moran`.

    Notes
    -----
    Cliff and Ord 1981, Spatial Processes, pp. 42-46.
    """
    found, z, sums = _read(values, neighbours, assumption)
    n, s0, s1, s2, kurtosis = sums
    if assumption == "normality":
        variance = ((2.0 * s1 + s2) * (n - 1.0) - 4.0 * s0 * s0) / (2.0 * (n + 1.0) * s0 * s0)
    else:
        variance = (
            (n - 1.0) * s1 * (n * n - 3.0 * n + 3.0 - (n - 1.0) * kurtosis)
            - 0.25 * (n - 1.0) * s2 * (n * n + 3.0 * n - 6.0 - (n * n - n + 2.0) * kurtosis)
            + s0 * s0 * (n * n - 3.0 - (n - 1.0) ** 2 * kurtosis)
        ) / (n * (n - 2.0) * (n - 3.0) * s0 * s0)
    links = found.links
    apart = float(np.sum(links.total(links.weight * (z[links.row] - z[links.index]) ** 2)))
    scale = (n - 1.0) / (2.0 * s0 * float(np.sum(z**2)))
    return _pattern(found, z, apart, scale, True, (1.0, variance), permutations, seed, alternative, threads)


def _read(
    values: ArrayLike, neighbours: Any, assumption: str
) -> tuple[AreaMap, FloatArray, tuple[float, float, float, float, float]]:
    """The map, values from their mean, and n, S0, S1, S2 and the kurtosis of Cliff and Ord."""
    if assumption not in ("randomisation", "normality"):
        raise InputError(f'assumption: found {assumption!r}; give "randomisation" or "normality"', field="assumption")
    found = read_map({"values": values}, neighbours)
    links, (value,) = found.links, found.value
    if value.size < 4 or not links.weight.size:
        raise InputError(
            f"neighbours: found {links.weight.size} links among {value.size} areas; want four areas and one link",
            field="neighbours",
        )
    z = value - value.mean()
    key, back = links.row * links.areas + links.index, links.index * links.areas + links.row
    order = np.argsort(key, kind="stable")
    at = np.minimum(np.searchsorted(key, back, sorter=order), key.size - 1)
    returned = np.where(key[order][at] == back, links.weight[order][at], 0.0)
    # Each pair counts once in S1: a one-way link has no partner to bring the other half.
    s1 = float(np.sum(np.where(returned > 0.0, 0.5, 1.0) * (links.weight + returned) ** 2))
    into = np.bincount(links.index, weights=links.weight, minlength=links.areas)
    s2 = float(np.sum((links.total(links.weight) + into) ** 2))
    kurtosis = float(np.mean(z**4) / np.mean(z**2) ** 2)
    return found, z, (float(value.size), float(links.weight.sum()), s1, s2, kurtosis)


def _pattern(
    found: AreaMap,
    z: FloatArray,
    total: float,
    scale: float,
    difference: bool,
    moments: tuple[float, float],
    permutations: int,
    seed: int,
    alternative: Alternative,
    threads: int | None,
) -> GlobalPattern:
    key = check_permutations(permutations, seed, alternative)
    links, (expected, variance) = found.links, moments
    slack = 1e-12 * float(links.weight.sum()) * 4.0 * float(np.max(z**2))

    def block(first: int, last: int) -> NDArray[np.int64]:
        counts: NDArray[np.int64] = shuffle_counts(
            z, total, slack, links.first, links.index, links.weight, difference, first, last, key
        )[None]
        return counts

    counts = permutation_counts(block, 1, permutations, threads)
    statistic = scale * total
    standard = (statistic - expected) / float(np.sqrt(variance)) if variance > 0.0 else float("nan")
    return GlobalPattern(
        statistic=statistic,
        expected=expected,
        variance=variance,
        z=standard,
        p_analytic=2.0 * float(ndtr(-abs(standard))),
        p_value=float(pseudo_p(counts, permutations, alternative)[0]),
        reason=found.reason,
    )
