"""A whole publish over the made-up region."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lcr_hpc.config import parse_config
from lcr_hpc.errors import ReleaseError
from lcr_hpc.publish import stage
from lcr_hpc.publish.snapshot import read_index
from lcr_hpc.publish.stage import run_publish
from lcr_hpc.store.layout import Layout
from tests.lcr_hpc.publish.conftest import Region, at_tier

FILES = {
    "links.parquet",
    "areas.parquet",
    "areas.csv",
    "msoas.csv",
    "inequality.csv",
    "burden.csv",
    "burden_areas.csv",
    "access.csv",
    "traffic_periods.csv",
    "districts.csv",
    "emissions_grid.parquet",
    "catalogue.json",
    "summary.json",
    "catalogue.jsonld",
    "report.html",
    "snapshot.json",
}


def _bytes(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def _inodes(folder: Path) -> dict[str, int]:
    return {p.name: p.stat().st_ino for p in folder.iterdir()}


def test_a_night_ends_in_published(snapshot: Path, written: Layout):
    assert snapshot == written.published / "2025-10-15"
    assert {p.name for p in snapshot.iterdir()} == FILES
    assert (written.published / "latest").resolve() == snapshot
    told = json.loads((written.night_dir / "publish.json").read_text())
    assert told["fingerprint"] == read_index(snapshot).fingerprint
    assert told["snapshot"] == "2025-10-15"


def test_another_root_and_another_hour_give_the_same_bytes(snapshot: Path, written: Layout, region, config, tmp_path):
    layout = region.write(tmp_path)
    assert _bytes(run_publish(config, layout)) == _bytes(snapshot)
    name = "publish.json"
    assert (layout.night_dir / name).read_bytes() == (written.night_dir / name).read_bytes()


def test_the_same_content_is_left_as_it_is(region, config, tmp_path):
    layout = region.write(tmp_path)
    place = run_publish(config, layout)
    finished = layout.night_dir / "publish.json"
    before, when = _inodes(place), finished.stat().st_mtime_ns
    (layout.published / "latest").unlink()
    run_publish(config, layout)
    assert _inodes(place) == before
    assert finished.stat().st_mtime_ns == when
    assert (layout.published / "latest").resolve() == place
    assert {p.name for p in layout.published.iterdir()} == {".lock", "latest", "2025-10-15"}


def test_changed_content_replaces_and_a_spoiled_snapshot_is_mended(region, config, tmp_path):
    layout = region.write(tmp_path)
    place = run_publish(config, layout)
    first = _bytes(place)
    (place / "areas.csv").write_bytes(b"spoiled")
    assert _bytes(run_publish(config, layout)) == first
    Region(flow_factor=2.0).write(tmp_path)
    second = _bytes(run_publish(config, layout))
    assert second["links.parquet"] != first["links.parquet"]
    assert second["msoas.csv"] == first["msoas.csv"]
    assert {p.name for p in layout.published.iterdir()} == {".lock", "latest", "2025-10-15"}


def test_a_scenario_lies_beside_the_night(region, tmp_path):
    layout = region.write(tmp_path)
    base = run_publish(parse_config({}), layout)
    other = Layout(tmp_path, layout.night, "zone")
    layout.night_dir.rename(other.night_dir)
    place = run_publish(parse_config({"scenario": "zone"}), other)
    assert place.name == "2025-10-15-zone"
    assert (layout.published / "latest").resolve() == base
    assert json.loads((place / "summary.json").read_text())["scenario"] == "zone"


def test_a_refused_night_keeps_what_was_published(region, config, tmp_path):
    layout = region.write(tmp_path)
    before = _bytes(run_publish(config, layout))
    at_tier(region, "air", "air", "closed")
    region.draw = Region().draw
    region.write(tmp_path)
    with pytest.raises(ReleaseError):
        run_publish(config, layout)
    assert _bytes(layout.published / "latest") == before
    assert not (layout.night_dir / "publish.json").exists()


def test_a_draft_that_does_not_verify_is_not_released(region, config, tmp_path, monkeypatch):
    layout = region.write(tmp_path)
    monkeypatch.setattr(stage, "verify_snapshot", lambda _: ["areas.csv: wrong"])
    with pytest.raises(ReleaseError, match="does not verify"):
        run_publish(config, layout)
    assert [p.name for p in layout.published.iterdir()] == [".lock"]


def test_old_snapshots_go(region, tmp_path):
    layout = region.write(tmp_path)
    run_publish(parse_config({}), layout)
    later = Layout(tmp_path, layout.night.replace(day=16))
    later.night_dir.parent.mkdir()
    layout.night_dir.rename(later.night_dir)
    run_publish(parse_config({"publish": {"keep": 1}}), later)
    assert {p.name for p in layout.published.iterdir()} == {".lock", "latest", "2025-10-16"}
