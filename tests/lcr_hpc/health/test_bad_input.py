"""What real areas are like: each flaw is told by area, and no number stands where none can."""

from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.health import (
    bym2,
    directly_standardised_rate,
    empirical_bayes,
    getis_ord,
    life_expectancy,
    lifetable_burden,
    local_geary,
    local_moran,
    slope_index,
)
from lcr_hpc.health.gradient import Attribute, deprivation_gradient

AGES = np.array([0.0, 1.0, *range(5, 90, 5)])
PEOPLE = np.full((3, AGES.size), 1000.0)
DEATHS = np.maximum(1.0, np.round(PEOPLE * 1e-4 * np.exp(0.09 * AGES)))


def ring(areas):
    """Neighbours on either side, in compressed rows."""
    at = np.arange(areas)
    return 2 * np.arange(areas + 1), np.stack([at - 1, at + 1], axis=1).ravel() % areas, np.full(2 * areas, 0.5)


def test_zero_population_is_told_by_area():
    people, deaths = PEOPLE.copy(), DEATHS.copy()
    people[1, 4] = deaths[1, 4] = 0.0
    table = life_expectancy(deaths, people, AGES)
    assert np.isfinite(table.value[[0, 2]]).all()
    assert np.isnan(table.value[1]).all()
    assert "population" in table.reason[1, 0]
    assert "population" in lifetable_burden(deaths, people, AGES, 1.08, 10.0).reason[1]
    rate = directly_standardised_rate(deaths, people, np.ones(AGES.size))
    assert np.isnan(rate.value[1])
    assert np.isfinite(rate.value[[0, 2]]).all()
    slope = slope_index([[1.0, 2.0, 3.0]] * 2, [[5.0, 5.0, 5.0], [5.0, 0.0, 5.0]], [0.1] * 3)
    assert slope.reason[1] == "group 2: no population"
    assert np.isnan(slope.sii[1])
    with pytest.raises(InputError, match="area 1 with events but without population"):
        empirical_bayes([1.0, 2.0, 3.0], [10.0, 0.0, 10.0])


def test_more_deaths_than_people_is_told_by_area():
    deaths = DEATHS.copy()
    deaths[2, -1] = 1001.0
    table = life_expectancy(deaths, PEOPLE, AGES)
    assert table.reason[2, 0] == "more deaths than people at ages from 85"
    assert np.isnan(table.value[2]).all()
    assert np.isfinite(table.value[:2]).all()


def test_a_missing_decile_is_told():
    value = np.array([5.0, 6.0, np.nan, 8.0])
    found = slope_index(value, [1.0] * 4, [0.1] * 4)
    assert np.isnan(found.sii)
    assert found.reason == "group 3: no value"
    # Places that are all in one tenth leave the others empty, and say nothing of them.
    crowded = Attribute("one", "1", np.array([1.0, 2.0, 3.0]), np.array([1e6, 1.0, 1.0]), np.array([1.0, 2.0, 3.0]))
    gradient = deprivation_gradient(crowded, 0.95)
    assert np.isfinite(gradient.decile_mean).sum() == 2
    unranked = Attribute("none", "1", np.array([1.0, 2.0]), np.array([1.0, 1.0]), np.full(2, np.nan))
    gradient = deprivation_gradient(unranked, 0.95)
    assert gradient.left_out == 2
    assert gradient.slope.reason == "fewer than two usable areas"


def test_a_map_in_parts_is_computed_and_an_island_is_told():
    # Two rings of six and an area on its own.
    one, two = ring(6), ring(6)
    first = np.concatenate([one[0], 12 + two[0][1:], [24]])
    links = (first, np.concatenate([one[1], 6 + two[1]]), np.full(24, 0.5))
    values = np.random.default_rng(2).gamma(2.0, size=13)
    for found in (local_moran(values, links, 99), getis_ord(values, links, permutations=99)):
        assert np.isfinite(found.p_value[:12]).all()
        assert np.isnan(found.p_value[12])
        assert found.reason[12] == "no neighbours"
        assert (found.reason[:12] == "").all()
    edges = np.array([(a, (a + 1) % 6) for a in range(6)] + [(6 + a, 6 + (a + 1) % 6) for a in range(6)])
    rates = bym2(np.arange(1.0, 14.0), np.full(13, 7.0), edges)
    assert np.isfinite(rates.mean).all()
    assert "no neighbours" in rates.reason[12]


def test_a_neighbour_that_does_not_name_an_area_in_return_is_told():
    first, index, weight = (part.copy() for part in ring(8))
    index[0] = 4  # area 0 names area 4 in the place of area 7, which still names area 0
    values = np.random.default_rng(3).gamma(2.0, size=8)
    for found in (
        local_moran(values, (first, index, weight), 99),
        local_geary(values, (first, index, weight), 99),
        getis_ord(values, (first, index, weight), permutations=99),
    ):
        assert found.reason[0] == "not named in return by 4"
        assert found.reason[7] == "not named in return by 0"
        assert (found.reason[1:7] == "").all()
        assert np.isfinite(found.p_value).all()
