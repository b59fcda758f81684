from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.carbon import line_source_concentration, surface_layer
from lcr_hpc.carbon.air import RLINE_MET_COLUMNS
from lcr_hpc.carbon.long_term import far_field_bound, joined, long_term_mean, response_of_class
from lcr_hpc.carbon.source_tree import source_tree
from lcr_hpc.errors import InputError


@pytest.fixture(scope="module")
def town():
    """Roads over 8 km in two classes of hours, people among them, 60 hours of weather."""
    rng = np.random.default_rng(4)
    x, y = rng.uniform(0, 8000, (2, 150))
    angle, length = rng.uniform(0, 2 * np.pi, 150), rng.uniform(50, 600, 150)
    lines = np.column_stack([x, y, x + length * np.cos(angle), y + length * np.sin(angle)])
    emission = rng.lognormal(-9, 1, (150, 2, 2))
    people = rng.uniform(0, 8000, (2, 25))
    weather = pd.DataFrame({
        "wind_speed_m_s": rng.uniform(1, 9, 60), "wind_from_deg": np.round(rng.uniform(0, 360, 60)),
        "mixing_height_m": rng.uniform(150, 1200, 60), "stability_class": rng.integers(0, 6, 60),
    })  # fmt: skip
    return lines, emission, people, surface_layer(weather, 0.5, 1.0), np.arange(60) % 2


def mean_by_tree(town, opening):
    lines, emission, people, met, hour_class = town
    rows = met[list(RLINE_MET_COLUMNS)].to_numpy()
    response = joined([response_of_class(rows[hour_class == k], 1.0, 2.0, 15e3) for k in range(2)], hour_class)
    tree = source_tree(lines, emission)
    return long_term_mean(tree, response.value, *people, opening), response, tree


def test_the_mean_is_the_mean_of_all_hours(town):
    lines, emission, people, met, hour_class = town
    columns = dict(zip(("x0", "y0", "x1", "y1"), lines.T, strict=True))
    columns |= {"height_m": np.ones(150), "width_m": np.zeros(150), "sigma_z0_m": np.full(150, 2.0)}
    receptors = {"x": people[0], "y": people[1], "z": np.zeros(25)}
    hourly = line_source_concentration(
        columns, receptors, met, emission[:, hour_class].transpose(1, 0, 2), "rline-tabulated"
    )
    for opening, median, most in ((0.0, 0.004, 0.02), (0.1, 0.005, 0.02)):
        found = mean_by_tree(town, opening)[0].concentration_ug_m3.mean(axis=0)
        error = np.abs(found / hourly.mean(axis=0) - 1)
        assert np.median(error) < median and error.max() < most


def test_squares_are_within_the_bound_and_fewer(town):
    whole = mean_by_tree(town, 0.0)[0]
    squares, response, tree = mean_by_tree(town, 0.2)
    assert whole.looked_up == 150 * 25
    assert squares.looked_up < 0.9 * whole.looked_up
    error = np.abs(squares.concentration_ug_m3.mean(axis=0) / whole.concentration_ug_m3.mean(axis=0) - 1)
    assert error.max() < far_field_bound(tree, response.value, 0.2) < 1.0
    assert far_field_bound(tree, response.value, 0.0) == 0.0


def test_no_source_is_lost_in_the_tree(town):
    lines, emission, *_ = town
    tree = source_tree(lines, emission)
    assert sorted(tree.order) == list(range(150))
    length = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    assert tree.emission_g_s[0] == pytest.approx((emission * length[:, None, None]).sum(axis=0), rel=1e-12)
    for cell in np.flatnonzero((tree.child >= 0).any(axis=1)):
        parts = tree.child[cell][tree.child[cell] >= 0]
        assert tree.emission_g_s[parts].sum(axis=0) == pytest.approx(tree.emission_g_s[cell], rel=1e-12)


def test_roads_in_one_place_make_a_tree():
    lines = np.tile([0.0, 0.0, 10.0, 0.0], (40, 1))
    tree = source_tree(lines, np.zeros((40, 1, 1)))
    assert tree.first.size < 40 and np.isfinite(tree.centre).all()


def test_a_region_without_roads_is_refused():
    with pytest.raises(InputError, match="no roads between different places"):
        source_tree(np.empty((0, 4)), np.empty((0, 1, 1)))


def test_hours_differ_by_their_strength(town):
    response = mean_by_tree(town, 0.1)[1]
    hour_class = town[4]
    assert [response.relative_strength[hour_class == k].mean() for k in (0, 1)] == pytest.approx([1.0, 1.0])
    assert response.hours.tolist() == [30, 30]


def test_a_class_without_weather_and_a_receptor_out_of_reach_are_refused(town):
    with pytest.raises(InputError, match="a class of hours has traffic but no weather"):
        response_of_class(np.empty((0, 8)), 1.0, 2.0, 1e4)
    _, response, tree = mean_by_tree(town, 0.1)
    with pytest.raises(InputError, match="the tables reach"):
        long_term_mean(tree, response.value, np.array([9e5]), np.array([0.0]), 0.1)
