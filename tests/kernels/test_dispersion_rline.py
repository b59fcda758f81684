from __future__ import annotations

import math

import numpy as np
import pytest
from lcr_kernels.dispersion_rline import rline_concentration

from tests.reference import rline

ROAD = (0.0, -100.0, 0.0, 100.0, 1.0, 3.6, 2.0)
STABLE = (0.15, 20.0, 0.3, 120.0, 1.8, 270.0, 10.0, 0.5)
UNSTABLE = (0.3, -40.0, 0.3, 800.0, 3.0, 270.0, 10.0, 0.8)


def concentration(lines, receptors, met, emission=None):
    lines, receptors = np.atleast_2d(np.array(lines, float)), np.atleast_2d(np.array(receptors, float))
    met = np.atleast_2d(np.array(met, float))
    weights = np.ones(len(lines)) if emission is None else np.array(emission, float)
    out = np.full((len(met), len(receptors), 1), np.nan)
    rline_concentration(lines, receptors, met, np.tile(weights[None, :, None], (len(met), 1, 1)), out)
    return out[:, :, 0]


def turned_wind(met, wind_from):
    return (*met[:5], wind_from, *met[6:])


@pytest.mark.parametrize("met", [STABLE, UNSTABLE], ids=["stable", "unstable"])
@pytest.mark.parametrize("wind", [270.0, 230.0, 184.0, 90.0])
def test_the_kernel_is_the_published_equations(met, wind: float):
    hour = rline.Hour(*turned_wind(met, wind))
    for receptor in ((20.0, 10.0, 0.0), (150.0, 170.0, 1.5)):
        expected = rline.line(ROAD, receptor, hour, steps=600)
        # The published loop for wind and spread stops at 1 %, so that neighbours along the line jump by that much.
        assert concentration(ROAD, receptor, turned_wind(met, wind))[0, 0] == pytest.approx(expected, rel=3e-3)


def test_a_narrow_plume_is_not_missed():
    # sigma_v is 0.4 % of the wind: at 600 m the plume is 2.4 m wide, and the road 150 m long
    met = (0.57, -180.0, 1.0, 270.0, 6.0, 270.0, 10.0, 0.024)
    road = (0.0, -60.0, 30.0, 90.0, 1.0, 7.0, 2.0)
    hour = rline.Hour(*met)
    for y in (-55.0, -10.0, 37.0):
        expected = rline.line(road, (600.0, y, 0.0), hour, steps=1500)
        assert concentration(road, (600.0, y, 0.0), met)[0, 0] == pytest.approx(expected, rel=3e-3)


def test_a_very_long_road_in_neutral_air_by_hand():
    # Hardly any meander, and the wind above its floor:
    # C = q 2 exp(-h²/2σz²) / (√(2π) σz U), σz² = (0.7 u*/U x)² + σz0²
    ustar, z0, x = 0.2, 0.02, 300.0
    met = (ustar, 1e9, z0, 1e9, 8.0, 270.0, 10.0, 0.1)

    def wind(z):
        return 8.0 * math.log((z - 5 * z0) / z0) / math.log((10 - 5 * z0) / z0)

    u = wind(1.0)
    for _ in range(50):
        total = math.hypot(0.7 * ustar / u * x, 2.0)
        mean = math.sqrt(2 / math.pi) * total * math.exp(-0.5 / total**2) + math.erf(1 / total / math.sqrt(2))
        u = wind(max(mean, 1.0))
    expected = 1e6 * 2 * math.exp(-0.5 / total**2) / (math.sqrt(2 * math.pi) * total * u)
    found = concentration((0, -4000, 0, 4000, 1.0, 3.6, 2.0), (x, 0.0, 0.0), met)[0, 0]
    assert found == pytest.approx(expected, rel=0.01)  # the published loop stops at a change of 1 %


@pytest.mark.parametrize("met", [STABLE, UNSTABLE], ids=["stable", "unstable"])
def test_mirror_translation_superposition_and_linearity(met):
    lines = np.array([(-40, -300, 120, 500, 1, 7, 2), (60, 20, 400, -90, 0.5, 10, 1.5)], float)
    receptors = np.array([[150.0, 80.0, 1.5], [-20.0, 30.0, 0.0]])
    base = concentration(lines, receptors, turned_wind(met, 250.0))
    mirror = concentration(lines * [1, -1, 1, -1, 1, 1, 1], receptors * [1, -1, 1], turned_wind(met, 290.0))
    assert mirror == pytest.approx(base, rel=1e-9)
    moved = concentration(
        lines + np.array([333e3, 390e3, 333e3, 390e3, 0, 0, 0]),
        receptors + np.array([333e3, 390e3, 0]),
        turned_wind(met, 250.0),
    )
    assert moved == pytest.approx(base, rel=1e-3)  # rounding moves which pass of the loop is the last
    parts = [concentration(line, receptors, turned_wind(met, 250.0)) for line in lines]
    weighted = concentration(lines, receptors, turned_wind(met, 250.0), emission=[3.0, 0.25])
    assert weighted == pytest.approx(3.0 * parts[0] + 0.25 * parts[1], rel=1e-12)


def test_upwind_only_meander_remains():
    assert (
        0 < concentration(ROAD, (-60.0, 0.0, 0.0), STABLE)[0, 0] < concentration(ROAD, (60.0, 0.0, 0.0), STABLE)[0, 0]
    )


def test_a_calm_hour_is_finite():
    calm = (*UNSTABLE[:4], 0.0, *UNSTABLE[5:])
    assert np.isfinite(concentration(ROAD, [(0.0, 0.0, 0.0), (60.0, 0.0, 0.0)], calm)).all()
