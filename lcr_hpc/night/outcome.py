"""What is said when a run ends."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lcr_hpc.night.progress import Progress, duration
from lcr_hpc.night.stages import STAGES, log_path, snapshot
from lcr_hpc.store.layout import Layout

LOG_LINES = 12


def explain_failure(layout: Layout, progress: Progress) -> None:
    """Say which stage failed and why, in the last lines of its log, and what stays."""
    stage = progress.failed or "workflow"
    log = log_path(layout, stage)
    lines = log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines() if log.is_file() else []
    print(f"\n{stage} failed. The end of {log}:", file=sys.stderr)
    for line in lines[-LOG_LINES:] or ["(it printed nothing)"]:
        print(f"  {line}", file=sys.stderr)
    latest = layout.published / "latest"
    stays = f"{latest} still is {latest.resolve().name}" if latest.exists() else "there was nothing yet"
    print(f"What was published stays: {stays}. Once mended, `lcr run` goes on from there.", file=sys.stderr)


def say_done(layout: Layout, progress: Progress, scope: Sequence[str]) -> None:
    """Say what ran, how long it took, and where the report is."""
    took = duration(progress.elapsed_s)
    if progress.ran:
        rest = len(scope) - len(progress.ran)
        progress.say(f"done in {took}: {', '.join(progress.ran)}" + (f"; {rest} up to date" if rest else ""))
        if told := _against_estimate(progress):
            progress.say(told)
    else:
        progress.say(f"nothing to run: all {len(scope)} stages are up to date ({took})")
    if scope[-1] == STAGES[-1] and (released := snapshot(layout)):
        progress.say(f"report: {released / 'report.html'}")


def _against_estimate(progress: Progress) -> str:
    """How far the estimate was off, over the stages that ran and had one."""
    rows = [row for row in progress.rows.values() if row.state == "done" and row.earlier_s]
    estimated = sum(row.earlier_s or 0.0 for row in rows)
    if not estimated:
        return ""
    took = sum(row.seconds for row in rows)
    return f"estimated {duration(estimated)}, took {duration(took)} ({(took / estimated - 1.0) * 100:+.0f} %)"
