"""Local Geary's c: how much an area differs from its neighbours, whether high, low or in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from lcr_kernels.permutation import geary_counts
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.health._map import (
    Alternative,
    LocalStatistic,
    check_permutations,
    permutation_counts,
    pseudo_p,
    read_map,
    tie_slack,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalGeary(LocalStatistic):
    """Local Geary statistics of each area: what every `LocalStatistic` says.

    Attributes
    ----------
    statistic : float64[area]
        Small = alike, large = unlike.
    """


def local_geary(
    values: ArrayLike,
    neighbours: Any,
    permutations: int = 9999,
    seed: int = 0,
    alternative: Alternative = "two-sided",
    *,
    threads: int | None = None,
) -> LocalGeary:
    """Local Geary's c with conditional permutation.

    Parameters
    ----------
    values, neighbours, permutations, seed, alternative, threads
        As for `local_moran`.

    Returns
    -------
    LocalGeary

    Raises
    ------
    InputError
        As for `local_moran`.

    Notes
    -----
    c_i = Σ_j w_ij (x_i - x_j)², x in population standard deviations from the mean: Anselin 1995, Geographical Analysis
    27:93-115.
    """
    key = check_permutations(permutations, seed, alternative)
    found = read_map({"values": values}, neighbours)
    (value,) = found.value
    x = (value - value.mean()) / value.std()
    links = found.links
    apart = links.total(links.weight * (x[links.row] - x[links.index]) ** 2)
    slack = tie_slack(links, 4.0 * float(np.abs(x).max()) ** 2)

    def block(first: int, last: int) -> NDArray[np.int64]:
        counts: NDArray[np.int64] = geary_counts(x, apart, slack, links.first, links.weight, first, last, key)
        return counts

    counts = permutation_counts(block, int(np.diff(links.first).max()), permutations, threads)
    p_value = found.everywhere(pseudo_p(counts, permutations, alternative))
    return LocalGeary(statistic=found.everywhere(apart), p_value=p_value, reason=found.reason)
