"""Calls of Snakemake: their options, their process, their events."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from lcr_hpc.compute.threads import thread_environment
from lcr_hpc.config import project_dir
from lcr_hpc.errors import ConfigError
from lcr_hpc.night.processes import TOKEN_VARIABLE

Event = dict[str, Any]
Step = Literal["began", "done", "failed"]
POLL_S = 0.1


@dataclass(frozen=True)
class Call:
    """What Snakemake is asked for."""

    root: Path
    config_file: Path
    directory: Path
    """Where Snakemake keeps its records: <root>/run."""
    profile: str = "local"
    cores: int | None = None
    targets: tuple[str, ...] = ()
    """Rules: every one in question, since Snakemake overlooks a missing file that is no target itself."""
    forced: tuple[str, ...] = ()
    """Rules to run although their manifest is there."""
    extra: tuple[str, ...] = ()

    def options(self) -> list[str]:
        """Options of Snakemake's command line."""
        command = ["--snakefile", str(project_dir() / "Snakefile"), "--directory", str(self.directory)]
        command += ["--profile", str(find_profile(self.profile)), "--workflow-profile", "none"]
        if self.profile == "local" or self.cores is not None:
            command += ["--cores", str(self.cores or len(os.sched_getaffinity(0)))]
        command += ["--config", f"lcr_config={self.config_file}", f"lcr_root={self.root}"]
        # A manifest is written last: one of an interrupted job is either whole or not there.
        command += ["--rerun-incomplete", "--nocolor", *self.extra]
        if self.forced:
            command += ["--forcerun", *self.forced]
        return [*command, "--", *self.targets]


def find_profile(profile: str) -> Path:
    """Folder of a Snakemake profile: a name under slurm/profiles, or any folder that holds a config.yaml."""
    home = project_dir() / "slurm" / "profiles"
    for folder in (home / profile, Path(profile)):
        if any(folder.glob("config*.yaml")):
            return folder.resolve()
    known = ", ".join(sorted(p.name for p in home.glob("*") if any(p.glob("config*.yaml"))))
    raise ConfigError(
        f"no profile `{profile}`; there are: {known}; or name a folder with a Snakemake config.yaml", field="profile"
    )


def is_locked(directory: Path) -> bool:
    """Whether Snakemake's own lock is there: of a live call, or of one that was killed."""
    return any((directory / ".snakemake" / "locks").glob("*"))


def command_of(calls: Iterable[Call], events: Path) -> list[str]:
    """Command that makes calls in turn, until one fails, and tells of them in an events file."""
    return [sys.executable, "-m", "lcr_hpc.night.events", str(events), json.dumps([call.options() for call in calls])]


def start(
    command: list[str], log: Path, token: str, threads: int, more: Mapping[str, str] = MappingProxyType({})
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, so that Ctrl-C reaches it through us and in order.

    `more` is what a site's modules add to the environment, which jobs inherit.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    ours = thread_environment(threads) | {TOKEN_VARIABLE: token, "PYTHONUNBUFFERED": "1"}
    environment = os.environ | dict(more) | ours
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )


def follow(
    process: subprocess.Popen[bytes], events: Path, tick: Callable[[], None], position: int = 0
) -> Iterator[Event]:
    """Yield events as they come, until the process has ended; call `tick` between looks."""
    while True:
        ended = process.poll() is not None
        found, position = read_events(events, position)
        yield from found
        if ended and not found:
            return
        tick()
        time.sleep(POLL_S)


def read_events(path: Path, position: int = 0) -> tuple[list[Event], int]:
    """Whole lines from a position on, and the position after them."""
    try:
        with path.open("rb") as file:
            file.seek(position)
            data = file.read()
    except FileNotFoundError:
        return [], position
    whole = data[: data.rfind(b"\n") + 1]
    found = []
    for line in whole.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:  # a line cut short by a kill, with the next run's line after it
            continue
    return found, position + len(whole)


def steps_of(events: Iterable[Event], jobs: dict[int, str | None]) -> Iterator[tuple[Step, str, float]]:
    """What happened to which rule and when, from events in order.

    Parameters
    ----------
    events : iterable of dict
        From `follow` or `read_events`.
    jobs : dict of int to str or None
        What is known so far of jobs by number, kept between calls: Snakemake says that a job started before it
        says which rule it is, and numbers jobs anew in each call.
    """
    for event in events:
        kind, when = event["event"], event["time"]
        if kind == "workflow_started":
            jobs.clear()
        elif kind == "job_started":
            jobs |= dict.fromkeys(event["jobs"])
        elif kind == "job_info":
            if event["jobid"] in jobs:
                yield "began", event["rule_name"], when
            jobs[event["jobid"]] = event["rule_name"]
        elif kind == "job_finished" and (rule := jobs.get(event["job_id"])):
            yield "done", rule, when
        elif kind == "job_error":
            yield "failed", event["rule_name"], when
