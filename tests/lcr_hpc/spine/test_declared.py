"""Feeds in formats of their own land in the stores, once dataset.json declares them."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.spine.stage import run_ingest
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import open_store
from tests.fuzz.bad_files import empty, good_files, nul_bytes, truncated_gzip, wrong_separator, zip_bomb
from tests.fuzz.samples import DATASTREAMS

DAY = pd.Timestamp("2025-10-15")


def _declare(layout: Layout, dataset: str, *formats: dict[str, Any]) -> Path:
    folder = layout.incoming / dataset
    entry = json.loads((folder / "dataset.json").read_text())
    # The list of the twin's own sensors stays declared.
    kept = [f for f in entry["formats"] if f["format"] == "sensor_sites"]
    (folder / "dataset.json").write_text(json.dumps(entry | {"formats": [*formats, *kept]}))
    return folder


def _hours(layout: Layout, store: str, **where: Any) -> Any:
    return open_store(layout.store(store), store).sel(time=slice(DAY, DAY + pd.Timedelta(hours=23))).sel(**where)


def _add_site(folder: Path, row: str) -> None:
    with (folder / "sites.csv").open("a") as file:
        file.write(row + "\n")


def _five_minutes(start: pd.Timestamp, name: str) -> pd.DataFrame:
    """A day in which each part of hour h counts 10 + h."""
    time = pd.date_range(start, periods=288, freq="5min", tz="UTC")
    count = (10 + np.arange(288) // 12).astype(str).astype(object)
    return pd.DataFrame({"time_utc": time.strftime("%Y-%m-%dT%H:%M:%SZ"), name: count})


FIVE = {"files": "five_*.csv.gz", "format": "detector_wide", "options": {"unit": "veh", "minutes": 5}}


def _detectors(layout: Layout) -> list[str]:
    return list(pd.read_csv(layout.incoming / "counts" / "counts_2025-10-15.csv", nrows=1).columns[1:])


def test_five_minute_counts_become_flows_of_the_hour(town):
    config, layout = town
    name, day = _detectors(layout)[0], pd.Timestamp("2025-10-20")
    folder = _declare(layout, "counts", FIVE)
    table = _five_minutes(day, name)
    table.loc[12 * 3 + 1, name] = ""  # 03:05 has none
    table.loc[12 * 4 + 1, name] = "x"  # 04:05 is no number
    table.loc[12 * 5 + 1, name] = "99999"  # 05:05 is too many
    text = table.drop(index=12 * 6 + 1).to_csv(index=False)  # 06:05 is not there
    (folder / "five_1.csv.gz").write_bytes(gzip.compress(text.encode()))
    run_ingest(config, layout)
    counts = open_store(layout.store("counts"), "counts")
    hours = counts.sel(detector=name, time=slice(day, day + pd.Timedelta(hours=23)))
    flow = [12.0 * (10 + h) for h in range(24)]
    flow[3:7] = [np.nan] * 4
    np.testing.assert_array_equal(hours["flow_veh_h"].to_numpy(), np.array(flow, np.float32))
    assert hours["flow_flag"].to_numpy().tolist() == [0, 0, 0, 1, 1, 1, 1] + [0] * 17
    assert hours["flow_source"].to_numpy().tolist() == [1, 1, 1, -1, -1, -1, -1] + [1] * 17
    assert counts["source"].to_numpy().tolist() == ["counts_*.csv", "five_*.csv.gz"]
    rejected = pd.read_csv(layout.root / "spine" / "quarantine" / "counts.csv")
    told = [*rejected[["line", "value", "reason"]].itertuples(index=False, name=None)]
    assert told == [(51, "x", "no number"), (63, "99999.0", "out of range")]


def test_declared_counts_share_a_day_with_wide_ones_in_any_order(town):
    config, layout = town
    one, two = _detectors(layout)[:2]
    folder = _declare(layout, "counts", FIVE)
    wide = folder / "counts_2025-10-20.csv"
    five = folder / "five_1.csv.gz"
    rows = [f"2025-10-20T{h:02d}:00:00Z,{100 + 7 * h}" for h in range(24)]
    wide_text = "\n".join([f"time_utc,{one}", *rows]) + "\n"
    day = pd.Timestamp("2025-10-20")
    wrong, right = (
        gzip.compress(_five_minutes(day + pd.Timedelta(hours=h), two).to_csv(index=False).encode(), mtime=0)
        for h in (12, 0)
    )
    five.write_bytes(wrong)
    wide.write_text(wide_text)
    run_ingest(config, layout)
    five.write_bytes(right)
    run_ingest(config, layout)
    hours = open_store(layout.store("counts"), "counts").sel(time=slice(day, day + pd.Timedelta(hours=23)))
    assert hours["flow_veh_h"].sel(detector=one).to_numpy().tolist() == [100.0 + 7 * h for h in range(24)]
    assert hours["flow_veh_h"].sel(detector=two).to_numpy().tolist() == [12.0 * (10 + h) for h in range(24)]
    assert np.unique(hours["flow_source"].sel(detector=[one, two]), axis=0).tolist() == [[0, 1]]
    later = open_store(layout.store("counts"), "counts").sel(time="2025-10-21", detector=two)
    assert np.isnan(later["flow_veh_h"].to_numpy()).all()  # the wrong file's half of a day is gone
    fingerprint = json.loads(layout.manifest("counts").read_text())["fingerprint"]
    shutil.rmtree(layout.store("counts"))
    run_ingest(config, layout)
    assert json.loads(layout.manifest("counts").read_text())["fingerprint"] == fingerprint


def test_what_a_source_itself_calls_bad_is_not_stored_as_good(town):
    config, layout = town
    name = _detectors(layout)[0]
    options = {"unit": "veh/h", "minutes": 60, "sentinel": 777}
    folder = _declare(layout, "counts", {"files": "hour_1.csv", "format": "detector_wide", "options": options})
    rows = "2025-10-20T00:00Z,500\n2025-10-20T01:00Z,777\n2025-10-20T02:00Z,-3\n"
    (folder / "hour_1.csv").write_text(f"time_utc,{name}\n{rows}")
    run_ingest(config, layout)
    hours = open_store(layout.store("counts"), "counts").sel(detector=name, time="2025-10-20").isel(time=slice(3))
    np.testing.assert_array_equal(hours["flow_veh_h"].to_numpy(), np.array([500, np.nan, -3], np.float32))
    assert hours["flow_flag"].to_numpy().tolist() == [0, 1, 3]
    rejected = pd.read_csv(layout.root / "spine" / "quarantine" / "counts.csv")
    assert rejected[["line", "value", "reason"]].to_numpy().tolist() == [[3, 777.0, "sentinel"]]


def test_the_weather_has_one_site_on_whichever_night_its_files_land(town):
    config, layout = town
    folder = _declare(layout, "weather", {"files": "obs_*.parquet", "format": "observations_parquet"})
    table = pd.DataFrame({"time": pd.date_range("2025-11-01", periods=2, freq="h", tz="UTC"), "value": [3.0, 4.0]})
    table = table.assign(site="A", variable="wind_speed", unit="m s-1", step="PT1H")
    table.to_parquet(folder / "obs_1.parquet")
    run_ingest(config, layout)
    wind = open_store(layout.store("weather"), "weather")["wind_speed_m_s"].sel(time="2025-11-01")
    assert wind.to_numpy()[:2].tolist() == [3.0, 4.0]
    table.assign(site="B").to_parquet(folder / "obs_2.parquet")
    with pytest.raises(InputError, match="weather of A, B, wanted one site"):
        run_ingest(config, layout)


def test_speeds_and_unknown_detectors_are_refused_and_change_nothing(town):
    config, layout = town
    folder = _declare(layout, "counts", {"files": "five_*", "format": "detector_wide", "options": {"unit": "km/h"}})
    (folder / "five_1.csv").write_text("time_utc,D\n2025-10-15T00:00Z,50\n")
    before = layout.manifest("counts").read_bytes()
    with pytest.raises(InputError, match=r"five_1\.csv has speed, wanted flow"):
        run_ingest(config, layout)
    _declare(layout, "counts", {"files": "five_*", "format": "detector_wide", "options": {"unit": "veh/h"}})
    with pytest.raises(InputError, match=r"detectors\.csv lacks the sites D of the declared files; add them there"):
        run_ingest(config, layout)
    assert layout.manifest("counts").read_bytes() == before


def test_a_sensorthings_answer_and_a_station_land_beside_the_daily_files(town):
    config, layout = town
    folder = _declare(
        layout, "air", {"files": "sta_*.json", "format": "sensorthings"}, {"files": "SPEKE2.csv", "format": "aurn"}
    )
    _add_site(folder, "SPEKE,Speke,background,53.3463,-2.8446")
    _add_site(folder, "SPEKE2,Speke 2,background,53.3463,-2.8446")
    text = json.dumps(DATASTREAMS).replace("2025-01-15", "2025-10-15")
    (folder / "sta_1.json").write_text(text)
    (folder / "SPEKE2.csv").write_text("Date,Time,NOx,PM2.5\n2025-10-15,01:00,40,No data\n2025-10-15,24:00,41,5000\n")
    run_ingest(config, layout)
    speke = _hours(layout, "air", sensor="SPEKE", pollutant="PM2.5")
    # The hour from 12:00 has no result, and that from 15:00 one that no air has.
    assert speke["concentration_ug_m3"].to_numpy()[[10, 11]].tolist() == [8.5, 9.25]
    assert speke["concentration_flag"].to_numpy()[[10, 11, 12, 15, 16]].tolist() == [0, 0, 1, 3, 1]
    station = _hours(layout, "air", sensor="SPEKE2")
    assert station["concentration_ug_m3"].to_numpy()[[0, 23], 0].tolist() == [40.0, 41.0]
    assert station["concentration_flag"].to_numpy()[[0, 23], 1].tolist() == [1, 3]
    fingerprint = json.loads(layout.manifest("air").read_text())["fingerprint"]
    run_ingest(config, layout)
    assert json.loads(layout.manifest("air").read_text())["fingerprint"] == fingerprint


def test_a_real_road_lands_in_the_air_and_its_weather_in_the_weather(town, test_data):
    config, layout = town
    source = test_data / "sensors" / "openair" / "deweather_road_data.parquet"
    options = {"gas_unit": "ug m-3", "site": "MY1"}
    folder = _declare(layout, "air", {"files": "road.parquet", "format": "openair", "options": options})
    _add_site(folder, "MY1,Marylebone Road,roadside,51.5225,-0.1546")
    weather = _declare(layout, "weather", {"files": "road.parquet", "format": "openair", "options": options})
    table = pd.read_parquet(source)
    table = table[table["date"].between("2015-06-01", "2015-06-30 23:00")]
    for target in (folder, weather):
        table.to_parquet(target / "road.parquet")
    for file in weather.glob("weather_*.csv"):
        file.unlink()
    run_ingest(config, layout)
    june = {"time": slice("2015-06-01", "2015-06-30T23:00")}
    air = open_store(layout.store("air"), "air").sel(june).sel(sensor="MY1", pollutant="NOx")
    np.testing.assert_array_equal(air["concentration_ug_m3"].to_numpy(), table["nox"].to_numpy(np.float32))
    assert (air["concentration_flag"].to_numpy() == np.where(table["nox"].isna(), 1, 0)).all()
    wind = open_store(layout.store("weather"), "weather").sel(june)
    np.testing.assert_array_equal(wind["wind_speed_m_s"].to_numpy(), table["ws"].to_numpy())
    assert (wind["stability_class"].to_numpy() == -1).all()


def test_daily_means_and_ppb_do_not_fit_a_store_of_hours(town, test_data):
    config, layout = town
    folder = _declare(layout, "air", {"files": "real.csv", "format": "aurn"})
    real = test_data / "sensors" / "aurn_speke" / "air_quality_J01000054_Liverpool.csv"
    (folder / "real.csv").write_bytes(real.read_bytes())
    with pytest.raises(InputError, match=r"real\.csv: a value each P1D, which makes no hours; this store holds hours"):
        run_ingest(config, layout)
    (folder / "real.csv").unlink()
    _declare(layout, "air", {"files": "mydata", "format": "openair", "options": {"gas_unit": "ppb"}})
    (folder / "mydata").write_bytes((test_data / "sensors" / "openair" / "openair_mydata.parquet").read_bytes())
    with pytest.raises(InputError, match=r"NOx is in ppb, wanted ug m-3; convert it first"):
        run_ingest(config, layout)


def test_half_hours_of_electricity_on_the_local_clock_make_exact_hours(town):
    config, layout = town
    msoa = str(open_store(layout.store("energy"), "energy")["msoa"].to_numpy()[0])
    options = {"time_column": "local", "time_zone": "Europe/London"}
    folder = _declare(layout, "energy", {"files": "local*", "format": "electricity_half_hourly", "options": options})
    for file in folder.glob("electricity_*.csv"):
        file.unlink()
    time = pd.date_range("2025-10-26", "2025-10-27", freq="30min", tz="Europe/London", inclusive="left")
    rows = [f"{t:%Y-%m-%d %H:%M},{i}" for i, t in enumerate(time)]
    rows[8] = rows[8].rsplit(",", 1)[0] + ",-5"  # 03:00, half of an hour
    (folder / "local.csv").write_text(f"local,{msoa}\n" + "\n".join(rows) + "\n")
    run_ingest(config, layout)
    stored = open_store(layout.store("energy"), "energy")["electricity_kwh"].sel(msoa=msoa)
    day = stored.sel(time=slice("2025-10-25T23:00", "2025-10-26T23:00")).to_numpy()
    wanted = [float(2 * i + 2 * i + 1) for i in range(25)]
    wanted[4] = np.nan
    np.testing.assert_array_equal(day, np.array(wanted, np.float32))
    rejected = pd.read_csv(layout.root / "spine" / "quarantine" / "energy.csv")
    assert rejected[["line", "reason"]].to_numpy().tolist() == [[10, "out of range"]]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"files": "x*", "format": "aurn"}, r"no file is named x\*, as `formats` says"),
        ({"files": "x*", "format": "dft_aadf"}, r"`counts` holds nothing that `dft_aadf` has; take detector_wide"),
        ({"files": "x*", "format": "detectors"}, "no format `detectors`; did you mean `detector_wide`"),
        ({"files": "../x", "format": "aurn"}, r"dataset\.json is no catalogue entry: `formats\.0\.files`"),
    ],
)
def test_a_declaration_that_cannot_be_met_is_told(town, form, said):
    config, layout = town
    _declare(layout, "air" if form["format"] == "aurn" else "counts", form)
    with pytest.raises(InputError, match=said):
        run_ingest(config, layout)


def test_bad_files_of_a_declared_format_leave_every_store_as_it_was(town):
    config, layout = town
    form = {"files": "five_1.csv", "format": "detector_wide", "options": {"unit": "veh/h", "minutes": 5}}
    folder = _declare(layout, "counts", form)
    good = good_files()["detector_wide"]
    before = {f: f.read_bytes() for f in (layout.root / "spine").rglob("*") if f.is_file() and f.parent != folder}
    for defect in (empty, nul_bytes, zip_bomb, truncated_gzip, wrong_separator):
        data = defect(good, np.random.Generator(np.random.Philox(key=7)))
        (folder / "five_1.csv").write_bytes(data)
        with pytest.raises(InputError, match=r"five_1\.csv"):
            run_ingest(config, layout)
        after = {f: f.read_bytes() for f in (layout.root / "spine").rglob("*") if f.is_file() and f.parent != folder}
        assert after == before
