"""Which nights an unattended run has to run: those missed, oldest first, then tonight's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from lcr_hpc.config import Config
from lcr_hpc.night.stages import snapshot
from lcr_hpc.store.calendar import LOCAL_TIME
from lcr_hpc.store.layout import Layout


@dataclass(frozen=True)
class Due:
    """Nights to run."""

    nights: tuple[dt.date, ...]
    """Oldest first; the last is tonight's, unless it is published already."""
    given_up: tuple[dt.date, ...]
    """Missed nights that are too old to catch up."""


def due_nights(config: Config, layout: Layout, today: dt.date) -> Due:
    """Nights between the last one published and tonight's that are not published.

    Parameters
    ----------
    config : Config
        `nightly.lag_days` and `nightly.catch_up`.
    layout : Layout
        Of any night of the root; its scenario counts.
    today : date
        Calendar day of the run, in local time.
    """
    tonight = today - dt.timedelta(days=config.nightly.lag_days)
    published = _published(layout)
    earlier = [night for night in published if night <= tonight]
    first = min(earlier) if earlier else tonight
    missing = [night for night in _days(first, tonight) if night not in published]
    oldest = tonight - dt.timedelta(days=config.nightly.catch_up)
    return Due(tuple(n for n in missing if n >= oldest), tuple(n for n in missing if n < oldest))


def deadline_of(config: Config, now: dt.datetime) -> float | None:
    """Seconds since 1970 of the next time that the local clock shows `nightly.deadline`; None without one."""
    if config.nightly.deadline is None:
        return None
    hour, minute = (int(part) for part in config.nightly.deadline.split(":"))
    local = now.astimezone(LOCAL_TIME)
    day = local.date()
    if (local.hour, local.minute) >= (hour, minute):
        day += dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(hour, minute), LOCAL_TIME).timestamp()


def _published(layout: Layout) -> set[dt.date]:
    found = set()
    for folder in (layout.root / "nights").glob(f"*/{layout.scenario}"):
        try:
            night = dt.date.fromisoformat(folder.parent.name)
        except ValueError:
            continue
        # A release that retention has removed was published all the same.
        if snapshot(replace(layout, night=night)) is not None:
            found.add(night)
    return found


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=k) for k in range((last - first).days + 1)]
