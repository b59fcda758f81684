"""Suppression of small counts in a table and its totals, so that no suppressed one can be worked out from the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lcr_hpc.errors import InputError, ReleaseError, raise_all

TOTAL = "total"
"""Column of the sums over the columns, and name of the whole."""
_MOST_ROUNDS = 1000
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class SuppressionPolicy:
    """What is too small to show, and how uncertain it has to stay.

    Attributes
    ----------
    threshold : int
        Counts from 1 to one less are suppressed; 8 is the practice for sub-national counts of the NHS.
    protection : int
        Least width of the interval that anyone can work out for a suppressed count from all that is shown.
    """

    threshold: int = 8
    protection: int = 3


@dataclass(frozen=True, slots=True)
class SuppressionAudit:
    """What was suppressed, and what an attack with all shown numbers can find of it.

    Attributes
    ----------
    cells : DataFrame
        `name`, `column`, `kind` (primary: too small itself; secondary: protects another), `low` and `high`: the
        interval that linear programming finds for it. Holds no true count.
    narrowest : float
        Width of the narrowest interval; infinity without a suppressed cell.
    """

    cells: pd.DataFrame
    narrowest: float


def suppress(
    table: pd.DataFrame,
    hierarchy: pd.DataFrame | Mapping[str, Sequence[str]] | None = None,
    policy: SuppressionPolicy | None = None,
) -> tuple[pd.DataFrame, SuppressionAudit]:
    """Suppress small counts, and others that would give them away, in a table with all of its totals.

    Parameters
    ----------
    table : DataFrame, [area, category]
        Whole counts, 0 or more; the index names the areas.
    hierarchy : DataFrame or mapping of str to sequence, [area], optional
        Larger areas that hold each area, a column a level, from small to large (MSOA, district): their totals are shown
        too, as is the whole.
    policy : SuppressionPolicy, optional

    Returns
    -------
    DataFrame, [area, larger area and the whole; category and total]
        float64; NaN = suppressed.
    SuppressionAudit

    Raises
    ------
    InputError
        Counts that are none, areas named twice, levels that do not fit or do not nest.
    ReleaseError
        No suppression short of everything protects a cell.

    Notes
    -----
    Who attacks knows every shown number, that all are sums of counts of 0 or more, and which are suppressed. Where a
    suppressed cell's interval, by linear programming, is narrower than the policy asks, another count of a sum it
    stands in is suppressed as well, and the attack repeated. Meant for tables of a few thousand cells.
    """
    rules = policy or SuppressionPolicy()
    counts, names, sums = _with_totals(table, hierarchy, rules)
    size = counts.size
    small = (counts > 0) & (counts < rules.threshold)
    hidden = small.copy()
    for _ in range(_MOST_ROUNDS):
        # A sum with one suppressed cell gives it away: those are mended first, since they need no attack.
        lonely = [group for group in sums if hidden[group].sum() == 1]
        if lonely:
            exposed = int(lonely[0][hidden[lonely[0]]][0])
        else:
            low, high = _attack(counts, hidden, sums)
            narrow = np.flatnonzero(hidden & (high - low < rules.protection - _ROUNDING))
            if not narrow.size:
                break
            exposed = int(narrow[0])
        if not _hide_another(counts, hidden, lonely or [g for g in sums if exposed in g], lonely):
            raise ReleaseError(
                f"{names[exposed][0]}, {names[exposed][1]}: nothing is left to suppress that would protect it; "
                "release a coarser table"
            )
    else:
        raise ReleaseError(f"no safe pattern within {_MOST_ROUNDS} rounds for {size} cells; release a coarser table")

    at = np.flatnonzero(hidden)
    cells = pd.DataFrame(
        {
            "name": [names[c][0] for c in at],
            "column": [names[c][1] for c in at],
            "kind": np.where(small[at], "primary", "secondary"),
            "low": low[at],
            "high": high[at],
        }
    )
    columns = [*map(str, table.columns), TOTAL]
    rows = [names[r][0] for r in range(0, size, len(columns))]
    shown = pd.DataFrame(np.where(hidden, np.nan, counts).reshape(-1, len(columns)), index=rows, columns=columns)
    width = float((high[at] - low[at]).min()) if at.size else float("inf")
    return shown, SuppressionAudit(cells, width)


def _with_totals(
    table: pd.DataFrame, hierarchy: pd.DataFrame | Mapping[str, Sequence[str]] | None, policy: SuppressionPolicy
) -> tuple[NDArray[np.float64], list[tuple[str, str]], list[NDArray[np.int64]]]:
    """Counts of every cell, row by row; their names; and the sums: cells of which the last is the sum of the others."""
    levels = pd.DataFrame({} if hierarchy is None else dict(hierarchy), index=table.index).astype(str)
    counts = table.to_numpy(dtype=np.float64)
    problems = []
    if not counts.size:
        problems.append("table: found no counts")
    if not np.all(np.isfinite(counts) & (counts >= 0) & (counts == np.round(counts))):
        bad = table.index[~(np.isfinite(counts) & (counts >= 0) & (counts == np.round(counts))).all(axis=1)][:5]
        problems.append(f"table: {', '.join(map(str, bad))} have numbers that are no counts; want whole, 0 or more")
    groups = [table.index.astype(str).to_numpy(), *(levels[c].to_numpy() for c in levels), np.full(len(table), TOTAL)]
    everyone = [str(n) for g in groups for n in dict.fromkeys(g)]
    if len(set(everyone)) != len(everyone):
        twice = sorted({n for n in everyone if everyone.count(n) > 1})[:5]
        problems.append(f"table and hierarchy: {', '.join(twice)} name two areas; give each a name of its own")
    for small, large in pairwise(groups[1:]):
        parents = pd.Series(large).groupby(small).nunique()
        problems += [f"hierarchy: {n} lies in {k} larger areas; want one" for n, k in parents[parents > 1].items()][:5]
    if policy.threshold < 1 or policy.protection < 1:
        problems.append(f"policy: found {policy}; want a threshold and a protection of 1 or more")
    raise_all(problems, InputError)

    columns = [*map(str, table.columns), TOTAL]
    width = len(columns)
    full = np.hstack([counts, counts.sum(axis=1, keepdims=True)])
    blocks, rows, sums = [full], list(dict.fromkeys(groups[0])), []
    members, first = np.arange(len(table)), 0
    for level in range(1, len(groups)):
        labels = list(dict.fromkeys(groups[level]))
        of_area = np.array([labels.index(n) for n in groups[level]])
        begin = len(rows)
        blocks.append(np.stack([full[of_area == k].sum(axis=0) for k in range(len(labels))]))
        for k in range(len(labels)):
            children = first + np.unique(members[of_area == k])
            sums += [np.append(children, begin + k) * width + c for c in range(width)]
        rows += labels
        members, first = of_area, begin
    sums += [np.arange(r * width, (r + 1) * width) for r in range(len(rows))]
    return np.vstack(blocks).ravel(), [(r, c) for r in rows for c in columns], [g for g in sums if g.size > 1]


def _hide_another(
    counts: NDArray[np.float64],
    hidden: NDArray[np.bool_],
    within: list[NDArray[np.int64]],
    lonely: list[NDArray[np.int64]],
) -> bool:
    """Suppress one shown cell of some sums: one that mends two sums at once, then no 0, no total, the smallest."""
    mends = np.zeros(counts.size, np.int64)
    for group in lonely:
        mends[group] += 1
    best = min(
        (
            (-mends[c] if mends[c] > 1 else 0, counts[c] == 0, c == group[-1], counts[c], c)
            for group in within
            for c in group
            if not hidden[c]
        ),
        default=None,
    )
    if best is None:
        return False
    hidden[best[-1]] = True
    return True


def _attack(
    counts: NDArray[np.float64], hidden: NDArray[np.bool_], sums: list[NDArray[np.int64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and most that each suppressed cell can be, by all that is shown; others are what they are."""
    low, high = counts.copy(), counts.copy()
    cells = np.flatnonzero(hidden)
    place = np.full(counts.size, -1)
    place[cells] = np.arange(cells.size)
    row: list[int] = []
    column: list[int] = []
    sign: list[float] = []
    right: list[float] = []
    for group in sums:
        if not hidden[group].any():
            continue
        signs = np.where(np.arange(group.size) == group.size - 1, -1.0, 1.0)
        inside = hidden[group]
        row += [len(right)] * int(inside.sum())
        column += place[group[inside]].tolist()
        sign += signs[inside].tolist()
        right.append(-float((signs * counts[group])[~inside].sum()))
    if not cells.size:
        return low, high
    from scipy.optimize import linprog  # half a second that a table without small counts need not wait for
    from scipy.sparse import coo_array

    known = coo_array((sign, (row, column)), shape=(len(right), cells.size)).tocsr()
    for k, cell in enumerate(cells):
        aim = np.zeros(cells.size)
        for way, limits in ((1.0, low), (-1.0, high)):
            aim[k] = way
            found = linprog(aim, A_eq=known, b_eq=right, bounds=(0.0, None), method="highs")
            # An unbounded programme has no greatest value: nothing is known of the cell.
            limits[cell] = way * found.fun if found.status == 0 else (np.inf if way < 0 else 0.0)
    return low, high
