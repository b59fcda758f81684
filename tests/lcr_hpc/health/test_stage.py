from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.compute.backends import SerialBackend, open_backend
from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError, StoreError
from lcr_hpc.health import life_expectancy, slope_index
from lcr_hpc.health.mortality import population_by_band, total_by_group
from lcr_hpc.health.stage import run_health
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.slabs import open_store

FEW = {"health": {"draws": 20, "relative_risk": "PM2.5 all-cause 30+"}}
BANDS = np.array([0, 1, *range(5, 95, 5)])


def computed(region, root, config=None):
    layout = region.write(root)
    manifest = run_health(config or parse_config(FEW), layout, SerialBackend())
    return open_store(layout.store("health"), "health").load(), manifest


def of_attribute(health, text):
    (k,) = [i for i, name in enumerate(health["attribute"].to_numpy()) if text in str(name)]
    return health.isel(attribute=k)


def test_burden_is_the_fraction_of_the_adults_deaths_and_loses_none_of_them(region, tmp_path):
    health, manifest = computed(region, tmp_path)
    adults_deaths = region.deaths[:, BANDS >= 30].sum() / region.years
    assert float(health["baseline_deaths"].sum()) == pytest.approx(adults_deaths, rel=1e-12)
    fraction = 1 - np.array([1.08, 1.06, 1.09]) ** (-region.level[:, 1:] / 10)
    assert health["attributable_fraction"].to_numpy()[:, :, 0] == pytest.approx(fraction)
    assert health["attributable_deaths"].to_numpy()[:, :, 0] == pytest.approx(
        fraction * health["baseline_deaths"].to_numpy()
    )
    (said,) = manifest.results["causes"]
    total = said["attributable_deaths_year"]
    assert total["lower"] < total["central"] < total["upper"]
    assert total["central"] == pytest.approx(float(health["attributable_deaths"].sum("area")[0, 0]))
    assert said["relative_risk"]["evidence"] == "quoted"
    assert said["cause"] == "PM2.5: all-cause mortality"
    assert set(manifest.sources) == {
        "areas",
        "mortality",
        "people",
        "services",
        "network",
        "demand",
        "traffic",
        "carbon",
    }


def test_life_expectancy_is_the_life_table_s_and_its_slope_the_slope_index(region, tmp_path):
    health, manifest = computed(region, tmp_path)
    people = total_by_group(population_by_band(region.population, np.arange(91), BANDS), region.group, region.msoas)
    table = life_expectancy(region.deaths, people * region.years, BANDS)
    assert health["life_expectancy"].to_numpy() == pytest.approx(table.value[:, 0])
    assert health["life_expectancy_lower"].to_numpy() == pytest.approx(table.lower[:, 0])
    order = np.argsort(health["msoa_deprivation_rank"].to_numpy())
    wanted = slope_index(table.value[order, 0], people.sum(axis=1)[order], table.standard_error[order, 0])
    found = of_attribute(health, "life expectancy")
    for name in ("sii", "sii_lower", "sii_upper", "rii", "rii_lower", "rii_upper"):
        assert float(found[name]) == pytest.approx(getattr(wanted, name))
    assert 0.0 < wanted.sii_lower < wanted.sii
    assert "computed from deaths of 5 years" in manifest.results["life_expectancy"]


def test_the_deprived_breathe_worse_air_and_die_of_it_more(region, tmp_path):
    health, manifest = computed(region, tmp_path)
    for text, units in (("PM2.5 conc", "ug m-3"), ("NOx conc", "ug m-3"), ("mortality", "per 100,000 person-years")):
        found = of_attribute(health, text)
        assert str(found["attribute_units"].item()) == units
        assert float(found["sii_lower"]) < float(found["sii"]) < float(found["sii_upper"]) < 0.0
        assert float(found["rii_upper"]) < 1.0
        assert float(found["decile_mean"][0]) > float(found["decile_mean"][9])
    # Concentration falls by 1 in 9,000 ranks: a slope of the ranks' span over 9,000.
    assert float(of_attribute(health, "PM2.5 conc")["sii"]) == pytest.approx(-32_844 / 9000, abs=0.2)
    assert "scatter" in manifest.results["inequality"]["PM2.5 concentration"]["interval"]
    assert not any("NO2" in str(name) for name in health["attribute"].to_numpy())


def test_published_life_expectancy_takes_the_place_of_the_computed(region, tmp_path):
    region.published = 74.0 + 0.2 * np.arange(region.msoas)
    region.published[3] = np.nan
    health, manifest = computed(region, tmp_path)
    np.testing.assert_array_equal(health["life_expectancy"].to_numpy(), region.published)
    assert np.isnan(health["life_expectancy_lower"].to_numpy()).all()
    found = of_attribute(health, "life expectancy")
    assert np.isfinite([float(found["sii_lower"]), float(found["sii_upper"])]).all()
    summary = manifest.results["inequality"]["life expectancy at birth"]
    assert (summary["places"], summary["left_out"]) == (29, 1)
    assert manifest.results["life_expectancy"] == "published by MSOA"


def test_bytes_do_not_depend_on_workers_nor_on_a_second_run(region, tmp_path):
    layout = region.write(tmp_path)
    serial = run_health(parse_config(FEW), layout, SerialBackend())
    again = run_health(parse_config(FEW), layout, SerialBackend())
    with open_backend("dask", workers=2, scratch=tmp_path) as backend:
        spread = run_health(parse_config(FEW), layout, backend)
    assert serial == again == spread == read_manifest(layout.manifest("health"))


def test_the_order_of_areas_changes_no_gradient(region, tmp_path):
    one, _ = computed(region, tmp_path / "one")
    two, _ = computed(region.shuffled(), tmp_path / "two")
    for name in ("sii", "sii_lower", "sii_upper", "rii", "decile_mean"):
        assert two[name].to_numpy() == pytest.approx(one[name].to_numpy(), rel=1e-9)


def test_an_area_without_air_is_counted_not_hidden(region, tmp_path):
    region.level[7] = np.nan
    region.rank[9] = -1
    health, manifest = computed(region, tmp_path)
    assert np.isnan(health["attributable_deaths"].to_numpy()[7]).all()
    assert manifest.results["causes"][0]["areas_without_burden"] == 1
    assert manifest.results["inequality"]["PM2.5 concentration"]["left_out"] == 2


def test_counterfactual_lowers_the_burden(region, tmp_path):
    config = parse_config({"health": FEW["health"] | {"counterfactual_ug_m3": 5.0}})
    health, _ = computed(region, tmp_path, config)
    above = np.maximum(region.level[:, 1] - 5.0, 0.0)
    assert health["attributable_fraction"].to_numpy()[:, 0, 0] == pytest.approx(1 - 1.08 ** (-above / 10))


def test_nox_is_no_stand_in_for_no2(region, tmp_path):
    config = parse_config({"health": FEW["health"] | {"relative_risk": "NO2 all-cause adults"}})
    with pytest.raises(InputError, match="NOx is not NO2"):
        computed(region, tmp_path, config)


def test_a_failed_stage_leaves_no_manifest(region, tmp_path):
    layout = region.write(tmp_path)
    run_health(parse_config(FEW), layout, SerialBackend())
    region.pollutants = ("NOx", "NO2")
    region.write(tmp_path)
    with pytest.raises(InputError, match=r"is for PM2\.5"):
        run_health(parse_config(FEW), layout, SerialBackend())
    assert not layout.manifest("health").exists()


def test_an_input_that_is_not_whole_is_refused(region, tmp_path):
    layout = region.write(tmp_path)
    layout.manifest("carbon").unlink()
    with pytest.raises(StoreError, match="no manifest"):
        run_health(parse_config(FEW), layout, SerialBackend())
