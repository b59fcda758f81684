"""Remembered SHA-256 of landed files, and those that are put off until the files are being parsed."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

import lcr_hpc.spine.ingest.prints as prints_module
from lcr_hpc.spine.ingest.prints import Prints
from lcr_hpc.spine.ingest.whole import read_origin
from lcr_hpc.store.journal import Journal
from lcr_hpc.store.manifest import fingerprint_file
from tests.lcr_hpc.spine.feed_of_counts import land, make_root, rows_of


def _prints(folder: Path) -> Prints:
    journal = Journal(folder.parent / "memory.jsonl")
    known = journal.read() if journal.path.is_file() else []
    return Prints(folder, journal, {str(k[0]): k for k in known})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "feed"
    made.mkdir()
    (made / "a.csv").write_text("aaa")
    (made / "b.csv").write_text("bbb")
    (made / "c.csv").write_text("longer")
    return made


def test_what_was_quiet_when_it_was_read_is_not_read_again_until_it_changes(folder, monkeypatch):
    later = time.time_ns() + 10_000_000_000
    monkeypatch.setattr(prints_module.time, "time_ns", lambda: later)
    wanted = {f.name: fingerprint_file(f) for f in folder.iterdir()}
    first = _prints(folder)
    assert first.files() == wanted
    first.save()
    read = []
    plain = fingerprint_file
    monkeypatch.setattr(prints_module, "fingerprint_file", lambda f: (read.append(f.name), plain(f))[1])
    assert _prints(folder).files() == wanted and read == []
    stat = (folder / "b.csv").stat()
    (folder / "b.csv").write_text("BBB")  # the same size and time of change: the inode's own time tells
    os.utime(folder / "b.csv", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert _prints(folder).files()["b.csv"] == plain(folder / "b.csv") and read == ["b.csv"]


def test_a_file_that_may_be_a_copy_of_another_is_read_at_once_and_the_rest_later(folder):
    memory = _prints(folder)
    found = memory.files(later=True)
    assert found["b.csv"] == fingerprint_file(folder / "b.csv")  # as long as a.csv
    assert found["a.csv"].startswith("later:") and found["c.csv"].startswith("later:")
    assert memory.read_late() == {n: fingerprint_file(folder / n) for n in ("a.csv", "c.csv")}
    assert memory.read_late() == {}


def test_an_origin_whose_files_were_put_off_is_the_same_in_the_end(tmp_path):
    layout = make_root(tmp_path)
    land(layout, "counts_a.csv", rows_of("2025-10-13", 5))
    at_once, late = (read_origin(layout, "counts", later=later) for later in (False, True))
    assert late.files != at_once.files
    assert replace(late.with_late(), memories={}) == replace(at_once, memories={})
