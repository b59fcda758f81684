from __future__ import annotations

import numpy as np
import pytest
from lcr_kernels.controlled_rounding import round_zones
from lcr_kernels.proportional_fit import fit_zones

from tests.reference.synthetic_population import along_cycles, fit, pivot

DRAW = np.random.default_rng(12)
SHAPE = (3, 2, 4)
SEED_TABLE = DRAW.gamma(1.0, size=24)
AXES = np.indices(SHAPE).reshape(3, -1)
PEOPLE = DRAW.integers(0, 9, (3, 24))
KEY = np.uint64(77)


def arrange(dims):
    """Margin cell of each cell, first cell of each margin, and the margins of PEOPLE."""
    cells, first, target = [], [0], []
    for d in dims:
        sizes = [SHAPE[a] for a in d]
        number = np.ravel_multi_index([AXES[a] for a in d], sizes)
        target.append(np.stack([np.bincount(number, people, int(np.prod(sizes))) for people in PEOPLE]))
        cells.append(number + first[-1])
        first.append(first[-1] + int(np.prod(sizes)))
    return np.array(cells, np.int32), np.array(first), np.concatenate(target, axis=1)


def test_by_hand():
    # A flat 2 x 2 table with rows 30, 10 and columns 20, 20 is independent: 15, 15, 5, 5.
    cell = np.array([[0, 0, 1, 1], [2, 3, 2, 3]], np.int32)
    found, off = fit_zones(np.ones(4), cell, np.array([0, 2, 4]), np.array([[30.0, 10.0, 20.0, 20.0]]), 1e-12, 9)
    assert found[0] == pytest.approx([15, 15, 5, 5])
    assert off[0] < 1e-12


@pytest.mark.parametrize("dims", [[(0, 1, 2)], [(0, 1), (2,)], [(0,), (1,), (2,)], [(0, 1), (1, 2), (0, 2)]])
def test_matches_cell_by_cell(dims):
    cell, first, target = arrange(dims)
    found, off = fit_zones(SEED_TABLE, cell, first, target, 1e-12, 400)
    assert (off <= 1e-12).all()
    for zone in range(3):
        margins = [(cell[m] - first[m], target[zone, first[m] : first[m + 1]]) for m in range(len(dims))]
        assert found[zone] == pytest.approx(fit(SEED_TABLE, margins), rel=1e-7, abs=1e-9)


def test_a_zone_does_not_depend_on_those_beside_it():
    cell, first, target = arrange([(0, 1), (2,)])
    together, _ = fit_zones(SEED_TABLE, cell, first, target, 1e-10, 100)
    alone, _ = fit_zones(SEED_TABLE, cell, first, target[2:], 1e-10, 100)
    assert (together[2] == alone[0]).all()


def test_people_where_the_table_has_none_and_margins_that_disagree_never_settle():
    cell = np.array([[0, 0, 1, 1], [2, 3, 2, 3]], np.int32)
    target = np.array([[30.0, 10.0, 20.0, 20.0], [30.0, 10.0, 20.0, 25.0]])
    _, off = fit_zones(np.array([1.0, 1.0, 0.0, 0.0]), cell, np.array([0, 2, 4]), target[:1], 1e-10, 9)
    assert np.isinf(off[0])
    _, off = fit_zones(np.ones(4), cell, np.array([0, 2, 4]), target, 1e-10, 9)
    assert off[0] < 1e-10
    assert off[1] > 0.05


def test_rounding_within_one_margin_matches_cell_by_cell():
    fitted = np.array([[0.25, 1.5, 2.0, 0.75, 0.5, 3.1, 0.4, 0.5]])
    cell = np.zeros((1, 8), np.int32)
    for zone in range(12):
        found, missed = round_zones(fitted, cell, np.array([0, 1]), np.array([[9]]), zone, KEY)
        assert found[0].tolist() == pivot(fitted[0], zone, 77)
        assert missed[0] == 0


def test_rounding_along_cycles_matches_cell_by_cell():
    cell, first, target = arrange([(0, 1), (2,)])
    fitted, _ = fit_zones(SEED_TABLE, cell, first, target, 1e-10, 400)
    found, _ = round_zones(fitted, cell, first, target.astype(np.int64), 5, KEY)
    for zone in range(3):
        assert found[zone].tolist() == along_cycles(fitted[zone], cell.tolist(), zone + 5, 77)


def test_rounding_along_cycles_is_right_on_average():
    # A table of halves and quarters with whole sums, 600 times: four standard errors of a share are below 0.082.
    fitted = np.array([0.5, 0.25, 1.25, 0.75, 0.5, 0.75, 0.75, 1.25, 1.0])
    cell = np.array([np.repeat(np.arange(3), 3), np.tile(np.arange(3, 6), 3)], np.int32)
    target = np.repeat(np.array([[2, 2, 3, 2, 2, 3]]), 600, axis=0)
    found, missed = round_zones(np.repeat(fitted[None], 600, axis=0), cell, np.array([0, 3, 6]), target, 0, KEY)
    assert (missed == 0).all()
    assert (np.abs(found - fitted) < 1).all()
    assert found.mean(axis=0) == pytest.approx(fitted, abs=0.082)


@pytest.mark.parametrize("dims", [[(0, 1), (2,)], [(2,), (0,), (1,)], [(0, 1), (1, 2)], [(0, 1), (1, 2), (0, 2)]])
def test_rounding_meets_every_margin_and_knows_no_block(dims):
    cell, first, target = arrange(dims)
    fitted, _ = fit_zones(SEED_TABLE, cell, first, target, 1e-10, 400)
    whole = target.astype(np.int64)
    found, missed = round_zones(fitted, cell, first, whole, 0, KEY)
    assert (missed == 0).all()
    assert (found >= 0).all()
    for m in range(len(dims)):
        for zone in range(3):
            sums = np.bincount(cell[m] - first[m], found[zone], first[m + 1] - first[m])
            assert (sums == whole[zone, first[m] : first[m + 1]]).all()
    if len(dims) < 3:
        assert (np.abs(found - fitted) < 1).all()
    again, _ = round_zones(fitted[2:], cell, first, whole[2:], 2, KEY)
    assert (again[0] == found[2]).all()
