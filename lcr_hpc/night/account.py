"""What a run did, stage by stage: told from the events that it left."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from lcr_hpc.night.calls import Event

Outcome = Literal["done", "failed", "stopped"]
_SUBMITTED = re.compile(r"Job (\d+) has been submitted with SLURM jobid (\d+)")


@dataclass(frozen=True)
class StageRun:
    """One stage as it ran."""

    stage: str
    outcome: Outcome
    """`stopped`: it had begun, and nothing was heard of its end."""
    began: float
    """Seconds since 1970."""
    seconds: float
    """Wall time; on a cluster the wait in the queue is in it."""
    cores: int
    """Ranks times threads: what it held, whether it used them or not."""
    reason: str
    """Why Snakemake ran it, in Snakemake's words."""
    slurm_job: str | None = None

    @property
    def core_hours(self) -> float:
        """Cores held, times hours."""
        return self.cores * self.seconds / 3600.0


def account(events: Iterable[Event]) -> tuple[StageRun, ...]:
    """Stages that a run began, in order.

    Parameters
    ----------
    events : iterable of dict
        All of a run, from `read_events`: several calls of Snakemake, each of which numbers its jobs anew.
    """
    finished: list[StageRun] = []
    running: dict[int, StageRun] = {}
    started: set[int] = set()
    jobs: dict[int, str] = {}
    last = 0.0
    for event in events:
        kind, last = event["event"], max(last, event["time"])
        if kind == "workflow_started":
            finished += [_ended(run, "stopped", last) for run in running.values()]
            running, started, jobs = {}, set(), {}
        elif kind == "job_started":
            started |= set(event["jobs"])
        elif kind == "job_info" and event["jobid"] in started:
            running[event["jobid"]] = _begun(event, jobs.get(event["jobid"]))
        elif kind == "job_finished" and (run := running.pop(event["job_id"], None)):
            finished.append(_ended(run, "done", event["time"]))
        elif kind == "job_error" and (run := running.pop(event["jobid"], None)):
            finished.append(_ended(run, "failed", event["time"]))
        elif match := _SUBMITTED.search(str(event.get("text", ""))):
            number, job = int(match[1]), match[2]
            jobs[number] = job
            if number in running:
                running[number] = replace(running[number], slurm_job=job)
    finished += [_ended(run, "stopped", last) for run in running.values()]
    return tuple(sorted(finished, key=lambda run: run.began))


def _begun(event: Event, slurm_job: str | None) -> StageRun:
    tasks = int(event.get("resources", {}).get("tasks", 1))
    cores = max(tasks, 1) * int(event.get("threads", 1))
    return StageRun(event["rule_name"], "stopped", event["time"], 0.0, cores, str(event.get("reason", "")), slurm_job)


def _ended(run: StageRun, outcome: Outcome, when: float) -> StageRun:
    return replace(run, outcome=outcome, seconds=max(when - run.began, 0.0))
