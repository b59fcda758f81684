"""What all feeds of observations share: cells laid into the tables of their UTC days, and the act of writing them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lcr_hpc.errors import InputError
from lcr_hpc.spine.ingest.days import SeriesStore, nothing, prepare, write_days
from lcr_hpc.spine.ingest.whole import Origin, Write, finish_spine_store
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import CLOSED, write_text
from lcr_hpc.store.slabs import open_store

Days = dict[int, dict[str, npt.NDArray[Any]]]
"""Values by UTC day (number since 1970) and variable, [interval, …]"""


def daily_files(folder: Path, *patterns: str) -> list[Path]:
    """Files of a feed in order of their names.

    Raises
    ------
    InputError
        When there is none.
    """
    found = sorted(f for p in patterns for f in folder.glob(p)) if folder.is_dir() else []
    if not found:
        raise InputError(f"{folder} has no {' and no '.join(patterns)}; land some there, or run `lcr spine feeds`")
    return found


def put(
    days: Days,
    interval: npt.NDArray[np.int64],
    site: int | None,
    sites: int,
    values: dict[str, npt.NDArray[Any]],
    per_day: int = 24,
) -> None:
    """Lay one site's intervals (numbers since 1970) into the tables of their days."""
    for day in np.unique(interval // per_day):
        here = interval // per_day == day
        table = days.setdefault(int(day), {})
        for name, value in values.items():
            shape = (per_day, *value.shape[1:]) if site is None else (per_day, sites, *value.shape[1:])
            whole = table.setdefault(name, np.full(shape, nothing(name, value.dtype), value.dtype))
            where = interval[here] % per_day
            whole[where if site is None else (where, site)] = value[here]


def writer(layout: Layout, origin: Origin, spec: SeriesStore, days: Days, rejected: Quarantine) -> Write:
    """Return the act of writing the days and their quarantine.

    Raises
    ------
    InputError
        When no row of any file could be taken.
    """
    if not days:
        why = few(f"{file} line {line}: {reason}" for file, line, _, _, reason in sorted(rejected.rows)[:3])
        raise InputError(
            f"{layout.incoming / spec.store} has no row that can be taken ({why or 'the files are empty'})"
        )

    def write() -> None:
        index = prepare(spec, [day * 24 for day in days])
        place, count = _stored_sites(spec)
        wide = {day: {n: _widen(n, v, place, count) for n, v in table.items()} for day, table in days.items()}
        write_days(spec, index, wide if spec.site else days)
        text = rejected.table().to_csv(index=False, lineterminator="\n")
        closed = any(entry.tier == CLOSED for entry in origin.entries.values())
        write_text(layout.root / "spine" / "quarantine" / f"{spec.store}.csv", text, private=closed)
        finish_spine_store(
            layout, spec.store, origin, {"days_landed": len(days), "cells_quarantined": len(rejected.rows)}
        )

    return write


def _stored_sites(spec: SeriesStore) -> tuple[npt.NDArray[np.int64], int]:
    """Where each site of the feed stands in the store, and how many the store has."""
    if not spec.site:
        return np.zeros(0, np.int64), 0
    names = open_store(spec.path, spec.store, [spec.site])[spec.site].to_numpy().astype(object)
    return np.searchsorted(names, np.asarray(spec.sites[spec.site], dtype=object)), len(names)


def _widen(name: str, values: npt.NDArray[Any], place: npt.NDArray[np.int64], count: int) -> npt.NDArray[Any]:
    """From the sites of the feed to those of the store, which may know some that the feed no longer has."""
    if not count:
        return values
    wide = np.full((24, count, *values.shape[2:]), nothing(name, values.dtype), values.dtype)
    wide[:, place] = values
    return wide
