from __future__ import annotations

import numpy as np
import pytest
from lcr_kernels.life_table import life_tables

from tests.reference.life_table import life_table

AGES = np.array([0.0, 1.0, 5.0, 15.0, 45.0, 65.0, 85.0])
WIDTH = np.diff(AGES, append=np.nan)
LIVED = np.where(AGES == 0.0, 0.1, 0.5)
DEATHS = np.array([[9.0, 2.0, 0.0, 31.0, 140.0, 520.0, 610.0], [1.0, 0.0, 3.0, 10.0, 90.0, 300.0, 200.0]])
PEOPLE = np.array(
    [[2500.0, 9800.0, 24000.0, 81000.0, 52000.0, 31000.0, 4100.0], [900.0, 4000.0, 1e4, 3e4, 2e4, 1.2e4, 1.7e3]]
)


def test_matches_the_table_on_paper():
    found = life_tables(DEATHS, PEOPLE, WIDTH, LIVED)
    for row in range(2):
        expectancy, error, years = life_table(DEATHS[row], PEOPLE[row], AGES)
        assert found[row, :, 0] == pytest.approx(expectancy, rel=1e-12)
        assert np.sqrt(found[row, :, 1]) == pytest.approx(error, rel=1e-12)
        assert 1e5 * found[row, :, 2] == pytest.approx(years, rel=1e-12)


def test_two_bands_by_hand():
    # From 50, ten years at a rate of 0.02: q = 0.2/1.1 = 2/11, 9/11 live on, 10 (1 - 1/11) = 100/11 years are lived.
    # From 60 at a rate of 0.1 ten years are left: e50 = 100/11 + 9/11 * 10 = 190/11.
    # Var e60 = 4/(100 * 0.01) / 4 = 1; Var e50 = (81/121) + (4/121)(9/11)/20 * (5 + 10)^2.
    ((at_50, at_60),) = life_tables(
        np.array([[20.0, 100.0]]), np.array([[1000.0, 1000.0]]), np.array([10.0, np.nan]), np.array([0.5, 0.5])
    )
    assert at_60 == pytest.approx([10.0, 1.0, 90.0 / 11.0])
    assert at_50 == pytest.approx([190.0 / 11.0, 81.0 / 121.0 + 4.0 / 121.0 * 9.0 / 11.0 / 20.0 * 225.0, 100.0 / 11.0])


def test_a_constant_hazard_gives_its_inverse_whatever_the_bands():
    # With 1/4-year bands the half-band rule is within 1e-4 of the exponential's mean of 50 years.
    ages = np.arange(30.0, 130.0, 0.25)
    people = np.full((1, ages.size), 1000.0)
    table = life_tables(people * 0.02, people, np.diff(ages, append=np.nan), np.full(ages.size, 0.5))
    assert table[0, :, 0] == pytest.approx(50.0, rel=1e-4)


def test_expectancy_does_not_depend_on_scale_and_its_variance_goes_as_one_over_it():
    once, tenfold = life_tables(DEATHS, PEOPLE, WIDTH, LIVED), life_tables(10 * DEATHS, 10 * PEOPLE, WIDTH, LIVED)
    assert tenfold[..., 0] == pytest.approx(once[..., 0], rel=1e-12)
    assert tenfold[..., 1] == pytest.approx(once[..., 1] / 10.0, rel=1e-12)


def test_where_everybody_dies_nobody_is_left_to_expect():
    # A rate of 0.5 over five years with half of the band lived: q would be 10/9.
    table = life_tables(
        np.array([[1.0, 50.0, 5.0]]),
        np.array([[1000.0, 100.0, 100.0]]),
        np.array([5.0, 5.0, np.nan]),
        np.array([0.5, 0.5, 0.5]),
    )
    assert table[0, 1, 0] == pytest.approx(2.5)
    assert np.isnan(table[0, 2, 0])
    assert np.isfinite(table[0, 0, :2]).all()
