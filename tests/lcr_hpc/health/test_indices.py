from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.health import atkinson, extended_concentration, generalised_entropy, gini, theil
from tests.reference.concentration_index import gini as by_pairs

DRAW = np.random.default_rng(12)
X = DRAW.lognormal(3.0, 0.8, 60)
PEOPLE = DRAW.integers(1, 9, 60).astype(float)
GROUP = DRAW.choice(["a", "b", "c"], 60)


def test_all_with_one_of_two_by_hand():
    # Gini 1/2, Theil ln 2, Atkinson(1/2) = 1 - (1/2)^2 / (1/2) = 1/2.
    assert gini([0.0, 4.0]).value == pytest.approx(0.5)
    assert theil([0.0, 4.0]).value == pytest.approx(np.log(2.0))
    assert atkinson([0.0, 4.0], 0.5).value == pytest.approx(0.5)
    assert atkinson([0.0, 4.0], 1.0).value == 1.0
    assert generalised_entropy([1.0, 3.0], alpha=2.0).value == pytest.approx(0.125)


def test_gini_is_half_the_relative_mean_difference():
    assert gini(X, PEOPLE).value == pytest.approx(by_pairs(X, PEOPLE))
    assert gini([1, 2, 3, 4]).value == pytest.approx(0.25)


@pytest.mark.parametrize(
    "index",
    [
        lambda x, w: gini(x, w).value,
        lambda x, w: gini(x, w, nu=3.5).value,
        lambda x, w: theil(x, w).value,
        lambda x, w: generalised_entropy(x, w, alpha=-1.0).value,
        lambda x, w: generalised_entropy(x, w, alpha=0.0).value,
        lambda x, w: atkinson(x, 0.5, w).value,
        lambda x, w: atkinson(x, 1.0, w).value,
        lambda x, w: atkinson(x, 2.0, w).value,
    ],
)
def test_axioms(index):
    wanted = index(X, PEOPLE)
    order = np.random.default_rng(3).permutation(60)
    assert index(X[order], PEOPLE[order]) == pytest.approx(wanted)
    assert index(5.0 * X, 3.0 * PEOPLE) == pytest.approx(wanted)
    assert index(np.repeat(X, PEOPLE.astype(int)), None) == pytest.approx(wanted)
    assert index(np.full(60, 2.0), PEOPLE) == pytest.approx(0.0, abs=1e-12)
    richest, poorest = np.argmax(X), np.argmin(X)
    given = X.copy()
    given[richest] -= 1.0 / PEOPLE[richest]
    given[poorest] += 1.0 / PEOPLE[poorest]
    assert index(given, PEOPLE) < wanted


@pytest.mark.parametrize("alpha", [-1.0, 0.0, 0.5, 1.0, 2.0])
def test_entropy_is_what_lies_between_and_within(alpha):
    found = generalised_entropy(X, PEOPLE, GROUP, alpha=alpha)
    assert found.between + found.within == pytest.approx(found.value)
    assert 0.0 < found.between < found.within
    alone = generalised_entropy(X, PEOPLE, np.full(60, "all"), alpha=alpha)
    assert (alone.between, alone.within) == pytest.approx((0.0, alone.value))


@pytest.mark.parametrize("epsilon", [0.25, 1.0, 2.0])
def test_atkinson_decomposes_as_a_product(epsilon):
    found = atkinson(X, epsilon, PEOPLE, GROUP)
    assert (1 - found.between) * (1 - found.within) == pytest.approx(1 - found.value)


def test_the_unknown_are_left_out_and_counted():
    x, group = X.copy(), GROUP.astype(object)
    x[2], group[5] = np.nan, None
    found = theil(x, PEOPLE, group)
    keep = ~np.isin(np.arange(60), [2, 5])
    assert found.left_out == 2
    assert found.value == theil(X[keep], PEOPLE[keep]).value
    assert np.isnan(theil(X).between)


@pytest.mark.parametrize(
    "call",
    [
        lambda: gini([-1.0, 2.0]),
        lambda: gini([0.0, 0.0]),
        lambda: gini([1.0, 2.0], nu=1.0),
        lambda: atkinson([1.0, 2.0], 0.0),
        lambda: theil([1.0, 2.0], [1.0]),
        lambda: theil([1.0, 2.0], [1.0, 0.0], ["a", "b"]),
        lambda: extended_concentration([1.0, 2.0], [1.0, np.nan]),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InputError):
        call()


def test_reference_vectors(test_data):
    homes = pd.read_csv(test_data / "health/inequality/ic2_hhbudgets_inputs.csv")
    wanted = pd.read_csv(test_data / "health/inequality/ic2_expected.csv")
    compared = 0
    for _, row in wanted.iterrows():
        x, parameter, stat = homes[row["var"]].to_numpy(), row["param"], row["stat"]
        weights = homes["factor"].to_numpy(float) if row["weighted"] else None
        groups = None if pd.isna(row["group"]) else homes[row["group"]]
        if "_BM_" in stat:
            continue  # a three-part decomposition of the Gini coefficient that is not offered
        if stat == "sgini":
            found = gini(x, weights, nu=parameter).value
        elif stat.startswith("sconc"):
            found = extended_concentration(x, homes["ingreso"], weights, nu=parameter, ties="as given")
            assert extended_concentration(x, homes["ingreso"], weights, nu=parameter) == pytest.approx(found, rel=1e-5)
        else:
            if stat.startswith("gei"):
                index = generalised_entropy(x, weights, groups, alpha=parameter)
            else:
                index = atkinson(x, parameter, weights, groups)
            part = stat.rsplit("_", 1)[-1]
            found = {"between": index.between, "within": index.within, "cross": index.between * index.within}.get(
                part, index.value
            )
        assert found == pytest.approx(row["value"], rel=1e-9), dict(row)
        compared += 1
    assert compared == 110
