"""The pathway in carbon's store: it starts from the territory, and says what it rests on."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from lcr_hpc.carbon.stage import run_carbon
from lcr_hpc.compute.backends import SerialBackend
from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import open_store
from tests.lcr_hpc.carbon.region import Region


def computed(region, root, **pathway):
    layout = region.write(root)
    config = parse_config({"carbon": {"fleet_year": 2025, "pathway": {"members": 256} | pathway}})
    manifest = run_carbon(config, layout, SerialBackend())
    return open_store(layout.store("carbon"), "carbon").load(), manifest


def test_it_starts_from_the_territory(region, tmp_path):
    carbon, manifest = computed(region, tmp_path, budget_kt=5000.0)
    territory = carbon["territory_kt_year"].to_numpy()
    start = carbon["pathway_central_kt_year"].to_numpy()[0]
    assert carbon["pathway_sector"].to_numpy().tolist() == [
        "road car", "road van", "road hgv", "road bus",
        "homes electricity", "homes gas", "industry electricity", "industry gas", "charging",
    ]  # fmt: skip
    assert start[:, :4].sum(axis=1) == pytest.approx(territory[:, 0], rel=1e-12)
    assert (start[:, :4] > 0.0).all()
    assert np.array_equal(start[:, 4:8], territory[:, 1:])
    assert not start[:, 8].any()
    assert carbon["pathway_year"].to_numpy().tolist() == list(range(2025, 2041))
    total = carbon["pathway_total_kt_year"].to_numpy()
    assert total[0] == pytest.approx(np.full(5, territory.sum()))
    assert (np.diff(total, axis=0) < 0.0).all()
    said = manifest.results["pathway"]
    assert said["residual_2040_kt"]["q50"] == pytest.approx(total[-1, 2], abs=1e-3)
    assert 0.0 <= said["probability_budget_exceeded"] <= 1.0
    assert said["untouched_sectors"] == ["road bus", "industry gas"]
    assert "not a forecast" in said["assumptions"]
    assert manifest.sources["pathway-levers"].title.endswith("assumptions of the configuration")
    assert "coefficients/carbon_values_desnz2023.csv" in manifest.files


def test_without_levers_every_year_is_the_base(region, tmp_path):
    carbon, manifest = computed(region, tmp_path, levers={})
    kt = carbon["pathway_kt_year"].to_numpy()
    assert np.array_equal(kt, np.broadcast_to(kt[:1, :, :1], kt.shape))
    central = carbon["pathway_central_kt_year"].to_numpy()
    assert np.array_equal(central, np.broadcast_to(central[:1], central.shape))
    assert np.isnan(carbon["pathway_total_order"].to_numpy()).all()
    worth = manifest.results["pathway"]["avoided_value_gbp_m_2022"]
    assert all(v == 0.0 for series in worth.values() for v in series.values())


def test_years_that_are_over(region, tmp_path):
    # knots of 2020 are left out; a pathway whose end has come is none
    levers = {"grid": {2020: [0.9, 0.9, 0.9], 2040: [0.5, 0.5, 0.5]}}
    carbon, _ = computed(region, tmp_path / "a", levers=levers)
    power = carbon["pathway_central_kt_year"].to_numpy()[:, 0, 6]
    assert power[[3, 15]] == pytest.approx(power[0] * np.array([0.9, 0.5]))
    carbon, manifest = computed(region, tmp_path / "b", end_year=2025)
    assert manifest.results["pathway"] == "none: carbon.pathway.end_year 2025 is not after the night's year"
    assert not [name for name in carbon.variables if str(name).startswith("pathway")]


def test_levers_that_cannot_be_used_change_nothing_on_disk(region, tmp_path):
    layout = region.write(tmp_path)
    config = parse_config({"carbon": {"pathway": {"levers": {"grid": {2040: [0.9, 0.5, 1.5]}}}}})
    with pytest.raises(InputError, match=r"grid in 2040: found 0.9, 0.5, 1.5; wanted 0 <= low"):
        run_carbon(config, layout, SerialBackend())
    assert not layout.store("carbon").exists()


def test_a_lever_goes_a_share_of_the_way_to_a_scenario_that_the_traffic_model_ran(region, tmp_path):
    levers = {"mode_shift": {2040: [0.5, 0.5, 0.5]}}
    with pytest.raises(InputError, match="mode_shift: it changes demand or speeds, so the traffic model runs it first"):
        computed(region, tmp_path, levers=levers)
    wanted = r"traffic of scenario `buses` of the night 2025-10-15 has not been run in .* \(there are: base\)"
    with pytest.raises(InputError, match=wanted):
        computed(region, tmp_path, levers=levers, scenario="buses")
    assert not Layout(tmp_path, region.night).store("carbon").exists()

    # a fifth of the traffic leaves at the same speeds: half of the way is a tenth of the roads' CO2
    fewer = Region(flow=0.8 * region.flow).write(tmp_path / "buses")
    shutil.copytree(fewer.night_dir, Layout(tmp_path, region.night, "buses").night_dir)
    carbon, manifest = computed(region, tmp_path, levers=levers, scenario="buses")
    kt = carbon["pathway_central_kt_year"].to_numpy()
    assert kt[-1, :, :4] == pytest.approx(0.9 * kt[0, :, :4])
    assert np.array_equal(kt[:, :, 4:8], np.broadcast_to(kt[:1, :, 4:8], (16, 2, 4)))
    said = manifest.results["pathway"]["traffic_scenario"]
    assert said["scenario"] == "buses"
    assert said["road_kt_year_in_scenario"] == pytest.approx(0.8 * said["road_kt_year"], abs=2e-3)
    assert "traffic of the scenario" in manifest.files

    # with the lever left alone the base stays, exactly, whatever scenario is named
    carbon, manifest = computed(region, tmp_path, levers={}, scenario="buses")
    kt = carbon["pathway_central_kt_year"].to_numpy()
    assert np.array_equal(kt, np.broadcast_to(kt[:1], kt.shape))
    assert "traffic_scenario" not in manifest.results["pathway"]
