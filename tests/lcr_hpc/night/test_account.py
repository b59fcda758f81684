"""What a run did, told from its events, and what earlier runs tell of the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from lcr_hpc.config import Config
from lcr_hpc.night.account import StageRun, account
from lcr_hpc.night.history import HISTORY_FILE, Record, estimate, last_seconds, read_history, remember, stage_work
from lcr_hpc.night.reasons import plain_reason
from lcr_hpc.store.layout import Layout


def _job(number, rule, when, **more):
    started = {"event": "job_started", "time": when, "jobs": [number]}
    return [started, {"event": "job_info", "time": when, "jobid": number, "rule_name": rule, **more}]


def test_stages_are_told_with_their_cores_time_and_job():
    events = [
        {"event": "workflow_started", "time": 0.0},
        *_job(1, "feeds", 1.0, threads=1, reason="Missing output files: x"),
        {"event": "job_finished", "time": 4.0, "job_id": 1},
        {"event": "workflow_started", "time": 5.0},
        *_job(1, "traffic", 6.0, threads=2, resources={"tasks": 4}),
        {"event": "message", "time": 6.5, "text": "Job 1 has been submitted with SLURM jobid 4711 (log: x)"},
        {"event": "job_finished", "time": 3606.0, "job_id": 1},
        *_job(2, "carbon", 3607.0, threads=1),
        {"event": "job_error", "time": 3609.0, "jobid": 2, "rule_name": "carbon"},
        *_job(3, "health", 3610.0, threads=1),
        {"event": "message", "time": 3615.0, "text": "bye"},
    ]
    feeds, traffic, carbon, health = account(events)
    assert (feeds.stage, feeds.outcome, feeds.seconds, feeds.cores) == ("feeds", "done", 3.0, 1)
    assert (traffic.cores, traffic.core_hours, traffic.slurm_job) == (8, 8.0, "4711")
    assert (carbon.outcome, carbon.seconds) == ("failed", 2.0)
    assert (health.outcome, health.seconds) == ("stopped", 5.0)


def test_a_dry_run_has_run_nothing():
    assert account([{"event": "job_info", "time": 1.0, "jobid": 1, "rule_name": "feeds"}]) == ()


def _record(stage="traffic", seconds=10.0, cores=1, work=None, config=None):
    work = stage_work(stage, config or Config()) if work is None else work
    return Record(stage, "2025-10-14", "base", "2025-10-15T02:00:00+00:00", seconds, cores, work, 1000, "0.1.0")


def test_an_estimate_is_the_median_of_the_last_runs_of_that_size():
    history = [_record(seconds=s) for s in (900.0, 11.0, 12.0, 10.0, 13.0, 14.0)]
    found = estimate("traffic", Config(), 1, history)
    assert (found.seconds, found.bytes, found.basis) == (12.0, 1000, "median of 5 runs")


def test_an_estimate_is_scaled_by_size_and_by_cores_where_they_help():
    # Twice the areas: four times the sums over origins and links; on two cores half the time.
    small = Config.model_validate({"twin": {"areas": 500}})
    large = Config.model_validate({"twin": {"areas": 1000}})
    found = estimate("traffic", large, 2, [_record(seconds=10.0, config=small)])
    assert found.seconds == pytest.approx(10.0 * 4.0 / 2.0)
    assert found.core_hours == pytest.approx(40.0 / 3600.0)
    assert found.bytes == 4000
    assert "scaled by 4" in found.basis
    assert "1 → 2 cores" in found.basis
    publish = estimate("publish", large, 2, [_record("publish", config=small)])
    assert publish.seconds == pytest.approx(20.0)


def test_without_an_earlier_run_there_is_no_estimate():
    assert estimate("traffic", Config(), 1, [_record("carbon")]) is None


def test_history_is_appended_and_survives_a_torn_line(tmp_path):
    layout = Layout(tmp_path, dt.date(2025, 10, 15))
    layout.run_dir.mkdir()
    run = StageRun("carbon", "done", 1e9, 7.0, 2, "", "12")
    store = layout.store("carbon")
    store.mkdir(parents=True)
    (store / "zarr.json").write_text("0123456789")
    remember(layout, Config(), [run, replace(run, outcome="failed")])
    with (layout.run_dir / HISTORY_FILE).open("a") as file:
        file.write('{"stage": "carb\n')
    remember(layout, Config(), [run, replace(run, began=2e9)])
    first, second = read_history(layout.run_dir)  # what is told twice, by a run and by the one after it, counts once
    assert second == replace(first, ended="2033-05-18T03:33:27+00:00")
    assert (first.seconds, first.cores, first.bytes, first.slurm_job) == (7.0, 2, 10, "12")
    assert first.ended == "2001-09-09T01:46:47+00:00"


def test_time_is_told_from_this_night_else_from_the_newest_of_any():
    layout = Layout(Path("root"), dt.date(2025, 10, 15))
    before = [_record(seconds=9.0), _record("carbon", 1.0), _record(seconds=7.5)]
    assert last_seconds("traffic", layout, before) == 7.5
    assert last_seconds("health", layout, before) is None
    own = replace(_record(seconds=3.0), night="2025-10-15")
    assert last_seconds("traffic", layout, [*before, own, _record(seconds=8.0)]) == 3.0


def test_reasons_are_said_plainly():
    assert plain_reason("Updated input files: /b/traffic.json, /a/areas.json").endswith("areas.json, traffic.json")
    assert plain_reason("Something new") == "Something new"
