"""Statistics that hold by design, in simulation; each seed is fixed, and each bound four standard errors wide."""

from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.health import (
    directly_standardised_rate,
    getis_ord,
    indirectly_standardised_ratio,
    relative_risk,
    simulate_burden,
    slope_index,
)
from tests.lcr_hpc.health.test_bad_input import ring

SAMPLES = 20_000
LEAST, MOST = 0.94, 0.96


def covered(found, truth):
    return float(np.mean((found.lower <= truth) & (truth <= found.upper)))


def test_intervals_of_standardised_rates_cover_the_truth_as_often_as_they_say():
    draw = np.random.default_rng(1)
    people, rate = np.array([4e4, 3e4, 2e4, 5e3]), np.array([2e-4, 1e-3, 5e-3, 3e-2])
    standard = np.array([30.0, 30.0, 25.0, 15.0])
    deaths = draw.poisson(people * rate, (SAMPLES, 4))
    found = directly_standardised_rate(deaths, people, standard, multiplier=1.0)
    assert LEAST < covered(found, (standard * rate).sum() / standard.sum()) < MOST
    reference = rate / 1.25
    ratio = indirectly_standardised_ratio(deaths, people, reference * 1e7, np.full(4, 1e7))
    # Exact Poisson limits cover at least as often as they say.
    assert 0.945 < covered(ratio, 1.25) < 0.965


def test_intervals_of_slopes_cover_the_truth_on_every_scale():
    draw = np.random.default_rng(2)
    people, truth = np.full(10, 5000.0), np.linspace(0.30, 0.20, 10)
    cases = draw.binomial(5000, truth, (SAMPLES, 10))
    seen = cases / people
    errors = {
        "none": np.sqrt(seen * (1 - seen) / people),
        "log": np.sqrt((1 - seen) / cases),
        "logit": 1 / np.sqrt(people * seen * (1 - seen)),
    }
    for transform, error in errors.items():
        wanted = slope_index(truth, people, transform=transform).sii
        found = slope_index(seen, people, error, transform=transform)
        share = float(np.mean((found.sii_lower <= wanted) & (wanted <= found.sii_upper)))
        assert LEAST < share < MOST, transform


def test_intervals_of_the_burden_cover_a_truth_drawn_as_they_say():
    # The truth of an area is one draw of the same errors: the interval of the others holds it 95 times in 100.
    risk = relative_risk("PM2.5 all-cause 30+")
    exposure, baseline = np.linspace(6.0, 12.0, 400), np.linspace(2.0, 20.0, 400)
    truth = simulate_burden(exposure, baseline, risk, draws=50, seed=1).draws[:, :, 0]
    found = simulate_burden(exposure, baseline, risk, draws=2000, seed=2).deaths[:, :, 0]
    share = np.mean((found[0] <= truth) & (truth <= found[2]))
    # 50 draws of the shared risk, and areas that are otherwise on their own.
    assert share == pytest.approx(0.95, abs=0.02)


def test_p_of_hot_spots_is_uniform_without_a_pattern():
    links = ring(60)
    draw = np.random.default_rng(4)
    p = np.concatenate(
        [getis_ord(draw.gamma(3.0, size=60), links, permutations=199, seed=s).p_value for s in range(40)]
    )
    shares = np.histogram(p, bins=5, range=(0.0, 1.0))[0] / p.size
    # Areas of one map share their draws and neighbours: some 2,400/6 numbers on their own.
    assert shares == pytest.approx(np.full(5, 0.2), abs=4 * np.sqrt(0.16 / 400))


def test_the_scale_of_the_population_changes_no_slope():
    value, people, error = np.array([4.0, 5.0, 9.0]), np.array([1.0, 2.0, 3.0]), np.full(3, 0.2)
    one, thousand = slope_index(value, people, error), slope_index(value, 1000 * people, error)
    assert thousand.sii == pytest.approx(one.sii, rel=1e-12)
    assert thousand.sii_lower == pytest.approx(one.sii_lower, rel=1e-12)
