"""Pairs of all blocks as one list, and as plain numbers that ranks can send each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from lcr_kernels.bush_pairs import Pairs

from lcr_hpc.traffic.network import Floats, LongInts


class JoinedPairs(NamedTuple):
    """Pairs of all blocks in block order, and where each block's cells begin, int64[block + 1]."""

    pairs: Pairs
    cells: LongInts


def pack_pairs(pairs: Pairs) -> Floats:
    """Write a block's pairs as float64; every integer in it is far below 2⁵³."""
    n_pairs, n_links, n_cells = pairs.count
    parts = (
        pairs.count,
        pairs.first[1 : n_pairs + 1],
        pairs.middle[:n_pairs],
        pairs.link[:n_links],
        pairs.cell[:n_links],
        pairs.flow[:n_cells],
    )
    return np.concatenate([part.astype(np.float64) for part in parts])


def join_packed(blocks: Sequence[Floats]) -> JoinedPairs:
    """Join what `pack_pairs` wrote for each block."""
    return join_pairs({block: _unpack(numbers) for block, numbers in enumerate(blocks)})


def join_pairs(blocks: Mapping[int, Pairs]) -> JoinedPairs:
    """Join the pairs of blocks 0 to n − 1; each block's flows are copied, so that they stay its own."""
    used = [blocks[block] for block in sorted(blocks)]
    n_links = np.cumsum([0] + [pairs.count[1] for pairs in used])
    n_cells = np.cumsum([0] + [pairs.count[2] for pairs in used])
    first = [pairs.first[1 : pairs.count[0] + 1] + base for pairs, base in zip(used, n_links[:-1], strict=True)]
    middle = [pairs.middle[: pairs.count[0]] + base for pairs, base in zip(used, n_links[:-1], strict=True)]
    cell = [pairs.cell[: pairs.count[1]] + np.int32(base) for pairs, base in zip(used, n_cells[:-1], strict=True)]
    return JoinedPairs(
        Pairs(
            np.array([sum(pairs.count[0] for pairs in used), n_links[-1], n_cells[-1]], np.int64),
            np.concatenate([np.zeros(1, np.int64), *first]),
            np.concatenate(middle),
            np.concatenate([pairs.link[: pairs.count[1]] for pairs in used]),
            np.concatenate(cell),
            np.concatenate([pairs.flow[: pairs.count[2]] for pairs in used]),
            np.zeros(0, np.int64),
        ),
        n_cells.astype(np.int64),
    )


def _unpack(numbers: Floats) -> Pairs:
    count = numbers[:3].astype(np.int64)
    n_pairs, n_links, n_cells = (int(n) for n in count)
    ends = np.cumsum([3, n_pairs, n_pairs, n_links, n_links, n_cells])
    first, middle, link, cell, flow = (numbers[a:b] for a, b in pairwise(ends))
    return Pairs(
        count,
        np.concatenate([np.zeros(1, np.int64), first.astype(np.int64)]),
        middle.astype(np.int64),
        link.astype(np.int32),
        cell.astype(np.int32),
        flow,
        np.zeros(0, np.int64),
    )
