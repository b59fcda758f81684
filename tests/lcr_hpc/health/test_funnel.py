from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.health import proportion_funnel, quantiles, ratio_funnel

LABELS = {-2: "Low (0.001)", -1: "Low (0.025)", 0: "Not significant", 1: "High (0.025)", 2: "High (0.001)"}


def test_by_hand():
    # Half of 100: limits half ± 1.96 * 0.05 and ± 3.09 * 0.05; all of one person: clipped.
    found = proportion_funnel([50, 66, 0], [100, 100, 1], baseline=0.5)
    assert found.lower[:, 0] == pytest.approx([0.5 - 0.0979982, 0.5 - 0.1545116], abs=1e-6)
    assert found.upper[:, 2].tolist() == [1.0, 1.0]
    assert found.significance.tolist() == [0, 2, 0]
    # Of no events the upper Poisson limit is -ln(0.025); there is no upper control limit.
    assert ratio_funnel([0], [3.7]).significance[0] == -1
    assert ratio_funnel([0], [3.6]).significance[0] == 0
    assert np.isnan(ratio_funnel([0], [3.6]).upper).all()


def test_places_without_people_say_so():
    found = proportion_funnel([1, 0, np.nan], [2, 0, 3])
    assert found.baseline == 0.5
    assert found.reason.tolist() == ["", *["no population, or a count that is not known"] * 2]
    assert ratio_funnel([1, 2], [0, np.nan]).reason.tolist() == ["nothing expected, or events that are not known"] * 2


def test_one_in_twenty_is_outside_by_chance():
    draw = np.random.default_rng(18)
    expected = draw.uniform(50, 500, 4000)
    outside = ratio_funnel(draw.poisson(expected), expected).significance != 0
    assert np.mean(outside) == pytest.approx(0.05, abs=0.012)


def test_tenths_by_hand():
    found = quantiles([*range(20), np.nan], quantiles=10)
    assert found.quantile.tolist() == [10 - i // 2 for i in range(20)] + [0]
    assert found.reason[20] == "value not known"
    assert quantiles(range(3), ["a", "b", "b"], quantiles=2).quantile.tolist() == [0, 2, 1]
    assert quantiles(range(3), ["a", "b", "b"], quantiles=2).reason[0] == "fewer than 2 places in its set"
    assert quantiles(range(4), quantiles=2, highest_first=False).quantile.tolist() == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: proportion_funnel([1], [2, 3]), "want one number each"),
        (lambda: proportion_funnel([3], [2]), "more persons"),
        (lambda: proportion_funnel([-3], [2]), "found -3"),
        (lambda: proportion_funnel([0], [0]), "give a baseline"),
        (lambda: proportion_funnel([1], [2], baseline=2), "between 0 and 1"),
        (lambda: ratio_funnel([1], [2], confidence=(0.99, 0.95)), "rising levels"),
        (lambda: quantiles([1, 2], [1]), "want one each a place"),
        (lambda: quantiles([1, 2], quantiles=1), "2 or more"),
    ],
)
def test_bad_input_says_what_was_found(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_reference_proportions(test_data):
    folder = test_data / "health/phe"
    places = pd.read_csv(folder / "funnel_prop_inputs.csv")
    found = proportion_funnel(places["numerator"], places["denominator"])
    assert [LABELS[s] for s in found.significance] == places["significance"].tolist()
    wanted = pd.read_csv(folder / "funnel_prop_expected_mult100.csv")
    curve = proportion_funnel(np.zeros(100), wanted["Population"], baseline=found.baseline)
    for level, name in enumerate(("2s", "3s")):
        np.testing.assert_allclose(100 * curve.lower[level], wanted[f"lower_{name}_limit"], atol=1e-6)
        np.testing.assert_allclose(100 * curve.upper[level], wanted[f"upper_{name}_limit"], atol=1e-6)


def test_reference_ratios_and_rates(test_data):
    folder = test_data / "health/phe"
    places = pd.read_csv(folder / "funnel_ratio_inputs.csv")
    found = ratio_funnel(places["obs"], places["expected"])
    assert [LABELS[s] for s in found.significance] == places["significance"].tolist()
    ratios, rates = (pd.read_csv(folder / f"funnel_{name}_expected.csv") for name in ("ratio", "rate_dsr"))
    areas = pd.read_csv(folder / "funnel_rate_dsr_inputs_years3.csv")
    common = areas["ev"].sum() / (areas["ev"] / areas["rate"]).sum()
    for table, events, column, unit in (
        (ratios, "Observed_events", "isr", 100.0),
        (rates, "Events", "limit", common),
    ):
        curve = ratio_funnel(table[events], np.ones(len(table)))
        for level, name in enumerate(("2s", "3s")):
            # Upstream searches for its limits by bisection and stops at five or six digits.
            np.testing.assert_allclose(unit * curve.lower[level], table[f"lower_{name}_{column}"], rtol=5e-6)
            np.testing.assert_allclose(unit * curve.upper[level], table[f"upper_{name}_{column}"], rtol=5e-5)


def test_reference_quantiles(test_data):
    table = pd.read_csv(test_data / "health/phe/quantile_within_region_deciles.csv")
    sets = table["IndSexRef"] + table["ParentCode"]
    found = quantiles(table["Value"], sets, highest_first=table["Polarity"])
    assert (found.quantile == table["QuantileInGrp"].fillna(0)).all()
    assert (found.rank == table["RankinGrp"].fillna(0)).all()
