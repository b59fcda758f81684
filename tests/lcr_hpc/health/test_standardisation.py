from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.health import directly_standardised_rate, indirectly_standardised_ratio
from lcr_hpc.health.count_limits import byars_limits, poisson_limits, wilson_limits

Z95 = 1.959963984540054
COUNT = np.array([3.0, 0.0, 12.0, 40.0])
PEOPLE = np.array([1000.0, 2500.0, 1800.0, 600.0])
STANDARD = np.array([5000.0, 5500.0, 7000.0, 1500.0])


def test_exact_limits_are_garwood_s_published_ones():
    # Garwood 1936, Biometrika 28:437-442, table of 95 % limits of a Poisson count.
    lower, upper = poisson_limits(np.array([0.0, 1.0, 2.0, 5.0, 9.0]), Z95, 0.95)
    assert lower == pytest.approx([0.0, 0.0253, 0.242, 1.62, 4.12], abs=5e-3)
    assert upper == pytest.approx([3.69, 5.57, 7.22, 11.67, 17.08], abs=5e-3)


def test_byars_limits_are_near_the_exact_ones_from_ten_events():
    # chi-squared limits of 65 events: 50.17 and 82.85.
    lower, upper = byars_limits(np.array([65.0]), Z95)
    assert (lower[0], upper[0]) == pytest.approx((50.17, 82.85), abs=0.01)


def test_wilson_limits_are_the_roots_of_the_score_equation():
    # (p - 65/100)^2 = z^2 p (1 - p)/100 at both limits; nobody of ten: upper z^2/(10 + z^2).
    limits = wilson_limits(np.array([65.0]), np.array([100.0]), Z95)
    for p in limits:
        assert (p - 0.65) ** 2 == pytest.approx(Z95**2 * p * (1 - p) / 100)
    lower, upper = wilson_limits(np.array([0.0, 0.0]), np.array([10.0, 0.0]), Z95)
    assert (lower[0], upper[0]) == pytest.approx((0.0, Z95**2 / (10 + Z95**2)))
    assert np.isnan(upper[1])


def test_rate_by_hand_and_its_limits():
    # Rates 0.01 and 0.1 weighted 3/4 and 1/4, 30 events; variance 3.6875e-5, scaled by sqrt(V/30).
    found = directly_standardised_rate([10, 20], [1000, 200], [75, 25], multiplier=1000, confidence=0.95)
    lower, upper = byars_limits(np.array([30.0]), Z95)
    scale = np.sqrt(3.6875e-5 / 30.0)
    assert found.value == pytest.approx(32.5)
    assert found.lower == pytest.approx(1000 * (0.0325 + scale * (lower[0] - 30.0)))
    assert found.upper == pytest.approx(1000 * (0.0325 + scale * (upper[0] - 30.0)))


def test_the_same_rates_give_the_same_ratio_and_rate_whatever_the_ages():
    # An area with twice the reference's rates at every age has a ratio of 2.
    reference = np.array([10.0, 20.0, 70.0]), np.array([5000.0, 4000.0, 2000.0])
    people = np.array([300.0, 4000.0, 9000.0])
    observed = 2 * people * reference[0] / reference[1]
    assert indirectly_standardised_ratio(observed, people, *reference).value == pytest.approx(2.0)
    both = directly_standardised_rate([observed, 2 * reference[0]], [people, reference[1]], [1, 1, 1])
    assert both.value[0] == pytest.approx(both.value[1])


def test_observed_may_be_given_in_all():
    reference = np.array([10.0, 20.0, 30.0, 40.0]), PEOPLE * 10
    by_band = indirectly_standardised_ratio([COUNT, COUNT], PEOPLE, *reference)
    in_all = indirectly_standardised_ratio([55.0, 55.0], np.tile(PEOPLE, (2, 1)), *reference)
    assert (by_band.value == in_all.value).all()
    assert (by_band.expected == in_all.expected).all()


def test_standard_and_population_scale():
    once = directly_standardised_rate(COUNT, PEOPLE, STANDARD)
    again = directly_standardised_rate(COUNT, PEOPLE, 7 * STANDARD, multiplier=1.0)
    assert (again.value, again.upper) == pytest.approx((once.value / 1e5, once.upper / 1e5))


def test_too_few_events_and_empty_bands_say_why():
    found = directly_standardised_rate([COUNT, COUNT / 10, COUNT], [PEOPLE, PEOPLE, 0 * PEOPLE], STANDARD)
    assert list(np.isnan(found.value)) == [False, True, True]
    assert list(found.reason) == ["", "fewer than 10 events", "an age band without population"]
    none = indirectly_standardised_ratio([0.0, 0.0], [0.0, 0.0], [1, 2], [10, 10])
    assert np.isnan(none.value)
    assert none.reason == "no events expected"


def test_a_blank_count_is_none_and_a_blank_row_is_unknown():
    counts = np.array([[np.nan, 20.0], [0.0, 20.0], [np.nan, np.nan]])
    direct = directly_standardised_rate(counts, [1000, 200], [75, 25])
    ratio = indirectly_standardised_ratio(counts, [1000, 200], [1, 2], [10, 10])
    for found in (direct, ratio):
        assert found.value[0] == found.value[1]
        assert found.reason[0] == "1 blank counts read as 0 events"
        assert found.reason[1] == ""
        assert np.isnan(found.value[2])
        assert "not known" in found.reason[2]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [(([-1, 2], [3, 4], [1, 1]), "count"), (([1, 2], [3, 4], [0, 0]), "standard"), (([1, 2], [3, 4], [1, 1, 1]), None)],
)
def test_bad_input_names_its_field(arguments, field):
    with pytest.raises(InputError) as caught:
        directly_standardised_rate(*arguments)
    assert caught.value.field == field


def limits(row, confidence):
    suffix = "95_0cl" if confidence == 0.95 else "99_8cl"
    return [row["value"], row[f"lower{suffix}"], row[f"upper{suffix}"]]


@pytest.mark.parametrize("confidence", [0.95, 0.998])
def test_reference_vectors_by_area(test_data, confidence):
    folder = test_data / "health/phe"
    areas = pd.read_csv(folder / "dsr_isr_generated_inputs.csv")
    reference = pd.read_csv(folder / "isr_generated_ref.csv")
    direct = pd.read_csv(folder / "dsr_generated_expected.csv").set_index("area")
    ratio = pd.read_csv(folder / "isratio_generated_expected.csv").set_index("area")
    rate = pd.read_csv(folder / "israte_generated_expected.csv").set_index("area")
    for area, rows in areas.groupby("area"):
        found = directly_standardised_rate(rows["x"], rows["n"], rows["stdpop"], confidence=confidence)
        np.testing.assert_allclose(
            [found.value, found.lower, found.upper], limits(direct.loc[area], confidence), rtol=1e-12
        )
        found = indirectly_standardised_ratio(
            rows["x"], rows["n"], reference["x"], reference["n"], confidence=confidence
        )
        assert found.expected == pytest.approx(ratio.loc[area, "expected"], rel=1e-12)
        numbers = np.array([found.value, found.lower, found.upper])
        np.testing.assert_allclose(numbers, limits(ratio.loc[area], confidence), rtol=1e-11)
        np.testing.assert_allclose(numbers * rate.loc[area, "ref_rate"], limits(rate.loc[area], confidence), rtol=1e-11)


@pytest.mark.parametrize("confidence", [0.95, 0.998])
def test_reference_fixtures(test_data, confidence):
    folder = test_data / "health/phe"
    areas = pd.read_csv(folder / "dsr_isr_inputs.csv")
    reference = pd.read_csv(folder / "isr_refdata.csv")
    direct, indirect = pd.read_csv(folder / "dsr_expected.csv"), pd.read_csv(folder / "isr_expected.csv")
    for area, rows in areas.groupby("area"):
        for _, wanted in direct[direct["area"] == area].iterrows():
            per = float(str(wanted["statistic"]).split()[-1]) if "per" in str(wanted["statistic"]) else 1e4
            found = directly_standardised_rate(rows["count"], rows["pop"], rows["esp2013"], per, confidence)
            np.testing.assert_allclose([found.value, found.lower, found.upper], limits(wanted, confidence), rtol=1e-12)
        wanted = indirect[(indirect["area"] == area) & indirect["ref_rate"].isna()].iloc[0]
        found = indirectly_standardised_ratio(
            rows["count"], rows["pop"], reference["refcount"], reference["refpop"], confidence
        )
        np.testing.assert_allclose([found.value, found.lower, found.upper], limits(wanted, confidence), rtol=1e-11)


def test_reference_limits_of_counts(test_data):
    table = pd.read_csv(test_data / "health/phe/byars_wilson.csv")
    for _, row in table[table["method"] == "Byars"].iterrows():
        z = Z95 if row["confidence"] == "95%" else 3.090232306167813
        lower, upper = byars_limits(np.array([float(row["x"])]), z)
        np.testing.assert_allclose([lower[0], upper[0]], [row["lowercl"], row["uppercl"]], rtol=1e-12)
    for _, row in table[table["method"] == "Wilson"].iterrows():
        z = Z95 if row["confidence"] == "95%" else 3.090232306167813
        lower, upper = wilson_limits(np.array([row["x"]]), np.array([row["n"]]), z)
        np.testing.assert_allclose([lower[0], upper[0]], [row["lowercl"], row["uppercl"]], rtol=1e-12)


def test_reference_proportions(test_data):
    table = pd.read_csv(test_data / "health/phe/proportion_wilson.csv")
    for suffix, z in (("95_0cl", Z95), ("99_8cl", 3.090232306167813)):
        lower, upper = wilson_limits(table["Numerator"].to_numpy(float), table["Denominator"].to_numpy(float), z)
        np.testing.assert_allclose(lower * table["multiplier"], table[f"lower{suffix}"], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(upper * table["multiplier"], table[f"upper{suffix}"], rtol=1e-9, atol=1e-12)
