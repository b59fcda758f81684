"""What every local statistic of a map does before and after its own formula."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray, as_float, text_array
from lcr_hpc.health._neighbours import Neighbours, read_neighbours

Alternative = Literal["two-sided", "directed"]
_BLOCK = 1024
_BLOCK_DRAWS = 2**19
_SAME = 1e-12


@dataclass(frozen=True, slots=True)
class AreaMap:
    """Areas with a value, and the links among them.

    Attributes
    ----------
    kept : int64[kept]
        Their place among all areas.
    value : float64[variable, kept]
    links : Neighbours
        Among the kept areas.
    reason : object[area]
        Why an area has no answer, or what was assumed for it.
    """

    kept: NDArray[np.int64]
    value: FloatArray
    links: Neighbours
    reason: NDArray[np.object_]

    def everywhere(self, value: NDArray[Any], none: float | int = np.nan) -> Any:
        """Give numbers of the kept areas back to all areas; islands and areas without value get `none`."""
        out = np.full(self.reason.size, none, dtype=value.dtype)
        out[self.kept] = np.where(np.diff(self.links.first) > 0, value, none)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStatistic:
    """What every statistic of each area and its surroundings says.

    Attributes
    ----------
    statistic : float64[area]
        NaN with a reason.
    p_value : float64[area]
        Of conditional permutation.
    reason : object[area]
        Why there is no answer, or what was assumed; empty where there is nothing to say.
    """

    statistic: FloatArray
    p_value: FloatArray
    reason: NDArray[np.object_]

    @property
    def p_fdr(self) -> FloatArray:
        """float64[area]: `p_value` adjusted for the number of areas tested (Benjamini and Hochberg)."""
        return false_discovery(self.p_value)


def read_map(variables: dict[str, ArrayLike], neighbours: Any, *, own: bool = False) -> AreaMap:
    """Check values and neighbours; leave out areas without value, and say so.

    Parameters
    ----------
    variables : dict of name to array_like, [area]
    neighbours : scipy.sparse matrix or (indptr, indices, data)
    own : bool
        Whether an area may be among its own neighbours.

    Returns
    -------
    AreaMap

    Raises
    ------
    InputError
        Fewer than three areas with a value, no variation, a neighbour matrix that does not fit.
    """
    value = {name: as_float(name, v) for name, v in variables.items()}
    shapes = {name: v.shape for name, v in value.items()}
    if any(len(s) != 1 for s in shapes.values()) or len(set(shapes.values())) != 1:
        raise InputError(f"{', '.join(f'{n}: found shape {s}' for n, s in shapes.items())}; give one number an area")
    rows = np.stack(list(value.values()))
    areas = rows.shape[1]
    links = read_neighbours(neighbours, areas)
    selves = links.row == links.index
    if selves.any() and not own:
        named = ", ".join(str(a) for a in links.index[selves][:5])
        raise InputError(
            f"neighbours: {selves.sum()} areas neighbour themselves ({named}); set the diagonal to 0",
            field="neighbours",
        )
    known: NDArray[np.bool_] = np.asarray(np.isfinite(rows).all(axis=0))
    problems = []
    if known.sum() < 3:
        problems.append(f"{', '.join(value)}: found {known.sum()} areas with a value; want three or more")
    else:
        flat = [n for n, v in value.items() if np.ptp(v[known]) == 0.0]
        problems += [f"{n}: all areas have the same value; a pattern wants some variation" for n in flat]
    raise_all(problems, InputError)

    reason = text_array(areas)
    _note_unrequited(links, reason)
    standardised = np.abs(links.total(links.weight) - 1.0) < 1e-9
    if not known.all():
        links = _without_unknown(links, known, standardised, reason)
    reason[np.diff(links.first) == 0] = "no neighbours"
    reason[~known] = "value not known"
    kept = np.flatnonzero(known)
    return AreaMap(kept, rows[:, kept], _among(links, known), reason)


def permutation_counts(
    kernel: Callable[[int, int], NDArray[np.int64]], draws: int, permutations: int, threads: int | None
) -> NDArray[np.int64]:
    """Run a kernel over blocks of permutations and add its counts: whole numbers, so in any order.

    Parameters
    ----------
    kernel : callable
        Takes the first permutation of a block and the one after its last; gives int64[area, 2].
    draws : int
        Most draws of a permutation; blocks shrink with it, so that memory is bounded.
    permutations : int
    threads : int, optional
        By default what NUMBA_NUM_THREADS says, else 1.

    Returns
    -------
    int64[area, 2]
    """
    step = min(_BLOCK, max(32, _BLOCK_DRAWS // max(draws, 1)))
    blocks = [(first, min(first + step, permutations)) for first in range(0, permutations, step)]
    workers = int(os.environ.get("NUMBA_NUM_THREADS", "1")) if threads is None else threads
    if workers <= 1:
        parts = [kernel(*block) for block in blocks]
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(workers) as pool:
            parts = list(pool.map(lambda block: kernel(*block), blocks))
    counts: NDArray[np.int64] = np.sum(parts, axis=0, dtype=np.int64)
    return counts


def check_permutations(permutations: int, seed: int, alternative: str) -> np.uint64:
    """Say what is wrong with the settings of a permutation test; give the seed as the kernels take it."""
    problems = []
    if permutations < 1:
        problems.append(f"permutations: found {permutations}; want 1 or more, such as 9999")
    if not 0 <= seed < 2**64:
        problems.append(f"seed: found {seed}; want a whole number from 0 to 2**64 - 1")
    if alternative not in ("two-sided", "directed"):
        problems.append(f'alternative: found {alternative!r}; give "two-sided" or "directed"')
    raise_all(problems, InputError)
    return np.uint64(seed)


def pseudo_p(counts: NDArray[np.int64], permutations: int, alternative: str) -> FloatArray:
    """Share of the permutations, the map itself among them, that are as extreme as the map.

    Parameters
    ----------
    counts : int64[area, 2]
        Permutations whose statistic is >= and <= the observed one.
    permutations : int
    alternative : {"two-sided", "directed"}
        Twice the smaller tail, at most 1; or the smaller tail as esda takes it, which is too small by half as a test
        of no pattern.

    Returns
    -------
    float64[area]
    """
    above, below = counts.T
    directed = alternative == "directed"
    extreme = np.minimum(above, permutations - above if directed else below)
    tail: FloatArray = (extreme + 1.0) / (permutations + 1.0)
    return tail if directed else np.minimum(2.0 * tail, 1.0)


def false_discovery(p_value: FloatArray) -> FloatArray:
    """Adjust p-values so that calling all below q leaves a share q of false calls on average.

    Parameters
    ----------
    p_value : float64[area]
        NaN = not tested.

    Returns
    -------
    float64[area]
        Benjamini and Hochberg 1995, J R Stat Soc B 57:289-300.
    """
    out = np.full_like(p_value, np.nan)
    tested = np.flatnonzero(np.isfinite(p_value))
    order = tested[np.argsort(-p_value[tested], kind="stable")]
    rank = np.arange(order.size, 0, -1)
    out[order] = np.minimum.accumulate(p_value[order] * order.size / rank)
    return out


def tie_slack(links: Neighbours, largest: float) -> FloatArray:
    """float64[area]: sums that differ by no more are equal, since only their order of summation differs."""
    return _SAME * links.total(links.weight) * largest


def equal_weights(links: Neighbours) -> NDArray[np.bool_]:
    """bool[area]: whether all of an area's neighbours weigh the same."""
    begin = np.minimum(links.first[:-1], max(links.weight.size - 1, 0))
    if not links.weight.size:
        return np.ones(links.areas, dtype=bool)
    unequal = links.weight != links.weight[begin][links.row]
    return np.asarray(links.total(unequal.astype(np.float64)) == 0.0)


def _note_unrequited(links: Neighbours, reason: NDArray[np.object_]) -> None:
    one_way = links.unrequited()
    for area in np.unique(links.row[one_way]):
        named = links.index[one_way & (links.row == area)][:5]
        reason[area] = f"not named in return by {', '.join(str(a) for a in named)}"


def _without_unknown(
    links: Neighbours, known: NDArray[np.bool_], standardised: NDArray[np.bool_], reason: NDArray[np.object_]
) -> Neighbours:
    """Leave out neighbours without value; weights that added to 1 do so again."""
    lost = ~known[links.index]
    left_out = links.total(lost.astype(np.float64)).astype(np.int64)
    for area in np.flatnonzero(left_out):
        said = f"{left_out[area]} neighbours without value left out"
        reason[area] = f"{reason[area]}; {said}" if reason[area] else said
    rest = links.keep(~lost)
    total = rest.total(rest.weight)
    scale = np.where(standardised & (total > 0.0) & (left_out > 0), total, 1.0)
    return Neighbours(rest.first, rest.index, rest.weight / scale[rest.row])


def _among(links: Neighbours, known: NDArray[np.bool_]) -> Neighbours:
    """The same links, numbered among the kept areas; neighbours are kept areas already."""
    rest = links.keep(known[links.row])
    place = np.cumsum(known) - 1
    first = np.concatenate([[0], np.cumsum(np.diff(rest.first)[known])])
    return Neighbours(first, place[rest.index], rest.weight)
