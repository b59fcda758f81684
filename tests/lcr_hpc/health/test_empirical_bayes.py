from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from lcr_hpc.errors import InputError
from lcr_hpc.health import empirical_bayes, local_moran, standardised_rates
from tests.lcr_hpc.health.maps import queen

DRAW = np.random.default_rng(6)
PEOPLE = DRAW.integers(50, 5000, 30).astype(float)
EVENTS = DRAW.poisson(PEOPLE * DRAW.gamma(4.0, 0.01 / 4.0, 30)).astype(float)
LATTICE = queen(5, 6)


def test_by_hand():
    # Rates .1 and .3, common rate .2; spread (100 * .01 + 100 * .01)/200 = .01, chance .2 * 2/200 = .002: A = .008.
    # Trust in an area's own rate .008/(.008 + .2/100) = .8.
    assert empirical_bayes([10, 30], [100, 100]) == pytest.approx([0.2 - 0.08, 0.2 + 0.08])
    assert standardised_rates([10, 30], [100, 100]) == pytest.approx([-1.0, 1.0])


def test_rates_that_differ_by_chance_alone_are_all_the_common_one():
    assert empirical_bayes([10, 10, 20], [100, 100, 200]) == pytest.approx([0.1] * 3)
    assert empirical_bayes([0, 0], [10, 20]) == pytest.approx([0.0, 0.0])


def test_small_areas_move_further_and_nobody_past_the_common_rate():
    steadied, own = empirical_bayes(EVENTS, PEOPLE), EVENTS / PEOPLE
    kept = (steadied - EVENTS.sum() / PEOPLE.sum()) / (own - EVENTS.sum() / PEOPLE.sum())
    assert ((kept > 0) & (kept < 1)).all()
    assert (np.diff(kept[np.argsort(PEOPLE)]) >= -1e-12).all()


def test_order_changes_nothing_and_population_scales():
    order = DRAW.permutation(30)
    wanted = empirical_bayes(EVENTS, PEOPLE, LATTICE)
    assert empirical_bayes(EVENTS[order], PEOPLE[order], LATTICE[order][:, order]) == pytest.approx(wanted[order])
    # Events and persons of a thousand: the same rates a thousandth apart.
    assert empirical_bayes(EVENTS, PEOPLE / 1000) == pytest.approx(1000 * empirical_bayes(EVENTS, PEOPLE))


def test_neighbours_all_round_give_the_rates_of_all():
    everyone = sp.csr_matrix(np.ones((30, 30)) - np.eye(30))
    assert empirical_bayes(EVENTS, PEOPLE, everyone) == pytest.approx(empirical_bayes(EVENTS, PEOPLE))


def test_an_area_without_people_has_the_common_rate_and_changes_no_other():
    found = empirical_bayes([*EVENTS, 0], [*PEOPLE, 0])
    assert found[:-1] == pytest.approx(empirical_bayes(EVENTS, PEOPLE))
    assert found[-1] == pytest.approx(EVENTS.sum() / PEOPLE.sum())


@pytest.mark.parametrize(
    ("events", "population", "words"),
    [
        ([1, 2], [3], "one number each"),
        ([1, np.nan, 2], [3, 4, 5], "events: area 1 negative or not known"),
        ([1, 2], [3, -4], "population: area 1 negative"),
        ([1, 2], [3, 0], "area 1 with events but without population"),
        ([0, 0], [0, 0], "nobody in any area"),
    ],
)
def test_bad_input_names_the_areas(events, population, words):
    with pytest.raises(InputError, match=words):
        empirical_bayes(events, population)


def test_bad_surroundings_and_rates_name_the_areas():
    with pytest.raises(InputError, match="areas 0, 1 and their neighbours"):
        empirical_bayes([0, 0, 1], [0, 0, 5], sp.csr_matrix([[0, 1, 0], [1, 0, 0], [0, 1, 0]]))
    with pytest.raises(InputError, match="area 0 without population"):
        standardised_rates([0, 1], [0, 5])
    with pytest.raises(InputError, match="none at all"):
        standardised_rates([0, 0], [1, 5])


def test_reference(test_data):
    folder = test_data / "health/spatial"
    links, table = pd.read_csv(folder / "adjlist_row_std.csv"), pd.read_csv(folder / "local_stats_expected.csv")
    matrix = sp.csr_matrix((links["weight"], (links["focal"], links["neighbor"])), shape=(144, 144))
    events, people = table["events"], table["pop"]
    np.testing.assert_allclose(empirical_bayes(events, people), table["EB_marshall"], rtol=1e-12)
    np.testing.assert_allclose(empirical_bayes(events, people, matrix), table["SEB_marshall"], rtol=1e-12)
    z = standardised_rates(events, people)
    np.testing.assert_allclose(z, table["z_rate_EB"], rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(local_moran(z, matrix, 9).statistic, table["Ii_rate_EB"], rtol=1e-11, atol=1e-13)
