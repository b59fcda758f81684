from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import xarray as xr

from lcr_hpc.carbon import line_source_concentration, no2_ug_m3, surface_layer
from lcr_hpc.carbon.annual import class_weights, period_of_hours, year_until
from lcr_hpc.carbon.stage import run_carbon
from lcr_hpc.compute.backends import SerialBackend
from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.store.calendar import hours_of_day
from lcr_hpc.store.slabs import open_store
from lcr_hpc.store.variables import DAY_TYPES

SETTINGS = parse_config({"carbon": {"fleet_year": 2025, "receptor_grid_m": 1000.0}})


def test_the_year_ends_with_the_night():
    hours = year_until(dt.date(2025, 10, 15))
    assert hours.size == 8760
    assert hours[-1] == hours_of_day(dt.date(2025, 10, 15))[-1]
    assert year_until(dt.date(2024, 12, 31)).size == 8760  # 365 days, the leap year's first left out


def test_the_period_follows_the_type_of_day_and_the_local_clock():
    table = xr.DataArray(
        np.arange(72).reshape(3, 24), coords={"day_type": list(DAY_TYPES)}, dims=("day_type", "hour_of_day")
    )
    days = [dt.date(2025, 7, 7), dt.date(2025, 7, 12), dt.date(2025, 8, 25)]  # Monday, Saturday, a bank holiday
    found = [period_of_hours(table, hours_of_day(day)) for day in days]
    assert [p.tolist() for p in found] == [list(range(24)), list(range(24, 48)), list(range(48, 72))]
    table[1] = -1
    with pytest.raises(InputError, match="no period for hours of a saturday"):
        period_of_hours(table, np.concatenate([hours_of_day(day) for day in days]))


def test_a_gap_in_the_weather_leaves_the_traffic_of_the_year_as_it_is():
    period = np.array([7, 7, 7, 7, 2, 2])
    classes, hour_class, weight = class_weights(period, np.array([True, False, False, False, True, True]))
    assert classes.tolist() == [2, 7] and hour_class.tolist() == [1, 0, 0]
    assert weight == pytest.approx([4 / 6, 1 / 6, 1 / 6])
    with pytest.raises(InputError, match="1 of 2 classes of traffic have no hour with weather"):
        class_weights(period, np.array([True] * 4 + [False] * 2))


def test_the_annual_mean_is_the_mean_over_hours(region, tmp_path, monkeypatch):
    monkeypatch.setattr("lcr_hpc.carbon.air_stage.LEAST_HOURS", 160)
    region.days_of_weather = 7
    region.flow[1] = 150.0
    region.wind[5] = np.nan
    layout = region.write(tmp_path)
    manifest = run_carbon(SETTINGS, layout, SerialBackend())
    carbon = open_store(layout.store("carbon"), "carbon").load()
    annual = manifest.results["annual_mean"]
    assert annual["hours"] == 8760 and annual["classes_of_hours"] == 2
    assert annual["hours_without_weather"] == 8760 - 7 * 23
    assert annual["far_field_error"] < 0.01
    assert not list(layout.night_dir.glob(".carbon*"))

    roads = slice(30, 61)
    start, end = region.from_node[roads], region.to_node[roads]
    lines = {"x0": region.node_x[start], "y0": region.node_y[start], "x1": region.node_x[end], "y1": region.node_y[end]}
    lines |= {"height_m": np.ones(31), "width_m": np.zeros(31), "sigma_z0_m": np.full(31, 2.0)}
    hour = np.tile(np.arange(24), 7)
    turn = np.repeat(13.0 * np.arange(6, -1, -1), 24)
    weather = {"wind_speed_m_s": np.tile(region.wind, 7), "mixing_height_m": np.full(168, 600.0)}
    weather |= {"wind_from_deg": (np.linspace(150.0, 250.0, 24)[hour] + turn) % 360}
    weather |= {"stability_class": np.tile(region.stability, 7)}
    known = ~np.isnan(weather["wind_speed_m_s"])
    weather, hour = {name: values[known] for name, values in weather.items()}, hour[known]
    nox = carbon["emission_g_h"].to_numpy()[:, roads, 1] / 3600 / region.length[roads]
    people = {"x": region.x, "y": region.y, "z": np.zeros(20)}
    hourly = line_source_concentration(lines, people, surface_layer(weather, 0.5, 1.0), nox[hour], "rline-tabulated")
    weight = np.where(hour < 12, 0.5 / (hour < 12).sum(), 0.5 / (hour >= 12).sum())
    found = carbon["annual_road_increment_ug_m3"].to_numpy()
    assert found[:, 0] == pytest.approx(weight @ hourly, rel=0.03)
    assert np.median(np.abs(found[:, 0] / (weight @ hourly) - 1)) < 0.005
    # NO2 hour by hour, each hour's strength as in the mean of all directions
    assert found[:, 1] == pytest.approx(weight @ (no2_ug_m3(20.0 + hourly) - no2_ug_m3(20.0)), rel=0.1)
    both = carbon["annual_background_ug_m3"].to_numpy() + found
    assert carbon["annual_concentration_ug_m3"].to_numpy() == pytest.approx(both, rel=1e-12)
    assert np.isfinite(carbon["annual_gridded_concentration_ug_m3"].to_numpy()).all()
