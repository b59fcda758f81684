from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.health import composite_index


def test_the_worst_rank_scores_a_hundred_and_the_best_tenth_under_three():
    # English Indices of Deprivation: from 0 to 100, the worst tenth of areas takes the upper half of the scale.
    scores = composite_index([np.arange(1, 1001)])
    assert scores[-1] == pytest.approx(100.0)
    assert scores[899] == pytest.approx(50.0, abs=0.5)
    assert scores[0] == pytest.approx(-23 * np.log(1 - 0.001 * (1 - np.exp(-100 / 23))))
    assert (np.diff(scores) > 0).all()


def test_domains_weigh_as_told_and_hardly_offset_each_other():
    ranks = np.array([[10.0, 1.0, 5.0], [1.0, 10.0, 5.0]])
    equal = composite_index(ranks, n_ranked=10)
    assert equal[0] == pytest.approx(equal[1])
    assert equal[0] > 2 * equal[2]
    weighted = composite_index(ranks, [3.0, 1.0], n_ranked=10)
    assert weighted[0] == pytest.approx(75.0 + 0.25 * composite_index([[1.0]], n_ranked=10)[0])


def test_an_area_without_a_rank_has_no_index():
    found = composite_index([[1.0, np.nan], [2.0, 1.0]])
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


@pytest.mark.parametrize(
    ("ranks", "weights", "n_ranked", "field"),
    [
        ([1.0, 2.0], None, None, "domain_ranks"),
        ([[1.0, 3.0]], None, None, "domain_ranks"),
        ([[0.0, 1.0]], None, 5, "domain_ranks"),
        ([[1.0, 2.0]], [1.0, 1.0], None, "weights"),
        ([[1.0, 2.0]], [0.0], None, "weights"),
    ],
)
def test_bad_input_names_its_field(ranks, weights, n_ranked, field):
    with pytest.raises(InputError) as caught:
        composite_index(ranks, weights, n_ranked)
    assert caught.value.field == field
