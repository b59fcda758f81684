"""Synthetic people by zone: one table of how characteristics go together, fitted to what each zone's census says."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import Any

import numpy as np
from lcr_kernels.controlled_rounding import round_zones
from lcr_kernels.proportional_fit import LANES, fit_zones
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError, ModelError, raise_all
from lcr_hpc.health._arrays import FloatArray, as_float

Margin = tuple[tuple[int, ...], FloatArray]
_SAME = 1e-9


def synthetic_population(
    seed_table: ArrayLike,
    margins: Any,
    seed: int = 0,
    integer: bool = True,
    *,
    tolerance: float = 1e-10,
    rounds: int = 1000,
    threads: int | None = None,
) -> NDArray[Any]:
    """People of each zone by characteristics, from a table of a sample and each zone's margins.

    Parameters
    ----------
    seed_table : array_like, [*categories]
        How characteristics go together, in any unit; 0 = impossible. With dimension names if an xarray.DataArray.
    margins : sequence or mapping
        (dims, array) pairs or {dims: array}: counts [zone, *categories of dims] over some dimensions of the table,
        given by number, or by name where the table has names; or xarray.DataArrays of such dimensions after the zone's.
    seed : int
        Of the rounding.
    integer : bool
        Whole persons, which meet all margins (then whole numbers too); or the fitted table itself.
    tolerance : float
        Furthest that a fitted sum may be from its margin, as a share of the zone's total.
    rounds : int
        At most so many of the fit.
    threads : int, optional
        By default what NUMBA_NUM_THREADS says, else 1. The answer is the same for any number.

    Returns
    -------
    int32 or float64[zone, *categories]

    Raises
    ------
    InputError
        Margins that do not fit the table or disagree with each other, people where the table has none, numbers that
        are negative, unknown or (for whole persons) broken; the zones are named.
    ModelError
        A fit that does not settle, or margins that no whole table was found for.

    Notes
    -----
    Iterative proportional fitting, then controlled rounding. With two margins that no other contains (age by sex, and
    ethnic group, say) each count is the floor or ceiling of the fitted number and that number its expectation. With
    three or more a table of floors and ceilings need not exist: counts then may be further off, and their expectation
    is near the fitted number.
    """
    table = as_float("seed_table", seed_table)
    if not 0 <= seed < 2**64:
        raise InputError(f"seed: found {seed}; want a whole number from 0 to 2**64 - 1", field="seed")
    if table.ndim == 0 or not np.all(np.isfinite(table) & (table >= 0.0)):
        raise InputError("seed_table: found negative or unknown cells; want 0 or more in each", field="seed_table")
    found = _read_margins(table, getattr(seed_table, "dims", None), margins)
    _check_agreement(found, integer)
    used = _finest(found)
    cell, first = _margin_cells(table.shape, [dims for dims, _ in used])
    zones = used[0][1].shape[0]
    target = np.concatenate([counts.reshape(zones, -1) for _, counts in used], axis=1)

    flat = np.ascontiguousarray(table.reshape(-1))
    out = np.empty((zones, flat.size), np.int32 if integer else np.float64)
    off, missed = np.zeros(zones), np.zeros(zones, np.int64)

    def block(start: int) -> None:
        part = slice(start, start + LANES)
        fitted, off[part] = fit_zones(flat, cell, first, target[part], tolerance, rounds)
        if not integer:
            out[part] = fitted
        elif np.all(off[part] <= tolerance):
            whole = np.rint(target[part]).astype(np.int64)
            out[part], missed[part] = round_zones(fitted, cell, first, whole, start, np.uint64(seed))

    workers = int(os.environ.get("NUMBA_NUM_THREADS", "1")) if threads is None else threads
    if workers <= 1:
        for start in range(0, zones, LANES):
            block(start)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(block, range(0, zones, LANES)))
    _check_outcome(off, missed, tolerance, rounds)
    return out.reshape(zones, *table.shape)


def _read_margins(table: FloatArray, names: Sequence[Any] | None, margins: Any) -> list[Margin]:
    """Margins as (axes in rising order, counts [zone, ...]); all problems at once."""
    if isinstance(margins, Mapping):
        pairs = list(margins.items())
    else:
        pairs = [(m.dims[1:], m) if hasattr(m, "dims") else m for m in margins]
    problems: list[str] = []
    found: list[Margin] = []
    for at, pair in enumerate(pairs):
        try:
            dims, values = pair
            given = (dims,) if isinstance(dims, int | str | np.integer) else tuple(dims)
            axes = [list(names).index(d) if names is not None and isinstance(d, str) else int(d) for d in given]
        except (TypeError, ValueError):
            problems.append(f"margins: margin {at} is not dims of the table and an array; give (dims, array) pairs")
            continue
        counts = as_float("margins", values)
        wanted = tuple(table.shape[a] for a in axes if 0 <= a < table.ndim)
        if len(wanted) != len(axes) or not axes or len(set(axes)) != len(axes):
            problems.append(f"margins: {given} are not dimensions of a table of {table.ndim}, each once")
        elif counts.shape[1:] != wanted or counts.ndim != len(axes) + 1:
            problems.append(f"margins: {given} has shape {counts.shape}; want (zones, {', '.join(map(str, wanted))})")
        elif not np.all(np.isfinite(counts) & (counts >= 0.0)):
            bad = ~(np.isfinite(counts) & (counts >= 0.0)).reshape(counts.shape[0], -1).all(axis=1)
            problems.append(f"margins: {given} has negative or unknown counts in {_zones(bad)}")
        else:
            order = np.argsort(axes)
            found.append((tuple(sorted(axes)), counts.transpose(0, *(1 + order))))
    if len({counts.shape[0] for _, counts in found}) > 1:
        problems.append(f"margins: found {[c.shape[0] for _, c in found]} zones; want as many in each")
    if len({dims for dims, _ in found}) < len(found):
        problems.append("margins: two are over the same dimensions")
    if not pairs:
        problems.append("margins: found none; give at least one")
    raise_all(problems, InputError)
    return found


def _check_agreement(margins: list[Margin], integer: bool) -> None:
    """Two margins must say the same over the dimensions that both have, their total at the least."""
    problems = []
    for (one, a), (two, b) in combinations(margins, 2):
        shared = tuple(sorted(set(one) & set(two)))
        apart = np.abs(_over(one, a, shared) - _over(two, b, shared)).reshape(a.shape[0], -1).max(axis=1)
        wrong = apart > _SAME * np.maximum(a.reshape(a.shape[0], -1).sum(axis=1), 1.0)
        if wrong.any():
            what = f"over {shared}" if shared else "in their total"
            problems.append(
                f"margins: {one} and {two} disagree {what} in {_zones(wrong)}, by up to {apart.max():g} persons"
            )
    for dims, counts in margins:
        broken = np.abs(counts - np.rint(counts)).reshape(counts.shape[0], -1).max(axis=1) > 1e-6
        if integer and broken.any():
            problems.append(
                f"margins: {dims} has broken counts in {_zones(broken)}; whole persons want whole margins, "
                "or pass integer=False"
            )
    raise_all(problems, InputError)


def _over(dims: tuple[int, ...], counts: FloatArray, kept: tuple[int, ...]) -> FloatArray:
    total: FloatArray = counts.sum(axis=tuple(1 + at for at, d in enumerate(dims) if d not in kept))
    return total


def _finest(margins: list[Margin]) -> list[Margin]:
    """Margins that no other contains, the one of most cells first: the others are met with them."""
    kept = [m for m in margins if not any(set(m[0]) < set(other[0]) for other in margins)]
    return sorted(kept, key=lambda m: -m[1][0].size)


def _margin_cells(shape: tuple[int, ...], dims: list[tuple[int, ...]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Margin cell of each cell of the table, counted on through all margins, and where each margin begins."""
    sizes = [int(np.prod([shape[a] for a in d])) for d in dims]
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    cells = []
    for d, size, start in zip(dims, sizes, first, strict=False):
        number = np.arange(size).reshape([shape[a] if a in d else 1 for a in range(len(shape))])
        cells.append(np.broadcast_to(number, shape).reshape(-1) + start)
    return np.stack(cells).astype(np.int32), first


def _check_outcome(off: FloatArray, missed: NDArray[np.int64], tolerance: float, rounds: int) -> None:
    nobody = np.isinf(off)
    if nobody.any():
        raise InputError(f"margins: {_zones(nobody)} have people where the seed table has none", field="margins")
    unsettled = off > tolerance
    if unsettled.any():
        raise ModelError(
            f"margins: {_zones(unsettled)} are off by up to {off.max():.1e} of their people after {rounds} rounds; "
            "zeros of the seed table stand against the margins, or allow more rounds"
        )
    if missed.any():
        raise ModelError(
            f"margins: no whole table was found for {_zones(missed > 0)}, {missed.max()} persons short; "
            "try another seed, or integer=False"
        )


def _zones(where: Any) -> str:
    zones = np.flatnonzero(where)
    more = f" and {zones.size - 5} more" if zones.size > 5 else ""
    return ("zone " if zones.size == 1 else "zones ") + ", ".join(str(z) for z in zones[:5]) + more
