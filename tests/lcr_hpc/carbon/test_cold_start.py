"""Cold engines by hand, and the day's CO2 of them in carbon's store."""

from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.carbon import cold_excess, cold_mileage
from lcr_hpc.carbon.fuel import fuel_litre_km
from lcr_hpc.carbon.stage import run_carbon
from lcr_hpc.compute.backends import SerialBackend
from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.store.slabs import open_store

CONFIG = parse_config({"carbon": {"fleet_year": 2025, "pathway": {"members": 16}}})


def test_the_cold_share_of_the_distance_by_hand():
    # 12.4 km at 5.5 °C: 0.6474 - 0.31558 - (0.00974 - 0.004774) 5.5
    assert cold_mileage(12.4, 5.5) == pytest.approx(0.304507)
    assert cold_mileage([8.0, 12.0], 0.0) == pytest.approx([0.4438, 0.342])
    assert cold_mileage(3.0, 10.0) == cold_mileage(8.0, 10.0)  # the formula is for 8 to 15 km
    assert cold_mileage(40.0, 10.0) == cold_mileage(15.0, 10.0)
    assert 0.0 <= cold_mileage(15.0, 60.0) <= cold_mileage(15.0, -30.0) <= 1.0


def test_what_a_cold_engine_adds_by_hand():
    beta = cold_mileage(12.0, 10.0)
    assert cold_excess("G", "V", "Medium", "EC", 50.0, 10.0, 12.0)[0] == pytest.approx(beta * 0.38)
    assert cold_excess("D", "V", "Medium", "NOx", 50.0, 10.0, 12.0)[0] == pytest.approx(beta * 0.17)
    assert cold_excess("D", "IV", "Medium", "PM", 50.0, 10.0, 12.0)[0] == pytest.approx(beta * 1.1)
    # petrol Euro 4: 0.18 of the excess of Euro 1, 0.0484 x 40 + 0.0228 x 10 + 0.685 - 1 at 40 km/h
    share, of = cold_excess("G", "IV", "Medium", "NOx", [40.0, 80.0], 10.0, 12.0)
    assert of == "I"
    assert share == pytest.approx(beta * 0.18 * np.array([1.849, 2.091]))  # beyond 45 km/h the value at 45
    share, of = cold_excess("D", "VI D", "Medium", "NOx", 30.0, [10.0, -5.0], 12.0)
    assert of == "own"
    assert share[0] == pytest.approx(beta * (0.1719 - 0.066) * (0.048 * 30 + 14.661 - 1))
    # in warm air a cold engine adds nothing, and never less than nothing
    assert cold_excess("D", "V", "Medium", "NOx", 50.0, 30.0, 12.0)[0] == 0.0


def test_what_is_not_published_is_not_made_up():
    with pytest.raises(InputError, match="no ratio of cold to hot PM for G V Medium; there are: D I"):
        cold_excess("G", "V", "Medium", "PM", 50.0, 10.0, 12.0)
    with pytest.raises(InputError, match="temperature_c: 1 of 2 are not numbers"):
        cold_mileage(12.0, [10.0, np.nan])
    with pytest.raises(InputError, match="trip_km: found 0; wanted km, above 0"):
        cold_mileage(0.0, 10.0)


def test_the_day_of_cold_engines_adds_up(region, tmp_path):
    region.air[12:] = -2.0
    region.air[5], region.air_flag[5] = 55.0, True  # takes the mean of the others: 11 of 10 °C, 12 of -2
    region.road_class[30] = 1  # the first road is a motorway
    layout = region.write(tmp_path)
    manifest = run_carbon(CONFIG, layout, SerialBackend())
    carbon = open_store(layout.store("carbon"), "carbon").load()
    cold = carbon["cold_start_g_h"].to_numpy().astype(float)
    whole = float(carbon["cold_start_t_day"])
    assert cold.sum() / 1e6 == pytest.approx(whole, rel=1e-12)
    districts = float(carbon["district_cold_start_t_day"].sum()) + float(carbon["outside_cold_start_t_day"])
    assert districts == pytest.approx(whole, rel=1e-12)
    assert not cold[:, 30].any()
    said = manifest.results["cold_start"]
    assert said["mean_trip_km"] == pytest.approx(12.0)
    assert said["share_of_hot_co2_of_cars_and_vans"] == pytest.approx(whole / _light_t(region), rel=1e-5)
    # an hour's excess over another's with the same traffic: by the fuels' ratios at their temperatures
    assert cold[13].sum() / cold[0].sum() == pytest.approx(_hour(region, -2.0) / _hour(region, 10.0), rel=1e-6)
    assert cold[0].sum() == pytest.approx(_hour(region, 10.0), rel=1e-6)
    assert said["hours_with_the_days_mean_air"] == 1
    assert cold[5].sum() == pytest.approx(_hour(region, (11 * 10.0 - 12 * 2.0) / 23), rel=1e-6)
    # hot emissions are as they were
    hot = float(carbon["emission_g_h"][:, :, 0].astype(float).sum()) / 1e6
    assert manifest.results["CO2_t_day"] == pytest.approx(hot)


def _by_fuel(region):
    """Hot CO2 of an hour's cars and vans, g, by hand: 40 km/h everywhere."""
    mix = CONFIG.carbon.vehicle_mix
    km = {c: 400.0 * region.length[region.road_class == k].sum() / 1e3 for k, c in enumerate(
        ("connector", "motorway", "a_road", "minor_road"))}  # fmt: skip
    shares = {"car": (394037 / 624248, 230211 / 624248), "lgv": (4.424 / 79.334, 74.91 / 79.334)}
    burns = {"car": 1 - 34617 / 767009, "lgv": 1.0}
    kg = {"petrol": 2.08354, "diesel": 2.47887}
    return [
        sum(
            km[road] * mix[road][v] * burns[v] * shares[v][k] * 1e3 * kg[fuel]
            * float(fuel_litre_km(v, fuel, np.array([40.0]))[0])
            for road in km for v in ("car", "lgv")
        )
        for k, fuel in enumerate(kg)
    ]  # fmt: skip


def _hour(region, air):
    petrol, diesel = _by_fuel(region)
    return float(cold_mileage(12.0, air)) * ((0.47 - 0.009 * air) * petrol + (0.34 - 0.008 * air) * diesel)


def _light_t(region):
    return 24 * sum(_by_fuel(region)) / 1e6


def test_a_day_without_temperature_says_so(region, tmp_path):
    region.air[:] = np.nan
    layout = region.write(tmp_path)
    manifest = run_carbon(CONFIG, layout, SerialBackend())
    assert manifest.results["cold_start"] == "none: weather.zarr has no air temperature for the day"
    assert "cold_start_g_h" not in open_store(layout.store("carbon"), "carbon")
