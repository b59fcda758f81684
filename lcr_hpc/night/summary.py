"""One page on an unattended night: what ran and what did not, how long against before, and what it cost."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lcr_hpc.config import Config
from lcr_hpc.night.account import StageRun
from lcr_hpc.night.execute import TOO_LATE
from lcr_hpc.night.history import Record, estimate, read_history
from lcr_hpc.night.progress import duration
from lcr_hpc.night.reasons import plain_reason
from lcr_hpc.night.stages import STAGES, log_path, snapshot
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import write_text

SUMMARIES = "nightly"
"""Folder of the pages, under <root>/run."""


@dataclass(frozen=True)
class NightOutcome:
    """One night that was run."""

    config: Config
    layout: Layout
    exit_code: int
    problem: str
    """Why it could not even begin; "" = it began."""
    runs: tuple[StageRun, ...]


@dataclass(frozen=True)
class Summary:
    """What an unattended run did."""

    config: Config
    layout: Layout
    began: dt.datetime
    nights: tuple[NightOutcome, ...]
    given_up: tuple[dt.date, ...]
    not_begun: tuple[dt.date, ...]
    removed: tuple[str, ...]
    """Nights whose model stores were removed by retention."""

    @property
    def exit_code(self) -> int:
        """That of the run: the deadline or a signal before a failure, a failure before success."""
        codes = [night.exit_code for night in self.nights if night.exit_code]
        ended = [code for code in codes if code == TOO_LATE or code > 128]
        return ended[0] if ended else int(bool(codes))

    @property
    def headline(self) -> str:
        """One line for a mail's subject."""
        good = sum(night.exit_code == 0 for night in self.nights)
        if not self.nights:
            return "lcr-hpc: nothing was due"
        return f"lcr-hpc: {good} of {len(self.nights) + len(self.not_begun)} nights published"

    @property
    def core_hours(self) -> float:
        """Cores held, times hours, over all stages."""
        return sum(run.core_hours for night in self.nights for run in night.runs)

    @property
    def energy_kwh(self) -> float:
        """Electricity, estimated from core-hours at `nightly.watts_per_core`."""
        return self.core_hours * self.config.nightly.watts_per_core / 1000.0

    @property
    def carbon_kg(self) -> float:
        """CO2e of that electricity at `nightly.grid_kgco2e_per_kwh`."""
        return self.energy_kwh * self.config.nightly.grid_kgco2e_per_kwh


def write_summary(summary: Summary) -> Path:
    """Write the page (Markdown) and the same as JSON beside it; return the page's path.

    The name is the moment at which the run began, so that no page replaces another.
    """
    folder = summary.layout.run_dir / SUMMARIES
    page = folder / f"{summary.began:%Y-%m-%dT%H%M%S}.md"
    write_text(page, as_page(summary))
    write_text(page.with_suffix(".json"), as_json(summary))
    return page


def as_page(summary: Summary) -> str:
    """Return the page."""
    nightly, latest = summary.config.nightly, summary.layout.published / "latest"
    lines = [f"# {summary.headline}", "", f"Run of {summary.began:%Y-%m-%d %H:%M} in `{summary.layout.root}`."]
    lines.append(f"`latest` is {latest.resolve().name}." if latest.exists() else "Nothing has been published yet.")
    history = read_history(summary.layout.run_dir)
    for night in summary.nights:
        lines += ["", f"## {night.layout.night}: {_verdict(night)}", ""]
        lines += [night.problem] if night.problem else _table(night, history)
    for date in summary.not_begun:
        lines += ["", f"## {date}: not begun", "", "The run ended before its turn; it is tried again the next time."]
    if summary.given_up:
        given_up = ", ".join(map(str, summary.given_up))
        lines += ["", f"Given up, being older than `nightly.catch_up` = {nightly.catch_up} nights: {given_up}."]
    if summary.removed:
        kept = nightly.keep_nights
        lines += ["", f"Model stores removed, {kept} nights being kept: {', '.join(summary.removed)}."]
    lines += [
        "",
        f"Held {summary.core_hours:.3g} core-hours: about {summary.energy_kwh:.2g} kWh and {summary.carbon_kg:.2g} "
        f"kgCO2e, estimated at {nightly.watts_per_core:g} W a core and {nightly.grid_kgco2e_per_kwh:g} kgCO2e/kWh "
        "(settings, not meters).",
    ]
    return "\n".join(lines) + "\n"


def as_json(summary: Summary) -> str:
    """Return the same facts for programs."""
    facts: dict[str, Any] = {
        "headline": summary.headline,
        "exit_code": summary.exit_code,
        "began": summary.began.isoformat(timespec="seconds"),
        "root": str(summary.layout.root),
        "core_hours": round(summary.core_hours, 4),
        "energy_kwh_estimate": round(summary.energy_kwh, 5),
        "carbon_kgco2e_estimate": round(summary.carbon_kg, 5),
        "given_up": [str(date) for date in summary.given_up],
        "not_begun": [str(date) for date in summary.not_begun],
        "removed": list(summary.removed),
        "nights": [
            {
                "night": str(night.layout.night),
                "exit_code": night.exit_code,
                "problem": night.problem,
                "stages": {
                    run.stage: {
                        "outcome": run.outcome,
                        "seconds": round(run.seconds, 2),
                        "cores": run.cores,
                        "slurm_job": run.slurm_job,
                    }
                    for run in night.runs
                },
            }
            for night in summary.nights
        ],
    }
    return json.dumps(facts, indent=1) + "\n"


def _verdict(night: NightOutcome) -> str:
    if night.exit_code == 0:
        place = snapshot(night.layout)
        return f"published as {place.name}" if place else "done"
    if night.exit_code == TOO_LATE:
        return "stopped by the deadline; what was published before stays"
    if night.exit_code > 128:
        return "stopped by a signal; what was published before stays"
    return "FAILED; what was published before stays"


def _table(night: NightOutcome, history: tuple[Record, ...]) -> Iterator[str]:
    yield "| stage | outcome | took | usual | core-hours | why |"
    yield "|---|---|---|---|---|---|"
    runs = {run.stage: run for run in night.runs}
    ended = any(run.outcome != "done" for run in night.runs)
    for stage in STAGES:
        run = runs.get(stage)
        if run is None:
            later = ended and STAGES.index(stage) > max(STAGES.index(s) for s in runs)
            why = "a stage before it did not end well" if later else "its inputs and settings are as before"
            yield f"| {stage} | {'not reached' if later else 'up to date'} | – | – | – | {why} |"
            continue
        # This run is in the history already, with those after it: they must not tell what was usual.
        before = [r for r in history if dt.datetime.fromisoformat(r.ended).timestamp() < run.began]
        usual = estimate(stage, night.config, run.cores, before)
        told = f"{duration(usual.seconds)} ({(run.seconds / usual.seconds - 1) * 100:+.0f} %)" if usual else "–"
        why = plain_reason(run.reason) if run.outcome == "done" else f"see {log_path(night.layout, stage)}"
        yield f"| {stage} | {run.outcome} | {duration(run.seconds)} | {told} | {run.core_hours:.2g} | {why} |"
