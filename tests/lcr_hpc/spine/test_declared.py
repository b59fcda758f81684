"""Feeds in formats of their own land in the stores, once dataset.json declares them."""

from __future__ import annotations

import gzip
import json
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
    (folder / "dataset.json").write_text(json.dumps(entry | {"formats": list(formats)}))
    return folder


def _hours(layout: Layout, store: str, **where: Any) -> Any:
    return open_store(layout.store(store), store).sel(time=slice(DAY, DAY + pd.Timedelta(hours=23))).sel(**where)


def _add_site(folder: Path, row: str) -> None:
    with (folder / "sites.csv").open("a") as file:
        file.write(row + "\n")


def test_five_minute_counts_become_flows_of_the_hour(town):
    config, layout = town
    file = layout.incoming / "counts" / "counts_2025-10-15.csv"
    name = pd.read_csv(file).columns[1]
    file.unlink()
    folder = _declare(
        layout,
        "counts",
        {"files": "five_*.csv.gz", "format": "detector_wide", "options": {"unit": "veh", "minutes": 5}},
    )
    time = pd.date_range(DAY, periods=288, freq="5min", tz="UTC")
    table = pd.DataFrame({"time_utc": time.strftime("%Y-%m-%dT%H:%M:%SZ"), name: "10"})
    table.loc[12 * 3 + 1, name] = ""  # 03:05 has none
    table.loc[12 * 4 + 1, name] = "x"  # 04:05 is no number
    table.loc[12 * 5 + 1, name] = "99999"  # 05:05 is too many
    text = table.drop(index=12 * 6 + 1).to_csv(index=False)  # 06:05 is not there
    (folder / "five_1.csv.gz").write_bytes(gzip.compress(text.encode()))
    run_ingest(config, layout)
    hours = _hours(layout, "counts", detector=name)
    assert hours["flow_veh_h"].to_numpy()[:3].tolist() == [120.0] * 3
    assert hours["flow_flag"].to_numpy()[:8].tolist() == [0, 0, 0, 1, 1, 3, 1, 0]
    assert np.isnan(hours["flow_veh_h"].to_numpy()[3:7]).all()
    rejected = pd.read_csv(layout.root / "spine" / "quarantine" / "counts.csv")
    assert [*rejected[["line", "value", "reason"]].itertuples(index=False, name=None)] == [(51, "x", "no number")]


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
