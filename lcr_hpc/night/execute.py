"""The two calls of Snakemake that make a night, for a run and for a resumed one."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from lcr_hpc.config import Config
from lcr_hpc.night.calls import Call, follow, start
from lcr_hpc.night.outcome import explain_failure, say_done
from lcr_hpc.night.owner import Owner
from lcr_hpc.night.processes import stop_processes
from lcr_hpc.night.progress import Progress
from lcr_hpc.night.request import CONFIG_FILE, Request, write_request
from lcr_hpc.night.stages import (
    SPINE_STAGES,
    earlier_seconds,
    last_stage,
    log_path,
    lost_stages,
    stages_until,
)
from lcr_hpc.store.layout import Layout

EVENTS_FILE = "events.jsonl"
"""What the last run of a root did, as it happens: under <root>/run."""


class Stopped(Exception):
    """A signal asked the run to stop."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


def execute(config: Config, layout: Layout, request: Request, owner: Owner, *, unlock: bool = False) -> int:
    """Run a night in a root that is ours, and end what was started if it cannot go on.

    Parameters
    ----------
    config, layout, request
        What to run, where, and how.
    owner : Owner
        Whose token the processes of the run carry.
    unlock : bool
        Take Snakemake's own lock away first: of a run that is known to be dead.

    Returns
    -------
    int
        0; 1 when a stage failed; 128 + the signal's number when stopped.
    """
    write_request(layout.run_dir, config, request)
    events = layout.run_dir / EVENTS_FILE
    events.unlink(missing_ok=True)
    scope = stages_until(last_stage(request.targets))
    progress = Progress(scope, {stage: earlier_seconds(layout, stage) for stage in scope})
    progress.say(f"night {layout.night}, scenario {layout.scenario}, in {layout.root}")
    run = _Run(layout, request, owner, progress, config.compute.threads, events)
    try:
        with _signals():
            ok = (not unlock or run.call(scope, extra=("--unlock",))) and run.all_calls(scope)
    except Stopped as stopped:
        progress.close()
        _end_children(owner)
        print("stopped; what is finished stays. Continue with `lcr resume`", file=sys.stderr)
        return stopped.exit_code
    except BaseException:
        _end_children(owner)
        raise
    finally:
        progress.close()
    if not ok:
        explain_failure(layout, progress)
        return 1
    say_done(layout, progress, scope)
    return 0


def calls_of(scope: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Stages of each call: within one, an upstream rerun carries all downstream with it."""
    spine = tuple(s for s in scope if s in SPINE_STAGES)
    return [stages for stages in (spine, scope[len(spine) :]) if stages]


@dataclass(frozen=True)
class _Run:
    layout: Layout
    request: Request
    owner: Owner
    progress: Progress
    threads: int
    events: Path

    def all_calls(self, scope: tuple[str, ...]) -> bool:
        for stages in calls_of(scope):
            if not self.call(stages, tuple(s for s in lost_stages(self.layout) if s in stages)):
                return False
            self.progress.finish_call(stages)
        return True

    def call(self, stages: tuple[str, ...], forced: tuple[str, ...] = (), extra: tuple[str, ...] = ()) -> bool:
        run_dir, request = self.layout.run_dir, self.request
        position = self.events.stat().st_size if self.events.exists() else 0
        call = Call(
            root=self.layout.root,
            config_file=run_dir / CONFIG_FILE,
            directory=run_dir,
            events=self.events,
            profile=request.profile,
            cores=request.cores,
            targets=stages,
            forced=forced,
            extra=extra,
        )
        process = start(call, log_path(self.layout, "workflow"), self.owner.token, self.threads)
        for event in follow(process, self.events, self.progress.tick, position):
            self.progress.take(event)
        return process.returncode == 0


def _end_children(owner: Owner) -> None:
    """End what we started, deaf to further signals: half an end would leave orphans."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _caught()}
    try:
        stop_processes(owner.token)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _signals() -> Iterator[None]:
    def stop(number: int, _frame: FrameType | None) -> None:
        raise Stopped(number)

    before = {number: signal.signal(number, stop) for number in _caught()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _caught() -> list[signal.Signals]:
    """Signals that end a run in order; under nohup SIGHUP is ignored and stays so."""
    wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    return [number for number in wanted if signal.getsignal(number) != signal.SIG_IGN]
