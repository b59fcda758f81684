"""Local Moran's I: where like lies beside like, and where an area stands out from its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health._lag_counts import permuted_lag_counts
from lcr_hpc.health._map import (
    Alternative,
    AreaMap,
    LocalStatistic,
    check_permutations,
    pseudo_p,
    read_map,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalMoran(LocalStatistic):
    """Local Moran statistics of each area, beside what every `LocalStatistic` says.

    Attributes
    ----------
    statistic : float64[area]
        Above 0 beside its like, below 0 beside its opposite.
    quadrant : int8[area]
        1 high beside high, 2 low beside high, 3 low beside low, 4 high beside low; 0 = no answer.
    """

    quadrant: NDArray[np.int8]


def local_moran(
    values: ArrayLike,
    neighbours: Any,
    permutations: int = 9999,
    seed: int = 0,
    alternative: Alternative = "two-sided",
    *,
    threads: int | None = None,
) -> LocalMoran:
    """Local Moran's I with conditional permutation.

    Parameters
    ----------
    values : array_like, [area]
        NaN = not known: the area has no answer and is nobody's neighbour.
    neighbours : scipy.sparse matrix or (indptr, indices, data)
        Weights of each area's neighbours, a row an area, of any scale; the usual ones are 1 over their number.
    permutations : int
        Of the other areas' values among an area's neighbours.
    seed : int
        The same seed gives the same answer, for any number of threads.
    alternative : {"two-sided", "directed"}
        "directed" is the smaller tail, which older software reports as p; half of the two-sided one.
    threads : int, optional
        By default what NUMBA_NUM_THREADS says, else 1.

    Returns
    -------
    LocalMoran

    Raises
    ------
    InputError
        Neighbours that do not fit, fewer than three values, values that are all equal, an unknown alternative.

    Notes
    -----
    I_i = (n - 1) z_i Σ_j w_ij z_j / Σ z², z from the mean: Anselin 1995, Geographical Analysis 27:93-115.
    """
    check_permutations(permutations, seed, alternative)
    found = read_map({"values": values}, neighbours)
    (value,) = found.value
    z = value - value.mean()
    factor = (z.size - 1) / np.sum(z**2)
    return _local(found, z, z, factor, permutations, seed, alternative, threads)


def bivariate_moran(
    values: ArrayLike,
    other: ArrayLike,
    neighbours: Any,
    permutations: int = 9999,
    seed: int = 0,
    alternative: Alternative = "two-sided",
    *,
    threads: int | None = None,
) -> LocalMoran:
    """Local bivariate Moran's I: does an area's value go with another measure of its neighbours?

    Parameters
    ----------
    values, other : array_like, [area]
        The area's own measure, and that of its neighbours; the second is permuted.
    neighbours, permutations, seed, alternative, threads
        As for `local_moran`.

    Returns
    -------
    LocalMoran
        Quadrants: high or low of the area's own, beside high or low of the neighbours' other.

    Notes
    -----
    I_i = (n - 1)/n · x_i Σ_j w_ij y_j, x and y in population standard deviations from their means: Anselin, Syabri and
    Smirnov 2002.
    """
    check_permutations(permutations, seed, alternative)
    found = read_map({"values": values, "other": other}, neighbours)
    x, y = ((v - v.mean()) / v.std() for v in found.value)
    return _local(found, x, y, (x.size - 1) / x.size, permutations, seed, alternative, threads)


def _local(
    found: AreaMap,
    own: FloatArray,
    beside: FloatArray,
    factor: float,
    permutations: int,
    seed: int,
    alternative: str,
    threads: int | None,
) -> LocalMoran:
    links = found.links
    lag = links.lag(beside)
    counts = permuted_lag_counts(beside, lag, links, permutations, seed, threads)
    # With a value below the mean, a larger lag is a smaller statistic.
    counts = np.where((own < 0.0)[:, None], counts[:, ::-1], counts)
    quadrant = np.where(own > 0.0, np.where(lag > 0.0, 1, 4), np.where(lag > 0.0, 2, 3)).astype(np.int8)
    return LocalMoran(
        statistic=found.everywhere(factor * own * lag),
        p_value=found.everywhere(pseudo_p(counts, permutations, alternative)),
        quadrant=found.everywhere(quadrant, 0),
        reason=found.reason,
    )
