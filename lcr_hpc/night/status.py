"""Where a night stands: told from manifests, the owner file and the last run's events, so it may be asked any time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lcr_hpc.config import load_config
from lcr_hpc.errors import LcrError, StoreError
from lcr_hpc.night.account import account
from lcr_hpc.night.calls import Event, Step, read_events, steps_of
from lcr_hpc.night.execute import EVENTS_FILE
from lcr_hpc.night.history import last_seconds, read_history
from lcr_hpc.night.owner import Owner, read_owner
from lcr_hpc.night.progress import duration
from lcr_hpc.night.request import CONFIG_FILE
from lcr_hpc.night.stages import STAGES, lost_stages, stage_outputs, stage_stores
from lcr_hpc.night.tables import print_table
from lcr_hpc.store.layout import Layout, layout_of
from lcr_hpc.store.manifest import fingerprint_file, read_manifest

StageState = Literal["done", "running", "interrupted", "failed", "missing"]


@dataclass(frozen=True)
class StageStatus:
    """Where one stage stands."""

    stage: str
    state: StageState
    fingerprint: str
    """First twelve figures of its store's fingerprint, or of its last file's; several stores: of all; "" = none."""
    seconds: float | None
    """So far for a running stage, else of its last run; None = never ran here."""


@dataclass(frozen=True)
class NightStatus:
    """Where a night of a root stands."""

    layout: Layout
    owner: Owner | None
    stages: tuple[StageStatus, ...]


def night_status(config_path: Path | None = None, *, root: Path | None = None) -> int:
    """Print where a night stands; always 0."""
    status = read_status(config_path, root=root)
    layout = status.layout
    print(f"night {layout.night}, scenario {layout.scenario}, in {layout.root}")
    if status.owner:
        said = {"alive": "running", "dead": "killed; continue with `lcr resume`", "elsewhere": "on another host"}
        print(f"{said[status.owner.fate]}: {status.owner}")
    rows = [
        (s.stage, s.state, s.fingerprint or "–", "–" if s.seconds is None else duration(s.seconds))
        for s in status.stages
    ]
    print_table(("stage", "state", "fingerprint", "took"), rows)
    return 0


def read_status(config_path: Path | None = None, *, root: Path | None = None) -> NightStatus:
    """Return where a night stands: of the config given, else of the root's last run."""
    layout = layout_of(load_config(config_path), root)
    last = layout.run_dir / CONFIG_FILE
    if config_path is None and last.is_file():
        layout = layout_of(load_config(last), layout.root)
    owner = read_owner(layout.run_dir)
    events = _last_run(layout)
    steps = {rule: (what, when) for what, rule, when in steps_of(events, {})}
    # What the last run has done so far is in the history only when it has ended.
    took = {run.stage: run.seconds for run in account(events) if run.outcome == "done"}
    history, lost = read_history(layout.run_dir), lost_stages(layout)
    seconds = {s: took.get(s, last_seconds(s, layout, history)) for s in STAGES}
    return NightStatus(layout, owner, tuple(_stage_status(layout, s, owner, steps, lost, seconds[s]) for s in STAGES))


def _stage_status(
    layout: Layout,
    stage: str,
    owner: Owner | None,
    steps: dict[str, tuple[Step, float]],
    lost: list[str],
    seconds: float | None,
) -> StageStatus:
    event, when = steps.get(stage, ("done", 0.0))
    if event == "began" and owner:
        state: StageState = "interrupted" if owner.fate == "dead" else "running"
        return StageStatus(stage, state, "", time.time() - when if state == "running" else None)
    if stage not in lost and all(path.is_file() for path in stage_outputs(layout, stage)):
        return StageStatus(stage, "done", _fingerprint(layout, stage), seconds)
    return StageStatus(stage, "failed" if event == "failed" else "missing", "", seconds)


def _fingerprint(layout: Layout, stage: str) -> str:
    names = stage_stores(stage)
    try:
        if len(names) == 1:
            return read_manifest(layout.manifest(names[0])).fingerprint[:12]
        return _digest([fingerprint_file(path) for path in stage_outputs(layout, stage)])
    except (StoreError, OSError):
        return "damaged"


def _digest(fingerprints: list[str]) -> str:
    import hashlib

    return (
        fingerprints[0][:12]
        if len(fingerprints) == 1
        else hashlib.sha256("".join(fingerprints).encode()).hexdigest()[:12]
    )


def _last_run(layout: Layout) -> list[Event]:
    """Events of the last run of the root, when that run was of this night."""
    try:
        last = load_config(layout.run_dir / CONFIG_FILE)
    except LcrError:
        return []
    if (last.night, last.scenario) != (layout.night, layout.scenario):
        return []
    return read_events(layout.run_dir / EVENTS_FILE)[0]
