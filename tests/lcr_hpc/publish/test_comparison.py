"""The comparison with published figures, each number worked by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from lcr_hpc.publish.comparison import COMPARISON, days_in_a_year, electricity_kwh_year, figure_table, table_of, verdict
from lcr_hpc.publish.comparison_access import surgery_distance_km
from lcr_hpc.publish.comparison_rows import (
    Districts,
    Row,
    access_rows,
    co2_rows,
    deciles,
    electricity_rows,
    health_rows,
    published,
    traffic_rows,
)
from lcr_hpc.publish.report.comparison import comparison_sections, comparison_text
from lcr_hpc.publish.tables_people import censuses
from lcr_hpc.store.calendar import hours_of_day
from lcr_hpc.store.variables import ROAD_CLASSES, SERVICE_KINDS


def _figures(*rows: tuple[str, int, str, float]) -> pd.Series:
    names, years, places, values = zip(*rows, strict=True)
    return figure_table(
        xr.Dataset(
            {
                "figure": ("figure", np.array(names, object)),
                "figure_year": ("figure", np.array(years, np.int16)),
                "figure_place": ("figure", np.array(places, object)),
                "figure_value": ("figure", np.array(values, float)),
            }
        )
    )


def _text(*words: str) -> np.ndarray:
    return np.array(words, object)


FIGURES = _figures(
    ("road_traffic", 2010, "A", 400e6), ("road_traffic", 2010, "B", 600e6),
    ("road_traffic", 2019, "A", 500e6), ("road_traffic", 2019, "B", 500e6),
    *((f"co2: Road Transport{part}", 2010, place, 20.0)
      for part in (" (A roads)", " (Motorways)", " (Minor roads)", " Other") for place in "AB"),
)  # fmt: skip
DISTRICTS = Districts(
    ["A", "B"],
    ["Aston", "Barton"],
    np.array([600e6, 400e6]),
    np.array([0.5, 0.0]),
    np.array([90.0, 60.0]),
    np.array([3, 1]),
)


def test_the_region_is_scaled_and_the_districts_are_judged():
    table = table_of(traffic_rows(DISTRICTS, FIGURES, 2019, 0.8)).set_index("place")
    assert list(table.columns) == [c.name for c in COMPARISON if c.name != "place"]
    assert table.loc["All districts", ["modelled", "published", "verdict"]].tolist() == [1000.0, 1000.0, "scaled to it"]
    assert table.loc["Aston", "difference_percent"] == pytest.approx(20.0) and table.loc["Aston", "verdict"] == "off"
    assert table.loc["Barton", "difference_percent"] == pytest.approx(-20.0)
    assert "50 % of ours is on motorways; 3 of the 4 ways to the outside" in table.loc["Aston", "why"]
    assert "0.800" in table.loc["All districts", "why"]


def test_co2_names_both_years_and_parts_the_difference():
    table = table_of(co2_rows(DISTRICTS, FIGURES, 2019)).set_index("place")
    aston = table.loc["Aston"]
    # Four sectors of 20 kt: 80; ours 90. 600 over 400 million km; 90 kt / 600 Mkm = 150 g/km, 80 / 400 = 200.
    assert (aston["published"], aston["published_year"], aston["modelled_year"]) == (80.0, "2010", "2019")
    assert aston["difference_percent"] == pytest.approx(12.5)
    assert aston["why"].startswith("+50 % vehicle-km") and "150 g/km against 200" in aston["why"]
    assert table.loc["Barton", "why"].startswith("−33 % vehicle-km")


def test_without_published_figures_there_is_no_row():
    nothing = _figures(("vehicles", -1, "A", 1.0))
    assert traffic_rows(DISTRICTS, nothing, 2019, None) == co2_rows(DISTRICTS, nothing, 2019) == []


@pytest.mark.parametrize(("off", "word"), [(-10.0, "close"), (10.1, "off"), (25.0, "off"), (-25.1, "far off")])
def test_a_word_for_each_distance(off, word):
    assert verdict(off) == word and verdict(off, scaled=True) == "scaled to it"
    assert verdict(float("nan")) == ""


def test_the_nearest_year_is_taken_and_the_earlier_of_two():
    assert published(FIGURES, "road_traffic", 2018, ["B", "C"])[1] == 2019
    values, year = published(_figures(("f", 2018, "A", 1.0), ("f", 2020, "A", 2.0)), "f", 2019, ["A"])
    assert (values.tolist(), year) == ([1.0], 2018)


def test_a_year_is_so_many_days_like_this_one():
    # Weekdays have 100 trips, Saturdays 50, Sundays and bank holidays 25. 2019 has 253, 52 and 60 of them.
    demand = xr.Dataset(
        {
            "trips_veh_day": (("purpose", "od"), np.array([[60.0, 40.0]])),
            "hourly_share": (("day_type", "purpose", "hour"), np.repeat([[[1.0]], [[0.5]], [[0.25]]], 24, axis=2) / 24),
            "day_type": ("day_type", np.array(["weekday", "saturday", "sunday"], object)),
        }
    )
    assert days_in_a_year(demand, dt.date(2019, 10, 16)) == pytest.approx(253 + 52 * 0.5 + 60 * 0.25)
    assert days_in_a_year(demand, dt.date(2019, 10, 19)) == pytest.approx((253 + 52 * 0.5 + 60 * 0.25) * 2)


def test_electricity_of_a_day_as_if_it_were_every_day():
    night = dt.date(2019, 10, 16)
    hours = np.concatenate([[hours_of_day(night)[0] - 1], hours_of_day(night)])
    energy = xr.Dataset(
        {
            "time": ("time", hours.astype("datetime64[h]").astype("datetime64[ns]")),
            "electricity_kwh": (("time", "msoa"), np.column_stack([np.full(25, 1.0), [9.0, *[np.nan] * 24]])),
        }
    )
    year = electricity_kwh_year(energy, night)
    assert year[0] == 24 * 365 and np.isnan(year[1])


def test_electricity_tells_total_pattern_and_residuals():
    codes = [f"M{k}" for k in range(7)]
    theirs = np.arange(1, 8) * 1e6
    ours = theirs * np.array([1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 1.0])
    figures = _figures(
        *(("domestic_electricity", 2019, c, v) for c, v in zip(codes, theirs, strict=True)),
        *(("domestic_electricity", 2018, c, v * 1.1) for c, v in zip(codes, theirs, strict=True)),
    )
    rows = electricity_rows(codes, codes, ours, figures, 2019)
    assert (rows[0].modelled, rows[0].published) == (34.0, 28.0)
    assert rows[1].modelled == pytest.approx(np.corrcoef(ours, theirs)[0, 1])
    # 28 after 30.8: 9.1 % less.
    assert "changed by −9.1 % from 2018" in rows[0].why
    assert rows[2].place == "M5" and (rows[2].modelled, rows[2].published) == (12.0, 6.0)


def test_health_rows_carry_the_interval_and_every_decile():
    names = ("life expectancy at birth", "mortality attributable to PM2.5", "time to the nearest surgery")
    health = xr.Dataset(
        {
            "attribute": ("attribute", _text(*names)),
            "ranked_by": ("attribute", _text(*["deprivation_rank"] * 3)),
            "attribute_units": ("attribute", _text("years", "per 100,000 person-years", "min")),
            "sii": ("attribute", [9.0, -3.0, 1.0]), "sii_lower": ("attribute", [8.0, -4.0, 0.0]),
            "sii_upper": ("attribute", [10.0, -2.0, 2.0]),
            "decile_mean": (("attribute", "decile"), np.arange(30.0).reshape(3, 10)),
            "decile": ("decile", np.arange(1, 11)),
        }
    )  # fmt: skip
    rows = health_rows(health, 2019)
    assert (rows[0].modelled, rows[0].lower, rows[0].upper) == (9.0, 8.0, 10.0) and len(rows) == 21
    assert rows[1].place == "Decile 1" and rows[1].modelled == 10.0 and rows[10].modelled == 19.0
    assert (rows[20].section, rows[20].modelled) == ("Access to services by deprivation", 29.0)


def test_deciles_hold_tenths_of_the_people():
    # Ranks 3, 1, 2 with 50, 10 and 40 people: the middles stand at 5, 30 and 75 of 100.
    assert deciles(np.array([3, 1, 2]), np.array([50.0, 10.0, 40.0])).tolist() == [8, 1, 4]
    rows = access_rows(
        np.array([1.0, 2.0, np.nan]), np.array([2.0, 4.0, 1.0]), np.array([3, 1, 2]), np.array([50.0, 10.0, 40.0]), 2019
    )
    assert [(r.place, r.modelled, r.published) for r in rows] == [("Decile 1", 2.0, 4.0), ("Decile 8", 1.0, 2.0)]


def test_the_way_to_a_surgery_goes_with_the_traffic():
    # A square: 0 → 1 → 2 → 3 → 0, one way, a side a kilometre; the surgery beside node 1, homes at 0 and 2.
    minor, connector = ROAD_CLASSES.index("minor_road"), ROAD_CLASSES.index("connector")
    network = xr.Dataset(
        {
            "node_x": ("node", [0.0, 1000, 1000, 0, 500]), "node_y": ("node", [0.0, 0, 1000, 1000, 500]),
            "from_node": ("link", [0, 1, 2, 3, 4]), "to_node": ("link", [1, 2, 3, 0, 1]),
            "length_m": ("link", [1000.0, 1000, 1000, 1000, 1.0]),
            "road_class": ("link", [minor, minor, minor, minor, connector]),
        }
    )  # fmt: skip
    areas = xr.Dataset({"area_x": ("area", [0.0, 1000.0]), "area_y": ("area", [-100.0, 1000.0])})
    services = xr.Dataset(
        {
            "service_kind": ("service", [SERVICE_KINDS.index("gp"), SERVICE_KINDS.index("hospital")]),
            "service_x": ("service", [1050.0, 1000.0]), "service_y": ("service", [0.0, 1000.0]),
        }
    )  # fmt: skip
    assert surgery_distance_km(areas, network, services) == pytest.approx([1.15, 3.05])
    none = services.isel(service=[1])
    assert np.isnan(surgery_distance_km(areas, network, none)).all()


def test_people_read_both_years_and_a_reason_once():
    rows = [
        Row("Road traffic", "Aston", "vehicle-km", "million km/year", 600.0, "2019", 500.0, "2018", "the same reason"),
        Row("Road traffic", "Barton", "vehicle-km", "million km/year", 300.0, "2019", 500.0, "2018", "the same reason"),
        Row("Slope", "All", "slope index", "years", 9.13, "2009–13", lower=8.3, upper=9.96, why="no counterpart"),
    ]
    table = table_of(rows)
    section = comparison_sections(table)[0]
    assert section["why"] == "the same reason" and [r["far"] for r in section["rows"]] == [False, True]
    text = comparison_text(table, 120)
    assert "600 2019 | 500 2018" in text and "−40 %  far off" in text and text.count("the same reason") == 1
    assert "9.13 (8.30 to 9.96) 2009–13" in text


def test_areas_of_both_censuses_stand_side_by_side():
    # A stays, B is split in two; the latest index does not rank B2.
    areas = xr.Dataset(
        {
            "area": ("area", _text("A", "B")), "area_name": ("area", _text("Aston 1", "Barton 1")),
            "area_district": ("area", [0, 1]), "district": ("district", _text("D1", "D2")),
            "population": (("area", "age"), [[10, 20], [30, 40]]), "deprivation_rank": ("area", [5, 900]),
        }
    )  # fmt: skip
    reference = xr.Dataset(
        {
            "change": ("change", _text("unchanged", "split", "split")),
            "change_area11": ("change", _text("A", "B", "B")), "change_area21": ("change", _text("A", "B1", "B2")),
            "change_rank21": ("change", [7, 800, -1]),
        }
    )  # fmt: skip

    class Made(dict):
        def attribute(self, store, name):
            return "LSOA 2011"

    table = censuses(Made(areas=areas, reference=reference)).set_index("area_2021")
    assert table.loc["B1", ["area_2011", "change", "district", "population_persons", "deprivation_rank"]].tolist() == [
        "B", "split", "D2", 70, 900
    ]  # fmt: skip
    assert table["deprivation_rank_2021_area"].tolist()[:2] == [7, 800] and pd.isna(table.iloc[2, -1])
