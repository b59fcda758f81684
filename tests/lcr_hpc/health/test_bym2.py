from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.health import bym2
from tests.reference.spatial_poisson import scaling

SIDE = 9
NUMBER = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
EDGES = np.concatenate(
    [
        np.column_stack([NUMBER[:, :-1].ravel(), NUMBER[:, 1:].ravel()]),
        np.column_stack([NUMBER[:-1].ravel(), NUMBER[1:].ravel()]),
    ]
)
DRAW = np.random.default_rng(16)
EXPECTED = DRAW.gamma(4.0, 5.0, SIDE * SIDE)
SMOOTH = 0.6 * np.sin(NUMBER // SIDE / 2.5).ravel()
SMOOTH_EVENTS = DRAW.poisson(EXPECTED * np.exp(SMOOTH - SMOOTH.mean())).astype(float)
ROUGH_EVENTS = DRAW.poisson(EXPECTED * np.exp(DRAW.normal(0.0, 0.5, SIDE * SIDE))).astype(float)
FOUND = bym2(SMOOTH_EVENTS, EXPECTED, EDGES)


def test_scaling_by_hand_and_by_the_pseudo_inverse():
    # Two areas: Laplacian [[1, -1], [-1, 1]], pseudo-inverse its quarter. Three on a line: 5/9, 2/9, 5/9.
    assert bym2([1, 2, 3], [1, 1, 1], [[0, 1]]).scaling == pytest.approx(0.25)
    assert bym2([1, 2, 3], [1, 1, 1], [[0, 1], [1, 2]]).scaling == pytest.approx((5 * 2 * 5 / 9**3) ** (1 / 3))
    assert FOUND.scaling == pytest.approx(scaling(EDGES, SIDE * SIDE))


def test_it_tells_smooth_from_rough_and_finds_the_spread():
    rough = bym2(ROUGH_EVENTS, EXPECTED, EDGES)
    assert FOUND.rho > 0.8
    assert rough.rho < 0.4
    assert rough.sigma == pytest.approx(0.5, abs=3 * rough.sigma_sd)
    crude = np.log((SMOOTH_EVENTS + 0.5) / EXPECTED)
    assert np.corrcoef(FOUND.mean, SMOOTH)[0, 1] > max(0.85, np.corrcoef(crude, SMOOTH)[0, 1])


def test_rates_lie_between_their_own_and_the_common_one():
    own = SMOOTH_EVENTS / EXPECTED
    assert np.std(FOUND.relative_rate) < np.std(own)
    assert np.sum(FOUND.relative_rate * EXPECTED) == pytest.approx(SMOOTH_EVENTS.sum(), rel=0.01)
    assert (FOUND.sd > 0).all()


def test_order_of_areas_and_of_edges_changes_nothing():
    order = DRAW.permutation(SIDE * SIDE)
    place = np.argsort(order)
    shuffled = DRAW.permutation(place[EDGES][:, ::-1])
    found = bym2(SMOOTH_EVENTS[order], EXPECTED[order], shuffled)
    assert found.mean == pytest.approx(FOUND.mean[order], abs=1e-5)
    assert (found.sigma, found.rho) == pytest.approx((FOUND.sigma, FOUND.rho), abs=1e-5)
    assert (bym2(SMOOTH_EVENTS, EXPECTED, EDGES).mean == FOUND.mean).all()


def test_a_covariate_is_found():
    x = DRAW.normal(size=SIDE * SIDE)
    events = DRAW.poisson(EXPECTED * np.exp(0.2 + 0.5 * x))
    found = bym2(events, EXPECTED, EDGES, x)
    assert found.beta == pytest.approx([0.2, 0.5], abs=0.1)
    assert (np.abs(found.beta - [0.2, 0.5]) < 4 * found.beta_sd).all()


def test_parts_of_the_map_are_scaled_each_on_its_own_and_islands_say_so():
    edges = EDGES[~(np.isin(EDGES, NUMBER[4]).any(axis=1))]
    found = bym2(SMOOTH_EVENTS, EXPECTED, edges)
    top = edges[(edges < 4 * SIDE).all(axis=1)]
    assert found.scaling == pytest.approx(np.full(2, scaling(top, 4 * SIDE)))
    assert (found.reason[NUMBER[4]] == "no neighbours: its spatial part is its own").all()
    assert (found.reason[NUMBER[3]] == "").all()
    assert np.isfinite(found.mean).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"observed": EXPECTED[1:]}, "want one number each"),
        (
            {"observed": -SMOOTH_EVENTS, "expected": 0 * EXPECTED},
            "observed: areas .* negative.*\n.*expected: areas 0, 1",
        ),
        ({"edges": EDGES + 1}, "numbered from 1"),
        ({"edges": EDGES * 1.0}, "whole numbers"),
        ({"edges": np.concatenate([EDGES, [[3, 3]]])}, "row 144 join an area to itself"),
        ({"edges": np.concatenate([EDGES, [[1, 0]]])}, "row 144 repeat a pair"),
        ({"covariates": np.ones(5)}, r"covariates: found shape \(5, 1\)"),
        ({"covariates": np.where(np.arange(81) == 7, np.nan, 1.0)}, "areas 7 have one that is not known"),
    ],
)
def test_bad_input_says_what_was_found(changes, words):
    arguments = {"observed": SMOOTH_EVENTS, "expected": EXPECTED, "edges": EDGES, **changes}
    with pytest.raises(InputError, match=words):
        bym2(**arguments)


def test_scottish_lip_cancer_as_published(test_data):
    folder = test_data / "health/disease"
    table = pd.read_csv(folder / "scotland_lip.csv")
    edges = pd.read_csv(folder / "scotland_edges_1based.csv").to_numpy() - 1
    wanted = json.loads((folder / "scotland_expected.json").read_text())
    stan = wanted["stan_bym2"]
    found = bym2(table["observed"], table["expected"], edges, 0.1 * table["aff_percent"])
    assert found.scaling == pytest.approx(wanted["scaling_factor_ours"], rel=1e-9)
    for mean, sd, name in (
        (found.beta[0], found.beta_sd[0], "beta0"),
        (found.beta[1], found.beta_sd[1], "beta1"),
        (found.sigma, found.sigma_sd, "sigma"),
        (found.rho, found.rho_sd, "rho"),
    ):
        assert mean == pytest.approx(stan[name][0], abs=0.02), name
        assert sd == pytest.approx(stan[name][1], abs=0.02), name
    assert found.relative_rate[4] * table["expected"][4] == pytest.approx(stan["mu5"][0], abs=0.1)
