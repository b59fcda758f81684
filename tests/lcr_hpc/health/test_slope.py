from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.health import slope_index

LIFE = np.array([74.0, 75.5, 76.0, 78.2, 79.0, 80.5, 80.1, 82.0, 83.3, 84.0])
PEOPLE = np.array([9000.0, 8500.0, 9100.0, 8800.0, 8700.0, 9500.0, 9900.0, 9000.0, 8400.0, 8000.0])
ERROR = np.array([0.5, 0.5, 0.6, 0.5, 0.5, 0.4, 0.5, 0.5, 0.6, 0.6])
Z95 = 1.959963984540054


def test_two_equal_groups_by_hand():
    # From 25 to 45; the slope's standard error is 2 sqrt(3^2 + 4^2) = 10, held about the middle value 35.
    found = slope_index([30.0, 40.0], [5, 5], [3.0, 4.0])
    assert (found.sii, found.rii, found.intercept) == pytest.approx((20.0, 45.0 / 25.0, 25.0))
    assert (found.sii_lower, found.sii_upper) == pytest.approx((20.0 - 10.0 * Z95, 20.0 + 10.0 * Z95))
    steepest = 20.0 + 10.0 * Z95
    assert found.rii_upper == pytest.approx((35.0 + steepest / 2) / (35.0 - steepest / 2))
    assert found.reason == ""


def test_log_slope_of_two_groups_is_the_square_of_their_ratio():
    # On the logarithm the line from group to group spans half the axis, so end to end it spans twice as much.
    found = slope_index([0.02, 0.01], [7, 7], [0.1, 0.1], transform="log", multiplier=1000.0)
    assert found.rii == pytest.approx(0.25)
    assert found.intercept == pytest.approx(0.02 * np.sqrt(2.0))
    assert found.sii == pytest.approx(1000.0 * 0.02 * np.sqrt(2.0) * (0.25 - 1.0))
    assert found.rii_lower == pytest.approx(0.25 * np.exp(-Z95 * 2.0 * np.hypot(0.1, 0.1)))


def test_negative_multiplier_turns_gap_and_ratio():
    plain = slope_index([0.3, 0.25, 0.1], [5, 6, 7], [0.05, 0.05, 0.05], transform="logit")
    turned = slope_index([0.3, 0.25, 0.1], [5, 6, 7], [0.05, 0.05, 0.05], transform="logit", multiplier=-100.0)
    assert (turned.sii_lower, turned.sii, turned.sii_upper) == pytest.approx(
        (-100 * plain.sii_upper, -100 * plain.sii, -100 * plain.sii_lower)
    )
    assert (turned.rii_lower, turned.rii, turned.rii_upper) == pytest.approx(
        (1 / plain.rii_upper, 1 / plain.rii, 1 / plain.rii_lower)
    )
    assert turned.intercept == plain.intercept


@pytest.mark.parametrize("transform", ["none", "log", "logit"])
def test_limits_are_those_of_simulation(transform):
    forward = {"none": lambda y: y, "log": np.log, "logit": lambda y: np.log(y / (1 - y))}[transform]
    rate = np.array([0.31, 0.28, 0.27, 0.2, 0.18])
    people = np.array([900.0, 1000.0, 1300.0, 800.0, 1000.0])
    error = np.array([0.003, 0.005, 0.003, 0.006, 0.004])
    found = slope_index(rate, people, error, transform=transform)
    back = {"none": lambda y: y, "log": np.exp, "logit": lambda y: 1 / (1 + np.exp(-y))}[transform]
    draws = forward(rate) + error * np.random.default_rng(1).standard_normal((100_000, 5))
    fits = slope_index(back(draws), people, transform=transform)
    for name in ("sii", "rii"):
        simulated = np.quantile(getattr(fits, name), [0.025, 0.975])
        spread = np.std(getattr(fits, name))
        closed = getattr(found, f"{name}_lower"), getattr(found, f"{name}_upper")
        # The middle is held fixed, so a ratio of two independent ends (no transform) comes out a little narrow.
        assert np.abs(simulated - closed).max() < (0.1 if (name, transform) == ("rii", "none") else 0.05) * spread


def test_interval_covers_the_truth_as_often_as_it_says():
    draws = LIFE + ERROR * np.random.default_rng(7).standard_normal((20_000, 10))
    truth = slope_index(LIFE, PEOPLE).sii
    found = slope_index(draws, PEOPLE, ERROR)
    assert 0.94 < np.mean((found.sii_lower <= truth) & (truth <= found.sii_upper)) < 0.96


def test_batch_gives_what_each_row_gives():
    rows = np.stack([LIFE, LIFE[::-1], LIFE + 1.0]).reshape(3, 1, 10)
    together = slope_index(rows, PEOPLE, ERROR, confidence=0.998)
    assert together.sii.shape == (3, 1)
    for row in range(3):
        alone = slope_index(rows[row, 0], PEOPLE, ERROR, confidence=0.998)
        assert [getattr(together, n)[row, 0] for n in alone.__slots__] == [getattr(alone, n) for n in alone.__slots__]


def test_without_standard_errors_there_is_no_interval_and_it_says_so():
    found = slope_index(LIFE, PEOPLE)
    assert np.isfinite([found.sii, found.rii, found.intercept]).all()
    assert np.isnan([found.sii_lower, found.rii_upper]).all()
    assert "no interval" in found.reason


def test_every_unusable_row_says_why():
    value = np.tile(LIFE / 100.0, (6, 1))
    people = np.tile(PEOPLE, (6, 1))
    error = np.tile(ERROR, (6, 1))
    value[1, 3] = np.nan
    people[2, 0] = 0.0
    value[3, 9] = 0.0
    error[4, 2] = np.nan
    people[5, 1:] = 0.0
    found = slope_index(value, people, error, transform="log")
    assert found.reason[0] == ""
    assert "group 4: no value" in found.reason[1]
    assert "group 1: no population" in found.reason[2]
    assert "group 10: value outside the log's range" in found.reason[3]
    assert "no interval" in found.reason[4]
    assert "no population" in found.reason[5]
    assert list(np.isnan(found.sii)) == [False, True, True, True, False, True]
    assert np.isnan(found.sii_lower[4])


def test_skipping_a_missing_group_is_leaving_it_out():
    value = LIFE.copy()
    value[3] = np.nan
    skipped = slope_index(value, PEOPLE, ERROR, missing="skip")
    keep = np.arange(10) != 3
    assert skipped == slope_index(LIFE[keep], PEOPLE[keep], ERROR[keep])


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"value": [1.0], "population": [2.0]}, "value"),
        ({"value": [1.0, 2.0], "population": [2.0, 3.0, 4.0]}, None),
        ({"value": ["a", "b"], "population": [2.0, 3.0]}, "value"),
        ({"value": [1.0, 2.0], "population": [2.0, 3.0], "transform": "sqrt"}, "transform"),
        ({"value": [1.0, 2.0], "population": [2.0, 3.0], "confidence": 95}, "confidence"),
    ],
)
def test_bad_input_names_its_field(arguments, field):
    with pytest.raises(InputError) as caught:
        slope_index(**arguments)
    assert caught.value.field == field


def test_a_slope_that_starts_at_or_below_zero_has_no_ratio():
    found = slope_index([-1.0, 3.0], [1, 1], [0.1, 0.1])
    assert found.sii == pytest.approx(8.0)
    assert np.isnan(found.rii)
    assert "no ratio" in found.reason


def test_reference_fixtures(test_data):
    groups = pd.read_csv(test_data / "health/phe/sii_inputs.csv")
    wanted = pd.read_csv(test_data / "health/phe/sii_expected.csv").set_index("case")
    assert len(wanted) == 22
    for case, rows in groups.groupby("case"):
        expected = wanted.loc[case]
        value, error = rows["value"].to_numpy(), rows["se"].to_numpy()
        transform = {0: "none", 1: "log", 2: "logit"}[expected["value_type"]] if expected["transform"] else "none"
        if case.startswith("prop_intercept"):
            error = value * (np.log(rows["upper_cl95"]) - np.log(rows["lower_cl95"])) / (2 * Z95)
        elif transform == "none":
            error = error * {0: 1.0, 1: value, 2: value * (1 - value)}[expected["value_type"]]
        for level in "12":
            confidence = expected[f"conf{level}"] / 100
            if np.isnan(confidence):
                continue
            found = slope_index(
                value,
                rows["population"],
                error,
                transform=transform,
                confidence=confidence,
                multiplier=expected["multiplier"],
            )
            for name in ("sii", "rii", "intercept"):
                if not np.isnan(expected[name]):
                    assert getattr(found, name) == pytest.approx(expected[name], rel=1e-12), (case, name)
            for name in ("sii_lower", "sii_upper", "rii_lower", "rii_upper"):
                if not np.isnan(expected[f"{name}{level}"]):
                    assert getattr(found, name) == pytest.approx(expected[f"{name}{level}"], rel=0.05), (case, name)


def test_reference_life_expectancy_slopes(test_data):
    deciles = pd.read_csv(test_data / "health/phe/sii_LE_inputs.csv")
    wanted = pd.read_csv(test_data / "health/phe/sii_LE_expected_100k.csv").set_index(["Sex", "GeoCode"])
    assert len(wanted) == 20
    for place, rows in deciles.groupby(["Sex", "GeoCode"]):
        ordered = rows.sort_values("Decile")
        for confidence, suffix, tolerance in ((0.95, "95_0cl", 0.035), (0.998, "99_8cl", 0.11)):
            found = slope_index(ordered["LifeExp"], ordered["Pop"], ordered["SE"], confidence=confidence)
            expected = wanted.loc[place]
            for name in ("sii", "rii", "intercept"):
                assert getattr(found, name) == pytest.approx(expected[name], rel=1e-12)
            z = Z95 if confidence == 0.95 else 3.090232306167813
            for name in ("sii", "rii"):
                lower, upper = getattr(found, f"{name}_lower"), getattr(found, f"{name}_upper")
                one = (upper - lower) / (2 * z)
                assert abs(lower - expected[f"{name}_lower{suffix}"]) < tolerance * one
                assert abs(upper - expected[f"{name}_upper{suffix}"]) < tolerance * one


@pytest.mark.parametrize("transform", ["none", "log", "logit"])
def test_simulated_limits_agree_with_the_closed_form_and_with_groups_drawn_one_by_one(transform):
    value = np.array([0.30, 0.26, 0.27, 0.21, 0.18])
    people = np.array([900.0, 1100.0, 1000.0, 1200.0, 800.0])
    scale = {"none": 1.0, "log": value, "logit": value * (1 - value)}[transform]
    error = 0.01 / scale * np.ones(5)
    closed = slope_index(value, people, error, transform=transform)
    found = slope_index(value, people, error, transform=transform, draws=20_000, seed=3)
    width = closed.sii_upper - closed.sii_lower
    assert found.sii == closed.sii
    assert found.sii_lower == pytest.approx(closed.sii_lower, abs=0.03 * width)
    assert found.sii_upper == pytest.approx(closed.sii_upper, abs=0.03 * width)
    # Twenty thousand sets of groups, each with a line of its own.
    forward, back = {
        "none": (lambda y: y, lambda y: y),
        "log": (np.log, np.exp),
        "logit": (lambda y: np.log(y / (1 - y)), lambda x: 1 / (1 + np.exp(-x))),
    }[transform]
    drawn = back(forward(value) + error * np.random.default_rng(1).normal(size=(20_000, 5)))
    lines = slope_index(drawn, people, transform=transform)
    for name in ("sii", "rii"):
        wanted = np.quantile(getattr(lines, name), [0.025, 0.975])
        ours = [getattr(found, f"{name}_lower"), getattr(found, f"{name}_upper")]
        assert ours == pytest.approx(wanted, abs=0.04 * np.ptp(wanted))


def test_simulated_limits_of_many_sets_are_each_its_own():
    value = np.array([[10.0, 12.0, 15.0], [10.0, np.nan, 15.0], [30.0, 20.0, 10.0]])
    error = np.full((3, 3), 0.5)
    together = slope_index(value, [1.0, 2.0, 1.0], error, draws=500)
    alone = slope_index(value[2], [1.0, 2.0, 1.0], error[2], draws=500)
    assert together.sii_lower[2] == alone.sii_lower
    assert np.isnan(together.sii_lower[1])
    assert "no value" in together.reason[1]
    turned = slope_index(value[2], [1.0, 2.0, 1.0], error[2], draws=500, multiplier=-2.0)
    assert turned.sii_lower == pytest.approx(-2 * alone.sii_upper)
    assert turned.rii_lower == pytest.approx(1 / alone.rii_upper)
    with pytest.raises(InputError, match="draws: found 1"):
        slope_index(value[2], [1.0, 2.0, 1.0], error[2], draws=1)
