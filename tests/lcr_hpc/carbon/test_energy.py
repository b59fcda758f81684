from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.carbon.energy import USES, district_energy, energy_intensity, plug_in_curves
from lcr_hpc.carbon.point_sources import point_sources
from lcr_hpc.carbon.stage import run_carbon
from lcr_hpc.compute.backends import SerialBackend
from lcr_hpc.config import parse_config
from lcr_hpc.errors import ConfigError
from lcr_hpc.store.slabs import open_store

LIVERPOOL = "E08000012"


def test_liverpool_by_hand():
    # homes: 55.606643 ktoe of electricity, 174.929791 of gas; 11.63 GWh a ktoe; 0.20707 and 0.18293 kg/kWh in 2023
    found = district_energy([LIVERPOOL], np.array([1.0]), 2023)
    assert found.co2e_kt[0, USES.index(("homes", "electricity"))] == pytest.approx(55.606643 * 11.63 * 0.20707)
    assert found.co2e_kt[0, USES.index(("homes", "gas"))] == pytest.approx(174.929791 * 11.63 * 0.18293)
    assert not found.by_residents


def test_another_district_takes_the_mean_by_resident():
    six = ["E06000006", "E08000011", LIVERPOOL, "E08000013", "E08000014", "E08000015"]
    whole = district_energy(six, np.zeros(6), 2023)
    made_up = district_energy(["Z1"], np.array([1_564_015.0]), 2023)
    assert made_up.by_residents
    assert made_up.co2e_kt[0] == pytest.approx(whole.co2e_kt.sum(axis=0), rel=1e-12)


def test_a_year_without_a_factor_is_refused_and_none_is_filled_in():
    assert energy_intensity("gas", 2020) == 0.18387
    assert energy_intensity("electricity", 2025) == 0.177
    with pytest.raises(ConfigError, match="energy_year 2024: there is CO2e of electricity for 2023, 2025"):
        energy_intensity("electricity", 2024)


def test_plug_in_cars_by_hand():
    # 2025: 34,617 of 767,009 plug in; 0.2207 kWh/km; 0.177 kg/kWh; nine cars in ten
    curves = plug_in_curves({"a_road": {"car": 0.9, "bus": 0.1}}, 2025)
    expected = 0.9 * 34617 / 767009 * 0.220656352 * 177.0
    assert curves.factor_g_km[0, 0] == pytest.approx(np.full(140, expected), rel=1e-12)


SITES = (("Cement", 0, 300.0), ("Glass", 1, 5.0), ("Major power producers", 0, 30.0), ("Paper", -1, 7.0))


def test_power_stations_are_counted_where_their_power_is_used(region, tmp_path):
    region.sites = SITES
    reference = open_store(region.write(tmp_path).store("reference"), "reference")
    found = point_sources(reference, 2, ("Major power producers",))
    assert found.co2_kt.tolist() == pytest.approx([0.3, 0.005])
    assert found.left_out_kt == pytest.approx(0.03)
    assert (found.years, found.installations, found.elsewhere) == ((2023,), 2, 1)
    assert point_sources(reference, 2).co2_kt[0] == pytest.approx(0.33)


def test_the_file_of_installations_is_a_feed():
    with pytest.raises(ConfigError, match=r"point_sources is a feed: name the file under `spine.feeds.point_sources`"):
        parse_config({"carbon": {"point_sources": None}})


def test_the_territory_by_district_and_sector(region, tmp_path):
    region.sites = SITES
    layout = region.write(tmp_path)
    settings = parse_config({"carbon": {"fleet_year": 2025}})
    manifest = run_carbon(settings, layout, SerialBackend())
    carbon = open_store(layout.store("carbon"), "carbon").load()
    assert carbon["sector"].to_numpy().tolist() == [
        "road", "homes electricity", "homes gas", "industry electricity", "industry gas", "large installations",
    ]  # fmt: skip
    kt = carbon["territory_kt_year"].to_numpy()
    # every day drives like the night's
    assert kt[:, 0] == pytest.approx(carbon["district_emission_t_day"].to_numpy()[:, 0] * 365 / 1e3, rel=1e-6)
    assert kt[:, 5].tolist() == pytest.approx([0.3, 0.005])
    homes = carbon["home_energy_co2e_t_year"].to_numpy()
    assert homes.sum() == pytest.approx(1e3 * kt[:, 1:3].sum(), rel=1e-12)
    assert (carbon["plug_in_co2e_kt_year"].to_numpy() > 0).all()
    land = manifest.results["territory"]
    beside = land["road_co2_kt_year_beside_published"]
    assert beside == {"Liverpool": {"modelled": round(kt[0, 0], 1), "published_2010": 574.5}}
    assert "mean by resident" in land["sources"]["homes and industry"]
    assert land["sources"]["large installations"].startswith("2 installations, 2023, without power stations (0.0 kt)")
    # of the published figures' sources only the installations go in
    assert "point_sources" in manifest.sources and "vehicles" not in manifest.sources


def test_without_installations_the_published_figures_are_not_read(region, tmp_path):
    layout = region.write(tmp_path)
    manifest = run_carbon(parse_config({"carbon": {"fleet_year": 2025}}), layout, SerialBackend())
    assert "point_sources" not in manifest.sources
    assert "large installations: no spine.feeds.point_sources is named" in manifest.results["territory"]["left_out"]
