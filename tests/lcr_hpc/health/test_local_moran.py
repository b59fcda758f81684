from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from lcr_hpc.errors import InputError
from lcr_hpc.health import bivariate_moran, getis_ord, local_geary, local_moran
from tests.lcr_hpc.health.maps import queen

LATTICE = queen(6, 7)
DRAW = np.random.default_rng(3)
VALUES = DRAW.gamma(3.0, 2.0, 42)
OTHER = DRAW.normal(size=42)


def test_by_hand():
    # A line of four, values 1, 2, 3, 6: z = -2, -1, 0, 3, sum of squares 14. Area 1: 3 * -1 * (-2 + 0)/2 / 14.
    line = sp.csr_matrix([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1.0, 0]])
    found = local_moran([1, 2, 3, 6], line, 99)
    assert found.statistic == pytest.approx([3 * 2 / 14, 3 * 1 / 14, 0.0, 0.0])
    assert found.quadrant.tolist() == [3, 3, 2, 4]
    # c of area 1, in variances of 14/4: ((2 - 1)^2 + (2 - 3)^2)/2 / 3.5.
    assert local_geary([1, 2, 3, 6], line, 99).statistic[1] == pytest.approx(1 / 3.5)
    # G of area 1: (1 + 3)/2 of the others' 10. Others 1, 3, 6 have mean 10/3 and variance 38/9.
    g = getis_ord([1, 2, 3, 6], line, permutations=99)
    assert g.statistic[1] == pytest.approx(0.2)
    assert g.z[1] == pytest.approx((2 - 10 / 3) / np.sqrt(38 / 9 * (3 * 0.5 - 1) / 2))


def test_the_same_answer_for_any_number_of_threads(monkeypatch):
    for statistic in (local_moran, local_geary, getis_ord):
        alone = statistic(VALUES, LATTICE, permutations=2500, seed=5, threads=1)
        together = statistic(VALUES, LATTICE, permutations=2500, seed=5, threads=3)
        assert (alone.p_value == together.p_value).all()
        monkeypatch.setenv("NUMBA_NUM_THREADS", "2")
        assert (statistic(VALUES, LATTICE, permutations=2500, seed=5).p_value == alone.p_value).all()
        assert not (statistic(VALUES, LATTICE, permutations=2500, seed=6).p_value == alone.p_value).all()


def test_units_of_the_values_and_of_the_weights_change_no_p():
    wanted = local_moran(VALUES, LATTICE, 499)
    for found in (local_moran(7 + 3 * VALUES, LATTICE, 499), local_moran(VALUES, 5 * LATTICE, 499)):
        assert (found.p_value == wanted.p_value).all()
        assert (found.quadrant == wanted.quadrant).all()
    assert local_moran(7 + 3 * VALUES, LATTICE, 499).statistic == pytest.approx(wanted.statistic)


def test_order_of_areas_moves_the_numbers_with_them():
    order = DRAW.permutation(42)
    wanted, found = local_moran(VALUES, LATTICE), local_moran(VALUES[order], LATTICE[order][:, order])
    assert found.statistic == pytest.approx(wanted.statistic[order])
    assert found.p_value == pytest.approx(wanted.p_value[order], abs=0.04)


def test_p_is_uniform_without_a_pattern():
    # 24 maps without any, of 42 areas: the p-values' deciles, and what is called at 5 %, are what chance gives.
    maps = np.random.default_rng(8).gamma(1.0, size=(24, 42))
    p = np.concatenate([local_moran(v, LATTICE, 999, seed=i).p_value for i, v in enumerate(maps)])
    assert np.histogram(p, 10, (0, 1))[0] / p.size == pytest.approx(np.full(10, 0.1), abs=0.04)
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.02)


def test_directed_is_half_and_fdr_is_no_smaller():
    two, one = local_moran(VALUES, LATTICE), local_moran(VALUES, LATTICE, alternative="directed")
    clear = two.p_value < 0.9
    # Not to the last digit: a permutation that gives an area its own neighbours again counts on both sides.
    assert one.p_value[clear] == pytest.approx(two.p_value[clear] / 2, abs=1e-3)
    assert (two.p_fdr >= two.p_value).all()
    # By hand on a small set: p sorted times 5/rank, made monotone from the largest down.
    found = local_moran(VALUES, LATTICE).p_fdr
    sorted_p = np.sort(two.p_value)
    adjusted = [min(sorted_p[j] * 42 / (j + 1) for j in range(i, 42)) for i in range(42)]
    assert np.sort(found) == pytest.approx(adjusted)


def test_a_cluster_is_found_and_called_what_it_is():
    values = np.random.default_rng(2).normal(size=(12, 12))
    values[2:5, 2:5] += 6.0
    values[8:11, 7:10] -= 6.0
    moran = local_moran(values.ravel(), queen(12, 12))
    hot = getis_ord(values.ravel() + 20, queen(12, 12, standardise=False), star=True)
    for centre, quadrant, sign in ((3 * 12 + 3, 1, 1), (9 * 12 + 8, 3, -1)):
        assert moran.quadrant[centre] == quadrant
        assert moran.p_fdr[centre] < 0.05
        assert sign * hot.z[centre] > 4
        assert hot.p_fdr[centre] < 0.05


def test_bivariate_of_a_variable_with_itself_is_univariate():
    own, pair = local_moran(VALUES, LATTICE, 499), bivariate_moran(VALUES, VALUES, LATTICE, 499)
    assert pair.statistic == pytest.approx(own.statistic)
    assert (pair.p_value == own.p_value).all()


def test_areas_without_an_answer_say_why():
    values = VALUES.copy()
    values[0] = np.nan
    rows = LATTICE.tolil()
    rows[41] = 0
    found = local_moran(values, rows.tocsr(), 99)
    assert np.isnan(found.statistic[[0, 41]]).all()
    assert np.isnan(found.p_value[[0, 41]]).all()
    assert found.quadrant[0] == 0
    assert found.reason[0] == "value not known"
    assert found.reason[41] == "no neighbours"
    assert found.reason[1] == "1 neighbours without value left out"
    assert found.reason[40] == "not named in return by 41"
    assert found.reason[20] == ""
    assert np.isfinite(np.delete(found.p_value, [0, 41])).all()
    # What is left of a standardised row is standardised again: the mean of the neighbours that are known.
    z = values - np.nanmean(values)
    near = LATTICE[1].indices[LATTICE[1].indices != 0]
    assert found.statistic[1] == pytest.approx(40 * z[1] * z[near].mean() / np.nansum(z**2))


def test_csr_arrays_do_as_well():
    wanted = local_moran(VALUES, LATTICE, 99)
    found = local_moran(VALUES, (LATTICE.indptr, LATTICE.indices, LATTICE.data), 99)
    assert (found.p_value == wanted.p_value).all()


@pytest.mark.parametrize(
    ("values", "neighbours", "settings", "words"),
    [
        (VALUES[:-1], LATTICE, {}, "want 41 of each"),
        (np.ones(42), LATTICE, {}, "the same value"),
        (np.full(42, np.nan), LATTICE, {}, "found 0 areas with a value"),
        (VALUES, LATTICE + sp.eye(42), {}, "neighbour themselves"),
        (VALUES, -LATTICE, {}, "negative or unknown weights"),
        (VALUES, "queen", {}, "give a scipy.sparse matrix"),
        (VALUES, (np.arange(43), np.full(42, 50), np.ones(42)), {}, "outside 0"),
        (VALUES, (np.arange(43) * 2, np.ones(84, int), np.ones(84)), {}, "a neighbour twice"),
        (VALUES, (np.arange(43), np.ones(3, int), np.ones(3)), {}, "valid CSR"),
        (VALUES, LATTICE, {"alternative": "greater"}, "two-sided"),
        (VALUES, LATTICE, {"permutations": 0}, "permutations"),
        (VALUES, LATTICE, {"seed": -1}, "seed"),
    ],
)
def test_bad_input_says_what_was_found(values, neighbours, settings, words):
    with pytest.raises(InputError, match=words):
        local_moran(values, neighbours, **settings)


@pytest.fixture(scope="module")
def lattice(test_data):
    folder = test_data / "health/spatial"
    links = pd.read_csv(folder / "adjlist_row_std.csv")
    matrix = sp.csr_matrix((links["weight"], (links["focal"], links["neighbor"])), shape=(144, 144))
    return pd.read_csv(folder / "local_stats_expected.csv"), matrix


def agree(found, wanted):
    """p-values of two sets of permutations: within four standard errors of their difference."""
    error = np.sqrt(wanted * (1 - wanted) * 2 / 9999)
    assert (np.abs(found - wanted) < 4 * error + 1e-4).all()


def test_reference_moran(lattice):
    table, weights = lattice
    y, x = table["y"], table["x"]
    found = local_moran(y, weights, alternative="directed")
    np.testing.assert_allclose(found.statistic, table["Ii"], rtol=1e-12, atol=1e-14)
    assert (found.quadrant == table["quadrant"]).all()
    agree(found.p_value, table["p_sim_99999"])
    both = bivariate_moran(x, y, weights, alternative="directed")
    np.testing.assert_allclose(both.statistic, table["Ibv"], rtol=1e-12, atol=1e-14)
    agree(both.p_value, table["Ibv_p"])


def test_reference_geary(lattice):
    table, weights = lattice
    found = local_geary(table["y"], weights, alternative="directed")
    np.testing.assert_allclose(found.statistic, table["geary_local"], rtol=1e-12, atol=1e-14)
    agree(found.p_value, table["geary_local_psim"])


def test_reference_getis_ord(lattice):
    table, weights = lattice
    y, binary = table["y"], (weights > 0).astype(float)
    cases = [
        (weights, False, "Gi", None, "Gi_psim"),
        (weights, True, "GiStar", "GiStar_R_OrdGetis_z", "GiStar_psim"),
        (binary, False, "Gi_binary", "Gi_binary_z", "Gi_psim"),
        (binary, True, "GiStar_binary", "GiStar_binary_z", "GiStar_psim"),
    ]
    for matrix, star, statistic, z, p in cases:
        found = getis_ord(y, matrix, star, alternative="directed")
        np.testing.assert_allclose(found.statistic, table[statistic], rtol=1e-12)
        if z is not None:
            np.testing.assert_allclose(found.z, table[z], rtol=1e-11, atol=1e-13)
        agree(found.p_value, table[p])
    # z knows no scale of the weights: standardised rows give what ones give.
    ones, shares = getis_ord(y, binary, permutations=9), getis_ord(y, weights, permutations=9)
    np.testing.assert_allclose(shares.z, ones.z, rtol=1e-11, atol=1e-13)
