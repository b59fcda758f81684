"""The stages of a night in order, and the files that the workflow keeps about each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from lcr_hpc.config import Config
from lcr_hpc.errors import StoreError, raise_all
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import code_version, read_manifest
from lcr_hpc.store.variables import MODEL_STORES, SPINE_STORES

STAGES = ("feeds", "ingest", "traffic", "carbon", "health", "publish")
SPINE_STAGES = ("feeds", "ingest")
TARGETS = ("spine", *STAGES, "night")


def last_stage(targets: Sequence[str]) -> str:
    """Last stage that the targets ask for: none, or `night`, means all; an unknown one is an `InputError`."""
    raise_all(f"no target `{t}`; there are: {', '.join(TARGETS)}" for t in targets if t not in TARGETS)
    ends = {"night": "publish", "spine": "ingest"}
    wanted = [ends.get(t, t) for t in targets or ("night",)]
    return max(wanted, key=STAGES.index)


def stages_until(stage: str) -> tuple[str, ...]:
    """Return a stage and all before it, in order."""
    return STAGES[: STAGES.index(stage) + 1]


def stage_stores(stage: str) -> tuple[str, ...]:
    """Names of the stores that a stage writes."""
    if stage == "ingest":
        return SPINE_STORES
    return (stage,) if stage in MODEL_STORES else ()


def stage_outputs(layout: Layout, stage: str) -> list[Path]:
    """Files that a stage writes last: all there means that it has finished."""
    if stage == "feeds":
        return [layout.incoming / "feeds.json"]
    if stage == "publish":
        return [layout.night_dir / "publish.json"]
    return [layout.manifest(name) for name in stage_stores(stage)]


def snapshot(layout: Layout) -> Path | None:
    """Folder of the night's release, or None when it was not published; it may have been removed since."""
    try:
        (said,) = stage_outputs(layout, "publish")
        return layout.published / str(json.loads(said.read_text(encoding="utf-8"))["snapshot"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def lost_stages(layout: Layout) -> list[str]:
    """Stages that have finished and whose store or release is gone: the workflow looks at manifests only."""
    lost = []
    for stage in STAGES:
        names = stage_stores(stage)
        if any(layout.manifest(n).exists() and not layout.store(n).is_dir() for n in names):
            lost.append(stage)
    if (released := snapshot(layout)) and not released.is_dir():
        lost.append("publish")
    return lost


def outdated_stages(layout: Layout, config: Config) -> list[str]:
    """Stages whose manifest tells of another version of the code, or of other settings than the config's.

    Snakemake sees a changed section by itself, but by the output's place: in a root that was copied or moved it has
    forgotten all settings. Of the code's version it knows nothing.
    """
    outdated = []
    for stage in STAGES:
        for name in stage_stores(stage):
            try:
                made = read_manifest(layout.manifest(name))
            except StoreError:
                continue
            same_settings = stage not in MODEL_STORES or made.settings.get(stage) == config.section(stage)
            if made.code_version != code_version() or not same_settings:
                outdated.append(stage)
                break
    return ["feeds", *outdated] if "ingest" in outdated else outdated


def log_path(layout: Layout, stage: str) -> Path:
    """Everything that a stage prints."""
    return layout.run_dir / "logs" / layout.night.isoformat() / layout.scenario / f"{stage}.log"
