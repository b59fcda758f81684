from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from lcr_hpc.errors import InputError, ModelError
from lcr_hpc.health import synthetic_population

DRAW = np.random.default_rng(13)
TABLE = DRAW.gamma(1.0, size=(5, 2, 6))
PEOPLE = DRAW.poisson(4.0, size=(40, 5, 2, 6))
AGE_SEX, GROUP = PEOPLE.sum(axis=3), PEOPLE.sum(axis=(1, 2))
MARGINS = [((0, 1), AGE_SEX), ((2,), GROUP)]


def test_whole_people_meet_every_margin_and_stay_beside_the_fit():
    found = synthetic_population(TABLE, MARGINS)
    fitted = synthetic_population(TABLE, MARGINS, integer=False)
    assert found.dtype == np.int32
    assert (found.sum(axis=3) == AGE_SEX).all()
    assert (found.sum(axis=(1, 2)) == GROUP).all()
    assert fitted.sum(axis=3) == pytest.approx(AGE_SEX)
    assert (np.abs(found - fitted) < 1).all()


def test_the_fit_keeps_how_characteristics_go_together():
    fitted = synthetic_population(TABLE, MARGINS, integer=False)
    # Cross-ratios of the seed table survive any scaling of rows and columns.
    ratio = fitted[:, 0, 0, 0] * fitted[:, 1, 1, 1] / (fitted[:, 0, 0, 1] * fitted[:, 1, 1, 0])
    assert ratio == pytest.approx(np.full(40, TABLE[0, 0, 0] * TABLE[1, 1, 1] / (TABLE[0, 0, 1] * TABLE[1, 1, 0])))


def test_rounding_is_right_on_average():
    # One zone's margins, 3,000 times: the mean count is the fitted one within four standard errors.
    margins = [((0, 1), np.repeat(AGE_SEX[:1], 3000, axis=0)), ((2,), np.repeat(GROUP[:1], 3000, axis=0))]
    counts = synthetic_population(TABLE, margins, seed=4)
    fitted = synthetic_population(TABLE, [((0, 1), AGE_SEX[:1]), ((2,), GROUP[:1])], integer=False)[0]
    part = fitted % 1.0
    assert (np.abs(counts.mean(axis=0) - fitted) < 4 * np.sqrt(part * (1 - part) / 3000) + 1e-9).all()
    assert (counts.std(axis=0)[(part > 0.2) & (part < 0.8)] > 0.3).all()


def test_the_same_for_any_number_of_threads_and_another_for_another_seed(monkeypatch):
    alone = synthetic_population(TABLE, MARGINS, seed=1, threads=1)
    assert (synthetic_population(TABLE, MARGINS, seed=1, threads=3) == alone).all()
    monkeypatch.setenv("NUMBA_NUM_THREADS", "2")
    assert (synthetic_population(TABLE, MARGINS, seed=1) == alone).all()
    assert not (synthetic_population(TABLE, MARGINS, seed=2) == alone).all()


def test_margins_in_every_form_are_the_same():
    wanted = synthetic_population(TABLE, MARGINS)
    names = ("age", "sex", "group")
    table = xr.DataArray(TABLE, dims=names)
    for margins in (
        {(0, 1): AGE_SEX, 2: GROUP},
        [((1, 0), AGE_SEX.transpose(0, 2, 1)), ("group", GROUP)],
        [xr.DataArray(AGE_SEX, dims=("zone", "age", "sex")), xr.DataArray(GROUP, dims=("zone", "group"))],
        # A margin that another contains adds nothing.
        [*MARGINS, ((0,), AGE_SEX.sum(axis=2))],
    ):
        assert (synthetic_population(table, margins) == wanted).all()


def test_an_empty_zone_stays_empty():
    margins = [((0, 1), np.concatenate([AGE_SEX, 0 * AGE_SEX[:1]])), ((2,), np.concatenate([GROUP, 0 * GROUP[:1]]))]
    found = synthetic_population(TABLE, margins)
    assert found[40].sum() == 0
    assert (found[:40] == synthetic_population(TABLE, MARGINS)).all()


def changed(margin, zone):
    other = margin.copy()
    other[zone].flat[0] += 1
    return other


@pytest.mark.parametrize(
    ("table", "margins", "words"),
    [
        (-TABLE, MARGINS, "seed_table: found negative"),
        (TABLE, [], "found none"),
        (TABLE, [((0, 3), AGE_SEX)], "not dimensions of a table of 3"),
        (TABLE, [((0, 2), AGE_SEX)], r"want \(zones, 5, 6\)"),
        (TABLE, [((0, 1), AGE_SEX), ((1, 0), AGE_SEX.transpose(0, 2, 1))], "same dimensions"),
        (TABLE, [((0, 1), AGE_SEX), ((2,), GROUP[1:])], "zones; want as many"),
        (TABLE, [((0, 1), -1.0 * AGE_SEX)], "negative or unknown counts in zones 0"),
        (TABLE, [((0, 1), AGE_SEX), ((2,), changed(GROUP, 7))], "disagree in their total in zone 7, by up to 1"),
        (TABLE, [((0, 1), AGE_SEX), ((0,), changed(AGE_SEX.sum(axis=2), 3))], r"disagree over \(0,\) in zone 3"),
        (TABLE, [((0, 1), AGE_SEX + 0.5)], "broken counts"),
        (TABLE, ["ages"], "give \\(dims, array\\) pairs"),
        (np.where(np.arange(6) == 2, 0.0, TABLE), MARGINS, "people where the seed table has none"),
    ],
)
def test_bad_input_names_margins_and_zones(table, margins, words):
    with pytest.raises(InputError, match=words):
        synthetic_population(table, margins)


def test_a_table_whose_zeros_stand_against_the_margins_is_said_to():
    with pytest.raises(ModelError, match="zone 0 are off by up to"):
        synthetic_population([[1, 1], [0, 1]], [((0,), [[5, 5]]), ((1,), [[7, 3]])])


def test_reference(test_data):
    folder = test_data / "health/microsim"
    problem = json.loads((folder / "problem.json").read_text())
    seed = np.loadtxt(folder / "seed_flat.csv").reshape(problem["shape"])
    margins = [(tuple(d), np.array(m)[None]) for d, m in zip(problem["dims"], problem["marginals"], strict=True)]
    fitted = synthetic_population(seed, margins, integer=False, tolerance=1e-13)
    np.testing.assert_allclose(fitted.ravel(), np.loadtxt(folder / "ipf_expected_flat.csv"), rtol=1e-8)
    found = synthetic_population(seed, margins)[0]
    for dims, wanted in zip(problem["dims"], problem["marginals"], strict=True):
        assert (found.sum(axis=tuple(a for a in range(3) if a not in dims)) == np.array(wanted)).all()
