"""What a run would do, why, and at what cost: Snakemake's own decision, told in the night's words; no disk changes."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lcr_hpc.config import Config, dump_config, load_config
from lcr_hpc.errors import RunError
from lcr_hpc.night.calls import Call, Event, command_of, read_events
from lcr_hpc.night.history import Estimate, estimate, read_history
from lcr_hpc.night.progress import duration
from lcr_hpc.night.reasons import UPSTREAM, plain_reason
from lcr_hpc.night.request import Request, absolute_feeds, check, check_base
from lcr_hpc.night.stages import (
    SPINE_STAGES,
    STAGES,
    last_stage,
    lost_stages,
    stage_outputs,
    stages_until,
)
from lcr_hpc.night.tables import print_table
from lcr_hpc.store.layout import Layout, layout_of


@dataclass(frozen=True)
class PlannedJob:
    """One stage that would run."""

    stage: str
    certain: bool
    """False: only if the stores before it change."""
    reason: str
    partition: str
    """Of the cluster; "" on this machine, or where the cluster chooses."""
    ranks: int
    threads: int
    estimate: Estimate | None
    """From earlier runs; None = never ran here."""


@dataclass(frozen=True)
class Plan:
    """What a run would do."""

    layout: Layout
    jobs: tuple[PlannedJob, ...]


def plan_night(
    config_path: Path | None = None, *, root: Path | None = None, profile: str = "local", targets: Sequence[str] = ()
) -> int:
    """Print what would run and why; always 0."""
    plan = make_plan(config_path, root=root, profile=profile, targets=targets)
    print(f"night {plan.layout.night}, scenario {plan.layout.scenario}, in {plan.layout.root}")
    if not plan.jobs:
        print("nothing would run: all is up to date")
        return 0
    rows = [
        (
            job.stage if job.certain else f"({job.stage})",
            job.partition or "–",
            str(job.ranks),
            str(job.threads),
            *_told(job.estimate),
            job.reason,
        )
        for job in plan.jobs
    ]
    print_table(("stage", "partition", "ranks", "threads", "time", "core-hours", "store", "told from", "because"), rows)
    known = [job.estimate for job in plan.jobs if job.estimate]
    if known:
        hours, size = sum(e.core_hours for e in known), sum(e.bytes for e in known)
        more = f", besides {n} that never ran here" if (n := len(plan.jobs) - len(known)) else ""
        print(f"in all {duration(sum(e.seconds for e in known))}, {hours:.3g} core-hours, {_size(size)}{more}")
    return 0


def make_plan(
    config_path: Path | None = None, *, root: Path | None = None, profile: str = "local", targets: Sequence[str] = ()
) -> Plan:
    """Return what would run and why.

    Raises
    ------
    ConfigError, InputError
        For a config, profile or target that cannot be used.
    RunError
        When Snakemake cannot plan, with its last words.
    """
    config = load_config(config_path)
    check(config, Request(profile, None, tuple(targets)))
    layout = layout_of(config, root)
    check_base(config, layout, Request(profile, None, tuple(targets)))
    last = last_stage(targets)
    lost = [s for s in lost_stages(layout) if s in stages_until(last)]
    jobs = [e for e in dry_run(config, layout, profile, last, lost) if e["event"] == "job_info"]
    history = read_history(layout.run_dir)
    by_rule = {e["rule_name"]: e for e in jobs if e["rule_name"] in STAGES}
    planned: list[PlannedJob] = []
    for stage in (s for s in STAGES if s in by_rule):
        certain, reason = _explain(stage, str(by_rule[stage].get("reason", "")), layout, lost, planned)
        event = by_rule[stage]
        resources = event.get("resources", {})
        ranks, threads = int(resources.get("tasks", 1)), int(event.get("threads", 1))
        told = estimate(stage, config, ranks * threads, history)
        partition = str(resources.get("slurm_partition", ""))
        planned.append(PlannedJob(stage, certain, reason, partition, ranks, threads, told))
    return Plan(layout, tuple(planned))


def dry_run(config: Config, layout: Layout, profile: str, last: str, lost: list[str]) -> list[Event]:
    """Events of a dry run up to a stage, as if the lost ones had not run; no disk changes.

    Raises
    ------
    RunError
        When Snakemake cannot plan, with its last words.
    """
    with tempfile.TemporaryDirectory(prefix="lcr-plan-") as scratch:
        config_file, events = Path(scratch, "config.yaml"), Path(scratch, "events.jsonl")
        config_file.write_text(dump_config(absolute_feeds(config)), encoding="utf-8")
        records = layout.run_dir if layout.run_dir.is_dir() else Path(scratch)
        call = Call(
            layout.root,
            config_file,
            records,
            profile,
            None,
            stages_until(last),
            tuple(lost),
            extra=("--dry-run", "--nolock"),
        )
        done = subprocess.run(command_of([call], events), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RunError("Snakemake cannot plan this night: " + (done.stderr or done.stdout).strip()[-2000:])
        return read_events(events)[0]


def _told(found: Estimate | None) -> tuple[str, str, str, str]:
    if found is None:
        return "?", "?", "?", "never ran here"
    return duration(found.seconds), f"{found.core_hours:.2g}", _size(found.bytes), found.basis


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000.0:
            return f"{count:.3g} {unit}"
        count /= 1000.0
    return f"{count:.3g} TB"


def _explain(stage: str, told: str, layout: Layout, lost: list[str], planned: list[PlannedJob]) -> tuple[bool, str]:
    """Whether a stage is sure to run, and why, in a person's words."""
    if stage in lost:
        return True, "its release is gone" if stage == "publish" else "its store is gone"
    upstream = _upstream(told, layout)
    own = "; ".join(part for part in told.split("; ") if part and not part.startswith(UPSTREAM))
    if own:
        return True, plain_reason(own)
    sure = {job.stage for job in planned if job.certain}
    same_call = {s for s in upstream if (s in SPINE_STAGES) == (stage in SPINE_STAGES)}
    certain = bool(same_call & sure)
    names = ", ".join(upstream)
    return certain, f"it follows {names}" if certain else f"only if {names} gives something else than before"


def _upstream(told: str, layout: Layout) -> list[str]:
    files = {
        path for part in told.split("; ") if part.startswith(UPSTREAM) for path in part[len(UPSTREAM) :].split(", ")
    }
    return [s for s in STAGES if files & {str(path) for path in stage_outputs(layout, s)}]
