"""Manifests: written last, free of time, and untouched when nothing changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lcr_hpc.errors import StoreError
from lcr_hpc.store.manifest import Source, begin_stage, finish_store, read_manifest, write_text
from lcr_hpc.store.slabs import create_store, write_slab

OPEN = Source("Counts", "synthetic", "open", "CC0", "made up")
SHARED = Source("Meters", "real", "shared", "by agreement", "a supplier")


def _store(path: Path, value: float = 1.0) -> Path:
    create_store(path, "services", {"service": 2})
    write_slab(path, "services", {}, {"service": ["a", "b"], "capacity": np.full(2, value)})
    return path


def test_the_same_content_gives_the_same_file_untouched(tmp_path: Path):
    store, file = _store(tmp_path / "services.zarr"), tmp_path / "services.json"
    finish_store(store, file, "services", sources={"counts": OPEN})
    before = (file.stat().st_mtime_ns, file.read_bytes())
    finish_store(store, file, "services", sources={"counts": OPEN})
    assert (file.stat().st_mtime_ns, file.read_bytes()) == before


def test_a_store_elsewhere_with_the_same_content_has_the_same_fingerprint(tmp_path: Path):
    prints = [
        finish_store(_store(tmp_path / place / "services.zarr"), tmp_path / place / "s.json", "services").fingerprint
        for place in ("one", "two")
    ]
    assert prints[0] == prints[1]


def test_one_changed_value_changes_the_fingerprint_of_its_variable_alone(tmp_path: Path):
    one = finish_store(_store(tmp_path / "a.zarr", 1.0), tmp_path / "a.json", "services")
    two = finish_store(_store(tmp_path / "b.zarr", 2.0), tmp_path / "b.json", "services")
    assert one.fingerprint != two.fingerprint
    assert [n for n in one.variables if one.variables[n] != two.variables[n]] == ["capacity"]


def test_sources_carry_over_and_the_strictest_tier_wins(tmp_path: Path):
    store = _store(tmp_path / "services.zarr")
    upper = finish_store(store, tmp_path / "u.json", "upper", sources={"counts": OPEN, "meters": SHARED})
    lower = finish_store(store, tmp_path / "l.json", "lower", inputs=[upper])
    assert lower.tier == "shared"
    assert lower.natures == ("real", "synthetic")
    assert lower.inputs == {"upper": upper.fingerprint}
    assert read_manifest(tmp_path / "l.json") == lower


def test_a_stage_that_has_begun_has_no_manifest(tmp_path: Path):
    file = tmp_path / "services.json"
    finish_store(_store(tmp_path / "services.zarr"), file, "services")
    begin_stage(file)
    with pytest.raises(StoreError, match="has not finished"):
        read_manifest(file)


def test_a_damaged_manifest_is_said(tmp_path: Path):
    file = tmp_path / "services.json"
    file.write_text('{"name": ')
    with pytest.raises(StoreError, match="is damaged"):
        read_manifest(file)


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "a.txt"
    write_text(file, "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_text(file, "new")
    assert file.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
