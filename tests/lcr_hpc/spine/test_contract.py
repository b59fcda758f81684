"""The contract as Frictionless schemas: valid by the library's own reading, and the same judge as the ingest."""

from __future__ import annotations

import csv
import json
from fnmatch import fnmatch
from pathlib import Path

import pytest
from frictionless import Detector, Resource, Schema, system, validate

from lcr_hpc.cli import main
from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.spine.catalogue import ENTRY_FILE
from lcr_hpc.spine.contract import contract, contract_of_file
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.stage import run_ingest, run_twin
from lcr_hpc.store.layout import Layout
from tests.command_line import refused

pytestmark = pytest.mark.filterwarnings("ignore")  # frictionless warns of its own dependencies


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    config = parse_config({"name": "c", "twin": {"areas": 24, "geography": "generated"}}, where="a test")
    layout = Layout(tmp_path_factory.mktemp("contract"), config.night)
    run_twin(config, layout)
    # A cell of every kind that ingest refuses in observations, beside those that the twin's sensors have themselves.
    weather = sorted((layout.incoming / "weather").glob("weather_*.csv"))[0]
    rows = list(csv.reader(weather.open()))
    rows[3][rows[0].index("wind_speed")] = "61"  # implausible: kept and flagged, which is no breach
    rows[4][rows[0].index("pasquill_class")] = "G"
    rows[5][rows[0].index("air_temperature")] = "warm"
    rows[6][rows[0].index("mixing_height")] = ""  # missing, which is no breach
    with weather.open("w", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(rows)
    station = sorted((layout.incoming / "air").glob("station_*.csv"))[0]
    text = station.read_text().splitlines()
    text[2] = text[2].replace(text[2].split(",")[1], "25:00")
    station.write_text("\n".join(text) + "\n")
    sensor = sorted((layout.incoming / "air").glob("sensor_*.csv"))[0]
    text = sensor.read_text().splitlines()
    text[4] = ",".join(["0000-00-00 00:00:00", *text[4].split(",")[1:]])
    sensor.write_text("\n".join(text) + "\n")
    run_ingest(config, layout)
    return layout


def _breaches(path: Path, schema: dict[str, object]) -> set[tuple[str, int, str]]:
    with system.use_context(trusted=True):
        resource = Resource(path=str(path), format="csv", encoding="utf-8", schema=Schema.from_descriptor(schema),
                            detector=Detector(schema_sync=False))  # fmt: skip
        report = validate(resource, limit_errors=10_000)
    assert not report.errors, report.errors
    found = report.tasks[0].errors
    assert all(e.type in ("type-error", "constraint-error") for e in found), [e.message for e in found]
    return {(path.name, e.row_number, e.field_name) for e in found}


def test_every_schema_is_one_to_the_library():
    for name in DATASETS:
        told = contract(name)
        assert [r["path"] for r in told["resources"]] == list(DATASETS[name].tables)
        for resource in told["resources"]:
            assert Schema.metadata_validate(resource["schema"]) is not None
            assert not list(Schema.metadata_validate(resource["schema"])), (name, resource["path"])
            units = {f["name"]: f["unit"] for f in resource["schema"]["fields"]}
            assert units == {c.name: c.units for c in DATASETS[name].tables[resource["path"]] if c.name != "*"}


def test_the_library_refuses_the_very_cells_that_stand_in_quarantine(landed: Layout):
    told, quarantined, files = set(), set(), 0
    for name, dataset in DATASETS.items():
        for file in sorted((landed.incoming / name).glob("*.csv")):
            if any(fnmatch(file.name, p) for p in dataset.tables):
                told |= _breaches(file, contract_of_file(name, file))
                files += 1
    for file in (landed.root / "spine" / "quarantine").glob("*.csv"):
        quarantined |= {(r["file"], int(r["line"]), r["column"]) for r in csv.DictReader(file.open())}
    assert files > 10 and quarantined
    columns = {c for _, _, c in told}
    assert {"pasquill_class", "air_temperature", "Time", "Date & Time"} == columns
    # A time that is none stands in quarantine under the date, with both of its cells.
    assert {(f, n, "Date" if c == "Time" else c) for f, n, c in told} == quarantined


def test_wide_files_have_a_field_a_site(landed: Layout):
    counts = sorted((landed.incoming / "counts").glob("counts_*.csv"))[0]
    schema = contract_of_file("counts", counts)
    names = next(csv.reader(counts.open()))
    assert [f["name"] for f in schema["fields"]] == names
    assert schema["fields"][1]["plausible"] == {
        "minimum": 0.0, "maximum": 12_000.0, "flag": "flow_flag", "sentinels": [-1.0, -1.0]
    }  # fmt: skip
    assert "constraints" not in schema["fields"][1]  # implausible counts are kept and flagged


def test_what_it_says_when_there_is_nothing_to_say(tmp_path: Path):
    with pytest.raises(InputError, match="no dataset `tides`; there are: boundaries"):
        contract("tides")
    file = tmp_path / "counts_x.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no column `time_utc`"):
        contract_of_file("counts", file)
    with pytest.raises(InputError, match="named like no table of `counts`"):
        contract_of_file("counts", tmp_path / "tides.csv")


def test_a_feed_in_another_unit_is_refused_with_one_message(tmp_path: Path):
    config = parse_config({"name": "u", "twin": {"areas": 24, "geography": "generated"}}, where="a test")
    layout = Layout(tmp_path / "u", config.night)
    run_twin(config, layout)
    file = layout.incoming / "air" / ENTRY_FILE
    entry = json.loads(file.read_text())
    column = next(c for c in entry["tables"]["station_*.csv"] if c["name"] == "NOx")
    column["units"] = "ppb"
    file.write_text(json.dumps(entry))
    (tmp_path / "u.yaml").write_text("name: u\ntwin: {areas: 24, geography: generated}\n")
    said = refused("spine", "ingest", "--config", tmp_path / "u.yaml", root=layout.root,
                   wanted=[r"`NOx` of station_\*\.csv is in ppb, wanted ug m-3; convert the files"])  # fmt: skip
    assert said.count("ppb") == 1


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.argv", ["lcr", "spine", "contract", "energy"])
    with pytest.raises(SystemExit):
        main()
    told = json.loads(capsys.readouterr().out)
    assert told["resources"][0]["schema"]["otherFields"]["constraints"] == {"minimum": 0, "maximum": 1e6}
