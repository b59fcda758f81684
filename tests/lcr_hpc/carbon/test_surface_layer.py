from __future__ import annotations

import math

import numpy as np
import pytest

from lcr_hpc.carbon import surface_layer
from lcr_hpc.errors import InputError
from tests.reference import rline

HOURS = {
    "wind_speed_m_s": [4.0, 6.0, 2.0, 0.0],
    "wind_from_deg": [240.0, 10.0, 350.0, 90.0],
    "mixing_height_m": [800.0, 500.0, 150.0, 100.0],
    "stability_class": [1, 3, 5, 5],
}


def test_neutral_air_by_hand():
    # u* = 0.4 · 6 / ln((10 - 2.5) / 0.5); σv = 1.9 u*
    row = surface_layer(HOURS, 0.5, 1.0).iloc[1]
    assert row["ustar_m_s"] == pytest.approx(0.4 * 6 / math.log(15), rel=1e-12)
    assert row["obukhov_m"] == math.inf
    assert row["sigma_v_m_s"] == pytest.approx(1.9 * row["ustar_m_s"], rel=1e-12)


def test_lengths_by_class_and_convection():
    table = surface_layer(HOURS, 0.5, 1.0)
    assert table["obukhov_m"].tolist()[::2] == pytest.approx([-26 * 0.5**0.17, 26 * 0.5**0.17])
    unstable = table.iloc[0]
    wstar = unstable["ustar_m_s"] * (800 / (0.4 * 26 * 0.5**0.17)) ** (1 / 3)
    expected = math.sqrt((0.6 * wstar) ** 2 + (1.9 * unstable["ustar_m_s"]) ** 2)
    assert unstable["sigma_v_m_s"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("row", range(4))
def test_the_log_law_gives_the_wind_back(row: int):
    hour = surface_layer(HOURS, 0.3, 1.0).iloc[row]
    found = rline.Hour(*hour.iloc[:8])
    z0, length = hour["z0_m"], hour["obukhov_m"]
    law = math.log((10 - 5 * z0) / z0) - rline.psi(10 - 5 * z0, length) + rline.psi(z0, length)
    assert hour["ustar_m_s"] / 0.4 * law == pytest.approx(hour["wind_speed_m_s"], rel=1e-12)
    assert found.wind(10.0) >= hour["wind_speed_m_s"] - 1e-9


def test_calm_air_is_computed_at_the_least_wind_and_never_without_turbulence():
    calm = surface_layer(HOURS, 0.5, 0.4).iloc[3]
    assert calm["wind_speed_m_s"] == 0.4
    assert calm["sigma_v_m_s"] == 0.2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wind_speed_m_s": [1.0, np.nan, 1.0, 1.0]}, "1 of 4 hours hold values that are missing"),
        ({"wind_speed_m_s": [1.0, -1.0, 1.0, 1.0]}, "wind_speed_m_s of 0 or more"),
        ({"mixing_height_m": [1.0, 0.0, 1.0, 1.0]}, "mixing_height_m above 0"),
        ({"stability_class": [0, 6, 1, 1]}, r"stability_class wanted 0 \(A\) to 5 \(F\)"),
    ],
)
def test_bad_hours_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        surface_layer(HOURS | change, 0.5, 1.0)


def test_bad_settings_are_refused():
    with pytest.raises(InputError, match=r"roughness_m 2.0: wanted above 0 and below 1.67"):
        surface_layer(HOURS, 2.0, 1.0)
    with pytest.raises(InputError, match=r"minimum_wind_m_s 0.0"):
        surface_layer(HOURS, 0.5, 0.0)
