"""Products against the stores that they were made from."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from lcr_hpc.errors import ReleaseError
from lcr_hpc.publish.day import hours_in_periods
from lcr_hpc.publish.gate import pass_gate
from lcr_hpc.publish.inputs import Inputs
from lcr_hpc.publish.products import TABLES
from lcr_hpc.publish.write import METADATA_KEY, conform
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import open_store
from lcr_hpc.store.variables import REGISTRY


def test_periods_share_out_the_day():
    of_type = np.repeat([0, 1, 2], 8).astype(np.int16)
    hour_period = np.stack([of_type, of_type + 3, of_type + 3])
    # A Sunday with 25 hours, and a bank holiday in the week, whose hours are a Sunday's.
    assert hours_in_periods(dt.date(2025, 10, 26), hour_period, 6).tolist() == [0.0, 0.0, 0.0, 9.0, 8.0, 8.0]
    assert hours_in_periods(dt.date(2025, 12, 25), hour_period, 6).tolist() == [0.0, 0.0, 0.0, 8.0, 8.0, 8.0]
    assert hours_in_periods(dt.date(2025, 10, 15), hour_period, 6).tolist() == [8.0, 8.0, 8.0, 0.0, 0.0, 0.0]


def test_every_use_is_in_the_data_dictionary():
    assert all(name in REGISTRY[store] for t in TABLES for store, names in t.uses.items() for name in names)


def test_a_table_can_read_only_what_it_declares(written: Layout):
    inputs = Inputs(written, {"areas": ("district",)}, pass_gate(written, "open").manifests)
    assert set(inputs["areas"].variables) == {"district"}
    with pytest.raises(KeyError):
        inputs["health"]


def test_links_add_up_the_day(snapshot: Path, written: Layout):
    links = gpd.read_parquet(snapshot / "links.parquet")
    traffic = open_store(written.store("traffic"), "traffic").load()
    carbon = open_store(written.store("carbon"), "carbon").load()
    np.testing.assert_allclose(links["flow_veh_day"], traffic["link_flow_veh_h"].sum(("period", "vehicle_class")))
    np.testing.assert_allclose(links["co2_kg_day"].sum() / 1000.0, carbon["emission_t_day"][0], rtol=1e-6)
    np.testing.assert_allclose(links["pm2_5_g_day"].sum() / 1e6, carbon["emission_t_day"][2], rtol=1e-6)
    assert links.crs.to_epsg() == 27700
    road = links["road_class"] != "connector"
    assert links.loc[road, "lowest_speed_ratio"].between(0, 1).all()
    # The fixture's connectors join a centroid to a node at the same place: no length, no time, no speed.
    assert links.loc[~road, "lowest_speed_ratio"].isna().all()
    assert (links.loc[~road, "slowest_period"] == "").all()
    slowest = links.loc[road & (links["flow_veh_day"] > 100), "slowest_period"]
    assert set(slowest) == {"08"}


def test_areas_repeat_the_stores_in_their_order(snapshot: Path, written: Layout):
    areas, plain = gpd.read_parquet(snapshot / "areas.parquet"), pd.read_csv(snapshot / "areas.csv")
    places, carbon = (open_store(written.store(n), n).load() for n in ("areas", "carbon"))
    assert list(areas["area"]) == list(places["area"].to_numpy())
    assert areas.geometry.area.to_numpy() == pytest.approx(1e6)
    np.testing.assert_array_equal(areas["population_persons"], places["population"].sum("age"))
    np.testing.assert_array_equal(areas["pm2_5_ug_m3"], carbon["concentration_ug_m3"][:, 2])
    both = areas["nox_background_ug_m3"] + areas["nox_road_ug_m3"]
    np.testing.assert_allclose(areas["nox_ug_m3"], both)
    rank, decile = areas["deprivation_rank"].to_numpy(int), areas["deprivation_decile"].to_numpy(int)
    np.testing.assert_array_equal(decile, np.ceil(10 * rank / 32_844))
    deaths = areas[[f"attributable_deaths_per_year{e}" for e in ("_lower", "", "_upper")]].to_numpy()
    assert (np.diff(deaths, axis=1) > 0).all()
    assert list(plain.columns) == [c for c in areas.columns if c != "geometry"]
    np.testing.assert_allclose(plain["pm2_5_ug_m3"], areas["pm2_5_ug_m3"], rtol=1e-8)


def test_districts_and_grid_hold_all_that_is_emitted(snapshot: Path, written: Layout):
    districts, grid = pd.read_csv(snapshot / "districts.csv"), gpd.read_parquet(snapshot / "emissions_grid.parquet")
    total = open_store(written.store("carbon"), "carbon")["emission_t_day"].to_numpy()
    np.testing.assert_allclose(districts[["co2_t_day", "nox_t_day", "pm2_5_t_day"]].sum(), total)
    np.testing.assert_allclose(grid["co2_kg_day"].sum() / 1000.0, total[0], rtol=1e-6)
    np.testing.assert_allclose(grid.geometry.area, 500.0**2)
    periods = pd.read_csv(snapshot / "traffic_periods.csv", dtype={"period": str})
    per_day = (periods["vehicle_km_h"] * periods["hours_h"]).sum()
    assert districts["vehicle_km_day"].sum() == pytest.approx(per_day)
    assert districts["district_name"].iloc[-1] == "outside every district"
    assert periods["geh_below_5_share"].tolist() == [0.5] * 12 + [1.0] * 12
    assert list(periods["period"]) == [f"{h:02d}" for h in range(24)]


def test_a_value_that_is_not_known_is_empty_not_minus_one(snapshot: Path):
    text = (snapshot / "msoas.csv").read_text().splitlines()[-1]
    assert text.split(",")[3:6] == ["", "", ""]


def test_every_table_says_its_nature_and_terms(snapshot: Path):
    catalogue = json.loads((snapshot / "catalogue.json").read_text())
    assert set(catalogue["files"]) == {p.name for p in snapshot.iterdir()} - {"catalogue.json", "snapshot.json"}
    for name, entry in catalogue["files"].items():
        assert entry["nature"] == "modelled"
        assert entry["input_natures"] == (["synthetic"] if name == "traffic_periods.csv" else ["real", "synthetic"])
        assert set(entry["datasets"]) <= set(catalogue["datasets"])
    assert all(d["licence"] and d["attribution"] for d in catalogue["datasets"].values())
    inside = json.loads(pq.read_schema(snapshot / "areas.parquet").metadata[METADATA_KEY])
    assert inside["datasets"]["boundaries"]["nature"] == "real"
    assert inside["columns"][-1]["units"] == "per 100,000 person-years"
    assert catalogue["stores"]["traffic"]["inputs"].keys() == {"network", "demand"}


def test_no_folder_of_the_maker_s_disk_is_told(snapshot: Path):
    assert all(b"/secret" not in p.read_bytes() for p in snapshot.iterdir())
    settings = json.loads((snapshot / "catalogue.json").read_text())["stores"]["areas"]["settings"]
    assert settings["spine"]["feeds"]["boundaries"]["path"] == "lsoa.gpkg"


def test_the_summary_is_of_the_tables(snapshot: Path):
    summary = json.loads((snapshot / "summary.json").read_text())
    areas = pd.read_csv(snapshot / "areas.csv")
    mean = np.average(areas["pm2_5_ug_m3"], weights=areas["population_persons"])
    assert summary["air_ug_m3"]["pm2_5"]["mean"] == pytest.approx(mean)
    deaths = summary["attributable_deaths_per_year"]
    assert deaths["central"] == pytest.approx(areas["attributable_deaths_per_year"].sum())
    assert deaths["lower"] < deaths["central"] < deaths["upper"]
    assert summary["inequality"]["mortality attributable to PM2.5, age-standardised"]["sii"] is None
    assert summary["traffic"]["busiest_period"] in ("08", "17")


def test_an_undeclared_a_missing_and_an_infinite_column_are_refused():
    table = next(t for t in TABLES if t.name == "msoas")
    frame = pd.DataFrame({c.name: ["a"] if c.dtype == "str" else [1.0] for c in table.columns})
    assert list(conform(table, frame[frame.columns[::-1]]).columns) == [c.name for c in table.columns]
    with pytest.raises(ReleaseError, match=r"`msoa` is declared[^`]*(?s:.)*`secret` was made but is not declared"):
        conform(table, frame.drop(columns="msoa").assign(secret=1.0))
    with pytest.raises(ReleaseError, match="infinity"):
        conform(table, frame.assign(life_expectancy_years=np.inf))
    with pytest.raises(ReleaseError, match="msoas"):
        conform(table, frame.assign(population_persons=np.nan))
