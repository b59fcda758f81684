from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.health import (
    attributable_burden,
    lifetable_burden,
    population_attributable_fraction,
    relative_risk,
    relative_risks,
)


def test_airqplus_copd_in_switzerland():
    # AirQ+ report, PM2.5 and COPD, Switzerland: 8.85 ug/m3 over a cutoff of 5, 357.27 cases in 100,000 of 8,606,096.
    found = attributable_burden(8.85, 357.27 * 8_606_096 / 1e5, [1.369, 1.124, 1.664], cutoff=5.0)
    assert np.round(found.burden) == pytest.approx([3502, 1353, 5474])
    assert np.round(100 * found.fraction, 2) == pytest.approx([11.39, 4.40, 17.80])


def test_limits_and_grade_of_evidence_come_with_a_row_of_the_table():
    risk = relative_risk("PM2.5 all-cause 30+")
    assert (risk.central, risk.lower, risk.upper, risk.per, risk.minimum_age) == (1.08, 1.06, 1.09, 10.0, 30)
    found = attributable_burden([10.0, 20.0], [100.0, 100.0], risk)
    assert found.fraction == pytest.approx([1 - 1 / 1.08, 1 - 1 / 1.08**2])
    assert found.burden_lower == pytest.approx([100 * (1 - 1 / 1.06), 100 * (1 - 1 / 1.06**2)])
    assert (found.burden_upper > found.burden).all()
    assert found.evidence.startswith("quoted: Chen and Hoek 2020")


def test_weak_evidence_is_never_a_default_and_a_slip_gets_the_nearest_name():
    table = relative_risks()
    weak = [r.name for r in table.values() if r.evidence in ("unclear", "unverified", "test")]
    assert len(weak) == 5
    for name in weak:
        with pytest.raises(InputError, match="evidence"):
            relative_risk(name)
        assert relative_risk(name, allow_unverified=True).evidence == table[name].evidence
    with pytest.raises(InputError, match="did you mean"):
        relative_risk("PM2.5 all-cause 30")


def test_areas_add_up_and_a_mean_exposure_would_not():
    exposure, deaths = np.array([2.0, 40.0]), np.array([500.0, 500.0])
    areas = attributable_burden(exposure, deaths, 1.5)
    assert areas.burden.sum() == pytest.approx(500 * (1 - 1.5**-0.2) + 500 * (1 - 1.5**-4))
    mean = attributable_burden(exposure.mean(), deaths.sum(), 1.5)
    assert mean.burden > 1.05 * areas.burden.sum()
    back = attributable_burden(exposure[::-1], deaths[::-1], 1.5)
    assert (back.burden[::-1] == areas.burden).all()


def test_unknown_areas_say_why():
    found = attributable_burden([np.nan, 8.0, 8.0], [10.0, np.nan, 10.0], 1.08)
    assert list(found.reason) == ["exposure not known", "baseline not known", ""]
    assert list(np.isnan(found.burden)) == [True, True, False]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (([-1.0], [1.0], 1.1), "exposure"),
        (([1.0], [-1.0], 1.1), "baseline"),
        (([1.0], [1.0], 0.0), "relative_risk"),
        (([1.0, 2.0], [1.0, 2.0, 3.0], 1.1), "baseline"),
    ],
)
def test_bad_input_names_its_field(arguments, field):
    with pytest.raises(InputError) as caught:
        attributable_burden(*arguments)
    assert caught.value.field == field


def test_levin_by_hand():
    # Half of the people at twice the risk: 0.5/(1 + 0.5) = a third of all cases.
    assert population_attributable_fraction([0.0, 10.0], [0.5, 0.5], 2.0) == pytest.approx(1 / 3)


def test_life_table_by_hand():
    # From 50, ten years at 0.02, then 0.1: e = 190/11 and 10. Half of it taken away: q = 0.1/1.05, then 20 years.
    found = lifetable_burden([20, 100], [1000, 1000], [50, 60], 2.0, 10.0)
    assert found.attributable_deaths == pytest.approx([10.0, 50.0])
    less = 10 * (1 - 1 / 21) + 19 / 21 * 20
    assert found.years_lost == pytest.approx([10 * less, 50 * 20.0])
    assert found.life_expectancy_loss_days == pytest.approx([365 * (less - 190 / 11), 365 * 10.0])


def test_life_table_counts_nobody_below_the_minimum_age_and_says_what_is_missing():
    deaths = np.array([[5.0, 40.0, 300.0], [5.0, 40.0, 0.0], [5.0, 40.0, 300.0]])
    people = np.array([[9e3, 8e3, 3e3], [9e3, 8e3, 3e3], [9e3, 0.0, 3e3]])
    found = lifetable_burden(deaths, people, [0, 30, 60], 1.08, [8.0, 8.0, 8.0])
    assert found.attributable_deaths[0, 0] == 0.0
    assert found.years_lost[0, 0] == 0.0
    assert found.life_expectancy_loss_days[0, 0] > 0.0
    assert np.isnan(found.years_lost[1:]).all()
    assert list(found.reason) == ["", "no deaths in the open-ended band", "an age band without population"]


def test_reference_tracts(test_data):
    tracts = pd.read_csv(test_data / "health/hia/be_tracts_pm25_mortality_RR1.118_cutoff0.csv")
    found = attributable_burden(tracts["PM25"], tracts["VALUE_BASELINE"], 1.118)
    np.testing.assert_allclose(found.fraction, tracts["PAF"], rtol=1e-12)
    np.testing.assert_allclose(found.burden, tracts["VALUE"], rtol=1e-12)


def test_reference_ozone_distribution(test_data):
    classes = pd.read_csv(test_data / "health/hia/o3_copd_exposure_distribution_de2016.csv")
    deaths = [
        29_908 * population_attributable_fraction(classes["Mean.O3"], classes["Population.affected"], risk, cutoff=65.0)
        for risk in (1.037, 1.028, 1.045)
    ]
    assert np.round(deaths) == pytest.approx([2007, 1537, 2415])


def test_reference_life_tables(test_data):
    table = pd.read_csv(test_data / "health/hia/iomlifet_burden.csv")
    for case, rows in table.groupby("case"):
        exposure = float(case.split("pm=")[1].split("|")[0])
        risk = float(case.split("RR=")[1].split(" ")[0])
        found = lifetable_burden(rows["deaths"], rows["population"], rows["age"], risk, exposure)
        np.testing.assert_allclose(found.attributable_deaths, rows["attributable_deaths"], rtol=1e-11)
        np.testing.assert_allclose(found.years_lost, rows["yll"], rtol=1e-11)
        np.testing.assert_allclose(found.life_expectancy_loss_days, rows["ex_diff_days"], rtol=1e-10)
