"""What a person sees, from Snakemake's events."""

from __future__ import annotations

import io

import pytest

from lcr_hpc.night.calls import read_events, steps_of
from lcr_hpc.night.progress import Progress, duration

STAGES = ("feeds", "ingest", "traffic", "carbon")


def job(number: int, rule: str) -> list[dict[str, object]]:
    """Snakemake says that a job starts before it says which rule it is."""
    return [
        {"time": 1.0, "event": "job_started", "jobs": [number]},
        {"time": 1.0, "event": "job_info", "jobid": number, "rule_name": rule},
    ]


def finished(number: int) -> dict[str, object]:
    return {"time": 2.0, "event": "job_finished", "job_id": number}


def begun() -> dict[str, object]:
    return {"time": 0.0, "event": "workflow_started"}


@pytest.fixture
def progress():
    made = Progress(STAGES, {"feeds": 1.0, "ingest": 2.0, "traffic": 60.0, "carbon": 100.0}, io.StringIO())
    yield made
    made.close()


def said(progress) -> list[str]:
    return progress.stream.getvalue().splitlines()


def test_a_line_when_a_stage_begins_and_when_it_ends(progress):
    for event in [begun(), *job(0, "traffic"), finished(0), *job(1, "carbon")]:
        progress.take(event)
    assert said(progress) == [
        "[3/4] traffic running, 0 s elapsed, about 2 min 40 s left",
        "[3/4] traffic done in 0 s",
        "[4/4] carbon running, 0 s elapsed, about 1 min 40 s left",
    ]
    assert progress.ran == ["traffic"]


def test_time_left_is_unknown_when_a_stage_never_ran():
    progress = Progress(STAGES, {"traffic": 60.0}, io.StringIO())
    for event in job(0, "traffic"):
        progress.take(event)
    assert said(progress) == ["[3/4] traffic running, 0 s elapsed, time left unknown"]


def test_a_call_that_ran_nothing_leaves_its_stages_up_to_date(progress):
    progress.finish_call(("feeds", "ingest"))
    assert progress.time_left_s() == 160.0
    progress.finish_call(("traffic", "carbon"))
    assert progress.time_left_s() == 0.0
    assert progress.ran == []
    assert progress.failed is None


def test_the_failed_stage_is_known(progress):
    for event in [*job(3, "ingest"), {"time": 2.0, "event": "job_error", "jobid": 3, "rule_name": "ingest"}]:
        progress.take(event)
    assert progress.failed == "ingest"
    assert said(progress)[-1] == "[2/4] ingest FAILED after 0 s"


def test_job_numbers_begin_anew_in_each_call():
    events = [begun(), *job(0, "ingest"), finished(0), begun(), *job(0, "traffic"), finished(0)]
    assert [(what, rule) for what, rule, _ in steps_of(events, {})] == [
        ("began", "ingest"),
        ("done", "ingest"),
        ("began", "traffic"),
        ("done", "traffic"),
    ]


def test_a_terminal_gets_one_line_that_is_taken_away():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    progress = Progress(STAGES, {}, Terminal())
    for event in job(0, "traffic"):
        progress.take(event)
    progress.tick()
    progress.take(finished(0))
    progress.close()
    assert progress.stream.getvalue().count("traffic done in") == 1
    assert "\x1b[" in progress.stream.getvalue()


def test_events_are_read_in_whole_lines_only(tmp_path):
    file = tmp_path / "events.jsonl"
    assert read_events(file) == ([], 0)
    file.write_text('{"event": "a"}\n{"eve')
    events, position = read_events(file)
    assert events == [{"event": "a"}]
    with file.open("a") as more:
        more.write('nt": "b"}\ncut sh\n{"event": "c"}\n')
    assert [e["event"] for e in read_events(file, position)[0]] == ["b", "c"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (7620, "2 h 07 min")]
)
def test_durations_as_a_person_says_them(seconds, text):
    assert duration(seconds) == text
