from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.health import life_expectancy

# The worked example of OHID's life expectancy function: PHEindicatormethods reference manual, phe_life_expectancy.
AGES = [0, 1, *range(5, 95, 5)]
PEOPLE = [7060, 35059, 46974, 48489, 43219, 38561, 46009, 57208, 61435, 55601]
PEOPLE += [50209, 56416, 46411, 39820, 37978, 37039, 33288, 23306, 11936, 11936]
DEATHS = [17, 9, 4, 8, 20, 15, 24, 33, 50, 71, 100, 163, 263, 304, 536, 872, 1390, 1605, 1936, 1937]


def test_worked_ohid_table():
    found = life_expectancy(DEATHS, PEOPLE, AGES)
    assert found.value[[0, 1, 13, 19]] == pytest.approx([80.16961, 79.36246, 22.97191, 6.16211], abs=5e-6)
    assert [found.lower[0], found.upper[0]] == pytest.approx([79.88269, 80.45653], abs=5e-6)
    wide = life_expectancy(DEATHS, PEOPLE, AGES, confidence=0.998)
    assert [wide.lower[0], wide.upper[0]] == pytest.approx([79.71723, 80.62198], abs=5e-6)
    assert not (found.reason != "").any()


def test_three_bands_by_hand():
    # 30-: q = 10 * 0.01/(1 + 0.05) = 2/21. 40-: q = 20 * 0.02/(1 + 0.2) = 1/3. 60+: 1/0.1 = 10 years.
    # e40 = 20 (1 - 1/6) + 2/3 * 10 = 70/3; e30 = 10 (1 - 1/21) + 19/21 * 70/3.
    found = life_expectancy([40, 80, 300], [4000, 4000, 3000], [30, 40, 60])
    assert found.value == pytest.approx([200 / 21 + 19 / 21 * 70 / 3, 70 / 3, 10.0])


def test_single_years_and_wide_bands_agree_on_a_smooth_hazard():
    ages = np.arange(0, 101)
    hazard = 2e-5 * np.exp(0.1 * ages)
    people = np.full(ages.size, 1e4)
    single = life_expectancy(hazard * people, people, ages)
    starts = np.array([0, *range(5, 100, 5), 100])
    pooled = life_expectancy(np.add.reduceat(hazard * people, starts), np.add.reduceat(people, starts), starts)
    assert pooled.value[0] == pytest.approx(single.value[0], abs=0.15)


def test_suppression_says_why_and_spares_the_other_areas():
    deaths = np.tile(np.array(DEATHS, float), (6, 1))
    people = np.tile(np.array(PEOPLE, float), (6, 1))
    people[1] *= 5000.0 / people[1].sum()
    deaths[1] /= 100.0
    deaths[2, 3] = people[2, 3] + 1
    deaths[3, 19] = 0
    people[4, 2], deaths[4, 2] = 0.0, 0.0
    deaths[5, 0] = np.nan
    found = life_expectancy(deaths, people, AGES)
    assert np.isnan(found.value[1:]).all()
    assert np.isnan(found.lower[1:]).all()
    assert found.value[0] == pytest.approx(life_expectancy(DEATHS, PEOPLE, AGES).value)
    for row, text in enumerate(
        ["", "5,000 or fewer", "more deaths than people", "no deaths in the open", "no population", "no deaths or pop"]
    ):
        assert (found.reason[row] == "").all() if not text else all(text in reason for reason in found.reason[row])


def test_an_interval_wider_than_twenty_years_hides_the_value_but_not_the_limits():
    people = np.array([200.0, 4000.0, 1000.0])
    found = life_expectancy([30, 0, 1], people, [0, 1, 60])
    assert np.isnan(found.value[0])
    assert "wider than 20 years" in found.reason[0]
    assert found.upper[0] - found.lower[0] > 20.0


def test_area_order_does_not_matter():
    deaths = np.array([DEATHS, DEATHS[::-1]], float)
    people = np.array([PEOPLE, [10 * n for n in PEOPLE]], float)
    forth, back = life_expectancy(deaths, people, AGES), life_expectancy(deaths[::-1], people[::-1], AGES)
    np.testing.assert_array_equal(forth.value, back.value[::-1])
    np.testing.assert_array_equal(forth.standard_error, back.standard_error[::-1])


def test_interval_covers_the_truth_as_often_as_it_says():
    draws = np.random.default_rng(3).poisson(DEATHS, (4000, 20))
    truth = life_expectancy(DEATHS, PEOPLE, AGES).value[0]
    found = life_expectancy(draws, np.array(PEOPLE), AGES)
    assert 0.94 < np.mean((found.lower[:, 0] <= truth) & (truth <= found.upper[:, 0])) < 0.97


@pytest.mark.parametrize(
    ("deaths", "people", "ages", "field"),
    [
        (DEATHS, PEOPLE, AGES[::-1], "age_start"),
        (DEATHS, PEOPLE, AGES[:-1], "age_start"),
        ([-1, 2], [9000, 9000], [0, 50], "deaths"),
        ([1, 2], [9000, -9000], [0, 50], "population"),
    ],
)
def test_bad_input_names_its_field(deaths, people, ages, field):
    with pytest.raises(InputError) as caught:
        life_expectancy(deaths, people, ages)
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["package_example", "generated"])
def test_reference_vectors(test_data, name):
    table = pd.read_csv(test_data / f"health/phe/life_expectancy_{name}.csv")
    areas = table["area"] if "area" in table else pd.Series("example", index=table.index)
    for _, rows in table.groupby(areas):
        for confidence, suffix in ((0.95, "95_0cl"), (0.998, "99_8cl")):
            found = life_expectancy(rows["deaths"], rows["pops"], rows["startage"], confidence=confidence)
            for got, column in ((found.value, "value"), (found.lower, "lower"), (found.upper, "upper")):
                wanted = rows[column if column == "value" else column + suffix]
                np.testing.assert_allclose(got, wanted, rtol=1e-12)
            assert ((found.reason != "") == rows["value"].isna().to_numpy()).all()
