from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.slope import rank_slopes

from tests.reference.rank_slope import rank_slope

GROUPS = st.lists(st.tuples(st.floats(1.0, 1e3), st.floats(1.0, 1e5), st.floats(0.0, 10.0)), min_size=2, max_size=12)


def rows(*lists: list[float]) -> list[np.ndarray]:
    return [np.array([values], dtype=float) for values in lists]


def test_two_equal_groups_give_twice_their_difference():
    # Ranks 1/4 and 3/4: a gap of 10 over half of the axis is a slope of 20, from 25 to 45.
    (found,) = rank_slopes(*rows([30.0, 40.0], [5.0, 5.0], [3.0, 4.0]))
    assert found[0] == pytest.approx(25.0)
    assert found[1] == pytest.approx(20.0)
    assert found[2] == pytest.approx(10.0)  # 2 * sqrt(3^2 + 4^2)


def test_a_line_along_unequal_groups_is_found_exactly():
    # Populations 1, 3, 4 have mid-ranks 1/16, 5/16, 3/4; the values lie on 10 + 16 b.
    (found,) = rank_slopes(*rows([11.0, 15.0, 22.0], [1.0, 3.0, 4.0], [0.0, 0.0, 0.0]))
    assert found == pytest.approx([10.0, 16.0, 0.0])


@settings(max_examples=30, derandomize=True, deadline=None)
@given(GROUPS)
def test_matches_the_matrix_form(groups):
    value, people, error = (list(column) for column in zip(*groups, strict=True))
    (found,) = rank_slopes(*rows(value, people, error))
    assert found == pytest.approx(rank_slope(value, people, error), rel=1e-7, abs=1e-5)


@settings(max_examples=20, derandomize=True, deadline=None)
@given(GROUPS, st.floats(0.01, 100.0))
def test_reversed_order_turns_the_slope_and_population_scale_changes_nothing(groups, scale):
    value, people, error = (list(column) for column in zip(*groups, strict=True))
    (found,) = rank_slopes(*rows(value, people, error))
    (turned,) = rank_slopes(*rows(value[::-1], people[::-1], error[::-1]))
    (scaled,) = rank_slopes(*rows(value, [scale * n for n in people], error))
    assert turned[1] == pytest.approx(-found[1], rel=1e-8, abs=1e-6)
    assert turned[0] == pytest.approx(found[0] + found[1], rel=1e-8, abs=1e-6)
    assert scaled == pytest.approx(found, rel=1e-8, abs=1e-6)


def test_a_group_of_nobody_takes_no_part_and_one_group_has_no_slope():
    whole = rank_slopes(*rows([1.0, 2.0, 4.0], [2.0, 3.0, 1.0], [0.1, 0.2, 0.3]))
    padded = rank_slopes(*rows([1.0, np.nan, 2.0, 4.0], [2.0, 0.0, 3.0, 1.0], [0.1, np.nan, 0.2, 0.3]))
    assert padded == pytest.approx(whole)
    assert np.isnan(rank_slopes(*rows([1.0, 2.0], [2.0, 0.0], [0.1, 0.1]))).all()


def test_an_unknown_value_is_passed_on_and_an_unknown_error_spoils_only_the_interval():
    lost, kept = rank_slopes(
        np.array([[1.0, np.nan], [1.0, 2.0]]), np.ones((2, 2)), np.array([[1.0, 1.0], [np.nan, 1.0]])
    )
    assert np.isnan(lost[:2]).all()
    assert kept[:2] == pytest.approx([0.5, 2.0])
    assert np.isnan(kept[2])
