from __future__ import annotations

import numpy as np
import pytest
from lcr_kernels.standardisation import weighted_rates

from tests.reference.standardised_rate import standardised_rate

COUNT = np.array([[3.0, 0.0, 12.0, 40.0], [1.0, 2.0, 9.0, 8.0]])
PEOPLE = np.array([[1000.0, 2500.0, 1800.0, 600.0], [900.0, 700.0, 500.0, 200.0]])
STANDARD = np.array([[5000.0, 5500.0, 7000.0, 1500.0]] * 2)


def test_matches_the_sums_one_after_the_other():
    found = weighted_rates(COUNT, PEOPLE, STANDARD / STANDARD.sum(axis=1, keepdims=True))
    for row in range(2):
        assert found[row] == pytest.approx(standardised_rate(COUNT[row], PEOPLE[row], STANDARD[row]), rel=1e-13)


def test_by_hand():
    # Rates 0.01 and 0.1, weights 3/4 and 1/4: 0.0325; variance 9/16 * 10/1000^2 + 1/16 * 20/200^2.
    (found,) = weighted_rates(np.array([[10.0, 20.0]]), np.array([[1000.0, 200.0]]), np.array([[0.75, 0.25]]))
    assert found == pytest.approx([0.0325, 0.5625e-5 + 3.125e-5, 30.0])


def test_an_area_s_own_shape_as_standard_gives_its_crude_rate():
    own = PEOPLE / PEOPLE.sum(axis=1, keepdims=True)
    assert weighted_rates(COUNT, PEOPLE, own)[:, 0] == pytest.approx(COUNT.sum(axis=1) / PEOPLE.sum(axis=1))
