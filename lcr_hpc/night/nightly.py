"""The unattended night: one at a time, missed nights first, by a deadline, and one page that says what happened."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from lcr_hpc.config import Config, load_config
from lcr_hpc.errors import LcrError, RunError
from lcr_hpc.night.account import account
from lcr_hpc.night.calls import is_locked, read_events
from lcr_hpc.night.due import deadline_of, due_nights
from lcr_hpc.night.execute import EVENTS_FILE, TOO_LATE, execute
from lcr_hpc.night.hook import tell
from lcr_hpc.night.owner import Owner, read_owner, release, take_over
from lcr_hpc.night.request import Request, check
from lcr_hpc.night.slurm_jobs import cancel_jobs
from lcr_hpc.night.summary import NightOutcome, Summary, write_summary
from lcr_hpc.store.calendar import LOCAL_TIME
from lcr_hpc.store.layout import Layout, layout_of

STEPPED_ASIDE = 75
"""EX_TEMPFAIL: another run is going on; try again later."""


def run_nightly(
    config_path: Path | None = None,
    *,
    root: Path | None = None,
    profile: str = "local",
    cores: int | None = None,
    today: dt.date | None = None,
) -> int:
    """Run every night that is due, and say on one page what happened.

    Parameters
    ----------
    config_path : Path, optional
        File of overrides; its `night` is not used, its section `nightly` is.
    root, profile, cores
        As `run_night`.
    today : date, optional
        Calendar day of the run; by default that of the local clock.

    Returns
    -------
    int
        0: all published, or nothing was due; 1: a night failed, and what was published before stays; 3: the deadline
        passed; 75: another run is going on in the root, and this one stepped aside; 128 + the signal's number when
        stopped. A night that failed is tried again the next time.

    Raises
    ------
    ConfigError, InputError
        Before anything changes on disk.
    RunError
        When another host's run holds the root and has been silent for too short a time to be taken for dead.
    """
    config = load_config(config_path)
    request = Request(profile, cores)
    check(config, request)
    layout = layout_of(config, root)
    now = dt.datetime.now(LOCAL_TIME)
    other = read_owner(layout.run_dir)
    if other is not None and other.fate == "alive":
        print(f"stepping aside: a run is going on in {layout.root} ({other})", file=sys.stderr)
        return STEPPED_ASIDE
    owner = take_over(layout.run_dir)
    try:
        cancel_jobs(layout.run_dir / EVENTS_FILE)
        due = due_nights(config, layout, today or now.date())
        deadline = deadline_of(config, now)
        outcomes = []
        for night in due.nights:
            nightly = config.model_copy(update={"night": night})
            place = replace(layout, night=night)
            code, problem = _one(nightly, place, request, owner, deadline)
            runs = account(read_events(layout.run_dir / EVENTS_FILE)[0]) if code != LcrError.exit_code else ()
            outcomes.append(NightOutcome(nightly, place, code, problem, runs))
            if code == TOO_LATE or code > 128:
                break
        removed = keep_nights(layout, config.nightly.keep_nights)
        not_begun = due.nights[len(outcomes) :]
        summary = Summary(config, layout, now, tuple(outcomes), due.given_up, not_begun, removed)
        page = write_summary(summary)
        print(f"summary: {page}")
        tell(config, summary, page)
        return summary.exit_code
    finally:
        release(layout.run_dir, owner)


def keep_nights(layout: Layout, keep: int) -> tuple[str, ...]:
    """Remove the model stores of all but the last nights of a root; what says that a night was published stays.

    Returns
    -------
    tuple of str
        Nights that lost their stores.
    """
    folders = sorted(p for p in (layout.root / "nights").glob("????-??-??") if p.is_dir())
    removed = []
    for folder in folders[:-keep]:
        stores = [*folder.glob("*/*.zarr")]
        for store in stores:
            # The manifest goes first: without it nothing takes half a store for a whole one.
            store.with_suffix(".json").unlink(missing_ok=True)
            shutil.rmtree(store)
        if stores:
            removed.append(folder.name)
    return tuple(removed)


def _one(config: Config, layout: Layout, request: Request, owner: Owner, deadline: float | None) -> tuple[int, str]:
    try:
        unlock = is_locked(layout.run_dir)
        return execute(config, layout, request, owner, unlock=unlock, deadline=deadline), ""
    except RunError:
        raise
    except LcrError as error:
        print(f"lcr: {error}", file=sys.stderr)
        return error.exit_code, str(error)
