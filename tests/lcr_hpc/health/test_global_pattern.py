from __future__ import annotations

import json
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from lcr_hpc.errors import InputError
from lcr_hpc.health import geary, moran, standardised_rates

LINE = sp.csr_matrix([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1.0, 0]])


def test_by_hand():
    # z = -2, -1, 0, 3; lags -1, -1, 1, 0; products 2 + 1; I = 4/4 * 3/14. Differences (1 + 1 + 5 + 9); c = 3/8 * 16/14.
    assert moran([1, 2, 3, 6], LINE, 9).statistic == pytest.approx(3 / 14)
    assert geary([1, 2, 3, 6], LINE, 9).statistic == pytest.approx(3 / 8 * 16 / 14)


def test_moments_and_p_are_those_of_all_orders():
    draw = np.random.default_rng(1)
    value = draw.gamma(1.0, size=6)
    weight = draw.random((6, 6)) * (draw.random((6, 6)) < 0.6)
    np.fill_diagonal(weight, 0.0)
    z = value - value.mean()
    orders = z[np.array(list(permutations(range(6))))]
    i = 6 / weight.sum() * np.einsum("pi,ij,pj->p", orders, weight, orders) / np.sum(z**2)
    apart = np.sum(weight * (orders[:, :, None] - orders[:, None]) ** 2, axis=(1, 2))
    c = 5 / 2 / weight.sum() * apart / np.sum(z**2)
    for statistic, every in ((moran, i), (geary, c)):
        found = statistic(value, sp.csr_matrix(weight))
        assert found.statistic == pytest.approx(every[0])
        assert (found.expected, found.variance) == pytest.approx((every.mean(), every.var()))
        tail = min(np.mean(every >= every[0] - 1e-12), np.mean(every <= every[0] + 1e-12))
        assert found.p_value == pytest.approx(min(2 * tail, 1), abs=0.03)


def test_the_same_answer_for_any_number_of_threads():
    value = np.random.default_rng(4).normal(size=4)
    assert moran(value, LINE, 3000, threads=1).p_value == moran(value, LINE, 3000, threads=3).p_value


def test_bad_input_says_what_was_found():
    with pytest.raises(InputError, match="found 0 links among 4 areas"):
        moran([1, 2, 3, 6], 0 * LINE)
    with pytest.raises(InputError, match="randomisation"):
        geary([1, 2, 3, 6], LINE, assumption="other")


def test_reference(test_data):
    folder = test_data / "health/spatial"
    links, table = pd.read_csv(folder / "adjlist_row_std.csv"), pd.read_csv(folder / "local_stats_expected.csv")
    matrix = sp.csr_matrix((links["weight"], (links["focal"], links["neighbor"])), shape=(144, 144))
    wanted = json.loads((folder / "global_expected.json").read_text())
    for assumption, suffix in (("randomisation", "rand"), ("normality", "norm")):
        found = moran(table["y"], matrix, 999, alternative="directed", assumption=assumption)
        assert (found.statistic, found.expected) == pytest.approx((wanted["moran_I"], wanted["EI"]), rel=1e-12)
        assert found.variance == pytest.approx(wanted[f"VI_{suffix}"], rel=1e-12)
        assert found.z == pytest.approx(wanted[f"z_{suffix}"], rel=1e-12)
        assert found.p_analytic == pytest.approx(wanted[f"p_{suffix}"], rel=1e-9)
        assert found.p_value == 0.001
    found = geary(table["y"], matrix, 99, assumption="normality")
    assert (found.statistic, found.z) == pytest.approx((wanted["geary_C"], wanted["geary_z_norm"]), rel=1e-12)
    rates = standardised_rates(table["events"], table["pop"])
    assert moran(rates, matrix, 9).statistic == pytest.approx(wanted["moran_rate_I"], rel=1e-12)
