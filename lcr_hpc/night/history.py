"""How long stages took in a root, and what that tells of the next run: <root>/run/history.jsonl, a line a stage."""

from __future__ import annotations

import datetime as dt
import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lcr_hpc.config import Config
from lcr_hpc.night.account import StageRun
from lcr_hpc.night.stages import stage_stores
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import code_version

HISTORY_FILE = "history.jsonl"
RECENT = 5
SPREAD = ("traffic", "carbon", "health")
"""Stages whose time falls with their cores, as far as an estimate goes."""


@dataclass(frozen=True)
class Record:
    """One stage that ran to its end."""

    stage: str
    night: str
    scenario: str
    ended: str
    seconds: float
    cores: int
    work: float
    """Size of its input by `stage_work`, in units that only compare within a stage."""
    bytes: int
    """What its stores hold."""
    code_version: str
    slurm_job: str | None = None


@dataclass(frozen=True)
class Estimate:
    """What a stage will probably take."""

    seconds: float
    cores: int
    bytes: int
    basis: str
    """Which runs it is told from, for people."""

    @property
    def core_hours(self) -> float:
        """Cores held, times hours."""
        return self.cores * self.seconds / 3600.0


def stage_work(stage: str, config: Config) -> float:
    """Size of a stage's input, as far as the config tells it before anything has run.

    An assignment sweeps all links for each origin, and links grow with areas: areas² × periods. Dispersion sums
    all near roads at each area. The rest is linear in areas, and ingestion in days.
    """
    areas, days, periods = config.twin.areas, config.twin.days, len(config.traffic.periods)
    work = {"ingest": areas * days, "traffic": areas**2 * periods, "carbon": areas**2}
    return float(work.get(stage, areas))


def remember(layout: Layout, config: Config, runs: Iterable[StageRun]) -> None:
    """Append what ran to its end and is not there yet; a full disk must not fail a night for want of its history."""
    lines = []
    known = {(record.stage, record.ended) for record in read_history(layout.run_dir)}
    for run in runs:
        if run.outcome == "done":
            ended = dt.datetime.fromtimestamp(run.began + run.seconds, dt.UTC).isoformat(timespec="seconds")
            if (run.stage, ended) in known:
                continue
            record = Record(
                run.stage,
                layout.night.isoformat(),
                layout.scenario,
                ended,
                round(run.seconds, 2),
                run.cores,
                stage_work(run.stage, config),
                _bytes_of(layout, run.stage),
                code_version(),
                run.slurm_job,
            )
            lines.append(json.dumps(asdict(record)) + "\n")
    if lines:
        try:
            with (layout.run_dir / HISTORY_FILE).open("a", encoding="utf-8") as file:
                file.write("".join(lines))
        except OSError:
            pass


def read_history(run_dir: Path) -> tuple[Record, ...]:
    """All records of a root, oldest first; a line cut short by a kill is passed over."""
    try:
        lines = (run_dir / HISTORY_FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    found = []
    for line in lines:
        try:
            found.append(Record(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return tuple(found)


def estimate(stage: str, config: Config, cores: int, history: Sequence[Record]) -> Estimate | None:
    """What a stage will take: the median of the last runs of the nearest size, scaled by size.

    Parameters
    ----------
    stage : str
        Of `STAGES`.
    config : Config
        Of the run to come.
    cores : int
        Ranks times threads that it will hold.
    history : sequence of Record
        From `read_history`.

    Returns
    -------
    Estimate or None
        None when the stage never ran here.
    """
    known = [record for record in history if record.stage == stage and record.work > 0]
    if not known:
        return None
    work = stage_work(stage, config)
    nearest = min(known, key=lambda r: abs(math.log(r.work / work))).work
    alike = [record for record in known if record.work == nearest]
    same_cores = [record for record in alike if record.cores == cores]
    chosen = (same_cores or alike)[-RECENT:]
    share = work / nearest
    seconds = [r.seconds * share * (r.cores / cores if stage in SPREAD else 1.0) for r in chosen]
    told = "1 run" if len(chosen) == 1 else f"median of {len(chosen)} runs"
    if share != 1.0:
        told += f", scaled by {share:.3g}"
    if not same_cores:
        told += f", {chosen[-1].cores} → {cores} cores"
    size = round(statistics.median(r.bytes for r in chosen) * share)
    return Estimate(statistics.median(seconds), cores, size, told)


def usual_seconds(stage: str, config: Config, history: Sequence[Record]) -> float | None:
    """What a stage takes on as many cores as it last had; None when it never ran here."""
    last = next((record for record in reversed(history) if record.stage == stage), None)
    found = estimate(stage, config, last.cores, history) if last else None
    return found.seconds if found else None


def last_seconds(stage: str, layout: Layout, history: Sequence[Record]) -> float | None:
    """How long a stage took when it last ran for this night, else for any; None when it never ran here."""
    alike = [record for record in history if record.stage == stage]
    own = [r for r in alike if r.night == layout.night.isoformat() and r.scenario == layout.scenario]
    return next((record.seconds for record in reversed(own or alike)), None)


def _bytes_of(layout: Layout, stage: str) -> int:
    stores = [layout.store(name) for name in stage_stores(stage)]
    if stage == "feeds":
        stores = [layout.incoming]
    return sum(p.stat().st_size for store in stores for p in store.rglob("*") if p.is_file())
