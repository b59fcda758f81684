from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.compute.backends import SerialBackend
from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.health import concentration_index, inequality_draws, relative_risk, simulate_burden
from lcr_hpc.health.stage import run_health
from lcr_hpc.store.slabs import open_store

PM = "PM2.5 all-cause 30+"
SMALL = {"health": {"draws": 60, "seed": 7, "relative_risk": PM}}


def computed(region, root, config=None):
    layout = region.write(root)
    manifest = run_health(parse_config(config or SMALL), layout, SerialBackend())
    return open_store(layout.store("health"), "health").load(), manifest


def names(health):
    return [str(a) for a in health["attribute"].to_numpy()]


def test_the_store_s_draws_are_simulate_burden_s(region, tmp_path):
    health, manifest = computed(region, tmp_path)
    baseline = health["baseline_deaths"].to_numpy()[:, 0]
    wanted = simulate_burden(
        region.level[:, 1],
        baseline,
        relative_risk(PM),
        events=baseline * region.years,
        draws=60,
        seed=7,
    )
    np.testing.assert_array_equal(health["burden"].to_numpy(), wanted.draws.astype(np.float32))
    np.testing.assert_array_equal(health["burden_quantile"].to_numpy(), wanted.deaths)
    np.testing.assert_allclose(health["burden_total"].to_numpy(), wanted.total_deaths, rtol=1e-12)
    assert manifest.results["causes"][0]["drawn_deaths_year"] == pytest.approx(
        np.quantile(wanted.total_deaths[:, 0], [0.025, 0.5, 0.975]).tolist()
    )
    assert str(health["cause_evidence"].item()).startswith("quoted: Chen and Hoek 2020")


def test_years_lost_are_deaths_times_what_the_region_s_people_would_have_had(region, tmp_path):
    health, manifest = computed(region, tmp_path)
    each = (health["years_lost"].to_numpy() / health["attributable_deaths"].to_numpy())[:, :, 0]
    # Adults who die are old on the whole: some years left, and no more than at thirty.
    assert (each > 5).all()
    assert (each < 40).all()
    np.testing.assert_allclose(each[:, 0], each[:, 1])
    np.testing.assert_allclose(
        health["years_lost_quantile"].to_numpy(), health["burden_quantile"].to_numpy() * each[:, 0][None, :, None]
    )
    total = manifest.results["causes"][0]["years_lost_year"]
    assert total["lower"] < total["central"] < total["upper"]


def test_inequality_of_every_draw_is_that_of_the_draw_s_values(region, tmp_path):
    health, _ = computed(region, tmp_path)
    residents, k = region.population.sum(axis=1), names(health).index("PM2.5 concentration")
    found = health["inequality"].to_numpy()
    assert found.shape == (60, 3, len(names(health)))
    # The middle of the draws lies at the slope without errors, and errors of single areas move it little.
    assert np.median(found[:, 0, k]) == pytest.approx(float(health["sii"][k]), abs=0.05)
    assert 0 < found[:, 0, k].std() < 0.5
    # Of the burden: from the stored draws, brought to MSOAs as the rate is.
    k = names(health).index("mortality attributable to PM2.5, age-standardised")
    drawn, central = health["burden"].to_numpy()[:, :, 0], health["attributable_deaths"].to_numpy()[:, 0, 0]
    baseline = np.bincount(region.group, health["baseline_deaths"].to_numpy()[:, 0])
    people = np.bincount(region.group, residents)
    by_msoa = np.stack([np.bincount(region.group, d) for d in drawn]) / baseline
    middle = np.bincount(region.group, central) / baseline
    # The rate is the fraction times a standardised rate that the draws leave alone: the manifest's decile means say it.
    rank = health["msoa_deprivation_rank"].to_numpy()
    plain = inequality_draws(middle, people, rank).measure[0]
    ours = inequality_draws(by_msoa, people, rank).measure
    assert ours[:, 0].std() > 0
    assert np.isfinite(plain).all()
    assert np.corrcoef(ours[:, 1], found[:, 1, k])[0, 1] > 0.5


def test_what_has_no_error_is_the_same_in_every_draw(region, tmp_path):
    health, _ = computed(region, tmp_path)
    for k, said in enumerate(health["drawn_error"].to_numpy()):
        draws = health["inequality"].to_numpy()[:, :, k]
        assert (np.ptp(draws, axis=0) == 0).all() == (str(said) == ""), names(health)[k]
        if str(said) == "":
            assert draws[0, 0] == pytest.approx(float(health["sii"][k]), rel=1e-9)
            assert draws[0, 1] == pytest.approx(float(health["rii"][k]), rel=1e-9)
            assert draws[0, 2] == pytest.approx(float(health["concentration_index"][k]), rel=1e-9)
            np.testing.assert_allclose(health["decile_mean_lower"][k], health["decile_mean"][k], rtol=1e-12)


def test_access_is_that_of_the_road_s_minutes(region, tmp_path):
    health, manifest = computed(region, tmp_path)
    assert [str(p) for p in health["period"].to_numpy()] == ["morning", "later"]
    assert [str(s) for s in health["service"].to_numpy()] == ["gp", "hospital", "employment", "emergency"]
    nearest = health["nearest_service_min"].to_numpy()
    # Half a minute out of a zone and into another, a minute a kilometre between; within one, half of that to the next.
    along = np.arange(region.areas, dtype=float)
    assert nearest[0, 1:, 1] == pytest.approx(along[1:] + 1)
    assert nearest[0, 0, 1] == pytest.approx(1.0)
    assert nearest[0, 5, 0] == pytest.approx(6.0)
    np.testing.assert_array_equal(nearest[..., 3], nearest[..., 1])  # the hospital has an emergency department
    assert nearest[1] == pytest.approx(2 * nearest[0])
    assert health["commute_min"].to_numpy()[0, 1:] == pytest.approx(along[1:] + 1)
    # All beds are at the start; beyond 30 minutes there are none in reach.
    beds = health["access"].to_numpy()[0, :, 1]
    assert (beds[:30] > 0).all()
    assert (beds[30:] == 0).all()
    assert (np.diff(beds[:30]) < 0).all()
    # What is offered is what is had: beds per 1,000 times people is all beds.
    assert (beds * region.population.sum(axis=1)).sum() / 1000 == pytest.approx(600.0)
    assert manifest.results["access"]["hospital"]["areas_with_nothing_in_reach"][0] == region.areas - 30
    assert all("link times" in told for told in manifest.results["access"]["travel_times"])


def test_emissions_belong_to_the_area_they_are_nearest_to(region, tmp_path):
    health, _ = computed(region, tmp_path)
    residents = region.population.sum(axis=1)
    # Two hours of 500 g on each link: nothing is lost.
    assert (health["road_co2_kg_day_person"] * residents).sum() == pytest.approx(2 * 0.5 * (4 * region.areas - 2))


@pytest.mark.parametrize("method", ["2sfca", "3sfca", "raam"])
def test_other_methods_of_access_are_a_setting(region, tmp_path, method):
    health, _ = computed(
        region, tmp_path, {"health": {"draws": 10, "access_method": method, "access_hours": [8], "relative_risk": PM}}
    )
    assert health.sizes["period"] == 1
    assert np.isfinite(health["access"].to_numpy()).all()
    assert any(("crowding" if method == "raam" else "within reach") in n for n in names(health))


def test_a_kind_of_service_that_does_not_exist_is_named(region, tmp_path):
    with pytest.raises(InputError, match=r"'school' is no kind of service; there are gp, hospital"):
        computed(region, tmp_path, {"health": {"reach_min": {"school": 10}, "relative_risk": PM}})


def test_one_place_s_inequality_by_hand():
    # Two groups of 5: ridits .25 and .75, slope (40 - 30)/.5 = 20 about a mean of 35; concentration by covariance.
    found = inequality_draws([[30.0, 40.0], [40.0, 30.0]], [5.0, 5.0], [1.0, 2.0], tenths=2)
    np.testing.assert_allclose(found.measure[:, 0], [20.0, -20.0])
    np.testing.assert_allclose(found.measure[:, 1], [45 / 25, 25 / 45])
    np.testing.assert_allclose(found.decile_mean, [[30.0, 40.0], [40.0, 30.0]])


def test_drawn_measures_are_those_of_the_indices():
    draw = np.random.default_rng(4)
    values, people, rank = draw.gamma(3.0, size=(3, 40)), draw.gamma(3.0, size=40), draw.integers(1, 30, 40)
    found = inequality_draws(values, people, rank.astype(float))
    np.testing.assert_allclose(found.measure[:, 2], concentration_index(values, rank, people).value, rtol=1e-10)
    order = draw.permutation(40)
    other = inequality_draws(values[:, order], 1e3 * people[order], rank[order].astype(float))
    np.testing.assert_allclose(other.measure[:, 2], found.measure[:, 2], rtol=1e-10)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"population": [1.0, -1.0, 2.0]}, "negative in place 1"), ({"ranking": [1.0, 2.0]}, "want one number a place")],
)
def test_places_that_cannot_be_ranked_are_named(change, said):
    given = {"values": [1.0, 2.0, 3.0], "population": [1.0, 1.0, 2.0], "ranking": [1.0, 2.0, 3.0]} | change
    with pytest.raises(InputError, match=said):
        inequality_draws(given.pop("values"), **given)


def test_without_population_there_is_a_reason_and_no_number():
    found = inequality_draws([1.0, 2.0, 3.0], [0.0, 0.0, 4.0], [1.0, 2.0, 3.0])
    assert np.isnan(found.measure).all()
    assert "fewer than two usable places" in found.reason
