"""Who gains and who loses: by hand, and what must hold whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcr_hpc.appraisal import gains_and_losses
from lcr_hpc.errors import InputError
from lcr_hpc.health import slope_index


def test_two_areas_by_hand():
    # ridits 0.25 and 0.75: a difference of -4 is a slope of -8, after that of -2 a slope of -4
    found = gains_and_losses([12.0, 8.0], [9.0, 7.0], [100, 100], [1, 2], better="lower")
    assert found.change == pytest.approx([-3.0, -1.0])
    assert found.slope_base == pytest.approx([-8.0])
    assert found.slope_scenario == pytest.approx([-4.0])
    assert (found.probability_narrows, found.probability_widens) == (1.0, 0.0)
    assert found.mean_change == pytest.approx(-2.0)
    # each area is half of the people: their middles fall into the third and the eighth tenth
    assert found.people_gain == pytest.approx([0, 0, 100, 0, 0, 0, 0, 100, 0, 0])
    assert found.decile_base[[2, 7]] == pytest.approx([12.0, 8.0])
    assert found.decile_scenario[[2, 7]] == pytest.approx([9.0, 7.0])
    assert np.isnan(found.decile_base[[0, 1, 3, 9]]).all()


def test_more_access_is_a_gain_and_the_gap_may_turn_round():
    found = gains_and_losses([10.0, 12.0], [13.0, 11.0], [50, 50], [1, 2], better="higher")
    assert list(found.probability_gains) == [1.0, 0.0]
    assert list(found.probability_loses) == [0.0, 1.0]
    # a slope of 4 becomes one of -4: no narrower and no wider
    assert (found.slope_base[0], found.slope_scenario[0]) == pytest.approx((4.0, -4.0))
    assert (found.probability_narrows, found.probability_widens) == (0.0, 0.0)


def test_probability_is_the_share_of_draws():
    base = np.tile([12.0, 8.0], (4, 1))
    scenario = np.array([[10.0, 8.0], [11.0, 8.0], [13.0, 8.0], [12.0, 8.0]])
    found = gains_and_losses(base, scenario, [100, 100], [1, 2], better="lower")
    assert (found.probability_narrows, found.probability_widens) == (0.5, 0.25)
    assert list(found.probability_gains) == [0.5, 0.0]
    assert list(found.probability_loses) == [0.25, 0.0]
    assert found.people_gain[2] == 50.0
    assert found.people_lose[2] == 25.0
    assert found.change[0] == pytest.approx(-0.5)


def test_what_draws_share_does_not_blur_the_difference():
    # a level that all areas and both scenarios share, far larger than the change
    random = np.random.Generator(np.random.Philox(5))
    shared = random.uniform(1.0, 100.0, (200, 1))
    pattern = np.linspace(2.0, 1.0, 20)
    found = gains_and_losses(
        shared * pattern, shared * (0.9 * pattern), np.full(20, 10.0), np.arange(20), better="lower"
    )
    assert found.probability_narrows == 1.0
    assert (found.probability_gains == 1.0).all()


def test_the_base_against_itself_is_exactly_nothing():
    random = np.random.Generator(np.random.Philox(1))
    values, people = random.uniform(1.0, 30.0, (50, 40)), random.integers(1, 900, 40)
    found = gains_and_losses(values, values.copy(), people, random.permutation(40), better="lower")
    assert not found.change.any()
    assert not found.probability_gains.any()
    assert not found.probability_loses.any()
    assert not found.people_gain.any()
    assert not found.people_lose.any()
    assert found.people_same.sum() == people.sum()
    assert (found.probability_narrows, found.probability_widens, found.mean_change) == (0.0, 0.0, 0.0)
    assert np.array_equal(found.slope_base, found.slope_scenario)


def test_the_same_step_for_all_leaves_the_gap_as_it_is():
    random = np.random.Generator(np.random.Philox(2))
    values = random.uniform(1.0, 30.0, (300, 40))
    found = gains_and_losses(values, values - 0.1, random.uniform(1, 900, 40), np.arange(40), better="lower")
    assert (found.probability_narrows, found.probability_widens) == (0.0, 0.0)
    assert (found.probability_gains == 1.0).all()


def test_slopes_are_the_health_models():
    random = np.random.Generator(np.random.Philox(3))
    x, y = random.uniform(5.0, 15.0, (2, 10, 30))
    people, rank = random.uniform(500, 2000, 30), random.permutation(30).astype(float)
    found = gains_and_losses(x, y, people, rank, better="lower")
    order = np.argsort(rank)
    assert np.array_equal(found.slope_base, slope_index(x[:, order], people[order]).sii)
    assert np.array_equal(found.slope_scenario, slope_index(y[:, order], people[order]).sii)


@given(st.integers(0, 10_000), st.integers(2, 60), st.floats(0.0, 2.0))
def test_people_and_changes_add_up_in_any_order_of_areas(seed, areas, tolerance):
    random = np.random.Generator(np.random.Philox(seed))
    x, y = random.uniform(0.0, 10.0, (2, 7, areas))
    people, rank = random.uniform(1.0, 3000.0, areas), random.permutation(areas).astype(float)
    found = gains_and_losses(x, y, people, rank, better="lower", tolerance=tolerance)
    assert (found.people_gain + found.people_lose + found.people_same).sum() == pytest.approx(people.sum())
    assert found.people_gain.sum() == pytest.approx((people * found.probability_gains).sum())
    assert found.mean_change == pytest.approx((people * (y - x).mean(axis=0)).sum() / people.sum(), abs=1e-12)
    turned = gains_and_losses(x[:, ::-1], y[:, ::-1], people[::-1], rank[::-1], better="lower", tolerance=tolerance)
    assert turned.slope_scenario == pytest.approx(found.slope_scenario)
    assert np.array_equal(turned.change[::-1], found.change)
    assert np.array_equal(turned.people_gain, found.people_gain)
    twice = gains_and_losses(x, y, 2.0 * people, rank, better="lower", tolerance=tolerance)
    assert twice.slope_base == pytest.approx(found.slope_base)


def test_areas_without_numbers_are_left_out_with_their_reason():
    base = np.array([[1.0, np.nan, 3.0, 4.0, 5.0]])
    found = gains_and_losses(base, [2.0, 2.0, np.nan, 5.0, 6.0], [10, 10, 10, 0, 10], [1, 2, 3, 4, 5], better="lower")
    assert list(found.reason) == ["", "no value in the base", "no value in the scenario", "nobody lives there", ""]
    assert found.left_out == 3
    assert list(np.isnan(found.change)) == [False, True, True, True, False]
    assert found.people_lose.sum() == 20.0


def test_input_that_cannot_be_compared():
    with pytest.raises(InputError, match=r"1 of 2 areas can be compared.*area 1: deprivation not known"):
        gains_and_losses([1.0, 2.0], [1.0, 2.0], [5, 5], [1, np.nan], better="lower")
    with pytest.raises(InputError) as problem:
        gains_and_losses(
            np.ones((3, 2)),
            np.ones((2, 2)),
            [5, -5],
            [1, 2],
            better="more",
            tolerance=-1.0,  # type: ignore[arg-type]
        )
    for part in ("better: found 'more'", "tolerance: found -1.0", "base has 3 draws, scenario 2", "area 1 has less"):
        assert part in str(problem.value)
    with pytest.raises(InputError, match=r"base: found \(1, 3\); wanted \[draw, area\] with 2 areas"):
        gains_and_losses(np.ones(3), np.ones(2), [5, 5], [1, 2], better="lower")
