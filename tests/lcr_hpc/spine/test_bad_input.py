"""Bad feeds: one message that lists all, what was found and what to do, and no store changes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from lcr_hpc.config import dump_config
from lcr_hpc.errors import InputError
from lcr_hpc.spine.stage import run_ingest
from lcr_hpc.store.layout import Layout
from tests.command_line import refused


def _edit(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False, lineterminator="\n")


def _cell(row: int, column: str, value: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[row, column] = value
        return table

    return change


def _refusal(town, *wanted: str) -> str:
    config, layout = town
    file = layout.root.with_suffix(".yaml")
    file.write_text(dump_config(config))
    return refused("spine", "ingest", "--config", file, root=layout.root, wanted=wanted)


def test_what_is_wrong_with_the_people_is_told_at_once(town):
    incoming = town[1].incoming
    _edit(incoming / "population" / "population.csv", lambda t: _cell(0, "17", "-2")(t.iloc[:-1]))
    _edit(incoming / "deprivation" / "deprivation.csv", _cell(1, "IMD_rank", "40000"))
    _refusal(
        town,
        r"population\.csv lacks 1 areas of boundaries: T01000029",
        r"population\.csv: `\d+` is below 0 on line 2",
        r"deprivation\.csv: ranks above 32,844 in T01000001",
    )


def test_codes_of_another_census_are_named_on_both_sides(town):
    _edit(town[1].incoming / "lookup" / "lookup.csv", _cell(3, "lsoa11_code", "E01099999"))
    _refusal(town, r"lacks 1 areas .*T01000003", r"1 areas that are not in .*E01099999")


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("population/population.csv", lambda t: t.drop(columns="42"), r"no column `42`; the file has"),
        ("lookup/lookup.csv", _cell(2, "lsoa11_code", ""), r"`lsoa11_code` is empty on line 4"),
        ("deprivation/deprivation.csv", _cell(2, "IMD_rank", "many"), r"whole numbers.*'many' on line 4"),
        ("lookup/lookup.csv", lambda t: pd.concat([t, t.head(1)]), r"`lsoa11_code` must not repeat: T01000000"),
    ],
    ids=["column", "empty", "word", "repeated"],
)
def test_a_bad_table_is_named_with_its_line(town, file, change, said):
    _edit(town[1].incoming / file, change)
    _refusal(town, said)


@pytest.mark.parametrize(
    "file", ["population/population.csv", "network/link.csv", "air/sites.csv", "mortality/deaths.csv"]
)
def test_a_file_that_was_cut_off_is_noticed(town, file):
    path = town[1].incoming / file
    text = path.read_text()
    path.write_text(text[: text[:-1].rindex(",")])
    _refusal(town, rf"{path.name}: fewer fields than the header on line \d+; the file looks cut off")


def test_missing_files_and_folders_are_named_together(town):
    incoming = town[1].incoming
    (incoming / "network" / "node.csv").unlink()
    (incoming / "demand" / "od.parquet").unlink()
    for file in incoming.glob("weather/*.csv"):
        file.unlink()
    (incoming / "energy" / "dataset.json").unlink()
    _refusal(
        town,
        r"no file .*node\.csv; land one",
        r"no file .*od\.parquet; land one",
        r"weather has no weather_\*\.csv; land some",
        r"no .*energy/dataset\.json: a dataset needs its catalogue entry",
    )


def test_no_feeds_at_all_says_how_to_land_some(town, tmp_path):
    config, _ = town
    with pytest.raises(InputError, match="land feeds there with `lcr spine feeds`"):
        run_ingest(config, Layout(tmp_path / "empty", config.night))


def test_what_is_wrong_with_the_network_is_told_at_once(town):
    folder = town[1].incoming / "network"
    _edit(folder / "config.csv", lambda t: t.assign(crs="EPSG:4326", speed="mph"))
    _edit(folder / "node.csv", lambda t: _cell(40, "x_coord", "-2.98")(_cell(40, "y_coord", "53.4")(t)))

    def spoil(table: pd.DataFrame) -> pd.DataFrame:
        table.loc[0, "capacity"], table.loc[1, "directed"] = "-5", "0"
        table.loc[2, "facility_type"], table.loc[3, "length"] = "towpath", "-1"
        return table

    _edit(folder / "link.csv", spoil)
    _refusal(
        town,
        r"`crs` is EPSG:4326, wanted epsg:27700",
        r"`speed` is mph, wanted kph",
        r"want metres of EPSG:27700, found -2\.98 and 53\.4 on line 42; they look like degrees",
        r"`capacity` is below 0 on line 2",
        r"`directed` wants 1; found another on line 3",
        r"`facility_type` wants connector.*line 4",
        r"`length` is below 0 on line 5",
    )


def test_coordinates_that_are_no_numbers_and_capacities_below_nothing_are_told_together(town):
    incoming = town[1].incoming
    _edit(incoming / "network" / "node.csv", _cell(3, "y_coord", "nan"))
    _edit(incoming / "services" / "services.csv", _cell(0, "capacity", "-1"))
    _edit(incoming / "counts" / "detectors.csv", _cell(0, "easting", "inf"))
    _edit(incoming / "mortality" / "deaths.csv", _cell(0, "age_band", "3"))
    _refusal(
        town,
        r"`y_coord` wants numbers, found 'nan' on line 5",
        r"`capacity` is below 0 on line 2",
        r"`easting` wants numbers, found 'inf' on line 2",
        r"wanted the age bands 0, 1, 5, 10",
    )


def test_demand_to_an_unknown_area_and_trips_below_nothing_are_told_together(town):
    path = town[1].incoming / "demand" / "od.parquet"
    table = pq.read_table(path).to_pandas().astype({"origin": str, "destination": str})
    table.loc[5, "destination"] = "E01099999"
    table.loc[6, "other"] = -1.0
    table.to_parquet(path)
    _edit(path.with_name("profile.csv"), lambda t: t.iloc[:-1])
    _refusal(
        town,
        r"`destination` has 1 codes that are none of the zones: E01099999",
        r"trips must be numbers of 0 or more; they are not in row 7",
        r"wanted a share for each day type, purpose and hour; 1 are missing",
    )


def test_a_truncated_parquet_file_is_refused(town):
    path = town[1].incoming / "demand" / "od.parquet"
    path.write_bytes(path.read_bytes()[:500])
    _refusal(town, r"od\.parquet is no readable Parquet file")


def test_a_day_whose_rows_are_all_bad_is_refused_and_a_cut_row_is_quarantined(town):
    config, layout = town
    path = layout.incoming / "counts" / "counts_2025-10-15.csv"
    text = path.read_text()
    path.write_text(text[: text[:-1].rindex(",")])
    run_ingest(config, layout)
    rejected = pd.read_csv(layout.root / "spine" / "quarantine" / "counts.csv")
    assert rejected["reason"].tolist() == ["fewer fields than the header"] and rejected["line"].tolist() == [25]
    for file in layout.incoming.glob("weather/weather_*.csv"):
        _edit(file, lambda t: t.assign(time_utc="0000-00-00"))
    _refusal(town, r"weather has no row that can be taken \(weather_2025-10-14\.csv line 2: no readable time")


def test_the_command_line_says_it_in_one_message_with_exit_code_2(town, tmp_path, repo):
    _, layout = town
    _edit(layout.incoming / "network" / "link.csv", _cell(0, "capacity", "0"))
    command = [sys.executable, "-m", "lcr_hpc.cli", "spine", "ingest", "--root", str(layout.root)]
    command += ["--config", str(repo / "configs" / "tiny.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2 and "`capacity` must be above 0" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
