from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.health import concentration_index
from tests.reference.concentration_index import concentration_index as by_matrices

DRAW = np.random.default_rng(9)
HEALTH = DRAW.uniform(1.0, 9.0, 40)
MEANS = DRAW.integers(0, 25, 40).astype(float)
PEOPLE = DRAW.uniform(0.5, 4.0, 40)


def test_by_hand():
    # Ranks 1/8 .. 7/8 and health 1, 2, 3, 4 on the line 1/2 + 4 R: mean 5/2, variance of the ranks 5/64 over 3/4.
    found = concentration_index([1, 2, 3, 4], [10, 20, 30, 40])
    assert found.value == pytest.approx(2 * (5 / 64) / 0.75 * 4 / 2.5)
    assert found.standard_error == pytest.approx(0.0, abs=1e-7)


def test_matches_the_matrices_with_ties_and_weights():
    found = concentration_index(HEALTH, MEANS, PEOPLE)
    assert (found.value, found.standard_error) == pytest.approx(by_matrices(HEALTH, MEANS, PEOPLE))
    assert found.upper - found.value == pytest.approx(1.959963984540054 * found.standard_error)


def test_equal_health_has_none_and_turning_the_ranking_turns_the_sign():
    assert concentration_index(np.full(40, 3.0), MEANS).value == pytest.approx(0.0, abs=1e-12)
    forth, back = concentration_index(HEALTH, MEANS, PEOPLE), concentration_index(HEALTH, -MEANS, PEOPLE)
    assert back.value == pytest.approx(-forth.value)
    assert back.standard_error == pytest.approx(forth.standard_error, rel=0.2)


def test_order_and_scales_change_nothing():
    wanted = concentration_index(HEALTH, MEANS, PEOPLE)
    order = np.random.default_rng(1).permutation(40)
    for found in (
        concentration_index(HEALTH[order], MEANS[order], PEOPLE[order]),
        concentration_index(7 * HEALTH, MEANS, PEOPLE),
        concentration_index(HEALTH, MEANS**3, 5 * PEOPLE),
    ):
        assert (found.value, found.standard_error) == pytest.approx((wanted.value, wanted.standard_error))


def test_kinds_by_their_definitions():
    share, bounds = HEALTH / 10.0, (0.0, 1.0)
    mean = np.mean(share)
    plain = concentration_index(share, MEANS)
    for kind, factor in (("generalised", mean), ("erreygers", 4 * mean), ("wagstaff", 1 / (1 - mean))):
        found = concentration_index(share, MEANS, kind=kind, bounds=bounds)
        assert (found.value, found.standard_error) == pytest.approx(
            (factor * plain.value, factor * plain.standard_error)
        )
    # The mirror: ill-health of 1 - h has the same Erreygers and Wagstaff index with the sign turned.
    for kind in ("erreygers", "wagstaff"):
        ill = concentration_index(1 - share, MEANS, kind=kind, bounds=bounds)
        assert ill.value == pytest.approx(-concentration_index(share, MEANS, kind=kind, bounds=bounds).value)


def test_draws_give_what_each_gives():
    rows = np.stack([HEALTH, HEALTH[::-1], HEALTH**2])
    together = concentration_index(rows, MEANS, PEOPLE)
    for row in range(3):
        alone = concentration_index(rows[row], MEANS, PEOPLE)
        assert (together.value[row], together.lower[row]) == (alone.value, alone.lower)


def test_interval_covers_the_truth_as_often_as_it_says():
    draw = np.random.default_rng(10)
    rank = (np.arange(400) + 0.5) / 400
    rows = 10.0 + 4.0 * rank + draw.normal(0.0, 2.0, (4000, 400))
    truth = concentration_index(10.0 + 4.0 * rank, rank).value
    found = concentration_index(rows, rank)
    assert 0.94 < np.mean((found.lower <= truth) & (truth <= found.upper)) < 0.96


def test_rows_without_an_index_say_why():
    rows = np.stack([HEALTH, HEALTH])
    rows[1, 4] = np.nan
    found = concentration_index(rows, MEANS)
    assert list(found.reason) == ["", "1 items without health"]
    assert np.isnan(found.value[1])
    zero = concentration_index([0, 0, 0], [1, 2, 3])
    assert zero.reason == "the mean is 0: no index relative to it"
    edge = concentration_index([1, 1, 1], [1, 2, 3], kind="wagstaff", bounds=(0, 1))
    assert edge.reason == "the mean lies on a bound: no index"


@pytest.mark.parametrize(
    ("arguments", "settings", "field"),
    [
        (([1, 2, 3], [1, 2]), {}, "ranking"),
        (([1, 2, 3], [1, 2, np.nan]), {}, "ranking"),
        (([1, 2, 3], [2, 2, 2]), {}, "ranking"),
        (([1, 2, 3], [1, 2, 3], [1, 0, 1]), {}, "weights"),
        (([1, 2, 3], [1, 2, 3]), {"kind": "other"}, "kind"),
        (([1, 2, 3], [1, 2, 3]), {"kind": "erreygers"}, "bounds"),
        (([1, 2, 3], [1, 2, 3]), {"kind": "wagstaff", "bounds": (0, 2)}, "bounds"),
    ],
)
def test_bad_input_names_its_field(arguments, settings, field):
    with pytest.raises(InputError) as caught:
        concentration_index(*arguments, **settings)
    assert caught.value.field == field


def test_reference_vectors(test_data):
    people = pd.read_csv(test_data / "health/inequality/ci_housing_inputs.csv")
    wanted = pd.read_csv(test_data / "health/inequality/ci_expected.csv")
    kinds = {"CI": "standard", "CIg": "generalised", "CIc": "erreygers", "CIw": "wagstaff"}
    compared = 0
    for _, row in wanted.iterrows():
        outcome, method, kind, weighting, correction, _ = row["case"].split("|")
        if method == "direct":
            continue  # another estimator: its covariance has no factor 1/(1 - sum of squared weights)
        health = people[outcome].to_numpy(float)
        found = concentration_index(
            health,
            people["income"],
            people["wt"] if weighting == "wt" else None,
            kind=kinds[kind],
            bounds=(health.min(), health.max()),
        )
        factor = 1 - 1 / health.size if correction == "dfcorrTRUE" else 1.0
        assert found.value * factor == pytest.approx(row["value"], rel=1e-11), row["case"]
        if method == "linreg_delta":
            assert found.standard_error == pytest.approx(row["se"], rel=1e-11), row["case"]
            assert found.upper - found.value == pytest.approx((row["hi95"] - row["lo95"]) / 2, rel=1e-10)
        compared += 1
    assert compared == 56
