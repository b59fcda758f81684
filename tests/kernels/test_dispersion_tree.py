from __future__ import annotations

import math

import numpy as np
import pytest
from lcr_kernels.dispersion_response import EVERY, mean_response
from lcr_kernels.dispersion_rline_table import STEP
from lcr_kernels.dispersion_tree import tree_concentration

from tests.reference import rline

STABLE = (0.15, 20.0, 0.3, 120.0, 1.8, 270.0, 10.0, 0.5)
UNSTABLE = (0.3, -40.0, 0.3, 800.0, 3.0, 200.0, 10.0, 0.8)


def response(met, nodes=60, directions=360):
    met = np.atleast_2d(np.array(met, float))
    out, strength = np.full((nodes, directions), np.nan), np.full(len(met), np.nan)
    mean_response(met, 1.0, 2.0, 0.0, nodes, directions, out, strength)
    return out, strength


@pytest.mark.parametrize("met", [STABLE, UNSTABLE], ids=["stable", "unstable"])
def test_an_hour_is_the_published_equations(met):
    table, _ = response(met)
    hour = rline.Hour(*met)
    # degrees from east of 90, 0 and others: across, down and up the wind
    for node, degree in ((20, 0), (40, 3), (55, 70), (45, 180), (30, 75)):
        distance, angle = math.exp(EVERY * STEP * node), math.radians(degree)
        expected = rline.response(hour, distance * math.cos(angle), distance * math.sin(angle), 0.0, 1.0, 2.0, 0.0)
        # The published loop stops at a change of 1 %, and the tabulated one solves at other distances.
        assert 1e6 * table[node, degree] / distance == pytest.approx(expected, rel=6e-3)


def test_a_mean_is_the_mean_of_its_hours():
    together, strength = response([STABLE, UNSTABLE], nodes=30, directions=36)
    apart = [response(m, nodes=30, directions=36) for m in (STABLE, UNSTABLE)]
    assert together == pytest.approx(0.5 * (apart[0][0] + apart[1][0]), rel=1e-12)
    assert strength.tolist() == [apart[0][1][0], apart[1][1][0]]


def test_a_turned_wind_turns_the_response():
    still, _ = response(STABLE, nodes=30, directions=36)
    turned, _ = response((*STABLE[:5], 270.0 - 50.0, *STABLE[6:]), nodes=30, directions=36)
    assert turned == pytest.approx(np.roll(still, 5, axis=1), rel=1e-9)
    assert still[:, 1:] == pytest.approx(still[:, :0:-1], rel=1e-9)  # both sides of the wind are alike


def field(value, nodes=90, directions=36):
    """A response that is the same in all directions: `value` / distance."""
    return np.full((nodes, directions, 1), value)


def concentration(receptors, lines, table, opening=0.0, cells=None, emission=None):
    lines = np.atleast_2d(np.array(lines, float))
    emission = np.ones((len(lines), table.shape[2], 1)) if emission is None else emission
    middle = 0.5 * (lines[:, :2] + lines[:, 2:])
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    centre = middle.mean(axis=0)
    radius = np.hypot(*(lines.reshape(-1, 2) - centre).T).max()
    out = np.full((len(receptors), table.shape[2], 1), np.nan)
    whole = (emission * length[:, None, None]).sum(axis=0)[None]
    count = tree_concentration(
        np.array(receptors, float), lines, emission, np.array([0]), np.array([len(lines)]), np.full((1, 4), -1),
        centre[None], np.array([radius]), whole, table, opening, out,
    )  # fmt: skip
    return out[:, :, 0], count


def test_a_line_by_hand():
    # 1 g/m/s along 200 m, 30 m away, response 1/distance: the integral of ds / sqrt(s² + 30²) is 2 asinh(100/30)
    found, _ = concentration([(30.0, 0.0)], [(0, -100, 0, 100)], field(1.0))
    assert found[0, 0] == pytest.approx(1e6 * 2 * math.asinh(100 / 30), rel=1e-4)


def test_a_far_square_is_its_centre_and_near_ones_are_lines():
    lines = [(0, -10, 0, 10), (6, -10, 6, 10)]
    far, looked_up = concentration([(3000.0, 0.0)], lines, field(1.0), opening=0.1)
    assert looked_up == 1
    assert far[0, 0] == pytest.approx(1e6 * 40 / 2997.0, rel=1e-9)
    _, looked_up = concentration([(50.0, 0.0)], lines, field(1.0), opening=0.1)
    assert looked_up == 2


def test_classes_keep_their_own_weather_and_emission():
    table = np.concatenate([field(1.0), field(3.0)], axis=2)
    emission = np.array([[[1.0], [2.0]]])
    found, _ = concentration([(30.0, 5.0)], [(0, -100, 0, 100)], table, emission=emission)
    assert found[0, 1] == pytest.approx(6 * found[0, 0], rel=1e-12)


def test_a_line_cut_in_two_and_moved_gives_the_same():
    table = np.stack([response(STABLE, nodes=90)[0]], axis=-1)
    whole, _ = concentration([(40.0, 20.0)], [(0, -100, 0, 100)], table)
    cut, _ = concentration([(40.0, 20.0)], [(0, -100, 0, 13), (0, 13, 0, 100)], table)
    assert cut == pytest.approx(whole, rel=5e-3)
    moved, _ = concentration([(5040.0, -980.0)], [(5000, -1100, 5000, -900)], table)
    assert moved == pytest.approx(whole, rel=1e-9)
