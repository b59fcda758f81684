"""Verification finds what was done to a snapshot after its release."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import geopandas as gpd
import pyarrow.parquet as pq
import pytest

from lcr_hpc.publish.snapshot import index_files, read_index, write_index
from lcr_hpc.publish.verify import verify_snapshot


@pytest.fixture
def copy(snapshot: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(snapshot, tmp_path / "copy"))


def _reindex(folder: Path) -> None:
    """What somebody would do who wants the bytes to look right."""
    write_index(folder, dataclasses.replace(read_index(folder), files=index_files(folder)))


def _edit(folder: Path, **change: object) -> None:
    catalogue = json.loads((folder / "catalogue.json").read_text())
    for path, value in change.items():
        at = catalogue
        *way, last = path.split("__")
        for part in way:
            at = at[part]
        at[last] = value
    (folder / "catalogue.json").write_text(json.dumps(catalogue))
    _reindex(folder)


def test_a_release_verifies_through_latest(snapshot: Path):
    assert verify_snapshot(snapshot) == []
    assert verify_snapshot(snapshot.parent / "latest") == []


def test_a_changed_byte_of_any_file_is_found(copy: Path):
    for file in sorted(copy.iterdir()):
        before = file.read_bytes()
        file.write_bytes(before[:-20] + bytes([before[-20] ^ 1]) + before[-19:])
        problems = verify_snapshot(copy)
        assert any(file.name in p for p in problems), file.name
        file.write_bytes(before)
    assert verify_snapshot(copy) == []


def test_a_missing_and_an_extra_file_are_found(copy: Path):
    (copy / "areas.csv").unlink()
    (copy / "notes.txt").write_text("mine")
    (copy / "more").mkdir()
    problems = verify_snapshot(copy)
    assert "areas.csv is missing" in problems
    assert any(p.startswith("notes.txt is not in snapshot.json") for p in problems)
    assert any(p.startswith("more is not in snapshot.json") for p in problems)


def test_an_index_written_anew_does_not_hide_a_changed_table(copy: Path):
    text = (copy / "areas.csv").read_text().splitlines()
    (copy / "areas.csv").write_text("\n".join([text[0].replace("nox_ug_m3", "nox_ppb"), *text[1:]]) + "\n")
    (copy / "districts.csv").write_text("\n".join((copy / "districts.csv").read_text().splitlines()[:-1]) + "\n")
    frame = gpd.read_parquet(copy / "links.parquet")
    links = pq.read_table(copy / "links.parquet")
    said = {k: v.replace(b"27700", b"4326") for k, v in links.schema.metadata.items()}
    pq.write_table(links.replace_schema_metadata(said), copy / "links.parquet")
    frame.drop(columns="link").to_parquet(copy / "emissions_grid.parquet")
    gpd.read_parquet(copy / "areas.parquet").to_parquet(copy / "areas.parquet")
    _reindex(copy)
    problems = "\n".join(verify_snapshot(copy))
    assert "areas.csv: has columns" in problems
    assert "districts.csv: has 3 rows, wanted 4" in problems
    assert "links.parquet: is in EPSG:4326, wanted EPSG:27700" in problems
    assert "emissions_grid.parquet: has columns" in problems
    assert "areas.parquet: says nothing of its nature" in problems


def test_text_in_a_column_of_numbers_is_found(copy: Path):
    text = (copy / "msoas.csv").read_text().replace("Middle 000,", "Middle 000,many", 1)
    (copy / "msoas.csv").write_text(text)
    _reindex(copy)
    assert verify_snapshot(copy) == ["msoas.csv: `population_persons` holds text that is no number"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"datasets__air__tier": "closed"}, "areas.csv is released at `open` but rests on a dataset of tier `closed`"),
        ({"datasets__air__tier": "secret"}, "rests on a dataset of tier `secret`"),
        ({"files__areas.csv__datasets": []}, "areas.csv names no dataset"),
        ({"files__areas.csv__datasets": ["gone"]}, "areas.csv rests on `gone`"),
        ({"release_tier": "shared"}, "the release tier is `open` in the index and `shared`"),
        ({"night": "2025-10-16"}, "is about night 2025-10-16"),
        ({"files": {}}, "areas.csv is in the index but not in catalogue.json"),
        ({"datasets": None}, "catalogue.json is damaged"),
    ],
)
def test_disclosure_is_judged_again(copy: Path, change: dict, said: str):
    _edit(copy, **change)
    assert any(said in p for p in verify_snapshot(copy))


def test_what_is_no_snapshot_is_one_line(tmp_path: Path):
    assert len(verify_snapshot(tmp_path)) == 1
    assert "is no snapshot" in verify_snapshot(tmp_path)[0]
    assert "is no snapshot" in verify_snapshot(tmp_path / "nothing")[0]
