"""The two calls of Snakemake that make a night, for a run and for a resumed one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType

from lcr_hpc.config import Config, load_config
from lcr_hpc.errors import LcrError, RunError
from lcr_hpc.night.account import account
from lcr_hpc.night.calls import Call, command_of, follow, read_events, start
from lcr_hpc.night.history import read_history, remember, usual_seconds
from lcr_hpc.night.outcome import explain_failure, say_done
from lcr_hpc.night.owner import Owner, sign_of_life
from lcr_hpc.night.processes import stop_processes
from lcr_hpc.night.progress import Progress
from lcr_hpc.night.provenance import crate_folder, write_crate
from lcr_hpc.night.request import CONFIG_FILE, Request, absolute_feeds, write_request
from lcr_hpc.night.site import module_environment, modules_of
from lcr_hpc.night.slurm_jobs import cancel_jobs
from lcr_hpc.night.stages import (
    SPINE_STAGES,
    STAGES,
    last_stage,
    log_path,
    lost_stages,
    outdated_stages,
    stages_until,
)
from lcr_hpc.store.layout import Layout

EVENTS_FILE = "events.jsonl"
"""What the last run of a root did, as it happens: under <root>/run."""
TOO_LATE = 3
"""Exit code of a run that its deadline ended."""


class Stopped(Exception):
    """A signal, or the deadline, asked the run to stop."""

    def __init__(self, exit_code: int, why: str) -> None:
        super().__init__(why)
        self.exit_code = exit_code


def execute(
    config: Config,
    layout: Layout,
    request: Request,
    owner: Owner,
    *,
    unlock: bool = False,
    deadline: float | None = None,
) -> int:
    """Run a night in a root that is ours, and end what was started if it cannot go on.

    Parameters
    ----------
    config, layout, request
        What to run, where, and how.
    owner : Owner
        Whose token the processes of the run carry.
    unlock : bool
        Take Snakemake's own lock away first: of a run that is known to be dead.
    deadline : float, optional
        Seconds since 1970 at which the run is stopped.

    Returns
    -------
    int
        0; 1 when a stage failed; 3 when the deadline passed; 128 + the signal's number when stopped.
    """
    # As the stages see it: their manifests tell of settings with whole paths.
    config = absolute_feeds(config)
    modules = module_environment(modules_of(request.profile))
    events = layout.run_dir / EVENTS_FILE
    _remember_killed(layout)
    write_request(layout.run_dir, config, request)
    events.unlink(missing_ok=True)
    scope = stages_until(last_stage(request.targets))
    history = read_history(layout.run_dir)
    progress = Progress(scope, {stage: usual_seconds(stage, config, history) for stage in scope})
    progress.say(f"night {layout.night}, scenario {layout.scenario}, in {layout.root}")
    again = {*lost_stages(layout), *outdated_stages(layout, config)}
    rounds = calls_of(scope)
    calls = [_call(layout, request, stages, forced=[s for s in stages if s in again]) for stages in rounds]
    if unlock:
        rounds, calls = [(), *rounds], [_call(layout, request, scope, extra=("--unlock",)), *calls]
    alive = time.monotonic()

    def tick() -> None:
        nonlocal alive
        alive = sign_of_life(layout.run_dir, alive)
        if deadline is not None and time.time() > deadline:
            raise Stopped(TOO_LATE, "the deadline has passed")
        progress.tick()

    process: subprocess.Popen[bytes] | None = None
    try:
        with _signals():
            command = command_of(calls, events)
            process = start(command, log_path(layout, "workflow"), owner.token, config.compute.threads, modules)
            for event in follow(process, events, tick):
                progress.take(event)
                if event["event"] == "call_finished":
                    progress.finish_call(rounds[event["call"]])
    except Stopped as stopped:
        progress.close()
        _end_children(owner, events, process)
        print(f"{stopped}: what is finished stays. Continue with `lcr resume`", file=sys.stderr)
        return stopped.exit_code
    except BaseException:
        _end_children(owner, events, process)
        raise
    finally:
        progress.close()
        remember(layout, config, account(read_events(events)[0]))
    if process.returncode != 0:
        explain_failure(layout, progress)
        return 1
    if scope[-1] == STAGES[-1] and (progress.ran or not crate_folder(layout).is_dir()):
        write_crate(config, layout)
    say_done(layout, progress, scope)
    return 0


def _remember_killed(layout: Layout) -> None:
    """Keep what the last run of the root finished before it was killed; one that ended has told of it itself."""
    with suppress(LcrError):
        last = load_config(layout.run_dir / CONFIG_FILE)
        place = replace(layout, night=last.night, scenario=last.scenario)
        remember(place, last, account(read_events(layout.run_dir / EVENTS_FILE)[0]))


def calls_of(scope: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Stages of each call: within one, an upstream rerun carries all downstream with it."""
    spine = tuple(s for s in scope if s in SPINE_STAGES)
    return [stages for stages in (spine, scope[len(spine) :]) if stages]


def _call(
    layout: Layout, request: Request, stages: tuple[str, ...], forced: Sequence[str] = (), extra: tuple[str, ...] = ()
) -> Call:
    return Call(
        root=layout.root,
        config_file=layout.run_dir / CONFIG_FILE,
        directory=layout.run_dir,
        profile=request.profile,
        cores=request.cores,
        targets=stages,
        forced=tuple(forced),
        extra=extra,
    )


def _end_children(owner: Owner, events: Path, process: subprocess.Popen[bytes] | None) -> None:
    """End what we started, deaf to further signals: half an end would leave orphans."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _caught()}
    try:
        stop_processes(owner.token)
        if process is not None:
            process.wait()
        with suppress(RunError):  # `lcr resume` cancels what is left, or says that it cannot
            cancel_jobs(events, wait_s=10.0)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _signals() -> Iterator[None]:
    def stop(number: int, _frame: FrameType | None) -> None:
        raise Stopped(128 + number, "stopped")

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
