"""What feeds of small files share: readings laid into the tables of their days, and a store brought up to date.

A day is built from all the files now there that hold it, since the mean or sum of an hour cannot be joined with one
that is stored. Feeds of large files are read by `wide_feed` instead.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lcr_hpc.compute.backends import Backend
from lcr_hpc.errors import InputError
from lcr_hpc.spine.ingest.days import SeriesStore, nothing, open_sites, prepare
from lcr_hpc.spine.ingest.declared import Declared
from lcr_hpc.spine.ingest.flags import flag_stored_days, rules_of
from lcr_hpc.spine.ingest.ledger import Landed, Ledger, open_ledger
from lcr_hpc.spine.ingest.quarantine import write_quarantine
from lcr_hpc.spine.ingest.store_memory import StoreMemory, open_memory
from lcr_hpc.spine.ingest.whole import Origin, Write, finish_spine_store
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import begin_stage
from lcr_hpc.store.shards import open_series, remove_left_overs

Ints = npt.NDArray[np.int64]


@dataclass
class Days:
    """Values by UTC day (number since 1970) and variable, [interval, …].

    Two readings of one cell: a number stands before nothing, of two numbers the larger, and the cell is marked; so
    neither the order nor the split of files can change what comes out.
    """

    table: dict[int, dict[str, npt.NDArray[Any]]] = field(default_factory=dict)
    jump: dict[int, dict[str, npt.NDArray[np.bool_]]] = field(default_factory=dict)
    """Cells that stand with two values, where there are any"""

    def put(
        self, interval: Ints, site: int | None, sites: int, values: Mapping[str, npt.NDArray[Any]], per_day: int = 24
    ) -> None:
        """Lay one site's intervals (numbers since 1970) into the tables of their days."""
        order = np.argsort(interval, kind="stable")
        interval = interval[order]
        nth = np.arange(len(interval)) - np.searchsorted(interval, interval)
        for turn in range(int(nth.max(initial=-1)) + 1):
            chosen = nth == turn
            for day in np.unique(interval[chosen] // per_day):
                here = chosen & (interval // per_day == day)
                where = interval[here] % per_day
                for name, value in values.items():
                    self._join(int(day), name, where, site, sites, value[order][here], per_day)

    def mark(self, hour: Ints, site: int, sites: int, name: str, cells: npt.NDArray[np.bool_]) -> None:
        """Mark cells, [hour, …], of a site whose hours differ."""
        for k in np.flatnonzero(cells.any(axis=tuple(range(1, cells.ndim)))):
            day, h = divmod(int(hour[k]), 24)
            shape = (24, sites, *cells.shape[1:])
            marks = self.jump.setdefault(day, {}).setdefault(name, np.zeros(shape, dtype=bool))
            marks[h, site] |= cells[k]

    def _join(
        self, day: int, name: str, where: Ints, site: int | None, sites: int, new: npt.NDArray[Any], per_day: int
    ) -> None:
        shape = (per_day, *new.shape[1:]) if site is None else (per_day, sites, *new.shape[1:])
        whole = self.table.setdefault(day, {}).setdefault(name, np.full(shape, nothing(name, new.dtype), new.dtype))
        cells: Any = where if site is None else (where, site)
        old = whole[cells]
        known = ~np.isnan(old) & ~np.isnan(new) if old.dtype.kind == "f" else (old >= 0) & (new >= 0)
        whole[cells] = np.fmax(old, new)
        if (twice := known & (old != new)).any():
            marks = self.jump.setdefault(day, {}).setdefault(name, np.zeros(shape, dtype=bool))
            marks[cells] |= twice


@dataclass
class Batch:
    """What a run has read of a feed."""

    layout: Layout
    origin: Origin
    store: str
    ledger: Ledger
    prints: Mapping[str, str]
    landed: dict[str, Landed] = field(default_factory=dict)
    rejected: Quarantine = field(default_factory=Quarantine)
    parsed: set[str] = field(default_factory=set)
    days: frozenset[int] = frozenset()
    """Days to build from what was read, since 1970"""


def read_batch(
    layout: Layout, origin: Origin, store: str, patterns: Iterable[str], declared: Declared,
    read: Callable[[Path, Quarantine], Ints],
) -> Batch:  # fmt: skip
    """Read the files that a store does not hold yet, and those that share a day with them.

    Parameters
    ----------
    layout, origin : Layout, Origin
        Where things lie, and the dataset's entry and files.
    store : str
        Name of the store and of its dataset.
    patterns : iterable of str
        Names of the feed's files in its own columns.
    declared : Declared
        Its files in other formats.
    read : callable
        Of a path and a quarantine: keeps what is in the file, and returns the hour of each row kept, since 1970.

    Raises
    ------
    InputError
        When there is no file, or everything that is wrong with a file as a whole.
    """
    folder, patterns = layout.incoming / store, tuple(patterns)
    landed = {n: s for n, s in origin.landed[store].items() if n not in declared.sites}
    own = {name for pattern in patterns for name in fnmatch.filter(landed, pattern)}
    prints = {n: s for n, s in landed.items() if n in own or n in declared}
    if not prints:
        raise InputError(f"{folder} has no {' and no '.join(patterns)}; land some there, or run `lcr spine feeds`")
    rules = {**rules_of(store), **declared.rules}
    ledger = open_ledger(layout, store, origin.recipe, rules, private=origin.closed)
    batch = Batch(layout, origin, store, ledger, prints)
    work, problems = batch.ledger.plan(prints), Problems()
    for name in work.parse:
        with problems.collecting():
            before = len(batch.rejected.rows)
            hours = read(folder / name, batch.rejected)
            days = frozenset(int(d) for d in np.unique(hours // 24))
            cells = len(batch.rejected.rows) - before
            batch.landed[prints[name]] = Landed(prints[name], days, len(hours), cells)
            batch.parsed.add(name)
    batch.days = work.stale.union(*(landed.days for landed in batch.landed.values()))
    for name in batch.ledger.holding(batch.days, prints):
        with problems.collecting():
            read(folder / name, Quarantine())
    problems.raise_if_any(f"the {store} feed cannot be read")
    rows = {name: batch.landed[prints[name]].rows for name in work.parse}
    told = [(file, line, reason) for file, line, _, _, reason in sorted(batch.rejected.rows)]
    refuse_empty(folder, batch.ledger, prints, rows, told)
    return batch


def refuse_empty(
    folder: Path, ledger: Ledger, prints: Mapping[str, str], rows: Mapping[str, int], told: list[tuple[str, int, str]]
) -> None:
    """Refuse files without one good row where that would leave nothing, or take stored days away.

    Parameters
    ----------
    folder, ledger, prints : Path, Ledger, mapping
        Of the feed.
    rows : mapping of str to int
        Good rows of each new file.
    told : list of (file, line, reason)
        What was rejected.
    """
    bad = ledger.refused(prints, rows)
    if bad or (rows and not any(rows.values()) and not ledger.files):
        why = few((f"{f} line {n}: {reason}" for f, n, reason in told if f in bad or not bad), 3)
        advice = "; land them again, or take them away" if bad else ""
        what = folder if not any(rows.values()) else f"{folder}: {few(bad)}"
        raise InputError(f"{what} has no row that can be taken ({why or 'the files are empty'}){advice}")


def writer(batch: Batch, spec: SeriesStore, days: Days) -> Write:
    """Return the act of writing the days, their flags, the quarantine, the ledger and the manifest."""

    def write() -> None:
        memory = open_memory(
            batch.layout, batch.store, spec.series, believed=not batch.ledger.lost, private=batch.origin.closed
        )
        if batch.days or batch.ledger.pending:
            _write_days(batch, spec, days, memory)
        write_quarantine(
            batch.layout, batch.store, batch.ledger.files, batch.parsed, batch.rejected.rows,
            private=batch.origin.closed,
        )  # fmt: skip
        finish_days(batch.layout, batch.origin, batch.ledger, memory, batch.prints, batch.landed, batch.days)

    return write


def finish_days(
    layout: Layout, origin: Origin, ledger: Ledger, memory: StoreMemory, prints: Mapping[str, str],
    found: Mapping[str, Landed], rebuilt: Iterable[int], written: Mapping[str, str] | None = None,
    backend: Backend | None = None,
) -> None:  # fmt: skip
    """End a run: fingerprint what it has changed, then note what is stored, then write the manifest.

    In this order: while the ledger calls a day pending, what is remembered of its shards is not believed.
    """
    memory.settle(ledger.pending, written, backend)
    ledger.finish(prints, found, rebuilt)
    finish_spine_store(layout, memory.store.stem, origin, ledger.summary(prints), memory.fingerprints())


def _write_days(batch: Batch, spec: SeriesStore, days: Days, memory: StoreMemory) -> None:
    touched = {d + k for d in batch.days for k in (-1, 0, 1)}
    batch.ledger.begin(touched)
    first = prepare(spec, batch.days, memory)
    begin_stage(spec.manifest)
    if batch.ledger.unclean:
        remove_left_overs(spec.path)
    place, count = _stored_sites(spec)
    for name in spec.values:
        series = open_series(spec.path, spec.store, name)
        for day in sorted(batch.days):
            if (values := days.table.get(day, {}).get(name)) is None:
                series.erase(day - first)
            else:
                series.write(day - first, _widen(nothing(name, values.dtype), values, place, count))
    jumps = {
        day - first: {name: _widen(False, marks, place, count) for name, marks in days.jump.get(day, {}).items()}
        for day in batch.days
    }
    flag_stored_days(spec.path, spec.store, (d - first for d in touched), jumps)


def _stored_sites(spec: SeriesStore) -> tuple[Ints, int]:
    """Where each site of the feed stands in the store, and how many the store has."""
    names = open_sites(spec)
    known = np.asarray(spec.sites[spec.site], dtype=object) if spec.site else names
    return np.searchsorted(names, known), len(names)


def _widen(nothing: Any, values: npt.NDArray[Any], place: Ints, count: int) -> npt.NDArray[Any]:
    """From the sites of the feed to those of the store, which may know some that the feed no longer has."""
    if not count:
        return values
    wide = np.full((24, count, *values.shape[2:]), nothing, values.dtype)
    wide[:, place] = values
    return wide
