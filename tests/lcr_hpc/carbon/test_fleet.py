from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.carbon import fleet_average_curves, fleet_emission_curves, mixed_curves, road_class_curves
from lcr_hpc.carbon.curves import POLLUTANTS, SPEEDS_KM_H
from lcr_hpc.carbon.fuel import fuel_litre_km, fuel_shares, plug_in_share
from lcr_hpc.carbon.wear import wear_pm25_g_km
from lcr_hpc.config import CarbonConfig
from lcr_hpc.errors import ConfigError, InputError

CAR = {"class": "car", "category": "PC", "fuel": "D", "segment": "Medium", "technology": "DPF+SCR"}


def at(curves, name: str, pollutant: str, speed: int) -> float:
    return float(curves.factor_g_km[curves.classes.index(name), POLLUTANTS.index(pollutant), speed - 1])


def test_litres_of_cars_at_50_km_h():
    # TAG data book May 2023
    assert fuel_litre_km("car", "petrol", np.array([50.0]))[0] == pytest.approx(0.068496, abs=1e-6)
    assert fuel_litre_km("car", "diesel", np.array([50.0]))[0] == pytest.approx(0.058592, abs=1e-6)
    slow, fast = fuel_litre_km("car", "petrol", np.array([1.0, 140.0]))
    assert (slow, fast) == tuple(fuel_litre_km("car", "petrol", np.array([10.0, 100.0])))


def test_wear_by_hand():
    # A car at 60 km/h: tyres 0.0107·0.42·(1.78 - 0.00974·60), brakes 0.0075·0.39·(2.75 - 0.027·60), road 0.015·0.27
    expected = 0.0107 * 0.42 * 1.1956 + 0.0075 * 0.39 * 1.13 + 0.015 * 0.27
    assert wear_pm25_g_km("car", 2, np.array([60.0]))[0] == pytest.approx(expected, rel=1e-12)
    # Five axles half laden at 20 km/h: tyres go with axles / 2, brakes and tyres with the load
    heavy = 0.0107 * 0.42 * 1.39 * 2.5 * (1.41 + 0.69) + 0.0075 * 0.39 * 1.67 * 3.13 * 1.395 + 0.076 * 0.27
    assert wear_pm25_g_km("heavy", 5, np.array([20.0]))[0] == pytest.approx(heavy, rel=1e-6)


def test_the_average_car():
    curves = fleet_average_curves(2016)
    # NAEI, urban UK fleet of 2016 at 50 km/h: NOx 0.2746, exhaust PM2.5 0.0039 g/km
    assert at(curves, "car", "NOx", 50) == pytest.approx(0.2746, abs=5e-5)
    wear = wear_pm25_g_km("car", 2, np.array([50.0]))[0]
    assert at(curves, "car", "PM2.5", 50) - wear == pytest.approx(0.0039, abs=5e-5)
    petrol, diesel = fuel_shares("car").values()
    litres = [fuel_litre_km("car", f, np.array([50.0]))[0] for f in ("petrol", "diesel")]
    co2 = (petrol * litres[0] * 2083.54 + diesel * litres[1] * 2478.87) * (1 - plug_in_share(2016))
    assert at(curves, "car", "CO2", 50) == pytest.approx(co2, rel=1e-12)
    assert 120 < co2 < 180


def test_curves_are_positive_and_cleaner_later():
    early, late = fleet_average_curves(2016), fleet_average_curves(2030)
    assert (late.factor_g_km > 0).all()
    assert (late.factor_g_km[:, 1:] <= early.factor_g_km[:, 1:] * (1 + 1e-12)).all()
    assert not early.illustrative


def test_a_year_without_curves_is_refused():
    with pytest.raises(ConfigError, match=r"2017: there are fleet-average curves of 2016, 2018"):
        fleet_average_curves(2017)


def test_a_mixture_is_the_weighted_mean():
    curves = fleet_average_curves(2025)
    mixed = mixed_curves(curves, {"both": {"car": 0.75, "bus": 0.25}})
    car, bus = curves.factor_g_km[curves.classes.index("car")], curves.factor_g_km[curves.classes.index("bus")]
    assert mixed.factor_g_km[0] == pytest.approx(0.75 * car + 0.25 * bus, rel=1e-14)
    with pytest.raises(InputError) as caught:
        mixed_curves(curves, {"a": {"tram": 1.0}, "b": {"car": 0.5}, "c": {"car": -1, "bus": 2}})
    for part in ("a: no curve for tram", "b: shares sum to 0.500000", "c: found a share below 0"):
        assert part in str(caught.value)


def test_goods_vehicles_are_split_as_counted():
    curves = fleet_average_curves(2025)
    road = road_class_curves(curves, {"motorway": {"hgv": 1.0}, "connector": {"car": 1.0}})
    counts = {
        "rhgv2x": 0.0287,
        "rhgv3x": 0.0051,
        "rhgv4px": 0.0064,
        "ahgv3o4x": 0.0030,
        "ahgv5x": 0.0121,
        "ahgv6px": 0.0451,
    }
    nox = sum(n * at(curves, v, "NOx", 80) for v, n in counts.items()) / sum(counts.values())
    assert at(road, "motorway", "NOx", 80) == pytest.approx(nox, rel=2e-3)
    assert at(road, "connector", "NOx", 30) == pytest.approx(at(curves, "car", "NOx", 30))
    with pytest.raises(ConfigError, match="unknown tram"):
        road_class_curves(curves, {"motorway": {"tram": 1.0}})


def test_every_road_class_of_the_default_config_has_a_curve():
    road = road_class_curves(fleet_average_curves(2025), CarbonConfig().vehicle_mix)
    assert set(road.classes) == {"motorway", "a_road", "minor_road", "connector"}
    assert (road.factor_g_km > 0).all()


def test_interpolation_between_whole_km_h_costs_little():
    # What the table of 1, 2 … 140 km/h loses against the formula: most at 10.5 km/h, where fuel bends most
    fine = np.arange(10.0, 100.0, 0.1)
    exact = fuel_litre_km("car", "petrol", fine)
    table = np.interp(fine, SPEEDS_KM_H, fuel_litre_km("car", "petrol", SPEEDS_KM_H))
    assert np.abs(table / exact - 1).max() < 1e-3


def test_a_fleet_by_euro_class():
    fleet = pd.DataFrame([{**CAR, "euro": "VI", "share": 0.6}, {**CAR, "euro": "VI D", "share": 0.4}])
    curves = fleet_emission_curves(fleet)
    assert curves.classes == ("car",) and curves.illustrative
    only = [fleet_emission_curves(fleet.iloc[[k]].assign(share=1.0)) for k in range(2)]
    mean = 0.6 * only[0].factor_g_km + 0.4 * only[1].factor_g_km
    assert curves.factor_g_km == pytest.approx(mean, rel=1e-12)
    assert at(only[0], "car", "NOx", 50) == pytest.approx(0.442159, abs=1e-6)  # VI means VI A/B/C


def test_a_fleet_with_unknown_parts_names_them_all():
    rows = [{**CAR, "euro": "IX", "share": 0.5}, {**CAR, "class": "van", "category": "LCV", "euro": "V", "share": 0.7}]
    with pytest.raises(InputError) as caught:
        fleet_emission_curves(pd.DataFrame(rows))
    for part in ("PC D Medium IX DPF+SCR", "LCV D Medium V", "shares of car sum to 0.5", "shares of van sum to 0.7"):
        assert part in str(caught.value)


def test_the_other_national_curves_agree_roughly(test_data):
    # Emissions Factors Toolkit v7, Scottish urban fleet: PM2.5 there holds wear, ours adds it
    other = pd.read_csv(test_data / "carbon" / "uk_eft_v7_2016_scotland_urban_fleet_avg_ef.csv")
    mine = other[(other["year"] == 2025) & (other["vehicle"] == "Car")]
    curves = fleet_average_curves(2025)
    for pollutant in ("NOx", "PM2.5"):
        rows = mine[(mine["pollutant"] == pollutant) & mine["speed_kmh"].between(20, 80)]
        ratio = [
            at(curves, "car", pollutant, v) / ef
            for v, ef in zip(rows["speed_kmh"], rows["ef_g_km_if_1_veh_per_h"], strict=True)
        ]
        assert min(ratio) > 0.7 and max(ratio) < 1.4
