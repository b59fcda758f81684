"""The same set of contents gives the same bytes: any order, repetition, split, number of runs, workers, or kill."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lcr_hpc.spine.ingest.store_memory as store_memory
import lcr_hpc.spine.ingest.wide as wide
import lcr_hpc.spine.ingest.wide_feed as wide_feed
import lcr_hpc.spine.ingest.wide_lines as wide_lines
from lcr_hpc.compute.backends import open_backend
from lcr_hpc.errors import InputError
from lcr_hpc.store.variables import QUALITY_FLAGS
from tests.lcr_hpc.spine.feed_of_counts import ingest, land, make_root, prints, rows_of, stored

JUMP = QUALITY_FLAGS.index("clock_jump")


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, ...]]:
    """Four days; a value that stays for nine hours across midnight, a spike at 00:00, two values for one hour."""
    made = [list(r) for r in rows_of("2025-10-13", 96)]
    for hour in range(20, 29):
        made[hour][1] = "77"
    made[48][2], made[47][3] = "4000", "-1"
    twice = [made[30][0], "333", made[30][2], made[30][3]]
    return [tuple(r) for r in [*made, twice]]


@pytest.fixture(scope="module")
def once(rows, tmp_path_factory):
    layout = make_root(tmp_path_factory.mktemp("once"))
    land(layout, "counts_all.csv", rows)
    ingest(layout)
    return prints(layout)


WRONG = {
    "values": lambda rows: [(r[0], "999", *r[2:]) for r in rows],
    "days": lambda rows: [(r[0].replace("2025-10", "2025-03"), *r[1:]) for r in rows],
    "cut off": lambda rows: rows[: len(rows) // 2 + 1],
    "too much": lambda rows: [
        *rows,
        ("2025-10-15T04:00:00Z", "8", "9", "9999"),
        ("2025-07-01T00:00:00Z", "1", "2", "3"),
    ],
    "doubtful": lambda rows: [*rows, *((r[0], "11000", *r[2:]) for r in rows)],
}


@settings(max_examples=10, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_order_duplication_split_delay_or_correction_in_any_number_of_runs(rows, once, tmp_path_factory, data):
    draw = data.draw
    order = draw(st.permutations(range(len(rows)))) if draw(st.booleans()) else list(range(len(rows)))
    cuts = sorted(draw(st.sets(st.integers(1, len(rows) - 1), max_size=4)))
    layout, todo = make_root(tmp_path_factory.mktemp("split")), []
    for i, part in enumerate(np.split(np.array(order), cuts)):
        right = [rows[k] for k in part]
        name = f"counts_{draw(st.integers(0, 9))}{i}.csv"
        todo.append((name, right, draw(st.sampled_from([None, None, *WRONG]))))
        if draw(st.booleans()):
            todo.append((f"counts_again{i}.csv", right, None))
    late = []
    for name, right, defect in draw(st.permutations(todo)):
        land(layout, name, WRONG[defect](right) if defect else right)
        if defect:
            late.append((name, right))
        if defect or draw(st.booleans()):
            ingest(layout)
    for name, right in draw(st.permutations(late)):
        land(layout, name, right)
        if draw(st.booleans()):
            ingest(layout)
    ingest(layout)
    assert prints(layout) == once


def test_parts_spilled_days_and_workers_decide_no_byte(rows, once, tmp_path, monkeypatch):
    monkeypatch.setattr(wide, "PART_BYTES", 400)
    monkeypatch.setattr(wide_feed, "PART_BYTES", 400)
    monkeypatch.setattr(wide_lines, "_BLOCK_BYTES", 100)
    shuffled = [rows[k] for k in np.random.default_rng(3).permutation(len(rows))]
    for name, order in (("sorted", rows), ("shuffled", shuffled)):
        layout = make_root(tmp_path / name)
        land(layout, "counts_all.csv", order)
        ingest(layout)
        assert prints(layout) == once
    layout = make_root(tmp_path / "dask")
    land(layout, "counts_a.csv", rows[:40])
    land(layout, "counts_b.csv", rows[40:])
    with open_backend("dask", workers=2, scratch=tmp_path / "scratch") as backend:
        ingest(layout, backend)
    assert prints(layout) == once


def test_a_file_that_is_stored_is_not_parsed_again(rows, tmp_path, monkeypatch):
    layout = make_root(tmp_path)
    land(layout, "counts_a.csv", rows)
    ingest(layout)
    before = prints(layout)
    shutil.copy(layout.incoming / "counts" / "counts_a.csv", layout.incoming / "counts" / "counts_same.csv")

    def no_more(*_):
        raise AssertionError("parsed again")

    monkeypatch.setattr(wide_feed, "read_part", no_more)
    ingest(layout)
    assert prints(layout) == before


def test_a_corrected_file_replaces_exactly_its_days(rows, once, tmp_path):
    layout = make_root(tmp_path)
    days = {
        d: [r for r in rows if r[0].startswith(d)] for d in ("2025-10-13", "2025-10-14", "2025-10-15", "2025-10-16")
    }
    for day, there in days.items():
        wrong = [(r[0], "999", *r[2:]) for r in there] if day == "2025-10-14" else there
        land(layout, f"counts_{day}.csv", wrong)
    ingest(layout)
    shards = {f: f.stat().st_mtime_ns for f in layout.store("counts").glob("flow_veh_h/c/*/*")}
    assert prints(layout) != once
    land(layout, "counts_2025-10-14.csv", days["2025-10-14"])
    ingest(layout)
    assert prints(layout) == once
    changed = {f.parent.name for f, t in shards.items() if f.stat().st_mtime_ns != t}
    assert changed == {"286"}  # 14 October


def test_late_data_lands_in_its_day_and_a_day_that_a_correction_drops_is_empty(tmp_path):
    layout = make_root(tmp_path)
    land(layout, "counts_a.csv", rows_of("2025-10-15", 24))
    ingest(layout)
    land(
        layout, "counts_late.csv", [("2025-10-15T03:00:00Z", "", "", "5000"), ("2025-03-01T05:00:00Z", "8", "9", "10")]
    )
    ingest(layout)
    assert stored(layout, "flow_veh_h", ["2025-03-01T05"]).tolist() == [[8, 9, 10]]
    assert stored(layout, "flow_veh_h", ["2025-10-15T03"])[0, 2] == 5000
    assert stored(layout, "flow_flag", ["2025-10-15T03"])[0, 2] == JUMP
    land(layout, "counts_late.csv", [("2025-10-15T03:00:00Z", "", "", "")])
    ingest(layout)
    assert np.isnan(stored(layout, "flow_veh_h", ["2025-03-01T05"])).all()
    assert stored(layout, "flow_flag", ["2025-10-15T03", "2025-03-01T05"]).tolist() == [[0, 0, 0], [1, 1, 1]]


def test_a_correction_without_a_good_row_is_refused_and_nothing_changes(rows, tmp_path):
    layout = make_root(tmp_path)
    land(layout, "counts_a.csv", rows)
    ingest(layout)
    before = prints(layout)
    land(layout, "counts_a.csv", [("0000-00-00", "1", "2", "3")])
    with pytest.raises(InputError, match=r"no row that can be taken \(counts_a.csv line 2: no readable time\); land"):
        ingest(layout)
    assert prints(layout) == before


@pytest.mark.chain
def test_twenty_kills_at_random_moments_and_a_rerun_give_the_same_fingerprints(rows, once, tmp_path):
    random = np.random.default_rng(20)
    layout = make_root(tmp_path)
    for i in range(5):
        land(layout, f"counts_{i}.csv", rows[i::5])
    command = [sys.executable, str(Path(__file__).with_name("feed_of_counts.py")), str(layout.root)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    early = 0
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:

        def begin() -> int:
            server.stdin.write("ingest\n")
            server.stdin.flush()
            return int(server.stdout.readline())

        for _ in range(2):  # the second is timed: the first may compile
            shutil.rmtree(layout.store("counts"), ignore_errors=True)
            begun = time.monotonic()
            begin()
            assert server.stdout.readline() == "0\n"
            whole = time.monotonic() - begun
            assert prints(layout) == once
        for turn in range(20):
            shutil.rmtree(layout.root / "spine" / "ledger")
            shutil.rmtree(layout.store("counts"))
            if turn % 2:  # a correction is killed, over a store that holds something else
                land(layout, "counts_0.csv", [(r[0], "999", *r[2:]) for r in rows[0::5]])
                ingest(layout)
                land(layout, "counts_0.csv", rows[0::5])
            child = begin()
            time.sleep(float(random.uniform(0.02, 1.0)) * whole)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            early += server.stdout.readline() == f"{signal.SIGKILL.value}\n"
            ingest(layout)
            assert prints(layout) == once, turn
        server.stdin.close()
    assert early >= 5  # the kills did come while it was at work


def _by_day(layout, rows) -> None:
    for day in sorted({r[0][:10] for r in rows}):
        land(layout, f"counts_{day}.csv", [r for r in rows if r[0].startswith(day)])


def test_one_more_day_reads_and_writes_no_other_day(rows, once, tmp_path, monkeypatch):
    layout = make_root(tmp_path)
    _by_day(layout, [r for r in rows if not r[0].startswith("2025-10-16")])
    ingest(layout)
    read = []
    plain = store_memory.fingerprint_file
    monkeypatch.setattr(store_memory, "fingerprint_file", lambda f: (read.append(f), plain(f))[1])
    _by_day(layout, rows)
    ingest(layout)
    assert prints(layout) == once
    days = {int(f.parts[-2]) for f in read if f.parts[-3] == "c" and f.parent.parent.parent.name.startswith("flow")}
    assert days == {287}  # 15 October, whose flags may change; of the 16th it knows what it wrote


def test_what_is_remembered_of_a_store_is_believed_of_no_other(rows, once, tmp_path):
    layout = make_root(tmp_path)
    _by_day(layout, rows)
    ingest(layout)
    store = layout.store("counts")
    shutil.copytree(store, tmp_path / "other")
    (tmp_path / "other" / "flow_veh_h" / "c" / "286" / "0").unlink()
    shutil.rmtree(store)
    (tmp_path / "other").rename(store)
    ingest(layout)
    assert prints(layout) != once  # which compares with the manifest, too


def test_a_ledger_of_the_older_form_is_read_and_gives_way(rows, once, tmp_path, monkeypatch):
    layout = make_root(tmp_path)
    _by_day(layout, rows)
    ingest(layout)
    now = layout.root / "spine" / "ledger" / "counts.jsonl"
    head, *files = map(json.loads, now.read_text().splitlines())
    keys = ("sha256", "days", "rows", "cells_quarantined")
    told = {f[0]: dict(zip(keys, (f[1], f[2].split(), *f[3:]), strict=True)) for f in files}
    older = {"recipe": head["recipe"], "rules": head["rules"], "pending": [], "files": told}
    now.unlink()
    now.with_suffix(".json").write_text(json.dumps(older, indent=1))
    monkeypatch.setattr(wide_feed, "read_part", None)  # nothing is parsed again
    ingest(layout)
    assert prints(layout) == once and now.is_file() and not now.with_suffix(".json").exists()


@pytest.mark.parametrize("damage", ["cut off", "not JSON", "of another form", "gone"])
def test_a_ledger_that_cannot_be_read_has_everything_parsed_again(rows, once, tmp_path, damage):
    layout = make_root(tmp_path)
    _by_day(layout, rows)
    ingest(layout)
    ledger = layout.root / "spine" / "ledger" / "counts.jsonl"
    text = ledger.read_text()
    ledger.write_text({"cut off": text[:40], "not JSON": "{" + text, "of another form": text.replace("2", "3", 1),
                       "gone": ""}[damage])  # fmt: skip
    if damage == "gone":
        ledger.unlink()
    ingest(layout)
    assert prints(layout) == once and ledger.read_text() == text


def test_years_at_the_end_are_added_without_copying_and_a_kill_on_the_way_loses_no_day(rows, tmp_path):
    layout, whole = make_root(tmp_path / "grown"), make_root(tmp_path / "at once")
    late = [(r[0].replace("2025-10", "2026-02"), *r[1:]) for r in rows]
    land(whole, "counts_a.csv", rows)
    land(whole, "counts_b.csv", late)
    ingest(whole)
    land(layout, "counts_a.csv", rows)
    ingest(layout)
    store, shard = layout.store("counts"), Path("flow_veh_h", "c", "286", "0")
    inode = (store / shard).stat().st_ino
    land(layout, "counts_b.csv", late)
    ingest(layout)
    assert prints(layout) == prints(whole) and (store / shard).stat().st_ino == inode
    # The same store as it stands after a kill in the midst of it: some variables have their days, others not yet.
    longer = store.with_name("counts.zarr.longer")
    store.rename(longer)
    shutil.copytree(longer, store)
    for name, holder in (("flow_veh_h", store), ("flow_flag", longer), ("flow_source", longer)):
        shutil.rmtree(holder / name / "c")
    layout.manifest("counts").unlink()
    ingest(layout)
    assert prints(layout) == prints(whole) and not list(store.parent.glob("*.zarr.*"))
