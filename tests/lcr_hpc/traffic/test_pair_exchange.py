"""What ranks send each other of their pairs is what they had."""

from __future__ import annotations

import numpy as np
import pytest
from lcr_kernels.bush_pairs import Pairs

from lcr_hpc.traffic.pair_exchange import pack_pairs, unpack_pairs


@pytest.mark.parametrize("lengths", [[], [3], [2, 5, 4]])  # an odd and an even number of integers
def test_pairs_come_out_as_they_went_in(lengths):
    n_links = sum(lengths)
    first = np.concatenate([np.cumsum([0, *lengths]), [99]])
    cells = n_links + 2
    random = np.random.default_rng(1)
    pairs = Pairs(
        np.array([len(lengths), n_links, cells]),
        first,
        first[:-1] + 1,
        random.integers(0, 2**31 - 1, n_links + 3).astype(np.int32),
        np.arange(n_links + 3, dtype=np.int32),
        random.random(cells + 5),
        np.arange(cells + 5),
    )
    found = unpack_pairs(pack_pairs(pairs))
    assert found.count.tolist() == pairs.count.tolist()
    assert found.first.tolist() == first[: len(lengths) + 1].tolist()
    assert found.middle.tolist() == (first[: len(lengths)] + 1).tolist()
    assert found.link.tobytes() == pairs.link[:n_links].tobytes()
    assert found.cell.tobytes() == pairs.cell[:n_links].tobytes()
    assert found.flow.tobytes() == pairs.flow[:cells].tobytes()
