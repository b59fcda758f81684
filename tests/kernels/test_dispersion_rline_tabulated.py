from __future__ import annotations

import math

import numpy as np
import pytest
from lcr_kernels.dispersion_rline import rline_concentration
from lcr_kernels.dispersion_rline_tabulated import rline_tabulated_concentration

from tests.reference import rline

ROAD = (0.0, -100.0, 0.0, 100.0, 1.0, 3.6, 2.0)
STABLE = (0.15, 20.0, 0.3, 120.0, 1.8, 270.0, 10.0, 0.5)
UNSTABLE = (0.3, -40.0, 0.3, 800.0, 3.0, 270.0, 10.0, 0.8)
BOTH = pytest.mark.parametrize("met", [STABLE, UNSTABLE], ids=["stable", "unstable"])


def concentration(lines, receptors, met, emission=None, reach=6.0, cutoff=np.inf):
    lines, receptors = np.atleast_2d(np.array(lines, float)), np.atleast_2d(np.array(receptors, float))
    met = np.atleast_2d(np.array(met, float))
    weights = np.ones(len(lines)) if emission is None else np.array(emission, float)
    out = np.full((len(met), len(receptors), 1), np.nan)
    strength = np.tile(weights[None, :, None], (len(met), 1, 1))
    rline_tabulated_concentration(lines, receptors, met, strength, reach, cutoff, out)
    return out[:, :, 0]


def in_full(lines, receptors, met):
    lines, receptors = np.atleast_2d(np.array(lines, float)), np.atleast_2d(np.array(receptors, float))
    met = np.atleast_2d(np.array(met, float))
    out = np.empty((len(met), len(receptors), 1))
    rline_concentration(lines, receptors, met, np.ones((len(met), len(lines), 1)), out)
    return out[:, :, 0]


def turned_wind(met, wind_from):
    return (*met[:5], wind_from, *met[6:])


@BOTH
@pytest.mark.parametrize("wind", [270.0, 230.0, 184.0, 90.0])
def test_the_kernel_is_the_published_equations(met, wind: float):
    hour = rline.Hour(*turned_wind(met, wind))
    for receptor in ((20.0, 10.0, 0.0), (150.0, 170.0, 1.5)):
        expected = rline.line(ROAD, receptor, hour, steps=600)
        # As for the full kernel: the published loop stops at a change of 1 %, so that neighbours jump by that much.
        assert concentration(ROAD, receptor, turned_wind(met, wind))[0, 0] == pytest.approx(expected, rel=5e-3)


def test_a_narrow_plume_is_not_missed():
    # sigma_v is 0.4 % of the wind: at 600 m the plume is 2.4 m wide, and the road 150 m long
    met = (0.57, -180.0, 1.0, 270.0, 6.0, 270.0, 10.0, 0.024)
    road = (0.0, -60.0, 30.0, 90.0, 1.0, 7.0, 2.0)
    hour = rline.Hour(*met)
    for y in (-55.0, -10.0, 37.0):
        expected = rline.line(road, (600.0, y, 0.0), hour, steps=1500)
        assert concentration(road, (600.0, y, 0.0), met)[0, 0] == pytest.approx(expected, rel=3e-3)


def test_a_very_long_road_in_neutral_air_by_hand():
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
    assert found == pytest.approx(expected, rel=0.01)


@BOTH
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
    assert moved == pytest.approx(base, rel=1e-7)
    # The table is solved at fixed distances: nothing but rounding tells one sum from the other.
    parts = [concentration(line, receptors, turned_wind(met, 250.0)) for line in lines]
    weighted = concentration(lines, receptors, turned_wind(met, 250.0), emission=[3.0, 0.25])
    assert weighted == pytest.approx(3.0 * parts[0] + 0.25 * parts[1], rel=1e-12)


@BOTH
def test_a_line_cut_in_two_emits_the_same(met):
    whole = concentration(ROAD, (60.0, 30.0, 0.0), turned_wind(met, 240.0))
    halves = [(0, -100, 0, 20, 1, 3.6, 2), (0, 20, 0, 100, 1, 3.6, 2)]
    assert concentration(halves, (60.0, 30.0, 0.0), turned_wind(met, 240.0)) == pytest.approx(whole, rel=1e-3)


def test_many_hours_are_each_hour_alone():
    # more hours than are kept at once
    hours = [turned_wind(STABLE, 20.0 * k) for k in range(18)] + [turned_wind(UNSTABLE, 20.0 * k) for k in range(18)]
    together = concentration(ROAD, (60.0, 30.0, 0.0), hours)
    alone = [concentration(ROAD, (60.0, 30.0, 0.0), hour)[0] for hour in hours]
    assert (together == np.array(alone)).all()


@pytest.mark.parametrize("reach", [2.0, 3.0, 6.0])
def test_what_the_reach_leaves_out_is_within_its_bound(reach: float):
    # Little turbulence across the wind, and a road of a metre: at 100 m the plume is about 1.4 m wide.
    met = (0.2, 1e6, 0.1, 1000.0, 5.0, 270.0, 10.0, 0.05)
    road = (0.0, -0.5, 0.0, 0.5, 1.0, 0.0, 2.0)
    receptors = [(100.0, y, 0.0) for y in np.arange(0.0, 21.0)]
    cut, whole = (concentration(road, receptors, met, reach=r)[0] for r in (reach, 14.0))
    left_out = (whole - cut) / whole[0]
    assert left_out.min() > -1e-12
    assert left_out.max() < math.exp(-0.5 * reach**2)
    if reach < 6.0:  # the wedge is as wide as sigma_y / x ever gets, and so keeps more: what six leave out is rounding
        assert left_out.max() > 1e-6


def test_a_wide_road_along_the_wind_reaches_beside_it():
    # Half the width of the road times the reach is added to the wedge: sigma_y alone is 0.3 m here.
    met = (*UNSTABLE[:4], 6.0, 180.0, 10.0, 0.1)
    road = (0.0, -100.0, 0.0, 0.0, 1.0, 30.0, 2.0)
    beside = [(20.0, 5.0, 0.0), (-35.0, 5.0, 0.0)]
    assert concentration(road, beside, met) == pytest.approx(in_full(road, beside, met), rel=5e-3)


def test_beyond_the_cutoff_nothing_counts_and_within_it_all():
    receptor = (300.0, 0.0, 0.0)
    base = concentration(ROAD, receptor, UNSTABLE)
    assert concentration(ROAD, receptor, UNSTABLE, cutoff=299.0)[0, 0] == 0.0
    assert (concentration(ROAD, receptor, UNSTABLE, cutoff=400.0) == base).all()
    middle = (0.0, -50.0, 0.0, 50.0, *ROAD[4:])
    part = concentration(ROAD, receptor, UNSTABLE, cutoff=math.hypot(300.0, 50.0))
    assert part == pytest.approx(concentration(middle, receptor, UNSTABLE), rel=1e-6)


def test_calm_hours_receptors_on_the_road_and_roads_without_length_are_finite():
    calm = (*UNSTABLE[:4], 0.0, *UNSTABLE[5:])
    on_it = [(0.0, 0.0, 0.0), (0.0, -100.0, 0.0), (0.4, 3.0, 0.0), (60.0, 0.0, 0.0)]
    found = concentration(ROAD, on_it, [calm, UNSTABLE])
    assert np.isfinite(found).all() and (found > 0).all()
    assert found == pytest.approx(in_full(ROAD, on_it, [calm, UNSTABLE]), rel=0.01)
    assert concentration((5, 5, 5, 5, 1, 3.6, 2), (60.0, 0.0, 0.0), UNSTABLE)[0, 0] == 0.0
