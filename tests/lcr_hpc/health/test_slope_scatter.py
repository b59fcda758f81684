from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.health import slope_index, slope_index_from_scatter
from lcr_hpc.health.gradient import Attribute, decile_means, deprivation_gradient


def test_three_equal_areas_by_hand():
    # Ranks 1/6, 1/2, 5/6 and values 1, 5, 3: mean 3, slope 3 (2/3 of the way from 1 to 3 is 2), residuals -1, 2, -1.
    # Levers -3/2, 0, 3/2: scores 3/2, 0, -3/2, variance (3/2)(2/1) 9/2 = 27/2; t with 2 degrees of freedom 4.30265.
    found = slope_index_from_scatter([1.0, 5.0, 3.0], [1, 1, 1])
    assert (found.sii, found.intercept, found.rii) == pytest.approx((3.0, 1.5, 3.0))
    assert found.sii_upper - found.sii == pytest.approx(4.302653 * np.sqrt(13.5), rel=1e-6)


def test_point_estimates_are_those_of_the_slope_index():
    draw = np.random.default_rng(5)
    value, people = draw.normal(10, 2, 60), draw.uniform(500, 2500, 60)
    one, two = slope_index_from_scatter(value, people), slope_index(value, people)
    assert (one.sii, one.rii, one.intercept) == (two.sii, two.rii, two.intercept)


def test_areas_that_repeat_their_neighbour_say_no_more():
    # Ten copies of each area in its cluster: the slope hardly moves, and neither does what is known of it.
    draw = np.random.default_rng(6)
    value, people = draw.normal(10, 2, 40), np.full(40, 100.0)
    copies = slope_index_from_scatter(np.repeat(value, 10), np.repeat(people, 10), np.repeat(np.arange(40), 10))
    once = slope_index_from_scatter(value, people)
    careless = slope_index_from_scatter(np.repeat(value, 10), np.repeat(people, 10))
    width = once.sii_upper - once.sii_lower
    assert copies.sii_upper - copies.sii_lower == pytest.approx(width, rel=0.05)
    assert careless.sii_upper - careless.sii_lower < 0.4 * width


def test_interval_covers_the_truth_as_often_as_it_says():
    draw = np.random.default_rng(8)
    cluster = np.repeat(np.arange(60), 5)
    people = np.full(300, 1500.0)
    line = 12.0 - 3.0 * (np.arange(300) + 0.5) / 300
    inside = 0
    for _ in range(1000):
        shared = draw.normal(0.0, 1.0, 60)[cluster] + draw.normal(0.0, 0.5, 300)
        found = slope_index_from_scatter(line + shared, people, cluster)
        inside += found.sii_lower <= -3.0 <= found.sii_upper
    assert 0.93 < inside / 1000 < 0.97


def test_too_few_places_say_so():
    none = slope_index_from_scatter([1.0, np.nan], [1, 1])
    assert np.isnan(none.sii)
    assert none.reason == "fewer than two usable areas"
    two = slope_index_from_scatter([1.0, 2.0], [1, 1])
    assert two.sii == pytest.approx(2.0)
    assert np.isnan(two.sii_lower)
    assert "too few for an interval" in two.reason
    with pytest.raises(InputError):
        slope_index_from_scatter([1.0, 2.0], [1, 1, 1])


def test_deciles_are_tenths_of_the_people():
    value = np.arange(20.0)
    assert decile_means(value, np.full(20, 7.0)) == pytest.approx(np.arange(10) * 2 + 0.5)
    # One place with half of the people falls into the tenth of its middle; the tenths beside it have nobody.
    lumpy = decile_means(np.array([1.0, 2.0, 3.0]), np.array([25.0, 50.0, 25.0]))
    assert [lumpy[1], lumpy[5], lumpy[8]] == [1.0, 2.0, 3.0]
    assert np.isnan(lumpy).sum() == 7


def test_places_are_put_in_order_and_the_unknown_left_out():
    found = deprivation_gradient(
        Attribute(
            "x",
            "1",
            value=np.array([40.0, 30.0, 99.0, np.nan]),
            population=np.array([5.0, 5.0, 5.0, 5.0]),
            deprivation=np.array([200.0, 100.0, np.nan, 3.0]),
            standard_error=np.full(4, 1.0),
        ),
        0.95,
    )
    assert found.slope.sii == pytest.approx(20.0)
    assert (found.places, found.left_out) == (2, 2)
