"""What we change in Snakemake's Slurm plugin."""

from __future__ import annotations

import asyncio
import logging
import time
from types import SimpleNamespace

import pytest
import snakemake_executor_plugin_slurm as plugin
from snakemake_executor_plugin_slurm import Executor

from lcr_hpc.compute.slurm import (
    FORGOTTEN_S,
    HELD,
    fail_held_jobs,
    keep_jobs_in_sight,
    poll_steadily,
    submit_what_is_ready,
)


def test_the_plugin_looks_soon_after_a_job_has_ended_and_never_waits_longer_than_it_was_told(monkeypatch):
    name = "next_seconds_between_status_checks"
    monkeypatch.setattr(Executor, name, getattr(Executor, name))
    poll_steadily()
    poll_steadily()  # twice changes nothing
    executor = Executor.__new__(Executor)
    told = SimpleNamespace(seconds_between_status_checks=20)
    executor.workflow = SimpleNamespace(remote_execution_settings=told)
    waits = [executor.next_seconds_between_status_checks]
    for _ in range(6):  # how the plugin makes it longer
        executor.next_seconds_between_status_checks = min(executor.next_seconds_between_status_checks + 10, 180)
        waits.append(executor.next_seconds_between_status_checks)
    assert waits == pytest.approx([5, 20 / 3, 80 / 9, 320 / 27, 1280 / 81, 20, 20])
    executor.next_seconds_between_status_checks = 20  # a job has ended
    assert executor.next_seconds_between_status_checks == 5


def test_jobs_that_are_ready_go_though_others_of_their_rule_are_not(monkeypatch):
    monkeypatch.setattr(plugin, "pending_jobs_for_rule", lambda dag, rule: 60)
    executor = Executor.__new__(Executor)
    executor._main_event_loop, executor.logger = None, logging.getLogger("test")
    executor.array_jobs, executor.max_array_size = {"all"}, 25
    executor.workflow = SimpleNamespace(dag=object())
    sent = []
    monkeypatch.setattr(Executor, "_submit_job", lambda self, job: sent.append([job]))
    monkeypatch.setattr(Executor, "_submit_array_jobs", lambda self, jobs: sent.append(jobs))
    jobs = [SimpleNamespace(is_group=lambda: False, rule=SimpleNamespace(name="small"), n=n) for n in range(20)]
    executor.run_jobs(jobs)
    executor.run_jobs(jobs[:1])
    assert sent == [], "the plugin no longer waits by itself: our change can go"
    submit_what_is_ready()
    executor.run_jobs(jobs)
    executor.run_jobs(jobs[:1])
    assert sent == [jobs, jobs[:1]]


def test_a_silent_controller_loses_no_job_and_a_forgotten_one_is_let_go(monkeypatch):
    answers = iter([({"7": "RUNNING", "8": "RUNNING"}, 0.1), (None, None), ({"8": "RUNNING"}, 0.1)])

    async def answer(command, logger):
        return next(answers)

    clock = [0.0]
    monkeypatch.setattr(plugin, "query_job_status", answer)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    keep_jobs_in_sight()

    def told(when):
        clock[0] = when
        return plugin.query_job_status("squeue --states=all", logging.getLogger("test"))

    async def three():
        return [(await told(when))[0] for when in (0.0, 5.0, FORGOTTEN_S + 1.0)]

    assert asyncio.run(three()) == [
        {"7": "RUNNING", "8": "RUNNING"},
        {},  # no answer: the plugin goes on with all of them, where None would have dropped them
        {"7": "COMPLETED", "8": "RUNNING"},  # Snakemake looks for its output
    ]


def test_a_job_that_slurm_holds_after_a_failed_launch_is_failed_and_one_held_by_a_person_waits(monkeypatch, tmp_path):
    async def answer(command, logger):
        return {"7": "PENDING", "8": "PENDING", "9_2": "PENDING", "10": "RUNNING"}, 0.1

    for name, does in {
        "squeue": f"printf '7|Resources\\n8|JobHeldUser\\n9_2|{HELD}\\n'",
        "scancel": f"echo $* >> {tmp_path}/cancelled",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(plugin, "query_job_status", answer)
    fail_held_jobs()
    for _ in range(2):  # cancelled once
        told, _ = asyncio.run(plugin.query_job_status("squeue", logging.getLogger("test")))
        assert told == {"7": "PENDING", "8": "PENDING", "9_2": "FAILED", "10": "RUNNING"}
    assert (tmp_path / "cancelled").read_text() == "9_2\n"
