from __future__ import annotations

import numpy as np
import pytest
from lcr_kernels.burden import attributable_fractions

from tests.reference.attributable_fraction import attributable_fraction


def fractions(exposure, risk, cutoff, per):
    exposure, risk = np.broadcast_arrays(np.asarray(exposure, float), np.asarray(risk, float))
    return attributable_fractions(exposure.copy(), np.log(risk) / per, cutoff)


def test_ten_units_at_a_risk_of_two_cause_half():
    assert fractions([12.0], [2.0], 2.0, 10.0) == pytest.approx([0.5])
    assert fractions([22.0], [2.0], 2.0, 10.0) == pytest.approx([0.75])


def test_matches_the_textbook_form():
    exposure = np.array([0.0, 4.9, 5.0, 8.85, 30.0, 400.0])
    for risk in (0.9, 1.0, 1.08, 1.369):
        wanted = [attributable_fraction(x, risk, 5.0, 10.0) for x in exposure]
        assert fractions(exposure, risk, 5.0, 10.0) == pytest.approx(wanted, rel=1e-12, abs=1e-15)


def test_keeps_its_digits_where_the_fraction_is_tiny():
    # ln(1.08)/10 * 1e-7; 1 - RR^-x in float64 keeps seven digits of it.
    assert fractions([1e-7], [1.08], 0.0, 10.0)[0] == pytest.approx(np.log(1.08) * 1e-8, rel=1e-9)


def test_unknown_stays_unknown_and_below_the_cutoff_is_nothing():
    found = fractions([np.nan, 3.0, 5.0], [1.1], 5.0, 10.0)
    assert np.isnan(found[0])
    assert list(found[1:]) == [0.0, 0.0]
