from __future__ import annotations

from itertools import permutations as every_order

import numpy as np
import pytest
from lcr_kernels.map_shuffle import shuffle_counts
from lcr_kernels.permutation import draw_others, geary_counts, lag_counts

from tests.reference.map_permutation import difference, global_counts, lag, local_counts, product

SEED = np.uint64(11)
VALUE = np.array([3.0, -1.0, 4.0, 1.5, -5.0, 9.0, -2.6, 5.3])
# Area 6 has no neighbours; areas 1 and 4 have weights of their own.
ROWS = [
    [(1, 0.5), (7, 0.5)],
    [(0, 0.2), (2, 0.3), (5, 0.5)],
    [(3, 1.0)],
    [(2, 1.0), (4, 1.0), (7, 1.0), (0, 1.0)],
    [(1, 2.0), (2, 1.0), (3, 1.0), (5, 1.0), (6, 1.0), (7, 1.0), (0, 1.0)],
    [(6, 0.25), (4, 0.25), (3, 0.25), (2, 0.25)],
    [],
    [(0, 1.0)],
]
FIRST = np.cumsum([0] + [len(row) for row in ROWS])
INDEX = np.array([j for row in ROWS for j, _ in row])
WEIGHT = np.array([w for row in ROWS for _, w in row])
EQUAL = np.array([len({w for _, w in row}) < 2 for row in ROWS])
SLACK = np.full(8, 1e-10)


def observed(statistic):
    return np.array(
        [statistic(VALUE[i], [VALUE[j] for j, _ in row], [w for _, w in row]) for i, row in enumerate(ROWS)]
    )


def test_a_sample_holds_each_place_once_and_every_order_is_as_likely():
    drawn = draw_others(4, 3, 0, 1500, SEED)
    assert drawn.shape == (3, 1500)
    assert all(len(set(column)) == 3 for column in drawn.T)
    # 24 orders, 1,500 draws: 62.5 each, standard deviation 7.7.
    seen = dict.fromkeys(every_order(range(4), 3), 0)
    for column in drawn.T:
        seen[tuple(column)] += 1
    assert min(seen.values()) > 62.5 - 4 * 7.7
    assert max(seen.values()) < 62.5 + 4 * 7.7


def test_a_block_of_permutations_is_the_same_alone():
    together = draw_others(9, 4, 0, 12, SEED)
    assert (draw_others(9, 4, 5, 12, SEED) == together[:, 5:]).all()
    assert (draw_others(9, 2, 0, 12, SEED) == together[:2]).all()
    assert not (draw_others(9, 4, 0, 12, np.uint64(12)) == together).all()


@pytest.mark.parametrize("equal", [EQUAL, np.zeros(8, bool)])
def test_lags_match_every_simulated_statistic(equal):
    found = sum(
        lag_counts(VALUE, observed(lag), SLACK, FIRST, WEIGHT, equal, *block, SEED) for block in ((0, 25), (25, 60))
    )
    assert found.tolist() == local_counts(list(VALUE), ROWS, lag, 60, 11)


def test_differences_match_every_simulated_statistic():
    found = geary_counts(VALUE, observed(difference), SLACK, FIRST, WEIGHT, 0, 60, SEED)
    assert found.tolist() == local_counts(list(VALUE), ROWS, difference, 60, 11)


@pytest.mark.parametrize(("statistic", "is_difference"), [(product, False), (difference, True)])
def test_shuffles_match_every_simulated_statistic(statistic, is_difference):
    found = shuffle_counts(VALUE, observed(statistic).sum(), 1e-10, FIRST, INDEX, WEIGHT, is_difference, 0, 40, SEED)
    assert found.tolist() == global_counts(list(VALUE), ROWS, statistic, 40, 11)


def test_an_area_that_neighbours_all_others_has_one_lag_only():
    # Whatever the order, the sum of all others is the same: each permutation is a tie and counts on both sides.
    first, weight = np.array([0, 7, 7, 7, 7, 7, 7, 7, 7]), np.full(7, 0.1)
    lags = np.zeros(8)
    lags[0] = 0.1 * VALUE[1:].sum()
    found = lag_counts(VALUE, lags, SLACK, first, weight, np.ones(8, bool), 0, 30, SEED)
    assert found[0].tolist() == [30, 30]
    assert found[1:].sum() == 0


def test_one_neighbour_among_three_is_each_of_them_a_third_of_the_time():
    # Area 0 beside area 1: of the values 1, 2 and 9 its neighbour has the smallest, so all are >= and a third <=.
    value = np.array([0.0, 1.0, 2.0, 9.0])
    lags = np.array([1.0, 0.0, 0.0, 0.0])
    found = lag_counts(value, lags, np.zeros(4), np.array([0, 1, 1, 1, 1]), np.ones(1), np.ones(4, bool), 0, 1200, SEED)
    assert found[0, 0] == 1200
    assert found[0, 1] == pytest.approx(400, abs=4 * 16.4)
