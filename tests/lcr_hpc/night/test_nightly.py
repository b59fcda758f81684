"""Which nights are due, by when, what is kept, and what is told: without running a stage."""

from __future__ import annotations

import datetime as dt
import http.server
import json
import os
import threading
import time
from dataclasses import asdict, replace
from typing import ClassVar

import pytest

from lcr_hpc.config import Config
from lcr_hpc.errors import RunError
from lcr_hpc.night import run_nightly
from lcr_hpc.night.account import StageRun
from lcr_hpc.night.due import deadline_of, due_nights
from lcr_hpc.night.hook import tell
from lcr_hpc.night.nightly import STEPPED_ASIDE, keep_nights
from lcr_hpc.night.owner import EXPIRY_S, OWNER_FILE, read_owner, release, sign_of_life, take, take_over
from lcr_hpc.night.summary import NightOutcome, Summary, as_json, as_page, write_summary
from lcr_hpc.store.calendar import LOCAL_TIME
from lcr_hpc.store.layout import Layout

TODAY = dt.date(2025, 10, 18)


def _config(**nightly) -> Config:
    return Config.model_validate({"nightly": nightly})


def _publish(root, *days, scenario="base"):
    for day in days:
        layout = Layout(root, dt.date(2025, 10, day), scenario)
        layout.night_dir.mkdir(parents=True)
        (layout.night_dir / "publish.json").write_text(json.dumps({"snapshot": layout.night.isoformat()}))


def _days(nights):
    return [night.day for night in nights]


def test_a_new_root_runs_yesterday_alone(tmp_path):
    due = due_nights(_config(), Layout(tmp_path, TODAY), TODAY)
    assert _days(due.nights) == [17]
    assert due.given_up == ()


def test_missed_nights_come_first_and_gaps_are_filled(tmp_path):
    _publish(tmp_path, 12, 14)
    assert _days(due_nights(_config(), Layout(tmp_path, TODAY), TODAY).nights) == [13, 15, 16, 17]
    due = due_nights(_config(catch_up=2), Layout(tmp_path, TODAY), TODAY)
    assert (_days(due.nights), _days(due.given_up)) == ([15, 16, 17], [13])
    assert _days(due_nights(_config(catch_up=0), Layout(tmp_path, TODAY), TODAY).nights) == [17]


def test_a_published_night_is_not_due_again_and_scenarios_count_apart(tmp_path):
    _publish(tmp_path, 17)
    _publish(tmp_path, 16, scenario="buses")
    assert due_nights(_config(), Layout(tmp_path, TODAY), TODAY).nights == ()
    assert _days(due_nights(_config(), Layout(tmp_path, TODAY, "buses"), TODAY).nights) == [17]


def test_the_deadline_is_the_next_time_the_local_clock_shows_it():
    before = dt.datetime(2025, 10, 18, 1, 0, tzinfo=LOCAL_TIME)
    after = dt.datetime(2025, 10, 18, 6, 30, tzinfo=LOCAL_TIME)
    config = _config(deadline="06:30")
    assert deadline_of(config, before) == dt.datetime(2025, 10, 18, 6, 30, tzinfo=LOCAL_TIME).timestamp()
    assert deadline_of(config, after) == dt.datetime(2025, 10, 19, 6, 30, tzinfo=LOCAL_TIME).timestamp()
    # The night of the change to winter time has an hour more.
    evening = dt.datetime(2025, 10, 25, 22, 30, tzinfo=LOCAL_TIME)
    assert deadline_of(config, evening) - evening.timestamp() == 9 * 3600
    assert deadline_of(_config(), before) is None


def test_retention_keeps_the_last_nights_and_what_says_that_a_night_was_published(tmp_path):
    _publish(tmp_path, 14, 15, 16)
    for day in (14, 15, 16):
        layout = Layout(tmp_path, dt.date(2025, 10, day))
        layout.store("carbon").mkdir()
        layout.manifest("carbon").touch()
    assert keep_nights(Layout(tmp_path, TODAY), 2) == ("2025-10-14",)
    assert keep_nights(Layout(tmp_path, TODAY), 2) == ()
    gone = Layout(tmp_path, dt.date(2025, 10, 14))
    assert not gone.store("carbon").exists()
    assert not gone.manifest("carbon").exists()
    assert (gone.night_dir / "publish.json").exists()
    assert Layout(tmp_path, dt.date(2025, 10, 15)).manifest("carbon").exists()


def test_a_second_night_steps_aside(tmp_path, capsys):
    owner = take(tmp_path / "run")
    assert run_nightly(root=tmp_path) == STEPPED_ASIDE
    assert "stepping aside" in capsys.readouterr().err
    assert read_owner(tmp_path / "run") == owner


def _owner_elsewhere(run_dir, silent_s):
    owner = replace(take(run_dir), host="another-host")
    told = {k: v for k, v in asdict(owner).items() if k != "silent_s"}
    (run_dir / OWNER_FILE).write_text(json.dumps(told))
    then = time.time() - silent_s
    os.utime(run_dir / OWNER_FILE, (then, then))
    return owner


def test_a_run_of_another_host_counts_as_dead_once_it_is_long_silent(tmp_path):
    _owner_elsewhere(tmp_path, EXPIRY_S - 60)
    assert read_owner(tmp_path).fate == "elsewhere"
    with pytest.raises(RunError, match="belongs to another host"):
        take_over(tmp_path)
    _age(tmp_path, EXPIRY_S + 60)
    mine = take_over(tmp_path)
    assert read_owner(tmp_path) == mine
    release(tmp_path, mine)


def test_a_sign_of_life_renews_the_owner_file(tmp_path):
    take(tmp_path)
    _age(tmp_path, 1000)
    assert read_owner(tmp_path).silent_s > 900
    now = time.monotonic()
    assert sign_of_life(tmp_path, now - 1.0) == now - 1.0
    assert read_owner(tmp_path).silent_s > 900
    assert sign_of_life(tmp_path, now - 31.0) >= now
    assert read_owner(tmp_path).silent_s < 100


def _age(run_dir, seconds):
    then = time.time() - seconds
    os.utime(run_dir / OWNER_FILE, (then, then))


def _summary(tmp_path, *codes, **nightly):
    config = _config(watts_per_core=10.0, grid_kgco2e_per_kwh=0.2, **nightly)
    outcomes = []
    for k, code in enumerate(codes):
        layout = Layout(tmp_path, dt.date(2025, 10, 15 + k))
        runs = (
            StageRun("feeds", "done", 1e9, 3600.0, 1, "Missing output files: x"),
            StageRun("traffic", "done" if code == 0 else "failed", 1e9 + 3600, 1800.0, 4, "Forced execution"),
        )
        outcomes.append(NightOutcome(config, layout, code, "", runs))
    began = dt.datetime(2025, 10, 18, 2, 0, tzinfo=LOCAL_TIME)
    return Summary(config, Layout(tmp_path, TODAY), began, tuple(outcomes), (dt.date(2025, 10, 1),), (), ())


@pytest.mark.parametrize(
    ("codes", "expect"), [((0, 0), 0), ((1, 0), 1), ((1, 3), 3), ((0, 143), 143), ((2,), 1), ((), 0)]
)
def test_the_exit_code_tells_the_worst(tmp_path, codes, expect):
    assert _summary(tmp_path, *codes).exit_code == expect


def test_the_page_says_what_ran_what_it_cost_and_what_was_given_up(tmp_path):
    summary = _summary(tmp_path, 0, 1)
    # Each night 1 h on one core and half an hour on four: 3 core-hours; at 10 W 0.06 kWh, at 0.2 kg/kWh 12 g.
    assert summary.core_hours == pytest.approx(6.0)
    page = as_page(summary)
    assert "1 of 2 nights published" in page
    assert "| feeds | done | 1 h 00 min | – | 1 | it has not run yet |" in page
    assert "| traffic | failed | 30 min 00 s |" in page
    assert "| carbon | not reached |" in page
    assert "| carbon | up to date |" in page
    assert "6 core-hours: about 0.06 kWh and 0.012 kgCO2e" in page
    assert "Given up, being older than `nightly.catch_up` = 7 nights: 2025-10-01" in page
    facts = json.loads(as_json(summary))
    assert facts["nights"][1]["stages"]["traffic"]["outcome"] == "failed"


class _Listener(http.server.BaseHTTPRequestHandler):
    heard: ClassVar[list[bytes]] = []

    def do_POST(self):
        self.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_command_and_an_address_are_told(tmp_path, capfd):
    server = http.server.HTTPServer(("127.0.0.1", 0), _Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        hook = ["sh", "-c", 'echo "$LCR_NIGHT_EXIT_CODE $LCR_NIGHT_SUBJECT"; head -1; exit 3']
        summary = _summary(tmp_path, 0, hook=hook, webhook=f"http://127.0.0.1:{server.server_port}/night")
        tell(summary.config, summary, write_summary(summary))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    told = capfd.readouterr()
    assert told.out.splitlines() == ["0 lcr-hpc: 1 of 1 nights published", "# lcr-hpc: 1 of 1 nights published"]
    assert "ended with exit code 3" in told.err
    assert json.loads(_Listener.heard[0])["headline"] == summary.headline


def test_nobody_to_tell_is_said_and_no_failure(tmp_path, capsys):
    summary = _summary(tmp_path, 0, hook=["/no/such/command"], webhook="http://127.0.0.1:9/")
    tell(summary.config, summary, write_summary(summary))
    told = capsys.readouterr().err
    assert "/no/such/command" in told
    assert "nightly.webhook http://127.0.0.1:9/" in told
