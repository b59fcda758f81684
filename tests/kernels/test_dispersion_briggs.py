from __future__ import annotations

import math

import numpy as np
import pytest
from lcr_kernels.dispersion_briggs import briggs_concentration, briggs_sigma
from lcr_kernels.dispersion_plume import vertical_term, within_cutoff

from tests.reference import line_source

# Briggs 1973, urban, class D
Y_D, Z_D = (0.16, 0.0004, -0.5), (0.14, 0.0003, -0.5)
Y_E, Z_E = (0.11, 0.0004, -0.5), (0.08, 0.0015, -0.5)
WEST = 270.0


def concentration(lines, receptors, *, wind=WEST, speed=1.0, lid=np.inf, y=Y_D, z=Z_D, emission=None, cutoff=np.inf):
    lines = np.atleast_2d(np.array(lines, float))
    receptors = np.atleast_2d(np.array(receptors, float))
    emission = np.ones((1, len(lines), 1)) if emission is None else np.array(emission, float)[None, :, None]
    out = np.full((1, len(receptors), 1), np.nan)
    met = np.array([[speed, wind, lid]])
    briggs_concentration(lines, receptors, met, np.array([y]), np.array([z]), emission, cutoff, out)
    return out[0, :, 0]


def road(x0, y0, x1, y1, height=1.0, sigma_z0=2.0):
    return [x0, y0, x1, y1, height, 0.0, sigma_z0]


def test_spreads_of_class_d_at_500_m():
    assert briggs_sigma(500.0, np.array(Y_D)) == pytest.approx(0.16 * 500 / math.sqrt(1.2), rel=1e-14)
    assert briggs_sigma(500.0, np.array(Z_D)) == pytest.approx(0.14 * 500 / math.sqrt(1.15), rel=1e-14)


def test_a_long_road_across_the_wind_is_the_integrated_plume():
    # Crosswind integral: q / u · 2 exp(-h²/2σz²) / (√(2π) σz), with σz at the distance of the road.
    sigma_z = math.hypot(0.14 * 200 / math.sqrt(1.06), 2.0)
    expected = 1e6 / 3.0 * 2 * math.exp(-0.5 / sigma_z**2) / (math.sqrt(2 * math.pi) * sigma_z)
    assert concentration(road(0, -5e3, 0, 5e3), [200, 0, 0], speed=3.0)[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("wind", [270.0, 225.0, 187.0, 181.0, 180.0, 3.0])
@pytest.mark.parametrize("distance", [5.0, 60.0, 800.0])
def test_the_fixed_rule_is_as_good_as_adaptive_quadrature(wind: float, distance: float):
    line, receptor = road(0, -700, 0, 900), (distance, 30.0, 1.5)
    expected = line_source.briggs_line(line, receptor, 2.0, wind, Y_E, Z_E, lid=400.0)
    found = concentration(line, receptor, wind=wind, speed=2.0, y=Y_E, z=Z_E, lid=400.0)[0]
    # Relative to what the road gives straight downwind: a tail at six sigma is cut to zero.
    scale = line_source.briggs_line(line, receptor, 2.0, WEST, Y_E, Z_E, lid=400.0)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-6 * scale)


def test_mirror_translation_and_turning():
    lines = [road(-40, -300, 120, 500), road(60, 20, 400, -90)]
    receptors = np.array([[150.0, 80.0, 1.5], [-20.0, 30.0, 0.0], [700.0, -300.0, 4.0]])
    base = concentration(lines, receptors, wind=250.0)
    assert (base > 0).any()
    mirrored = [road(a, -b, c, -d) for a, b, c, d, *_ in lines]
    assert concentration(mirrored, receptors * [1, -1, 1], wind=290.0) == pytest.approx(base, rel=1e-9)
    moved = [road(a + 333e3, b + 390e3, c + 333e3, d + 390e3) for a, b, c, d, *_ in lines]
    assert concentration(moved, receptors + np.array([333e3, 390e3, 0]), wind=250.0) == pytest.approx(base, rel=1e-7)
    turned = [road(b, -a, d, -c) for a, b, c, d, *_ in lines]  # a quarter clockwise, and so the wind
    quarter = np.column_stack([receptors[:, 1], -receptors[:, 0], receptors[:, 2]])
    assert concentration(turned, quarter, wind=340.0) == pytest.approx(base, rel=1e-9)


def test_superposition_and_linearity():
    lines = [road(0, -300, 0, 300), road(30, -100, 90, 250)]
    receptors = [[120.0, 15.0, 1.5], [400.0, 80.0, 1.5]]
    both = concentration(lines, receptors, emission=[2.0, 0.5])
    assert both == pytest.approx(2.0 * concentration(lines[0], receptors) + 0.5 * concentration(lines[1], receptors))


def test_a_road_cut_in_two_gives_the_same_even_at_the_cut_off():
    receptors = [[90.0, -40.0, 1.5], [300.0, 500.0, 1.5]]
    whole = concentration(road(0, -900, 0, 1100), receptors, wind=240.0, cutoff=600.0)
    parts = concentration([road(0, -900, 0, 10), road(0, 10, 0, 1100)], receptors, wind=240.0, cutoff=600.0)
    assert parts == pytest.approx(whole, rel=1e-4)
    assert whole[1] < concentration(road(0, -900, 0, 1100), receptors, wind=240.0)[1]


def test_nothing_drifts_upwind():
    assert concentration(road(0, -500, 0, 500), [-5.0, 0.0, 0.0])[0] == 0.0


def test_the_cut_off_is_a_circle_around_the_receptor():
    assert within_cutoff(100.0, 50.0, 3.0, 5.0) == pytest.approx((46.0, 54.0))
    low, high = within_cutoff(100.0, 50.0, 6.0, 5.0)
    assert low >= high


def test_under_a_lid_a_wide_plume_is_mixed_evenly():
    assert vertical_term(3.0, 1.0, 1000.0, 200.0) == pytest.approx(1 / 200)
    # where images give way to even mixing, the two differ by 2 exp(-(1.6 pi)^2 / 2)
    assert vertical_term(3.0, 1.0, 1.599 * 200.0, 200.0) == pytest.approx(1 / 200, rel=1e-5)
    # half of the plume's height: fifty images say the same
    slow = line_source.point_plume(1.0, 0.0, 3.0, 1.0, 1.0, 120.0, 200.0) * math.sqrt(2 * math.pi)
    assert vertical_term(3.0, 1.0, 120.0, 200.0) == pytest.approx(slow, rel=1e-6)
