from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.carbon import no2_ppb, no2_ug_m3
from lcr_hpc.carbon.units import UG_M3_PER_PPB_NO2
from lcr_hpc.errors import InputError


def test_published_values():
    assert no2_ppb([0.0, 5.0, 100.0, 1500.0]) == pytest.approx([0.0, 3.61, 35.766, 375.0], abs=5e-4)


def test_a_hundred_ppb_by_hand():
    # A = 2: 2.166 - 100 (1.236 - 6.696 + 7.732 - 2.608)
    assert no2_ppb(100.0) == pytest.approx(2.166 + 100 * 0.336, rel=1e-12)


def test_the_curve_is_positive_never_exceeds_nox_and_has_no_steps():
    nox = np.linspace(0.0, 2000.0, 400_001)
    no2 = no2_ppb(nox)
    assert np.isfinite(no2).all() and (no2 <= nox).all() and (no2 >= 0).all()
    for limit in (9.0, 1141.5):
        below, above = no2_ppb([limit, np.nextafter(limit, np.inf)])
        assert above == pytest.approx(below, rel=0.01)


def test_micrograms_are_ppb_at_twenty_degrees():
    assert no2_ug_m3(191.25) == pytest.approx(35.766 * 1.9125, rel=1e-9)
    # molar mass over molar volume: g/mol · Pa / (J/mol/K · K)
    density = 46.0055 * 101325 / (8.31446 * 293.15) * 1e-3
    assert density == pytest.approx(UG_M3_PER_PPB_NO2, rel=1e-4)


def test_shapes_are_kept_missing_stays_missing_and_nonsense_is_refused():
    found = no2_ug_m3(np.array([[10.0, np.nan], [0.0, 80.0]]))
    assert found.shape == (2, 2)
    assert np.isnan(found).tolist() == [[False, True], [False, False]]
    with pytest.raises(InputError, match="1 of 2 values are below 0 or infinite"):
        no2_ppb([-1.0, 3.0])
