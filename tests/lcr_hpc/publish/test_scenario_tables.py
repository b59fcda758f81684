from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import xarray as xr

from lcr_hpc.publish.report.scenario import scenario_section
from lcr_hpc.publish.tables_scenario import SCENARIO, scenario, scenario_areas, scenario_buses


class Stores(dict):
    """Stands for `Inputs`: two periods, twelve hours each; ten areas, a tenth of the people each; two buses."""

    night = dt.date(2025, 10, 15)

    def __init__(self):
        hour_period = np.tile(np.repeat([0, 1], 12), (3, 1)).astype(np.int16)
        minutes = np.full((2, 2, 1, 10), 10.0)
        minutes[1, :, 0, 0] = [12.0, 16.0]
        journeys = [[[20.0, 30], [np.nan, 30]], [[18.0, np.inf], [np.nan, 33]]]
        day = ("state", "period")
        traffic = {
            "hour_period": (("day_type", "hour_of_day"), hour_period),
            "change": (("change",), ["Dock Road: 1 link (2.0 km) closed to all vehicles"]),
            "state_vehicle_km_h": (day, [[100.0, 10], [110.0, 11]]),
            "state_vehicle_hours_h": (day, [[5.0, 1], [6.0, 1]]),
            "state_delay_hours_h": (day, [[2.0, 0], [3.0, 0]]),
            "state_charge_gbp_h": (day, np.zeros((2, 2))),
            "state_car_persons_h": (day, np.full((2, 2), np.nan)),
            "state_bus_persons_h": (day, np.full((2, 2), np.nan)),
            "emergency_department_min": (("state", "period", "responder", "area"), minutes),
            "bus_journey_min": (("state", "period", "pattern"), journeys),
            "bus_per_hour": (("period", "pattern"), [[6.0, 2], [0, 2]]),
            "bus_corridor": (("pattern",), np.array([1, 0], np.int8)),
        }  # fmt: skip
        names = {"period": ["peak", "rest"], "responder": ["car"]}
        areas = {
            "deprivation_rank": (("area",), np.arange(1, 11)),
            "population": (("area", "age"), np.full((10, 1), 100)),
            "area_name": (("area",), [f"Place {i}" for i in range(10)]),
        }
        codes = {"area": [f"E{i:02d}" for i in range(10)]}
        store = xr.Dataset(traffic, coords=names).assign(bus_pattern=(("pattern",), ["7 out", "7 in"]))
        super().__init__(traffic=store, areas=xr.Dataset(areas, coords=codes))


def rows(table, section):
    return {r.measure: (r.base, r.scenario, r.change) for r in table[table["section"] == section].itertuples()}


def test_the_day_is_the_hours_of_its_periods():
    table = scenario(Stores())
    assert list(table.columns) == [c.name for c in SCENARIO]
    assert rows(table, "what changes").keys() == {"Dock Road: 1 link (2.0 km) closed to all vehicles"}
    day = rows(table, "roads in the day")
    assert day["vehicle-kilometres"] == pytest.approx((1320.0, 1452.0, 132.0))
    assert day["vehicle-hours of delay"] == pytest.approx((24.0, 36.0, 12.0))
    assert "charges paid" not in day
    assert "persons by car" not in day


def test_minutes_to_a_department_by_tenth_are_means_over_the_hours():
    found = rows(scenario(Stores()), "minutes to the nearest emergency department, car")
    assert found["decile 1 of deprivation, 1 = most deprived"] == pytest.approx((10.0, 14.0, 4.0))
    assert found["decile 2 of deprivation, 1 = most deprived"] == pytest.approx((10.0, 10.0, 0.0))
    assert found["all residents"] == pytest.approx((10.0, 10.4, 0.4))
    areas = scenario_areas(Stores())
    assert len(areas) == 20
    assert areas.loc[areas["area"] == "E00", "scenario_min"].tolist() == [12.0, 16.0]


def test_buses_are_weighed_by_their_number_and_closed_roads_are_counted():
    found = rows(scenario(Stores()), "bus journeys")
    assert found["mean of a bus on the corridors"] == pytest.approx((20.0, 18.0, -2.0))
    assert found["mean of a bus on other roads"] == pytest.approx((30.0, 33.0, 3.0))
    assert found["buses on other roads whose road is closed"] == pytest.approx((0.0, 24.0, 24.0))
    buses = scenario_buses(Stores())
    assert buses["route"].tolist() == ["7 out", "7 in", "7 in"]
    assert np.isnan(buses["scenario_min"].to_numpy()[1])


def test_the_report_tells_changes_first_and_signs_what_grows():
    told = scenario_section({"scenario": scenario(Stores())})
    assert told["changes"] == ["Dock Road: 1 link (2.0 km) closed to all vehicles"]
    assert told["sections"][0]["title"] == "Roads in the day"
    assert told["sections"][0]["rows"][0] == ["vehicle-kilometres, km/day", "1,320", "1,452", "+132"]
    assert scenario_section({}) is None
