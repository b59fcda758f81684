"""Several causes in one night: which risk may be applied to which deaths and air, and draws that stay their own."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from lcr_hpc.compute.backends import SerialBackend
from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.health import relative_risk, simulate_burden
from lcr_hpc.health.rankings import needs_reference, rankings
from lcr_hpc.health.stage import run_health
from lcr_hpc.store.manifest import finish_store
from lcr_hpc.store.slabs import create_store, open_store, write_slab
from tests.lcr_hpc.health.conftest import BANDS, SOURCE

PM, NO2, RESPIRATORY = "PM2.5 all-cause 30+", "NO2 all-cause adults", "NO2 respiratory Atkinson"


def computed(region, root, risks, **settings):
    region.pollutants = ("NO2", "PM2.5")
    layout = region.write(root)
    config = parse_config({"health": {"draws": 40, "seed": 7, "relative_risk": risks, **settings}})
    manifest = run_health(config, layout, SerialBackend())
    return open_store(layout.store("health"), "health").load(), manifest


def with_causes(region, layout):
    """Every second death of an MSOA and age is respiratory."""
    path = layout.store("mortality")
    sizes = {"msoa": region.msoas, "age_band": BANDS.size, "death_cause": 1}
    before = open_store(path, "mortality").load()
    create_store(path, "mortality", sizes, attrs={"observation_years": region.years})
    values = {name: before[name].to_numpy() for name in ("msoa", "age_band", "deaths", "published_life_expectancy")}
    values |= {"death_cause": ["respiratory"], "deaths_by_cause": region.deaths[:, :, None] // 2}
    write_slab(path, "mortality", {}, values)
    finish_store(path, layout.manifest("mortality"), "mortality", sources={"mortality": SOURCE})


def test_two_pollutants_are_two_causes_that_are_not_added(region, tmp_path):
    health, manifest = computed(region, tmp_path, [PM, NO2])
    assert [str(c) for c in health["cause"].to_numpy()] == ["PM2.5: all-cause mortality", "NO2: all-cause mortality"]
    assert "not to be added to NO2: all-cause mortality" in str(health["cause_overlap"].to_numpy()[0])
    assert all(str(e).startswith("quoted: ") for e in health["cause_evidence"].to_numpy())
    baseline = health["baseline_deaths"].to_numpy()
    wanted = simulate_burden(
        region.level[:, ::-1].T, baseline.T, [relative_risk(PM), relative_risk(NO2)], events=baseline.T * region.years,
        draws=40, seed=7,
    )  # fmt: skip
    np.testing.assert_array_equal(health["burden"].to_numpy(), wanted.draws.astype(np.float32))
    np.testing.assert_array_equal(health["burden_quantile"].to_numpy(), wanted.deaths)
    np.testing.assert_allclose(health["burden_total"].to_numpy(), wanted.total_deaths, rtol=1e-12)
    # Streams of their own: what PM2.5's draws are high in says nothing of NO2's.
    pm, no2 = health["burden_total"].to_numpy().T
    assert abs(np.corrcoef(pm, no2)[0, 1]) < 4 / np.sqrt(40)
    names = [str(a) for a in health["attribute"].to_numpy()]
    assert sum("mortality attributable to" in n for n in names) == 2
    assert [c["relative_risk"]["evidence"] for c in manifest.results["causes"]] == ["quoted", "quoted"]


def test_a_cause_beside_changes_no_number_of_the_first(region, tmp_path):
    alone, _ = computed(region, tmp_path / "one", PM)
    both, _ = computed(region, tmp_path / "two", [PM, NO2])
    for name in ("burden", "burden_quantile", "attributable_deaths", "years_lost"):
        np.testing.assert_array_equal(both[name].to_numpy()[..., 0], alone[name].to_numpy()[..., 0])


def test_a_risk_of_one_cause_is_not_applied_to_all_deaths(region, tmp_path):
    with pytest.raises(
        InputError, match=r"for respiratory mortality, and the deaths are of all-cause; land the feed"
    ) as e:
        computed(region, tmp_path, [PM, RESPIRATORY])
    assert f"{PM}, {NO2}" in str(e.value)
    assert "NO2 daily all-cause Meng" not in str(e.value)


def test_deaths_by_cause_make_its_risk_usable(region, tmp_path):
    region.pollutants = ("NO2", "PM2.5")
    layout = region.write(tmp_path)
    with_causes(region, layout)
    config = parse_config({"health": {"draws": 20, "relative_risk": [NO2, RESPIRATORY]}})
    run_health(config, layout, SerialBackend())
    health = open_store(layout.store("health"), "health").load()
    adults = (region.deaths // 2)[:, BANDS >= 30].sum() / region.years
    assert float(health["baseline_deaths"].sum("area")[1]) == pytest.approx(adults)
    fraction = 1 - 1.03 ** (-region.level[:, 0] / 10)
    assert health["attributable_fraction"].to_numpy()[:, 0, 1] == pytest.approx(fraction)
    names = [str(a) for a in health["attribute"].to_numpy()]
    assert "respiratory mortality attributable to NO2, age-standardised" in names


def test_what_cannot_be_a_cause_is_told_at_once(region, tmp_path):
    with pytest.raises(InputError, match=r"(?s)no relative risk is called 'PM'.*is of short-term.*names .* twice"):
        computed(region, tmp_path, ["PM", "NO2 daily all-cause Meng", NO2, NO2])


def test_places_are_ranked_by_any_attribute_in_every_draw(region, tmp_path):
    by = ["deprivation_rank", "-deprivation_rank", "share_65_over"]
    health, manifest = computed(region, tmp_path, PM, rank_by=by)
    ranked = np.array([str(r) for r in health["ranked_by"].to_numpy()])
    one, back, old = (health.isel(attribute=ranked == name) for name in by)
    assert list(one["attribute"].to_numpy()) == list(back["attribute"].to_numpy()) == list(old["attribute"].to_numpy())
    # Turned round, every slope and concentration changes its sign, and tenths are in the other order, draw by draw.
    for k in range(one.sizes["attribute"]):
        np.testing.assert_allclose(back["inequality"][:, 0, k], -one["inequality"][:, 0, k], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(back["inequality"][:, 2, k], -one["inequality"][:, 2, k], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(back["sii"], -one["sii"], rtol=1e-9, atol=1e-12)
    assert np.isfinite(old["sii"].to_numpy()).all()
    assert "PM2.5 concentration, by share_65_over" in manifest.results["inequality"]


def test_rankings_are_the_areas_own_or_published_or_told_to_be_neither(region, tmp_path):
    areas = open_store(region.write(tmp_path).store("areas"), "areas").load()
    residents = region.population.sum(axis=1)
    reference = xr.Dataset(
        {
            "indicator": ("indicator", ["numerator"]),
            "indicator_value": (("area", "indicator"), residents[:, None] * 0.5),
        }
    )
    assert needs_reference(["-numerator per resident"], areas)
    assert not needs_reference(["deprivation_rank", "-share_under_16"], areas)
    share, old = rankings(["-numerator per resident", "share_65_over"], areas, reference)
    np.testing.assert_allclose(share.area, -0.5)
    np.testing.assert_allclose(share.msoa, -0.5)
    of_msoa = np.bincount(region.group, region.population[:, 65:].sum(axis=1)) / np.bincount(region.group, residents)
    np.testing.assert_allclose(old.msoa, of_msoa)
    with pytest.raises(InputError, match=r"did you mean 'share_65_over'\?(?s:.)*'district' is a name of places"):
        rankings(["share_65_ove", "district"], areas)
