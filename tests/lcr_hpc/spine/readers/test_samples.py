"""Files written for the tests: what readers take, flag and refuse, and what the standards' own tools say of them."""

from __future__ import annotations

import gzip
import importlib.resources
import json
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.spine.check import check_file
from lcr_hpc.spine.readers.formats import FORMATS
from lcr_hpc.spine.readers.result import Reading
from lcr_hpc.traffic.readings import READERS
from tests.fuzz.bad_files import run
from tests.fuzz.samples import DATASTREAMS, DEMAND, LINK, NODE, SAMPLES


def _read(name: str, folder: Path) -> Reading:
    form, file, options, write = SAMPLES[name]
    write(folder / file)
    return check_file(folder / file, form, options, READERS)


def test_every_format_has_a_sample():
    assert {form for form, *_ in SAMPLES.values()} == {*FORMATS, *READERS}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_read_gzipped_as_it_is_plain(name, tmp_path):
    plain = _read(name, tmp_path)
    assert plain.kept > 0 and plain.rows > 0
    form, file, options, _ = SAMPLES[name]
    if Path(file).suffix not in (".csv", ".json"):
        return
    packed = tmp_path / "packed" / file  # the file's name gives the site, so it stays
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress((tmp_path / file).read_bytes()))
    pd.testing.assert_frame_equal(check_file(packed, form, options).table, plain.table)


def test_a_station_hour_24_ends_its_day(tmp_path):
    table = _read("aurn", tmp_path).table
    nox = table[table["variable"] == "NOx"]
    # 01:00 is the hour from midnight: value 21, and 24:00 the one from 23:00.
    assert nox["second"].iloc[[0, -1]].tolist() == [1_736_899_200, 1_736_899_200 + 23 * 3600]
    assert nox["value"].iloc[[0, -1]].tolist() == [21.0, 44.0]


def test_a_low_cost_sensor_keeps_its_sentinel_its_humidity_and_its_odd_steps(tmp_path):
    reading = _read("low_cost_pm", tmp_path)
    assert reading.flags == {"sentinel": 1, "out_of_range": 1} and reading.step == "PT0S"
    assert reading.rejected[["line", "column", "value"]].iloc[0].tolist() == [5, "Date & Time", "0000-00-00 00:00:00"]
    pm = reading.table[reading.table["variable"] == "PM2.5"]
    assert pm["value"].min() == -1.40986488597765e31 and set(np.diff(pm["second"])) == {1794, 2 * 1794}


def test_swapped_headers_of_a_sensor_list_are_refused_not_repaired(tmp_path):
    SAMPLES["sensor_sites"][3](tmp_path / "sites.csv")
    text = (tmp_path / "sites.csv").read_text()
    (tmp_path / "sites.csv").write_text(text.replace("latitude,longitude", "longitude,latitude"))
    with pytest.raises(InputError, match=r"swapped \(found latitude -2\.9, longitude 53\.3\); swap the two"):
        check_file(tmp_path / "sites.csv", "sensor_sites", {})
    declared = check_file(tmp_path / "sites.csv", "sensor_sites", {"swapped_coordinates": "yes"})
    assert declared.table["latitude"].between(53, 54).all() and "as declared" in declared.notes[0]


def test_the_day_of_25_hours_has_50_half_hours(tmp_path):
    reading = _read("electricity_half_hourly", tmp_path)
    second = reading.table[reading.table["site"] == "E02000001"]["second"].to_numpy()
    assert len(second) == 50 and set(np.diff(second)) == {1800} and not len(reading.rejected)


def test_an_hour_that_the_clocks_skip_and_one_that_comes_twice_but_stands_once_are_refused(tmp_path):
    file = tmp_path / "halves.csv"
    file.write_text(
        "local,E02000001\n2025-03-30 00:30,1\n2025-03-30 01:30,2\n2025-10-26 01:30,3\n2025-10-26T01:30+00:00,4\n"
    )
    options = {"time_column": "local", "time_zone": "Europe/London"}
    reading = check_file(file, "electricity_half_hourly", options)
    assert reading.rejected["line"].tolist() == [3, 4]
    assert [r.split()[0] for r in reading.rejected["reason"]] == ["no", "two"]
    assert reading.table["second"].tolist() == [1_743_294_600, 1_761_442_200]


def test_a_flow_matrix_row_that_is_ragged_keeps_the_times_of_the_others(tmp_path):
    file = tmp_path / "wide.csv"
    file.write_text("7,8\n1,2\n3\n5,6\n")
    reading = check_file(file, "detector_wide", {"unit": "mph", "minutes": 5, "start": "2025-01-15T00:00Z"})
    assert reading.table["second"].unique().tolist() == [1_736_899_200, 1_736_899_200 + 600]
    assert reading.rejected[["line", "reason"]].iloc[0].tolist() == [3, "fewer fields than the header"]


def test_an_aadf_row_whose_classes_do_not_add_up_is_refused(tmp_path):
    SAMPLES["dft_aadf"][3](tmp_path / "aadf.csv")
    table = pd.read_csv(tmp_path / "aadf.csv")
    table.loc[4, ["lgvs", "all_motor_vehicles"]] = table.loc[4, ["all_motor_vehicles", "lgvs"]].to_numpy()
    table.to_csv(tmp_path / "aadf.csv", index=False)
    reading = check_file(tmp_path / "aadf.csv", "dft_aadf", {})
    assert reading.rejected["line"].tolist() == [6] and "mixed up" in reading.rejected["reason"][0]
    assert reading.kept == 11 * 13


def test_sensorthings_are_what_the_reference_client_makes_of_them(tmp_path):
    import frost_sta_client as frost

    reading = _read("sensorthings", tmp_path)
    stream = frost.Datastream()
    stream.__setstate__(DATASTREAMS["value"][0])
    taken = {o.id: (o.phenomenon_time, o.result) for o in stream.observations.entities}
    table = reading.table
    assert (table["unit"] == "ug m-3").all() and (table["site"] == "SPEKE").all() and stream.thing.name == "SPEKE"
    for line, second, value in table[["line", "second", "value"]].itertuples(index=False):
        when, result = taken[line]
        assert pd.Timestamp(str(when).split("/", maxsplit=1)[0]).timestamp() == second
        assert result is None if np.isnan(value) else float(result) == value
    # 11:00+01:00 is 10:00Z again; a time without an offset and a word for a result say nothing.
    assert reading.flags == {"missing": 1, "out_of_range": 1} and table["status"].tolist()[-1] == "bad"
    assert sorted(reading.rejected["line"]) == [2, 5, 6]
    assert reading.sites is not None and reading.sites["latitude"].tolist() == [53.3463]


def test_ngsi_ld_entities_give_their_properties_with_units(tmp_path):
    reading = _read("ngsi_ld", tmp_path)
    found = reading.table.groupby(["variable", "unit"], observed=True)["value"].apply(list).to_dict()
    assert found == {
        ("PM2.5", "ug m-3"): [18.5, 19.5], ("NOx", "ug m-3"): [30.0, 30.0], ("air_temperature", "degC"): [4.5, 4.5],
    }  # fmt: skip
    assert set(reading.table["site"]) == {"urn:ngsi-ld:Device:SPEKE"}
    assert Counter(reading.rejected["reason"]) == {"a value without its unit": 2}  # no2 says no unitCode


def test_an_open_matrix_that_the_reference_library_wrote_is_read(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import openmatrix

        with openmatrix.open_file(str(tmp_path / "a.omx"), "w") as file:
            file["car"] = np.array([[0.0, 2.5], [3.0, 0.0]])
            file.create_mapping("zone", [7, 9])
    table = check_file(tmp_path / "a.omx", "omx", {}).table
    assert table[["origin", "destination", "variable", "value"]].astype(str).to_numpy().tolist() == [
        ["7", "9", "car", "2.5"],
        ["9", "7", "car", "3.0"],
    ]


def test_an_open_matrix_with_links_to_elsewhere_or_cells_that_are_no_trips_is_refused(tmp_path):
    SAMPLES["omx"][3](tmp_path / "a.omx")
    with h5py.File(tmp_path / "a.omx", "a") as file:
        file["data/car"][1, 2] = -1
    with pytest.raises(InputError, match="1 cells that are no number from 0 up, the first -1 from 102 to 103"):
        check_file(tmp_path / "a.omx", "omx", {})
    with h5py.File(tmp_path / "a.omx", "a") as file:
        file["data/away"] = h5py.ExternalLink("/etc/passwd", "/x")
    with pytest.raises(InputError, match="/data/away is a link to elsewhere"):
        check_file(tmp_path / "a.omx", "omx", {})


def test_gmns_files_pass_the_standards_own_schema(tmp_path):
    from frictionless import Schema, validate

    spec = importlib.resources.files("gmnspy") / "spec"
    for name, text in (("node", NODE), ("link", LINK)):
        (tmp_path / f"{name}.csv").write_text(text)
        schema = json.loads((spec / f"{name}.schema.json").read_text(encoding="utf-8"))
        wanted = [f for f in schema["fields"] if f["name"] in text.splitlines()[0].split(",")]
        lacking = [
            f["name"] for f in schema["fields"] if f not in wanted and (f.get("constraints") or {}).get("required")
        ]
        assert not lacking
        report = validate(f"{name}.csv", schema=Schema.from_descriptor({"fields": wanted}), basepath=str(tmp_path))
        assert report.valid, report.flatten(["rowNumber", "fieldName", "type"])
    (tmp_path / "demand.csv").write_text(DEMAND)
    folder = check_file(tmp_path, "gmns", {}, READERS)
    assert folder.kept == 3 and folder.notes == ("2 pairs of zones with 150 trips",)


def test_a_gmns_archive_that_leads_outside_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../link.csv", LINK)
    with pytest.raises(InputError, match=r"'\.\./link\.csv' is a name that leads outside"):
        check_file(tmp_path / "a.zip", "gmns", {}, READERS)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"Date,NOx\n2025-01-15,\0\n", "a NUL byte on line 2"),
        ("Date,NOx\n2025-01-15,7\n".encode("utf-16"), "is UTF-16, wanted UTF-8"),
        (b"Date,NOx\n2025-01-15,7\x81\n", r"neither UTF-8 nor cp1252 on line 2 \(byte 0x81\)"),
        (b"Date;NOx\n2025-01-15;7\n", "separated by semicolons, wanted commas"),
        (b"Date,NOx,NOx\n2025-01-15,7,8\n", "columns that stand twice: `NOx`"),
        (b"Day,NOx\n2025-01-15,7\n", "no column `Date`; the file has Day, NOx"),
        (b'Date,NOx\n2025-01-15,"7\n', "from line 2 on no CSV .a quote is never closed"),
        (b"Date,NOx\n2025-01-15," + b"7" * (1 << 20) + b"7\n", "a field of more than a megabyte"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "damaged or cut off"),
        (b"Date,Coal\n2025-01-15,7\n", "no pollutant, wanted a column of PM1.0"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_bad_file_is_told_in_one_sentence(tmp_path, data, said):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(InputError, match=said):
        check_file(tmp_path / "a.csv", "aurn", {})


def test_a_windows_file_is_read_and_said(tmp_path):
    (tmp_path / "a.csv").write_bytes("Date,NOx,PM2.5,Bemerkung\n2025-01-15,7,No data,µ\n".encode("cp1252"))
    reading = check_file(tmp_path / "a.csv", "aurn", {})
    assert reading.notes == ("encoding cp1252", "not read: `Bemerkung`") and (reading.kept, reading.flagged) == (1, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 200_000, "nested a thousand deep|no JSON"),
        ('{"value": [], "value": []}', "`value` stands twice"),
        ('{"value": [NaN]}', "NaN is no JSON"),
        ('{"value": 3}', "`value` is a number, wanted a list"),
        ('{"value": [{"name": "x"}]}', "neither Observations nor a result"),
        ('{"value": [{"Observations": []}]}', "a Datastream without unitOfMeasurement.symbol, name, Thing or @iot.id"),
        ('{"value": [', "no JSON on line 1, column 12"),
    ],
)
def test_bad_json_is_told_in_one_sentence(tmp_path, text, said):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InputError, match=said):
        check_file(tmp_path / "a.json", "sensorthings", {})


def test_an_unknown_format_or_option_names_the_nearest(tmp_path):
    with pytest.raises(InputError, match="no format `aurm`; did you mean `aurn`"):
        check_file(tmp_path / "a.csv", "aurm", {})
    with pytest.raises(InputError, match="format `aurn` has no option `unit`; it has `site`"):
        check_file(tmp_path / "a.csv", "aurn", {"unit": "ppb"})


def test_a_few_hundred_bad_files_break_nothing():
    counted, broken = run(range(0, 504, 2), stop=False)
    assert not broken
    assert sum(n for (_, outcome), n in counted.items() if outcome == "refused") > 150


def test_a_column_without_a_name_is_no_site(tmp_path):
    (tmp_path / "a.csv").write_text("time_utc,D1,\n2025-01-15T00:00Z,1,2\n")
    with pytest.raises(InputError, match="a column without a name, wanted the id of its site"):
        check_file(tmp_path / "a.csv", "detector_wide", {"unit": "veh/h"})
