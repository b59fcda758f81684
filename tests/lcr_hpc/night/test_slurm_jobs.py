"""What a dead run left in Slurm's queue is cancelled before stores are written again."""

from __future__ import annotations

import json
import os

import pytest

from lcr_hpc.errors import RunError
from lcr_hpc.night.slurm_jobs import cancel_jobs


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """A queue in a file, and two commands that know of it."""
    queue = tmp_path / "queue"
    queue.write_text("71\n72\n")
    (tmp_path / "squeue").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\ncat {queue}\n')
    (tmp_path / "scancel").write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/cancelled\n: > {queue}\n')
    for name in ("squeue", "scancel"):
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def events_file(folder, *texts):
    file = folder / "events.jsonl"
    file.write_text("".join(json.dumps({"time": 0.0, "event": "message", "text": t}) + "\n" for t in texts))
    return file


def test_jobs_of_both_calls_are_cancelled_by_name(slurm):
    cancel_jobs(events_file(slurm, "SLURM run ID: b-2", "Building DAG of jobs...", "SLURM run ID: a-1"))
    assert "--name=a-1,b-2" in (slurm / "asked").read_text()
    assert (slurm / "cancelled").read_text().split() == ["71", "72"]


def test_a_run_without_slurm_asks_nothing(slurm):
    cancel_jobs(events_file(slurm, "Building DAG of jobs..."))
    assert not (slurm / "asked").exists()


def test_jobs_that_do_not_end_stop_the_resume(slurm):
    (slurm / "scancel").write_text("#!/bin/sh\n")
    with pytest.raises(RunError, match="71, 72 of the last run do not end"):
        cancel_jobs(events_file(slurm, "SLURM run ID: a-1"), wait_s=0.0)


def test_another_machine_without_slurm_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RunError, match="`squeue` cannot be asked here"):
        cancel_jobs(events_file(tmp_path, "SLURM run ID: a-1"))
