"""Quality flags of many series at once against one observation at a time."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.quality import flag_series

from tests.reference import quality as reference

F = np.float32
NOTHING = (1.0, 0.0)


def _flags(value, jump, first, count, rule) -> np.ndarray:
    low, high, sentinel, stuck, above, ratio = rule
    return flag_series(
        value, jump, first, count, F(low), F(high), F(sentinel[0]), F(sentinel[1]), stuck, F(above), F(ratio)
    )


def test_flags_by_hand():
    value = np.array([[np.nan, 10, 9e9], [5, 700, -1], [5, 20, 7], [5, 30, 7]], dtype=F)
    jump = np.zeros((4, 3), dtype=bool)
    jump[3, 2] = True
    # Site 0: three fives are stuck. Site 1: 700 is more than 600 + 20 above the median, 20. Site 2: beyond, a fault.
    found = _flags(value, jump, 0, 4, (0, 12_000, (-1, -1), 3, 600, 1))
    assert found.T.tolist() == [[1, 4, 4, 4], [0, 5, 0, 0], [3, 2, 0, 6]]


@given(data=st.data())
@settings(max_examples=150, derandomize=True, deadline=None)
def test_the_kernel_is_the_obvious_way(data):
    few = st.sampled_from([np.nan, -1.0, 0.0, 7.0, 7.0, 7.0, 8.0, 650.0, 700.0, 3000.0, 13_000.0, -999.0])
    any_value = st.one_of(few, st.floats(-100, 15_000, width=32))
    times, sites = data.draw(st.integers(1, 14)), data.draw(st.integers(1, 3))
    cells = data.draw(st.lists(any_value, min_size=times * sites, max_size=times * sites))
    value = np.array(cells, dtype=F).reshape(times, sites)
    first = data.draw(st.integers(0, times - 1))
    count = data.draw(st.integers(1, times - first))
    jump = np.array(data.draw(st.lists(st.booleans(), min_size=count * sites, max_size=count * sites)))
    sentinel = data.draw(st.sampled_from([(-1.0, -1.0), NOTHING, (-3.4e38, -99.0)]))
    stuck, ratio = data.draw(st.integers(0, 5)), data.draw(st.sampled_from([-1.0, 0.0, 0.5, 1.0, 4.0]))
    rule = (0.0, 12_000.0, sentinel, stuck, data.draw(st.sampled_from([0.0, 10.0, 600.0])), ratio)
    found = _flags(value, jump.reshape(count, sites), first, count, rule)
    for k in range(count):
        for s in range(sites):
            wanted = reference.flag(value[:, s], first + k, jump[k * sites + s], *rule)
            assert found[k, s] == wanted, (k, s)


@given(cut=st.integers(1, 47))
@settings(max_examples=20, derandomize=True, deadline=None)
def test_flags_of_a_part_need_the_hours_beside_it_alone(cut):
    value = np.random.default_rng(1).choice([1.0, 1.0, 1.0, 5.0, 900.0, np.nan], (48, 3)).astype(F)
    rule, jump = (0.0, 12_000.0, (-1.0, -1.0), 6, 600.0, 1.0), np.zeros((48, 3), dtype=bool)
    whole = _flags(value, jump, 0, 48, rule)
    start, stop = max(cut - 5, 0), min(cut + 6, 48)
    part = _flags(value[start:stop], jump[:1], cut - start, 1, rule)
    assert (part[0] == whole[cut]).all()
