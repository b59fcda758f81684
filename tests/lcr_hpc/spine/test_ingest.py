"""Feeds in, stores out: flagged and never repaired, a slab a UTC day, the same files change nothing."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.spine.areas import People, Zones, read_people, read_zones
from lcr_hpc.spine.feeds import observed_hours
from lcr_hpc.spine.stage import run_ingest, run_twin
from lcr_hpc.spine.twin.files import write_energy
from lcr_hpc.store.layout import Layout, layout_of
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.slabs import open_store
from lcr_hpc.store.variables import QUALITY_FLAGS, SERVICE_KINDS, SPINE_STORES

GOOD, MISSING, SENTINEL, OUT_OF_RANGE = (
    QUALITY_FLAGS.index(f) for f in ("good", "missing", "sentinel", "out_of_range")
)
DAY = "2025-10-15"


def _bytes(layout: Layout) -> dict[str, bytes]:
    folder = layout.root / "spine"
    files = (f for f in folder.rglob("*") if f.is_file() and layout.incoming not in f.parents)
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(files)}


def _edit(path: Path, change) -> None:
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    changed = change(table)
    table = table if changed is None else changed
    table.to_csv(path, index=False, lineterminator="\n")


def _put(table: pd.DataFrame, row: int, column: str, value: str) -> None:
    table.loc[row, column] = value


def _row(dataset, day: str, hour: int) -> int:
    stamp = np.datetime64(f"{day}T{hour:02d}:00:00")
    return int(np.flatnonzero(dataset["time"].to_numpy() == stamp)[0])


def _town(landed) -> tuple[Zones, People]:
    incoming = landed[1].incoming
    one = {n: next((incoming / n).glob(p)) for n, p in (("boundaries", "*.gpkg"), ("lookup", "*.csv"),
           ("population", "*.csv"), ("deprivation", "*.csv"))}  # fmt: skip
    zones = read_zones(one["boundaries"], one["lookup"])
    return zones, read_people(one["population"], one["deprivation"], zones)


def test_all_stores_are_whole_with_their_sources(landed):
    layout = landed[1]
    for name in SPINE_STORES:
        manifest = read_manifest(layout.manifest(name))
        assert manifest.natures == ("synthetic",) and manifest.files
        open_store(layout.store(name), name)
    assert read_manifest(layout.manifest("energy")).tier == "shared"
    assert read_manifest(layout.manifest("network")).tier == "open"


def test_stores_hold_what_the_feeds_say(landed):
    layout = landed[1]
    areas, network, demand = (open_store(layout.store(n), n).load() for n in ("areas", "network", "demand"))
    assert areas.sizes["area"] == 30 and list(areas["area"].to_numpy()) == sorted(areas["area"].to_numpy())
    raw = open_store(layout.store("areas"), "areas")
    assert raw.attrs["vintage"] == "generated"
    people = pd.read_csv(layout.incoming / "population" / "population.csv")
    assert areas["population"].sum() == people["total_population"].sum()
    assert network.attrs["n_zones"] == 32
    assert [*network["zone"].to_numpy()] == [*areas["area"].to_numpy(), "GATE_A01", "GATE_A02"]
    assert np.allclose(network["node_x"][:30], areas["area_x"])
    assert (network["road_class"][network["from_node"].to_numpy() < 30] == 0).all()
    assert (network["capacity_veh_h"] > 0).all() and (network["free_flow_time_min"] > 0).all()
    # 6 vehicle trips a resident and weekday in this town's settings.
    origin = np.repeat(np.arange(32), np.diff(demand["origin_offset"]))
    within = (origin < 30) & (demand["destination"].to_numpy() < 30)
    trips = demand["trips_veh_day"].to_numpy()[:, within]
    assert float(trips.sum()) == pytest.approx(6 * float(areas["population"].sum()), rel=1e-6)
    assert demand["hourly_share"].to_numpy()[0].sum(axis=1) == pytest.approx(1, abs=1e-6)


def test_observations_span_whole_calendar_years_of_utc_hours(landed):
    counts = open_store(landed[1].store("counts"), "counts")
    assert counts.sizes["time"] == 365 * 24
    assert counts["time"].to_numpy()[0] == np.datetime64("2025-01-01T00:00:00")
    observed = np.flatnonzero(np.isfinite(counts["flow_veh_h"].to_numpy()).any(axis=1))
    assert {observed[0] // 24, observed[-1] // 24} == {286, 287}  # 14 and 15 October: the local day starts at 23:00


def test_the_same_files_change_no_byte(town):
    config, layout = town
    before = _bytes(layout)
    run_twin(config, layout)
    run_ingest(config, layout)
    assert _bytes(layout) == before


def test_another_day_touches_its_own_shards_alone(town, make_config):
    layout = town[1]
    before = _bytes(layout)
    later = make_config().model_copy(update={"night": dt.date(2025, 10, 17)})
    layout_later = layout_of(later, layout.root)
    run_twin(later, layout_later)
    run_ingest(later, layout_later)
    after = _bytes(layout_later)
    changed = {n for n in before if after.get(n) != before[n]} | (after.keys() - before.keys())
    shards = {n for n in changed if ".zarr" in n}
    # 14 and 15 October are shards 286 and 287 of the year; 16 and 17 are new.
    assert shards and not [n for n in shards if "/c/286" in n or "/c/287" in n]
    assert {n.split("/c/")[1].split("/")[0] for n in shards} == {"288", "289"}
    assert {n.split(".")[0] for n in shards} == {"counts", "air", "weather", "energy"}


def test_a_corrected_file_replaces_its_day(town):
    config, layout = town
    path = layout.incoming / "counts" / f"counts_{DAY}.csv"
    column = pd.read_csv(path, nrows=0).columns[1]
    _edit(path, lambda t: t.__setitem__(column, "123"))
    run_ingest(config, layout)
    counts = open_store(layout.store("counts"), "counts").load()
    i = list(counts["detector"].to_numpy()).index(column)
    start = _row(counts, DAY, 0)
    assert (counts["flow_veh_h"][start : start + 24, i] == 123).all()
    assert not (counts["flow_veh_h"][start - 24 : start, i] == 123).all()


def test_a_year_more_keeps_what_was_stored(town, make_config):
    layout = town[1]
    old = open_store(layout.store("energy"), "energy")["electricity_kwh"].to_numpy()
    later = make_config().model_copy(update={"night": dt.date(2026, 1, 10)})
    layout_later = layout_of(later, layout.root)
    run_twin(later, layout_later)
    run_ingest(later, layout_later)
    new = open_store(layout.store("energy"), "energy")["electricity_kwh"].to_numpy()
    assert new.shape[0] == 2 * 8760 and np.array_equal(new[:8760], old, equal_nan=True)
    assert np.isfinite(new[8760 + 9 * 24 : 8760 + 10 * 24]).all()


def test_defects_are_flagged_and_values_stay_as_reported(town):
    config, layout = town
    path = layout.incoming / "counts" / f"counts_{DAY}.csv"
    column = pd.read_csv(path, nrows=0).columns[1]

    def spoil(table: pd.DataFrame) -> None:
        table[column] = ["" if h == 3 else "-1" if h == 4 else "99999" if h == 5 else "80" for h in range(24)]
        table.loc[6, column] = "eighty"
        table.loc[7, "time_utc"] = "0000-00-00"

    _edit(path, spoil)
    run_ingest(config, layout)
    counts = open_store(layout.store("counts"), "counts").load()
    i, start = list(counts["detector"].to_numpy()).index(column), _row(counts, DAY, 0)
    flow, flag = (counts[n].to_numpy()[start : start + 24, i] for n in ("flow_veh_h", "flow_flag"))
    assert flag[[2, 3, 4, 5, 6, 7]].tolist() == [GOOD, MISSING, SENTINEL, OUT_OF_RANGE, MISSING, MISSING]
    assert flow[5] == 99999 and np.isnan(flow[[3, 6, 7]]).all() and flow[2] == 80
    rejected = pd.read_csv(layout.root / "spine" / "quarantine" / "counts.csv")
    assert list(rejected.columns) == ["file", "line", "column", "value", "reason"]
    rows = rejected[["file", "line", "column", "value"]].to_numpy().tolist()
    assert [path.name, 8, column, "eighty"] in rows and [path.name, 9, "time_utc", "0000-00-00"] in rows


def test_weather_keeps_what_it_says_with_a_flag_beside_it(town):
    config, layout = town
    path = layout.incoming / "weather" / f"weather_{DAY}.csv"

    def spoil(table: pd.DataFrame) -> None:
        table.loc[2:4, "wind_speed"] = ["", "-999", "75"]
        table["wind_from"] = "230"  # a vane that is frozen all day
        table["air_temperature"] = ["31" if h == 12 else f"{10 + h % 2}" for h in range(24)]
        table.loc[5, "pasquill_class"] = "G"
        table.loc[6, "mixing_height"] = "9"

    _edit(path, spoil)
    again = pd.read_csv(path, dtype=str, keep_default_na=False).iloc[8:9].assign(wind_speed="12.5")
    again.to_csv(path.with_name("weather_again.csv"), index=False)
    run_ingest(config, layout)
    weather = open_store(layout.store("weather"), "weather").load()
    day = slice(_row(weather, DAY, 0), _row(weather, DAY, 0) + 24)
    flag = {n: weather[f"{n}_flag"].to_numpy()[day].tolist() for n in ("wind_speed", "wind_from", "air_temperature")}
    assert flag["wind_speed"][2:5] == [MISSING, SENTINEL, OUT_OF_RANGE] and flag["wind_speed"][8] == 6  # two values
    assert weather["wind_speed_m_s"].to_numpy()[day][[3, 4, 8]].tolist() == [-999.0, 75.0, 12.5]
    assert flag["wind_from"] == [4] * 24
    assert flag["air_temperature"] == [5 if h == 12 else 0 for h in range(24)]
    assert weather["air_temperature_c"].to_numpy()[day][12] == 31.0
    assert (
        weather["stability_flag"].to_numpy()[day][5] == MISSING and weather["stability_class"].to_numpy()[day][5] == -1
    )
    assert weather["mixing_height_flag"].to_numpy()[day][6] == OUT_OF_RANGE
    rejected = pd.read_csv(layout.root / "spine" / "quarantine" / "weather.csv")
    assert rejected[["file", "line", "column", "value"]].to_numpy().tolist() == [[path.name, 7, "pasquill_class", "G"]]


def test_low_cost_sentinels_and_zero_dates_of_the_real_network_are_known(town):
    config, layout = town
    path = next((layout.incoming / "air").glob(f"sensor_*_{DAY}.csv"))
    name = path.stem.removeprefix("sensor_").rsplit("_", 1)[0]
    rows = [
        (f"{DAY} 09:00:06", "41", "7.5"),
        (f"{DAY} 09:30:00", "268", "8.5"),
        (f"{DAY} 10:00:00", "50", "-1.40986488597765e+31"),
        ("0000-00-00 00:00:00", "50", "9"),
    ]
    lines = ["Date & Time,Temperature,Humidity,PM1.0,PM2.5,PM10"] + [f"{t},14,{h},1,{pm},2" for t, h, pm in rows]
    path.write_text("\n".join(lines) + "\n")
    run_ingest(config, layout)
    air = open_store(layout.store("air"), "air").load()
    i, start = list(air["sensor"].to_numpy()).index(name), _row(air, DAY, 0)
    pm = list(air["pollutant"].to_numpy()).index("PM2.5")
    flag = air["concentration_flag"].to_numpy()[start : start + 24, i, pm]
    value = air["concentration_ug_m3"].to_numpy()[start : start + 24, i, pm]
    assert value[9] == pytest.approx(8.0) and flag[9] == GOOD
    assert flag[10] == SENTINEL and flag[11] == MISSING
    rejected = pd.read_csv(layout.root / "spine" / "quarantine" / "air.csv")
    assert (rejected.loc[rejected["file"] == path.name, "value"] == "0000-00-00 00:00:00").any()


def test_station_words_for_nothing_are_missing_and_the_hour_is_the_one_that_ends(town):
    config, layout = town
    path = next((layout.incoming / "air").glob(f"station_background_*_{DAY}.csv"))
    name = path.stem.removeprefix("station_").rsplit("_", 1)[0]

    def spoil(table: pd.DataFrame) -> None:
        table.loc[table["Time"] == "01:00", "NOx"] = "33.5"
        table.loc[table["Time"] == "24:00", "NOx"] = "No data"

    _edit(path, spoil)
    run_ingest(config, layout)
    air = open_store(layout.store("air"), "air").load()
    i, start = list(air["sensor"].to_numpy()).index(name), _row(air, DAY, 0)
    nox = list(air["pollutant"].to_numpy()).index("NOx")
    assert air["concentration_ug_m3"].to_numpy()[start, i, nox] == pytest.approx(33.5)
    assert air["concentration_flag"].to_numpy()[start + 23, i, nox] == MISSING


def test_an_hour_of_electricity_is_two_halves_or_nothing(town):
    config, layout = town
    path = layout.incoming / "energy" / f"electricity_{DAY}.csv"
    msoa = pd.read_csv(path, nrows=0).columns[1]

    def spoil(table: pd.DataFrame) -> None:
        # Local midnight is 23:00 UTC in summer, so UTC's day begins in row 2.
        table.loc[2, msoa], table.loc[3, msoa], table.loc[5, msoa] = "10.25", "20.5", ""

    _edit(path, spoil)
    run_ingest(config, layout)
    energy = open_store(layout.store("energy"), "energy").load()
    i, start = list(energy["msoa"].to_numpy()).index(msoa), _row(energy, DAY, 0)
    use = energy["electricity_kwh"].to_numpy()[start : start + 3, i]
    assert use[0] == pytest.approx(30.75) and np.isnan(use[1]) and np.isfinite(use[2])


@pytest.mark.parametrize(("night", "rows"), [("2025-03-30", 46), ("2025-07-01", 48), ("2025-10-26", 50)])
def test_a_local_day_has_as_many_half_hours_as_its_clock_runs_through(landed, tmp_path, night, rows):
    day = dt.date.fromisoformat(night)
    zones, people, hours = *_town(landed), observed_hours(day, 1)
    city = SimpleNamespace(zones=zones, people=people)
    write_energy(tmp_path, city, hours, 1)  # type: ignore[arg-type]
    (path,) = tmp_path.glob("electricity_*.csv")
    table = pd.read_csv(path, parse_dates=["time_utc"])
    assert path.stem == f"electricity_{night}" and len(table) == rows
    local = table["time_utc"].dt.tz_convert("Europe/London")
    assert set(local.dt.date) == {day} and local.iloc[0].hour == 0 and local.iloc[-1].hour == 23


def test_everything_wrong_with_the_tables_is_told_at_once_and_no_store_changes(town):
    config, layout = town
    before = _bytes(layout)
    _edit(layout.incoming / "network" / "link.csv", lambda t: _put(t, 3, "capacity", "-5"))
    _edit(layout.incoming / "services" / "services.csv", lambda t: _put(t, 0, "easting", "nan"))
    _edit(layout.incoming / "mortality" / "deaths.csv", lambda t: _put(t, 0, "deaths", "-1"))

    def swap(table: pd.DataFrame) -> None:
        table["latitude"], table["longitude"] = table["longitude"].copy(), table["latitude"].copy()

    _edit(layout.incoming / "air" / "sites.csv", swap)
    with pytest.raises(InputError) as caught:
        run_ingest(config, layout)
    said = str(caught.value)
    for part in ("`capacity` is below 0", "`easting` wants numbers", "`deaths` is below 0", "are swapped"):
        assert part in said, said
    assert _bytes(layout) == before


def test_a_zone_without_a_road_and_a_link_to_nowhere_are_named(town):
    config, layout = town
    node = pd.read_csv(layout.incoming / "network" / "node.csv", dtype=str, keep_default_na=False)
    lost = node.loc[0, "node_id"]

    def spoil(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[table.index[-1], "to_node_id"] = "999999"
        return table[table["from_node_id"] != lost]

    _edit(layout.incoming / "network" / "link.csv", spoil)
    with pytest.raises(InputError, match=r"(?s)`to_node_id` names no node.*T01000000; add connectors"):
        run_ingest(config, layout)


def test_the_real_region_keeps_its_published_figures(lcr_feeds, tmp_path):
    from lcr_hpc.config import parse_config

    config = parse_config({"name": "lcr", "spine": {"feeds": lcr_feeds}})
    layout = layout_of(config, tmp_path)
    run_twin(config, layout)
    run_ingest(config, layout)
    areas = open_store(layout.store("areas"), "areas").load()
    assert areas.sizes["area"] == 989 and areas.sizes["msoa"] == 200 and areas.sizes["district"] == 6
    assert areas.attrs["n_ranked"] == 32_844 and areas.attrs["vintage"] == "LSOA 2011"
    assert int(areas["population"].sum()) == 1_564_015
    published = open_store(layout.store("mortality"), "mortality")["published_life_expectancy"].to_numpy()
    assert published.mean() == pytest.approx(79.47, abs=0.01) and published.min() == 72.14
    manifest = json.loads(layout.manifest("areas").read_text())
    assert {s["nature"] for s in manifest["sources"].values()} == {"real"}


def test_some_hospitals_have_an_emergency_department_and_nothing_else_may(town):
    config, layout = town
    services = open_store(layout.store("services"), "services").load()
    has_one = services["emergency_department"].to_numpy() == 1
    assert has_one.any() and set(services["service_kind"].to_numpy()[has_one]) == {SERVICE_KINDS.index("hospital")}
    path = layout.incoming / "services" / "services.csv"
    gp = int(np.flatnonzero(pd.read_csv(path)["kind"] == "gp")[0])
    _edit(path, lambda t: _put(t, gp, "emergency_department", "1"))
    with pytest.raises(InputError, match=rf"1 of hospitals alone; see line {gp + 2}"):
        run_ingest(config, layout)
