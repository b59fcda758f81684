from __future__ import annotations

import numpy as np
import pytest
from lcr_kernels.concentration import fractional_ranks, rank_regressions


def test_ranks_are_the_middles_of_their_stretches_and_ties_share_theirs():
    share = np.array([0.1, 0.2, 0.3, 0.4])
    assert fractional_ranks(np.array([1.0, 2.0, 3.0, 4.0]), share) == pytest.approx([0.05, 0.2, 0.45, 0.8])
    tied = fractional_ranks(np.array([1.0, 2.0, 2.0, 4.0]), share)
    assert tied == pytest.approx([0.05, 0.35, 0.35, 0.8])
    assert np.sum(share * tied) == pytest.approx(0.5)


def test_regression_matches_the_matrices():
    draw = np.random.default_rng(4)
    share = draw.uniform(1.0, 3.0, 9)
    share /= share.sum()
    rank = fractional_ranks(np.sort(draw.integers(0, 6, 9)).astype(float), share)
    health = draw.normal(10.0, 2.0, (3, 9))
    found = rank_regressions(health, share, rank)
    for row in range(3):
        root = np.sqrt(share)
        X = np.column_stack([np.ones(9), rank])
        (alpha, beta), *_ = np.linalg.lstsq(root[:, None] * X, root * health[row], rcond=None)
        left = np.sum(share * (health[row] - alpha - beta * rank) ** 2)
        assert found[row] == pytest.approx([alpha + beta / 2, beta, left])


def test_a_line_leaves_nothing():
    rank = np.array([0.125, 0.375, 0.625, 0.875])
    (found,) = rank_regressions(3.0 + 8.0 * rank[None], np.full(4, 0.25), rank)
    assert found == pytest.approx([7.0, 8.0, 0.0])
