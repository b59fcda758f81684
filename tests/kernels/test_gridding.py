from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.gridding import grid_line_mass

from tests.reference import line_grid

EDGES = np.array([0.0, 1.0, 2.0, 4.0])
COORDINATE = st.one_of(st.floats(-1.0, 5.0), st.sampled_from([0.0, 1.0, 2.0, 4.0, 0.5]))


def grid(x0, y0, x1, y1, mass, x_edges=EDGES, y_edges=EDGES):
    cells, outside = np.zeros((len(y_edges) - 1, len(x_edges) - 1)), np.full(len(mass), np.nan)
    grid_line_mass(*(np.array(v, float) for v in (x0, y0, x1, y1, mass)), x_edges, y_edges, cells, outside)
    return cells, outside


def test_a_line_by_hand():
    # From (0.5, 0.5) east to (3.5, 0.5): half a cell, a cell, and 1.5 of the wide one, of 3 m in all.
    cells, outside = grid([0.5], [0.5], [3.5], [0.5], [6.0])
    assert cells[0] == pytest.approx([1.0, 2.0, 3.0])
    assert cells[1:].sum() == 0.0
    assert outside[0] == 0.0


def test_a_diagonal_through_corners_touches_no_neighbours():
    cells, _ = grid([0.0], [0.0], [4.0], [4.0], [4.0])
    assert cells == pytest.approx(np.diag([1.0, 1.0, 2.0]))


def test_what_lies_outside_is_accounted_for():
    cells, outside = grid([-2.0, 5.0, 3.0], [0.5, 5.0, 3.0], [2.0, 6.0, 3.0], [0.5, 6.0, 3.0], [4.0, 7.0, 1.0])
    assert cells[0] == pytest.approx([1.0, 1.0, 0.0])
    assert outside == pytest.approx([2.0, 7.0, 0.0])
    assert cells[2, 2] == pytest.approx(1.0)  # a point: all of it in its cell


def test_a_line_along_an_edge_is_counted_once():
    for x in EDGES:
        cells, outside = grid([x], [0.0], [x], [4.0], [4.0])
        assert cells.sum() == pytest.approx(4.0, rel=1e-14)
        assert outside[0] == pytest.approx(0.0, abs=1e-14)


@given(COORDINATE, COORDINATE, COORDINATE, COORDINATE)
@settings(max_examples=300, derandomize=True, deadline=None)
def test_mass_is_conserved_whatever_the_line(x0: float, y0: float, x1: float, y1: float):
    cells, outside = grid([x0], [y0], [x1], [y1], [1.0])
    assert (cells >= 0).all()
    assert cells.sum() + outside.sum() == pytest.approx(1.0, rel=1e-12)


def test_the_walk_is_what_shapely_cuts():
    rng = np.random.default_rng(7)
    x0, y0, x1, y1 = rng.uniform(-1, 5, (4, 25))
    cells, _ = grid(x0, y0, x1, y1, np.ones(25))
    assert cells == pytest.approx(line_grid.grid_lines(x0, y0, x1, y1, np.ones(25), EDGES, EDGES), abs=1e-12)


def test_a_line_and_its_reverse_and_its_halves_agree():
    rng = np.random.default_rng(8)
    x0, y0, x1, y1 = rng.uniform(-1, 5, (4, 40))
    mass = rng.uniform(0, 3, 40)
    whole, _ = grid(x0, y0, x1, y1, mass)
    assert grid(x1, y1, x0, y0, mass)[0] == pytest.approx(whole, abs=1e-12)
    x, y = 0.5 * (x0 + x1), 0.5 * (y0 + y1)
    halves = grid(x0, y0, x, y, mass / 2)[0] + grid(x, y, x1, y1, mass / 2)[0]
    assert halves == pytest.approx(whole, abs=1e-12)


def test_mass_is_conserved_on_the_national_grid():
    rng = np.random.default_rng(9)
    x0, y0 = rng.uniform(330e3, 350e3, 200), rng.uniform(380e3, 400e3, 200)
    x1, y1 = x0 + rng.normal(0, 3e3, 200), y0 + rng.normal(0, 3e3, 200)
    edges = [np.arange(a, a + 12e3 + 1, 100.0) for a in (335e3, 385e3)]
    cells, outside = grid(x0, y0, x1, y1, np.full(200, 1 / 200), *edges)
    assert 0.1 < outside.sum() < 0.9
    assert cells.sum() + outside.sum() == pytest.approx(1.0, rel=1e-12)
