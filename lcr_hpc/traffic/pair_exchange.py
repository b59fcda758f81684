"""Pairs of a block as plain numbers that ranks can send each other."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from lcr_kernels.bush_pairs import Pairs

from lcr_hpc.traffic.network import Floats


def pack_pairs(pairs: Pairs) -> Floats:
    """Write a block's pairs as one array: what is no float64 in it, two integers to each, is only ever copied."""
    n_pairs, n_links, n_cells = (int(n) for n in pairs.count)
    integers = np.zeros(2 * (n_pairs + n_links + 1), np.int32)
    ends = np.cumsum([0, n_pairs, n_pairs, n_links, n_links])
    parts = (pairs.first[1 : n_pairs + 1], pairs.middle[:n_pairs], pairs.link[:n_links], pairs.cell[:n_links])
    for part, (begin, end) in zip(parts, pairwise(ends), strict=True):
        integers[begin:end] = part
    return np.concatenate([pairs.count.astype(np.float64), pairs.flow[:n_cells], integers.view(np.float64)])


def unpack_pairs(numbers: Floats) -> Pairs:
    """Read what `pack_pairs` wrote, without the slots, which only the rank that wrote it knows; the flow is a view."""
    count = numbers[:3].astype(np.int64)
    n_pairs, n_links, n_cells = (int(n) for n in count)
    integers = numbers[3 + n_cells :].view(np.int32)
    first, middle, link, cell = (
        integers[begin:end] for begin, end in pairwise(np.cumsum([0, n_pairs, n_pairs, n_links, n_links]))
    )
    return Pairs(
        count,
        np.concatenate([np.zeros(1, np.int64), first]),
        middle.astype(np.int64),
        link,
        cell,
        numbers[3 : 3 + n_cells],
        np.zeros(0, np.int64),
    )
