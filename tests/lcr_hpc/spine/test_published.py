"""Published tables into the store `reference`; hand-worked numbers, and values looked up by hand in the real files."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.published import read_area_changes, read_figures, read_indicators, read_point_sources
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.slabs import open_store


def _write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_vehicle_miles_become_vehicle_kilometres(tmp_path):
    file = _write(tmp_path / "t.csv", "local_authority_code,year,all_motor_vehicles\nE08000015,2019,1000000\n")
    row = read_figures("road_traffic", file).iloc[0]
    assert row["value"] == pytest.approx(1_609_344) and row["units"] == "km/year" and row["year"] == 2019


def test_a_table_without_a_year_takes_the_feeds_or_says_that_it_has_none(tmp_path):
    file = _write(tmp_path / "v.csv", "MSOA21CD,LAD22CD,TotHhold,VehsReg,EVReg\nA,D,10,12,1\nB,D,20,30,2\n")
    found = read_figures("vehicles", file).set_index(["statistic", "place"])
    assert found.loc[("vehicles", "D"), "value"] == 42 and found.loc[("electric_vehicles", "B"), "value"] == 2
    assert set(found["year"]) == {-1} and set(read_figures("vehicles", file, 2022)["year"]) == {2022}


def test_every_fault_of_a_published_table_is_told(tmp_path):
    twice = "local_authority_code,year,all_motor_vehicles\nE1,2019,5\nE1,2019,6\n"
    with pytest.raises(InputError, match="road_traffic of E1 in 2019 stands twice"):
        read_figures("road_traffic", _write(tmp_path / "a.csv", twice))
    below = "local_authority_code,year,all_motor_vehicles\nE1,2019,-5\n"
    with pytest.raises(InputError, match="`all_motor_vehicles` is below 0 on line 2"):
        read_figures("road_traffic", _write(tmp_path / "b.csv", below))
    with pytest.raises(InputError, match="`change_code` wants U, S, M, X; found another on line 2"):
        read_area_changes(_write(tmp_path / "c.csv", "lsoa11_code,lsoa21_code,change_code\nA,B,Q\n"))
    with pytest.raises(InputError, match="`score` wants numbers, found others on line 3"):
        read_indicators(_write(tmp_path / "d.csv", "lsoa11_code,score\nA,\nB,high\n"))
    head = "period,site,operator,sector,value,unit,area_code,lon,lat\n"
    with pytest.raises(InputError, match="outside Britain on line 2; they look swapped"):
        read_point_sources(_write(tmp_path / "e.csv", head + "2023,S,O,X,1,Tonnes,E1,53.4,-2.9\n"))
    with pytest.raises(InputError, match="`value` is below 0 on line 2"):
        read_point_sources(_write(tmp_path / "f.csv", head + "2023,S,O,X,-1,Tonnes,E1,-2.9,53.4\n"))


def test_carbon_is_not_its_dioxide(tmp_path):
    text = "period,site,operator,sector,value,unit,area_code,lon,lat\n2023,S,O,X,30,Tonnes,E1,-2.9,53.4\n"
    file = _write(tmp_path / "s.csv", text)
    assert read_point_sources(file)["co2_t_year"].tolist() == [30.0]
    assert read_point_sources(file, "t C")["co2_t_year"].tolist() == [30.0 * 44 / 12]


def test_the_real_installations_are_carbon(test_data):
    file = test_data / "lcr" / "large_point_sources.csv"
    # whole tonnes of CO2, to a thousandth: 8 of 51 if they are carbon, 1 as given
    found = [read_point_sources(file, unit)["co2_t_year"].to_numpy() for unit in ("t C", "t CO2")]
    assert [int((np.abs(v - v.round()) < 1e-3).sum()) for v in found] == [8, 1]
    assert found[0].sum() == pytest.approx(1_302_100.0, abs=100.0)


def test_a_night_without_published_figures_has_an_empty_store(landed):
    layout = landed[1]
    store = open_store(layout.store("reference"), "reference").load()
    assert store.sizes["figure"] == store.sizes["change"] == store.sizes["site"] == 0
    assert set(read_manifest(layout.manifest("reference")).sources) == {"boundaries", "lookup"}


def test_the_real_tables_stand_in_the_store(real_region):
    layout = real_region[1]
    store = open_store(layout.store("reference"), "reference").load()
    assert store.attrs["vintage"] == "LSOA 2011"
    figures = pd.DataFrame({c: store[f"figure{c}"].to_numpy() for c in ("", "_place", "_year", "_value")})
    figures = figures.set_index(["", "_place", "_year"])["_value"]
    # Halton in 2019: 689.1 million vehicle-miles.
    assert figures["road_traffic", "E06000006", 2019] == pytest.approx(689.1e6 * 1.609344)
    assert figures["domestic_electricity", "E02002574", 2019] == pytest.approx(12_858_517.0)
    assert figures["domestic_electricity", "E02002574", 2018] == pytest.approx(12_905_834.36)
    assert figures["co2: Industry and Commercial Electricity", "E08000015", 2010] == pytest.approx(333.67)
    # Both vintages joined: 967 areas unchanged, 33 parts of split ones, 6 that were merged.
    changes = Counter(store["change"].to_numpy())
    assert changes == {"unchanged": 967, "split": 33, "merged": 6}
    assert (store["change_rank21"].to_numpy() > 0).all()
    indicator = list(store["indicator"].to_numpy()).index("income_domain_numerator")
    areas = open_store(layout.store("areas"), "areas", ["area"]).load()
    assert store["indicator_value"].to_numpy()[list(areas["area"].to_numpy()).index("E01006412"), indicator] == 695.0
    assert store.sizes["site"] == 51 and (store["site_district"].to_numpy() >= 0).all()
