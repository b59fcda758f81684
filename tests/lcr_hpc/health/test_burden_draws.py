from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lcr_hpc.compute.backends import open_backend
from lcr_hpc.errors import InputError
from lcr_hpc.health import attributable_burden, relative_risk, simulate_burden
from tests.reference import burden_draws as reference

PM = relative_risk("PM2.5 all-cause 30+")
NO2 = relative_risk("NO2 all-cause adults")
CERTAIN = dataclasses.replace(PM, lower=PM.central, upper=PM.central)


def test_every_draw_is_the_formula_s():
    exposure, baseline, events = np.array([8.0, 11.0, 3.0]), np.array([9.0, 0.2, 0.0]), np.array([45.0, 0.4, 0.0])
    found = simulate_burden(
        exposure, baseline, PM, events=events, exposure_error=0.2, cutoff=5.0, draws=7, seed=2**40 + 1
    )
    wanted = [
        [
            reference.deaths(
                area,
                number,
                exposure=exposure[area],
                baseline=baseline[area],
                events=events[area],
                risk=(PM.central, PM.lower, PM.upper, PM.per),
                cutoff=5.0,
                error=0.2,
                seed=2**40 + 1,
            )
            for area in range(3)
        ]
        for number in range(7)
    ]
    np.testing.assert_allclose(found.draws[:, :, 0], wanted, rtol=1e-12)
    np.testing.assert_allclose(found.total_deaths[:, 0], np.sum(wanted, axis=1), rtol=1e-12)


def test_without_errors_every_draw_is_the_attributable_burden():
    exposure, baseline = np.array([8.0, 11.0]), np.array([9.0, 4.0])
    found = simulate_burden(
        exposure, baseline, CERTAIN, events=[1e18, 1e18], exposure_error=0.0, years_per_death=[10.0, 12.0], draws=4
    )
    wanted = attributable_burden(exposure, baseline, PM).burden
    np.testing.assert_allclose(found.draws[:, :, 0], np.tile(wanted, (4, 1)), rtol=1e-7)
    np.testing.assert_allclose(found.years_lost[1, :, 0], wanted * [10.0, 12.0], rtol=1e-7)
    np.testing.assert_allclose(found.total_years_lost[:, 0], wanted @ [10.0, 12.0], rtol=1e-7)
    assert found.evidence == (f"quoted: {PM.source}",)


def test_means_and_spreads_are_those_asked_for():
    # Baseline alone: relative variance 1/events. Exposure alone, at a small risk: relative spread of the exposure.
    # Risk alone: all areas move together. 20,000 draws: a spread within 2 %, a mean within 4 standard errors.
    size = 20_000
    of_baseline = simulate_burden([10.0], [5.0], CERTAIN, events=[25.0], exposure_error=0.0, draws=size).draws[:, 0, 0]
    assert of_baseline.std() / of_baseline.mean() == pytest.approx(0.2, rel=0.02)
    small = dataclasses.replace(CERTAIN, central=1.0001, lower=1.0001, upper=1.0001)
    of_exposure = simulate_burden([10.0], [5.0], small, events=[1e18], exposure_error=0.3, draws=size).draws[:, 0, 0]
    assert of_exposure.std() / of_exposure.mean() == pytest.approx(0.3, rel=0.02)
    assert of_exposure.mean() == pytest.approx(5e-4, rel=4 * 0.3 / size**0.5 + 1e-3)
    of_risk = simulate_burden([10.0, 10.0], [5.0, 5.0], PM, events=[1e18, 1e18], exposure_error=0.0, draws=size)
    assert np.corrcoef(of_risk.draws[:, :, 0].T)[0, 1] == pytest.approx(1.0, abs=1e-6)
    assert of_risk.deaths[1, 0, 0] == pytest.approx(5 * (1 - 1 / 1.08), rel=0.01)
    # The published limits come back as the draws' limits.
    limits = 5 * (1 - 1 / np.array([np.sqrt(1.06 / 1.09) * 1.08, np.sqrt(1.09 / 1.06) * 1.08]))
    np.testing.assert_allclose(of_risk.deaths[[0, 2], 0, 0], limits, rtol=0.01)


def test_causes_of_one_pollutant_share_its_error_and_no_other():
    causes = [dataclasses.replace(r, lower=r.central, upper=r.central) for r in (PM, NO2, PM)]
    found = simulate_burden(
        [[10.0], [20.0], [10.0]], [5.0], causes, events=[1e18], exposure_error=0.3, draws=400
    ).draws[:, 0]
    together = np.corrcoef(found.T)
    assert together[0, 2] > 0.9999
    assert abs(together[0, 1]) < 0.2


def test_draws_do_not_depend_on_workers_nor_on_what_lies_beside():
    draw = np.random.default_rng(1)
    exposure, baseline = draw.gamma(9.0, 1.0, 300), draw.gamma(2.0, 3.0, 300)
    here = simulate_burden(exposure, baseline, PM, draws=50, seed=3)
    with open_backend("dask", workers=2) as backend:
        there = simulate_burden(exposure, baseline, PM, draws=50, seed=3, backend=backend)
    np.testing.assert_array_equal(here.draws, there.draws)
    np.testing.assert_array_equal(here.total_deaths, there.total_deaths)
    alone = simulate_burden(exposure[:7], baseline[:7], PM, draws=20, seed=3)
    np.testing.assert_array_equal(alone.draws, here.draws[:20, :7])


def test_above_a_thousand_areas_quantiles_are_kept_alone():
    found = simulate_burden(np.full(1001, 9.0), np.full(1001, 4.0), PM, draws=8)
    assert found.draws is None
    assert found.deaths.shape == (3, 1001, 1)
    assert (np.diff(found.deaths[:, :, 0], axis=0) > 0).all()


def test_the_scale_of_the_population_scales_the_burden():
    one = simulate_burden([8.0, 9.0], [4.0, 2.0], PM, events=[40.0, 20.0], draws=30)
    ten = simulate_burden([8.0, 9.0], [40.0, 20.0], PM, events=[40.0, 20.0], draws=30)
    np.testing.assert_allclose(ten.draws, 10 * one.draws)


def test_an_area_that_is_not_known_says_why_and_spoils_no_total():
    found = simulate_burden([8.0, np.nan, 7.0], [4.0, 2.0, np.nan], PM, years_per_death=10.0, draws=6)
    assert found.reason[:, 0].tolist() == ["", "exposure not known", "baseline not known"]
    assert np.isnan(found.deaths[:, 1:]).all()
    np.testing.assert_allclose(found.total_deaths[:, 0], found.draws[:, 0, 0])
    np.testing.assert_allclose(found.total_years_lost[:, 0], 10 * found.draws[:, 0, 0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"exposure": [-1.0, 2.0]}, "exposure: negative in area 0"),
        ({"baseline": [1.0, 2.0, 3.0]}, "give one value an area"),
        ({"draws": 0}, "draws: found 0"),
        ({"seed": -1}, "seed: found -1"),
        ({"exposure_error": float("nan")}, "exposure_error"),
        ({"confidence": 1.0}, "confidence"),
        ({"risks": []}, "risks: found none"),
    ],
)
def test_bad_input_is_named(change, said):
    given = {"exposure": [8.0, 9.0], "baseline": [4.0, 2.0], "risks": PM, "draws": 5} | change
    with pytest.raises(InputError, match=said):
        simulate_burden(given.pop("exposure"), given.pop("baseline"), given.pop("risks"), **given)
