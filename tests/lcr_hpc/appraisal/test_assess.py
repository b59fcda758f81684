"""Costs and benefits from the stores of two scenarios, worked by hand."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import xarray as xr

from lcr_hpc.appraisal.assess import as_json, assess_scenario, describe_worth
from lcr_hpc.appraisal.compare import as_table, compare_scenarios
from lcr_hpc.appraisal.from_stores import travel_time_change
from lcr_hpc.carbon.annual import year_until
from lcr_hpc.compute.backends import SerialBackend
from lcr_hpc.config import Config, parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.health.stage import run_health
from lcr_hpc.store.slabs import create_store, open_store, write_slab
from lcr_hpc.store.variables import DAY_TYPES
from tests.lcr_hpc.health.conftest import Region

HEALTH = {"health": {"draws": 40, "seed": 7}}
PRICES = {
    "appraisal": {
        "last_year": 2026,
        "value_of_time": {"gbp": 12.0, "price_year": 2022, "source": "a made-up value of time"},
        "value_of_life_year": {"gbp": 50_000.0, "price_year": 2022, "source": "a made-up value of a life year"},
        "cost": {"once_gbp": {2025: 3e6}, "every_year_gbp": 2e5, "price_year": 2022, "source": "a made-up bill"},
    }
}
HOURS = year_until(Config().night)


def traffic(flow, time):
    """Two zones' connectors and a road between them, in one period."""
    return xr.Dataset(
        {
            "hour_period": (("day_type", "hour_of_day"), np.zeros((3, 24), np.int16)),
            "link_flow_veh_h": (("period", "vehicle_class", "link"), np.array([[flow]], dtype=np.float64)),
            "link_time_min": (("period", "link"), np.array([time], dtype=np.float64)),
            "period": ("period", ["all"]),
        },
        {"day_type": list(DAY_TYPES)},
    )


NETWORK = xr.Dataset({"from_node": ("link", [0, 1, 2])}, attrs={"n_zones": 2})
BEFORE = traffic([100, 0, 100], [1, 1, 12])


def test_hours_with_the_same_trips():
    hours, rule = travel_time_change(BEFORE, traffic([100, 0, 100], [1, 1, 9]), NETWORK, HOURS)
    assert hours == pytest.approx(-100 * 3 / 60 * 8760)
    assert rule.startswith("vehicle-hours driven")


def test_half_of_the_gain_is_that_of_trips_that_come():
    # 100 trips gain three minutes, 20 come: 110 x 3 minutes each hour
    hours, rule = travel_time_change(BEFORE, traffic([120, 0, 120], [1, 1, 9]), NETWORK, HOURS)
    assert hours == pytest.approx(-110 * 3 / 60 * 8760)
    assert rule.startswith("rule of a half")


def test_a_closed_road_carries_nothing_and_takes_for_ever():
    hours, rule = travel_time_change(BEFORE, traffic([100, 0, 0], [1, 1, np.inf]), NETWORK, HOURS)
    assert hours == pytest.approx(-100 * 12 / 60 * 8760)
    assert rule.startswith("vehicle-hours driven")
    with pytest.raises(InputError, match="1 links carry traffic in one scenario and are closed"):
        travel_time_change(BEFORE, traffic([120, 0, 0], [1, 1, np.inf]), NETWORK, HOURS)


def test_a_road_without_a_time_and_other_roads_are_refused():
    with pytest.raises(InputError, match="all: 1 links carry traffic and have no time"):
        travel_time_change(BEFORE, traffic([100, 0, 100], [1, 1, np.nan]), NETWORK, HOURS)
    with pytest.raises(InputError, match="3 links in the base, 2 in the scenario"):
        travel_time_change(BEFORE, BEFORE.isel(link=slice(2)), NETWORK, HOURS)


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """`base` and `faster`: 1 µg/m³ less PM2.5 everywhere, a minute less on one road, 3 kt less CO2 a year."""
    layout, stores = None, []
    for name, less in (("base", 0.0), ("faster", 1.0)):
        region = Region(areas=20, msoas=4)
        region.level[:, 1] -= less
        place = region.write(tmp_path_factory.mktemp(name))
        run_health(parse_config(HEALTH), place, SerialBackend())
        _write_year(place, region.areas, less)
        stores.append(place)
    layout = stores[0]
    shutil.copytree(stores[1].night_dir, layout.night_dir.with_name("faster"))
    return layout


def _write_year(place, areas, less):
    """Put roads of a whole year in the place of the health tests' two stores."""
    links = 4 * areas - 2
    sizes = {"period": 1, "vehicle_class": 1, "day_type": 3, "hour_of_day": 24, "link": links}
    minutes = np.ones((1, links))
    minutes[0, 0] += 1.0 - less
    flow = np.zeros((1, 1, links))
    flow[..., 0] = 500.0
    values = {"period": ["all"], "day_type": list(DAY_TYPES), "hour_period": np.zeros((3, 24), np.int16)}
    _again(place, "traffic", sizes, values | {"link_time_min": minutes, "link_flow_veh_h": flow})
    level = open_store(place.store("carbon"), "carbon")["concentration_ug_m3"].to_numpy()
    sizes = {"area": areas, "air_pollutant": 2, "district": 1, "sector": 2}
    values = {
        "air_pollutant": ["NOx", "PM2.5"],
        "concentration_ug_m3": level,
        "sector": ["homes gas", "road"],
        "territory_kt_year": np.array([[9.0, 20.0 - 3.0 * less]]),
        "plug_in_co2e_kt_year": np.array([0.5 + 0.1 * less]),
    }
    _again(place, "carbon", sizes, values)


def _again(place, name, sizes, values):
    shutil.rmtree(place.store(name))
    create_store(place.store(name), name, sizes, only=list(values))
    write_slab(place.store(name), name, {}, values)


def test_by_hand(nights):
    found, year = assess_scenario(parse_config(HEALTH | PRICES), nights, "base", "faster")
    assert year.travel_time_h == pytest.approx(-500 / 60 * 8760)
    assert year.co2e_t == pytest.approx(-2900.0)
    assert (year.life_years_lost < 0.0).all() and year.life_years_lost.size == 40
    worth = found.table.set_index("item")["present_value_central_gbp"]
    two_years = 1 + 1 / 1.035
    assert worth["travel time"] == pytest.approx(73_000 * 12.0 * two_years)
    assert worth["carbon"] == pytest.approx(2900 * (273.06 + 277.22 / 1.035), rel=1e-4)
    assert worth["health"] == pytest.approx(-year.life_years_lost.mean() * 50_000 * two_years)
    assert worth["building and running"] == pytest.approx(-(3e6 + 2e5 * two_years))
    assert found.net_present_value_gbp[1] == pytest.approx(worth.sum())
    assert found.benefit_cost_ratio[1] == pytest.approx(worth.iloc[:3].sum() / -worth.iloc[3])
    # what is drawn are the life years alone, which move the sum alike
    low, high = np.quantile(-year.life_years_lost * 50_000 * two_years, [0.025, 0.975])
    others = worth.sum() - worth["health"]
    assert found.net_present_value_limits_gbp == pytest.approx((others + low, others + high))


def test_without_prices_or_costs_the_changes_are_counted_and_what_is_missing_is_named(nights):
    config = parse_config(HEALTH | {"appraisal": {"last_year": 2026}})
    found, year = assess_scenario(config, nights, "base", "faster")
    table = found.table.set_index("item")
    assert table["change"]["travel time"] == pytest.approx(2 * -73_000)
    assert list(table.index) == ["travel time", "carbon", "health"]
    assert list(table["price"]) == ["none given", table["price"]["carbon"], "none given"]
    assert table["change_lower"]["health"] < table["change"]["health"] < table["change_upper"]["health"]
    assert found.net_present_value_gbp[1] == pytest.approx(table["present_value_central_gbp"]["carbon"])
    assert np.isnan(found.net_present_value_limits_gbp).all()
    said = describe_worth(found, year, "faster", "base", 2026)
    for text in (
        "missing: travel time: no price is given, so its change is counted and not valued",
        "missing: health: no price",
        "missing: building and running: no cost is given",
        "benefit-cost ratio: no cost is given: no ratio, and the net present value is of the benefits alone",
        "not valued",
        "as if every day were like it: an illustration",
    ):
        assert text in said
    gains = as_table(compare_scenarios(nights, "base", "faster"))
    whole = json.loads(as_json(found, year, gains, "faster", "base"))
    assert whole["costs_and_benefits"][0]["present_value_central_gbp"] is None
    assert whole["benefit_cost_ratio"] == {"low": None, "central": None, "high": None}
    assert len(whole["gains_and_losses"]) == len(gains)


def test_the_base_against_itself_is_worth_nothing(nights):
    found, _ = assess_scenario(parse_config(HEALTH | {"appraisal": {"last_year": 2040}}), nights, "base", "base")
    assert (found.net_present_value_gbp == 0.0).all()
    assert not found.table["change"].any()


def test_costs_and_causes_that_do_not_fit(nights):
    cost = PRICES["appraisal"]["cost"] | {"once_gbp": {2024: 1.0}, "price_year": 2010}
    config = parse_config(HEALTH | {"appraisal": {"last_year": 2026, "cost": cost}})
    with pytest.raises(InputError, match=r"(?s)2024 is not among the years 2025 to 2026.*£ of 2010; wanted £ of 2022"):
        assess_scenario(config, nights, "base", "faster")
    config = parse_config(HEALTH | {"appraisal": {"cause": "noise"}})
    with pytest.raises(InputError, match=r"appraisal.cause: no `noise` in health.zarr; there are: PM2.5"):
        assess_scenario(config, nights, "base", "faster")
    with pytest.raises(InputError, match="last_year 2020 is before 2025, the first"):
        assess_scenario(parse_config(HEALTH | {"appraisal": {"last_year": 2020}}), nights, "base", "faster")
