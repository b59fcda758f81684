from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.exact_sum import add_exactly, exact_total


def total(arrays, unit):
    size = arrays[0].size
    high, low = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for array in arrays:
        add_exactly(array, unit, high, low)
    found = np.empty(size)
    exact_total(high, low, unit, found)
    return found


def test_what_a_float_would_lose_is_kept():
    # 2⁵³ + 1 is no float64: one after another the ones are lost, in any order but this they are not.
    arrays = [np.array([2.0**53]), np.array([1.0]), np.array([1.0])]
    assert sum(float(a[0]) for a in arrays) == 2.0**53
    assert total(arrays, 1.0).tolist() == [2.0**53 + 2.0]


def test_parts_of_a_unit_count():
    assert total([np.array([0.25, 0.0, 3.5])] * 2, 1.0).tolist() == [0.5, 0.0, 7.0]


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.lists(st.floats(0.0, 1e6, width=64), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_bytes_and_the_right_sum(numbers, random):
    unit = 2.0**-36
    arrays = [np.array([number]) for number in numbers]
    found = total(arrays, unit)
    random.shuffle(arrays)
    assert total(arrays, unit).tobytes() == found.tobytes()
    exact = sum((Fraction(number) for number in numbers), Fraction(0))
    assert abs(Fraction(float(found[0])) - exact) <= max(abs(exact) * Fraction(1, 2**52), Fraction(1, 2**80))
