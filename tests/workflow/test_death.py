"""Failures, kills and second runs: what is finished stays, and the way on is said."""

from __future__ import annotations

import os
import signal

import pytest

pytestmark = pytest.mark.chain


def test_a_failed_stage_is_named_with_its_message_and_exit_code_1(root):
    process = root.start("run_night", {"FAKE_FAIL": "carbon"})
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "[4/6] carbon FAILED" in said
    assert "found 3 slabs, wanted 4; give it one more" in said
    assert "carbon.log" in said
    status = root.say("night_status", expect=1).splitlines()
    states = {line.split()[0]: line.split()[1] for line in status if line.startswith(("traffic", "carbon", "health"))}
    assert states == {"traffic": "done", "carbon": "failed", "health": "missing"}
    assert root.run() == ["carbon", "health", "publish"]


@pytest.mark.parametrize("stage", ["ingest", "carbon"])
def test_a_killed_run_resumes_to_the_same_manifests(root, stage):
    process = root.start_until(stage)
    assert "a run is going on" in root.say("run_night", expect=2)
    assert "a run is going on" in root.say("resume_night", expect=2)
    assert f"{stage}" in root.say("night_status", expect=1)
    process.kill()
    process.wait()
    assert len(root.living()) >= 3  # Snakemake, the job's shell, the stage
    assert "continue it with `lcr resume`" in root.say("run_night", expect=2)
    assert "interrupted" in root.say("night_status", expect=1)

    root.say("resume_night")
    assert root.living() == []
    resumed = root.manifests()
    assert root.run() == []
    for path in root.path.glob("nights/*/*/*.json"):
        path.unlink()
    root.run()
    assert root.manifests() == resumed


def test_everything_killed_at_once_resumes(root):
    process = root.start_until("traffic")
    for pid in [process.pid, *root.living()]:
        os.kill(pid, signal.SIGKILL)
    process.wait()
    root.say("resume_night")
    assert root.ran()[-4:] == ["traffic", "carbon", "health", "publish"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_nothing_behind(root, number):
    process = root.start_until("traffic")
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "Continue with `lcr resume`" in said
    assert root.living() == []
    root.say("resume_night")
    assert root.run() == []
