"""Failures, kills and second runs: what is finished stays, and the way on is said."""

from __future__ import annotations

import os
import signal

import pytest

from lcr_hpc.night import read_status
from lcr_hpc.night.history import read_history

pytestmark = pytest.mark.chain


def states(root) -> dict[str, str]:
    return {line.split()[0]: line.split()[1] for line in root.say("night_status").splitlines()[1:]}


def test_a_failed_stage_is_named_with_its_message_and_exit_code_1(root):
    process = root.start("run_night", {"FAKE_FAIL": "carbon"})
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "[4/6] carbon FAILED" in said
    assert "found 3 slabs, wanted 4; give it one more" in said
    assert "carbon.log" in said
    assert states(root).items() >= {"traffic": "done", "carbon": "failed", "health": "missing"}.items()
    assert root.run() == ["carbon", "health", "publish"]


def test_everything_killed_at_once_resumes(root):
    process = root.start_until("ingest")
    for pid in [process.pid, *root.living()]:
        os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=30)
    assert list((root.path / "run" / ".snakemake" / "locks").iterdir())
    root.say("resume_night")
    assert root.ran() == ["feeds", "ingest", "ingest", "traffic", "carbon", "health", "publish"]
    # What had ended before the kill is in the history too: its time is told, and counts for the next estimate.
    history = read_history(root.path / "run")
    assert [r.stage for r in history] == ["feeds", "ingest", "traffic", "carbon", "health", "publish"]
    assert read_status(root.config, root=root.path).stages[0].seconds == history[0].seconds > 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_nothing_behind(root, number):
    process = root.start_until("feeds")
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "Continue with `lcr resume`" in said
    assert root.living() == []
    root.say("resume_night")
    assert states(root)["publish"] == "done"
