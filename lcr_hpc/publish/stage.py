"""The publish stage: gate → products → report → verify → release."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from lcr_hpc.config import Config
from lcr_hpc.errors import ReleaseError, raise_all
from lcr_hpc.publish.catalogue import file_metadata, table_entry, write_catalogue
from lcr_hpc.publish.dcat import write_dcat
from lcr_hpc.publish.disclosure import disclosure_summary
from lcr_hpc.publish.gate import Clearance, pass_gate
from lcr_hpc.publish.inputs import Inputs
from lcr_hpc.publish.products import released_tables
from lcr_hpc.publish.release import new_draft, only_publisher, point_latest, prune, release, settle, snapshot_name
from lcr_hpc.publish.report import write_report
from lcr_hpc.publish.snapshot import INDEX, Snapshot, index_files, read_index, write_index
from lcr_hpc.publish.summary import summarise
from lcr_hpc.publish.suppression import SuppressionPolicy
from lcr_hpc.publish.verify import verify_snapshot
from lcr_hpc.publish.write import conform, write_table
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import code_version, write_text


def run_publish(config: Config, layout: Layout) -> Path:
    """Publish a night.

    Parameters
    ----------
    config : Config
        Section `publish`: tier of the release, snapshots kept.
    layout : Layout
        Where the stores lie and the snapshot goes.

    Returns
    -------
    Path
        published/<night>, or published/<night>-<scenario>. A snapshot with the same content is left as it is.

    Raises
    ------
    ReleaseError
        The gate refuses, a product is not what is declared, or the draft does not verify. What was published stays.
    """
    finished = layout.night_dir / "publish.json"
    try:
        cleared = pass_gate(layout, config.publish.tier)
        with only_publisher(layout.published):
            settle(layout.published)
            place = _publish(policy_of(config), layout, cleared)
            prune(layout.published, config.publish.keep, place.name)
    except BaseException:
        finished.unlink(missing_ok=True)
        raise
    write_text(finished, _finished_text(place))
    return place


def policy_of(config: Config) -> SuppressionPolicy:
    """What is too small to be shown, by the config."""
    return SuppressionPolicy(config.publish.suppress_below, config.publish.least_interval)


def _publish(policy: SuppressionPolicy, layout: Layout, cleared: Clearance) -> Path:
    name = snapshot_name(layout.night.isoformat(), layout.scenario)
    draft = new_draft(layout.published, name)
    try:
        write_snapshot(draft, layout, cleared, policy)
        raise_all(verify_snapshot(draft), ReleaseError, title=f"the draft of {name} does not verify")
        place = layout.published / name
        if _same_content(draft, place):
            shutil.rmtree(draft)
        else:
            place = release(draft, name)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    point_latest(layout.published, name)
    return place


def write_snapshot(folder: Path, layout: Layout, cleared: Clearance, policy: SuppressionPolicy) -> None:
    """Write every product of a night, without its small counts, and their index into an empty folder."""
    night, scenario = layout.night.isoformat(), layout.scenario
    tables = [t for t in released_tables(layout, cleared.tier) if t.name in cleared.datasets]
    frames, audits = {}, {}
    for table in tables:
        inputs = Inputs(layout, table.uses, cleared.manifests)
        frame = table.build(inputs)
        if table.control is not None:
            frame, audits[table.name] = table.control(inputs, frame, policy)
        frames[table.name] = conform(table, frame)
    entries = {t.name: table_entry(t, frames[t.name], cleared) for t in tables}
    for table in (t for t in tables if t.counts):
        entries[table.name]["counts"] = {"column": table.counts, "suppressed_below": policy.threshold}
    for table in tables:
        metadata = file_metadata(entries[table.name], cleared, night, scenario)
        write_table(folder, table, frames[table.name], metadata)
    summary = {"night": night, "scenario": scenario, **summarise(frames)}
    summary["disclosure"] = disclosure_summary(policy, audits)
    _write_json(folder / "summary.json", summary)
    write_catalogue(folder, entries, cleared, night, scenario)
    write_dcat(folder, entries, cleared, night, scenario)
    write_report(folder / "report.html", layout, frames, summary, cleared)
    stores = {n: m.fingerprint for n, m in cleared.manifests.items()}
    write_index(folder, Snapshot(night, scenario, cleared.tier, stores, index_files(folder), code_version()))


def _same_content(draft: Path, place: Path) -> bool:
    return (place / INDEX).is_file() and not verify_snapshot(place) and read_index(place) == read_index(draft)


def _finished_text(place: Path) -> str:
    snapshot = read_index(place)
    told = {
        "name": "publish",
        "snapshot": place.name,
        "fingerprint": snapshot.fingerprint,
        "tier": snapshot.tier,
        "files": dict(snapshot.files),
    }
    return _json(told)


def _write_json(path: Path, values: dict[str, Any]) -> None:
    write_text(path, _json(values))


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
