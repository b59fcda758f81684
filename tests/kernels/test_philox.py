from __future__ import annotations

import numpy as np
import pytest
from lcr_kernels.philox import philox, uniform_pair

from tests.reference.philox import draw
from tests.reference.philox import philox as by_whole_numbers

# Known answers of Salmon and others' own Random123 library: counter, key, words.
KNOWN = [
    ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_known_answers(counter, key, words):
    assert tuple(int(w) for w in philox(*(np.uint64(x) for x in counter + key))) == words
    assert by_whole_numbers(counter, key) == words


@pytest.mark.parametrize(("seed", "stream", "item"), [(0, 1, 0), (7, 2, 5), (2**64 - 1, 3, 2**40 + 9)])
def test_matches_whole_numbers(seed, stream, item):
    for pair in range(3):
        found = uniform_pair(np.uint64(seed), stream, item, pair)
        assert found == (draw(seed, stream, item, 2 * pair), draw(seed, stream, item, 2 * pair + 1))


def test_numbers_are_spread_evenly_and_their_names_tell_them_apart():
    numbers = np.array([uniform_pair(np.uint64(s), t, i, 0) for s in range(4) for t in range(4) for i in range(32)])
    assert np.unique(numbers).size == numbers.size
    assert numbers.min() >= 0.0
    assert numbers.max() < 1.0
    # 1,024 uniform numbers: the standard error of their mean is 0.289/32, and of each tenth's share 0.0094.
    assert numbers.mean() == pytest.approx(0.5, abs=4 * 0.009)
    assert np.histogram(numbers, 10, (0, 1))[0] / numbers.size == pytest.approx(np.full(10, 0.1), abs=4 * 0.0094)
