from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import xarray as xr

from lcr_hpc.carbon import fleet_average_curves, line_source_concentration, no2_ug_m3, road_class_curves, surface_layer
from lcr_hpc.carbon.annual import period_of_hours
from lcr_hpc.carbon.curves import POLLUTANTS
from lcr_hpc.carbon.stage import run_carbon
from lcr_hpc.compute.backends import SerialBackend, open_backend
from lcr_hpc.config import Config, parse_config
from lcr_hpc.errors import ConfigError, InputError, StoreError
from lcr_hpc.store.calendar import hours_of_day
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import fingerprint_store
from lcr_hpc.store.slabs import open_store
from tests.lcr_hpc.carbon.region import Region
from tests.reference import tiff

SETTINGS = parse_config({"carbon": {"fleet_year": 2025}})


def computed(region, root, config: Config = SETTINGS):
    layout = region.write(root)
    manifest = run_carbon(config, layout, SerialBackend())
    return open_store(layout.store("carbon"), "carbon").load(), manifest


def test_each_hour_has_the_traffic_of_its_own_type_of_day():
    rows = np.stack([np.repeat([0, 1], 12), np.repeat([2, 3], 12), np.repeat([4, 5], 12)])
    names = ["weekday", "saturday", "sunday"]
    traffic = xr.Dataset({"hour_period": (("day_type", "hour_of_day"), rows)}, {"day_type": names})
    assert period_of_hours(traffic["hour_period"], hours_of_day(dt.date(2025, 10, 15))).tolist() == [0] * 12 + [1] * 12
    assert period_of_hours(traffic["hour_period"], hours_of_day(dt.date(2025, 10, 18))).tolist() == [2] * 12 + [3] * 12
    assert period_of_hours(traffic["hour_period"], hours_of_day(dt.date(2025, 10, 26))).tolist() == [4] * 13 + [5] * 12
    assert period_of_hours(traffic["hour_period"], hours_of_day(dt.date(2025, 12, 25))).tolist() == [4] * 12 + [5] * 12


def test_emissions_are_flow_times_length_times_factor(region, tmp_path):
    region.flow[1] = 100.0  # from noon by local clock
    region.speed[1] = 25.0
    carbon, manifest = computed(region, tmp_path)
    curves = road_class_curves(fleet_average_curves(2025), SETTINGS.carbon.vehicle_mix)
    by_class = curves.factor_g_km[[curves.classes.index(c) for c in ("connector", "a_road", "minor_road")]]
    for hour, (flow, speed) in ((0, (400.0, 40)), (11, (400.0, 40)), (12, (100.0, 25)), (23, (100.0, 25))):
        factor = by_class[np.searchsorted([0, 2, 3], region.road_class)][:, :, speed - 1]
        expected = flow * region.length[:, None] / 1000 * factor
        assert carbon["emission_g_h"][hour].to_numpy() == pytest.approx(expected, rel=1e-6)
    assert carbon["pollutant"].to_numpy().tolist() == list(POLLUTANTS)
    assert manifest.results["CO2_t_day"] == pytest.approx(
        carbon["emission_g_h"].to_numpy()[:, :, 0].astype(float).sum() / 1e6
    )


def test_no_gram_is_lost_between_links_districts_and_cells(region, tmp_path):
    carbon, manifest = computed(region, tmp_path)
    links = carbon["emission_g_h"].to_numpy().astype(float).sum(axis=(0, 1)) / 1e6
    assert carbon["emission_t_day"].to_numpy() == pytest.approx(links, rel=1e-12)
    districts = carbon["district_emission_t_day"].to_numpy()
    outside = carbon["outside_emission_t_day"].to_numpy()
    assert districts.sum(axis=0) + outside == pytest.approx(links, rel=1e-12)
    last = carbon["emission_g_h"].to_numpy().astype(float)[:, -1].sum(axis=0) / 1e6
    assert outside == pytest.approx(last, rel=1e-12)
    assert carbon["gridded_emission_kg_day"].sum(["x", "y"]).to_numpy() / 1e3 == pytest.approx(links, rel=1e-12)
    assert manifest.results["gridded_outside_g_day"] == pytest.approx(0.0, abs=1e-6 * links.sum())
    assert carbon["class_emission_t_day"].to_numpy().sum(axis=0) == pytest.approx(links, rel=1e-12)
    assert float(carbon["x"][1] - carbon["x"][0]) == 100.0
    _, bands = tiff.read(Layout(tmp_path, region.night).night_dir / "carbon_emission.tif")
    assert bands.sum(axis=(1, 2)) / 1e3 == pytest.approx(links, rel=1e-6)  # float32
    assert set(manifest.results["files"]) == {"carbon_emission.tif"}


def test_concentration_is_background_and_the_roads_of_the_day(region, tmp_path):
    carbon, manifest = computed(region, tmp_path)
    increment = carbon["road_increment_ug_m3"].to_numpy()
    assert carbon["air_pollutant"].to_numpy().tolist() == ["NOx", "NO2", "PM2.5"]
    assert (increment > 0).any(axis=0).all() and (increment[:, [0, 2]] >= 0).all()
    background = carbon["background_ug_m3"].to_numpy()
    assert background == pytest.approx(np.tile([20.0, float(no2_ug_m3(20.0)), 8.0], (20, 1)))
    assert carbon["concentration_ug_m3"].to_numpy() == pytest.approx(increment + background, rel=1e-12)

    roads = slice(30, 61)
    start, end = region.from_node[roads], region.to_node[roads]
    lines = {"x0": region.node_x[start], "y0": region.node_y[start], "x1": region.node_x[end], "y1": region.node_y[end]}
    lines |= {"height_m": np.ones(31), "width_m": np.zeros(31), "sigma_z0_m": np.full(31, 2.0)}
    people = {"x": region.x[:4], "y": region.y[:4], "z": np.zeros(4)}
    weather = {"wind_speed_m_s": region.wind, "wind_from_deg": np.linspace(150.0, 250.0, 24)}
    weather |= {"mixing_height_m": np.full(24, 600.0), "stability_class": region.stability}
    nox = carbon["emission_g_h"].to_numpy()[:, roads, 1] / 3600 / region.length[roads]
    hourly = line_source_concentration(
        lines, people, surface_layer(weather, 0.5, 1.0), nox, "rline-tabulated", cutoff_m=10_000.0
    )
    assert increment[:4, 0] == pytest.approx(hourly.mean(axis=0), rel=1e-6)
    # the chemistry bends: hour by hour, not of the mean
    assert carbon["concentration_ug_m3"][:4, 1].to_numpy() == pytest.approx(no2_ug_m3(20.0 + hourly).mean(axis=0))
    assert 0.0 <= manifest.results["cutoff_leaves_out_share"]["NOx"] < 0.5
    assert manifest.results["annual_mean"].startswith("none: weather.zarr covers less than 7200 hours")
    assert "annual_concentration_ug_m3" not in carbon
    assert set(manifest.sources) == {
        "network", "areas", "weather", "air", "traffic", "emission-curves", "vehicle-mix", "district-energy",
            "carbon-values", "pathway-levers",
    }  # fmt: skip
    assert "coefficients/fuel_consumption_tag.csv" in manifest.files


@pytest.mark.parametrize("method", ["rline", "briggs"])
def test_the_other_methods_agree_in_kind(region, tmp_path, method):
    usual, _ = computed(region, tmp_path / "usual")
    given = parse_config({"carbon": {"fleet_year": 2025, "dispersion": method}})
    other, manifest = computed(region, tmp_path / method, given)
    assert manifest.results["dispersion"] == method
    share = other["road_increment_ug_m3"].to_numpy()[:, 0] / usual["road_increment_ug_m3"].to_numpy()[:, 0]
    assert np.median(share) == pytest.approx(1.0, abs=0.02 if method == "rline" else 0.7)


def test_a_grid_of_receptors(region, tmp_path):
    given = parse_config({"carbon": {"fleet_year": 2025, "receptor_grid_m": 500.0}})
    carbon, _ = computed(region, tmp_path, given)
    cells = carbon["gridded_concentration_ug_m3"]
    assert cells.sizes["receptor_x"] >= 10 and np.isfinite(cells.to_numpy()).all()
    # a point of the grid is a receptor like any other
    moved = Region()
    moved.x[0], moved.y[0] = float(carbon["receptor_x"][3]), float(carbon["receptor_y"][2])
    same, _ = computed(moved, tmp_path / "moved", given)
    at_point = same["concentration_ug_m3"].to_numpy()[0]
    assert at_point == pytest.approx(cells.sel(receptor_x=moved.x[0], receptor_y=moved.y[0]).to_numpy(), rel=1e-9)


def test_two_workers_write_the_same_bytes(tmp_path):
    region = Region(areas=300)  # two blocks of at most 256
    layout = region.write(tmp_path)
    alone = run_carbon(SETTINGS, layout, SerialBackend())
    with open_backend("dask", workers=2) as backend:
        together = run_carbon(SETTINGS, layout, backend)
    assert together == alone
    assert fingerprint_store(layout.store("carbon")) == alone.variables


def test_calm_and_missing_hours_are_counted(region, tmp_path):
    region.wind[3] = 0.2
    region.wind[7] = np.nan
    region.stability[8] = -1
    carbon, manifest = computed(region, tmp_path)
    assert (manifest.results["hours_without_weather"], manifest.results["hours_calm"]) == (2, 1)
    assert np.isfinite(carbon["concentration_ug_m3"].to_numpy()).all()


def test_an_hour_of_weather_that_is_flagged_is_left_out(region, tmp_path):
    gone = Region(wind=np.where(np.arange(24) == 9, np.nan, 3.0))
    region.wind[9], region.wind_flag[9] = 90.0, 3
    one, other = (computed(r, tmp_path / name)[0] for r, name in ((region, "flagged"), (gone, "missing")))
    assert np.array_equal(one["concentration_ug_m3"].to_numpy(), other["concentration_ug_m3"].to_numpy())


def test_only_good_values_of_background_sites_count(region, tmp_path):
    region.background[:, 1] = 999.0  # the roadside site
    region.background[5, 0, 0] = -1.4e31
    region.flag[5, 0, 0] = 2
    region.background[6, 0, 0] = np.nan
    region.background[7, 0, 0] = 20.0 + 22.0
    carbon, manifest = computed(region, tmp_path)
    assert carbon["background_ug_m3"].to_numpy()[0, [0, 2]] == pytest.approx([21.0, 8.0])
    assert manifest.results["hours_without_background"] == {"NOx": 2}


def test_a_day_without_background_needs_a_setting(region, tmp_path):
    region.flag[:, 0] = 1
    with pytest.raises(InputError, match=r"no good value of NOx, PM2.5 .*carbon.background_ug_m3"):
        computed(region, tmp_path)
    given = parse_config({"carbon": {"fleet_year": 2025, "background_ug_m3": {"NOx": 15.0, "PM2.5": 7.0}}})
    carbon, _ = computed(region, tmp_path, given)
    assert carbon["background_ug_m3"].to_numpy()[:, [0, 2]] == pytest.approx(np.tile([15.0, 7.0], (20, 1)))


def test_a_day_without_weather_is_refused(region, tmp_path):
    region.wind[:] = np.nan
    with pytest.raises(InputError, match="no hour of the 24"):
        computed(region, tmp_path)


def test_connectors_emit_but_are_no_roads(region, tmp_path):
    region.flow[:, :, 30:] = 0.0
    region.speed[:, :5] = np.nan  # a connector that takes no time has no speed
    carbon, _ = computed(region, tmp_path)
    assert (carbon["emission_g_h"].to_numpy()[:, 5:30] > 0).all()
    assert (carbon["emission_g_h"].to_numpy()[:, :5] == 0).all()
    assert (carbon["road_increment_ug_m3"].to_numpy() == 0).all()


def test_a_road_without_speed_or_another_network_is_refused(region, tmp_path):
    region.speed[0, 40] = np.nan
    with pytest.raises(InputError, match="1 links with traffic have no speed, first link 40"):
        computed(region, tmp_path)
    layout = region.write(tmp_path / "other")
    assert not layout.manifest("carbon").exists()
    region.from_node, region.to_node = region.from_node[:-1], region.to_node[:-1]
    region.length, region.road_class, region.district = region.length[:-1], region.road_class[:-1], region.district[:-1]
    region.flow, region.speed = region.flow[:, :, :-1], region.speed[:, :-1]
    other = region.write(tmp_path / "third")
    layout.store("network").rename(tmp_path / "away")
    other.store("network").rename(layout.store("network"))
    with pytest.raises(InputError, match=r"traffic.zarr has 61 links, network.zarr 60"):
        run_carbon(SETTINGS, layout, SerialBackend())


def test_a_missing_stage_and_a_year_without_curves_are_said(region, tmp_path):
    layout = region.write(tmp_path)
    layout.manifest("traffic").unlink()
    with pytest.raises(StoreError, match="no manifest"):
        run_carbon(SETTINGS, layout, SerialBackend())
    with pytest.raises(ConfigError, match="fleet_year 1999"):
        run_carbon(parse_config({"carbon": {"fleet_year": 1999}}), layout, SerialBackend())
