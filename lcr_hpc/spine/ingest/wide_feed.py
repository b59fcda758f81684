"""A feed of wide files into its store: by part of a file, then by day, on any backend, with the same bytes.

Hours that were read from files of another form join them by the days in scratch.

1. Every new file is cut into parts, and each part says which days it seems to span. A day that one task alone spans is
   that task's: it writes the day as soon as it is whole. Rows of any other day go to a scratch folder.
2. Days in scratch are joined, each by one task.
3. Flags that need a day of another task are worked out from the stored values.

Nothing of this decides a byte; it only decides who writes what first.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lcr_hpc.compute.backends import Backend
from lcr_hpc.spine.ingest.day_tables import DayTable, DayWriter, read_spilled, spill_day
from lcr_hpc.spine.ingest.days import SeriesStore, open_sites, prepare
from lcr_hpc.spine.ingest.flags import flag_stored_days
from lcr_hpc.spine.ingest.ledger import Landed, Ledger, Work
from lcr_hpc.spine.ingest.observations import refuse_empty
from lcr_hpc.spine.ingest.prints import Facts, facts_of
from lcr_hpc.spine.ingest.store_memory import StoreMemory
from lcr_hpc.spine.ingest.wide import PART_BYTES, cut, read_part
from lcr_hpc.spine.ingest.wide_cells import Rejected
from lcr_hpc.spine.ingest.wide_lines import Header, Part, read_header
from lcr_hpc.store.chunks import read_text
from lcr_hpc.store.manifest import begin_stage
from lcr_hpc.store.shards import open_series, remove_left_overs

_DAYS_A_TASK = 28
# Of one file; a feed of 10 GB that is nothing but faults must fit into memory, too.
_MOST_LISTED = 10_000


@dataclass(frozen=True)
class WideFeed:
    """One variable of a store, read from wide files."""

    spec: SeriesStore
    value: str
    source: str
    zone: str
    """Time zone of files with local times"""


@dataclass(frozen=True)
class HoursOfFile:
    """A small file of another form, read whole."""

    hour: npt.NDArray[np.int64]
    """[row], since 1970, UTC"""
    site: npt.NDArray[np.object_]
    """[row]; a site's hour stands once"""
    value: npt.NDArray[np.float32]
    """[row]"""
    source: int
    """Index into the store's `source`"""
    rejected: tuple[tuple[int, str, str, str], ...]
    """Line, column, value and reason"""

    @property
    def days(self) -> frozenset[int]:
        """Days since 1970 that it has a row of."""
        return frozenset(np.unique(self.hour // 24).tolist())


@dataclass(frozen=True)
class Found:
    """What a run found in the files that it parsed."""

    landed: Mapping[str, Landed]
    """By SHA-256"""
    rejected: Mapping[str, Sequence[tuple[int, str, str, str]]]
    """Line, column, value and reason by file name"""
    rebuilt: frozenset[int]
    """Days that were built from nothing"""
    written: Mapping[str, str]
    """SHA-256 of the shards that were written, by path below the store; "" = erased"""


@dataclass(frozen=True)
class _Target:
    """What a task must know of the feed: without the names of its sites, which it reads from the store."""

    path: Path
    store: str
    site: str
    value: str
    source: str
    tables: int
    zone: str


@dataclass(frozen=True)
class _Task:
    target: _Target
    parts: tuple[Part, ...]
    owned: frozenset[int]
    only: frozenset[int] | None
    first_day: int
    spill: Path
    name: str


@dataclass(frozen=True)
class _Read:
    rows: tuple[int, ...]
    days: tuple[frozenset[int], ...]
    rejected: tuple[Rejected, ...]
    spilled: frozenset[int]
    unflagged: frozenset[int]
    written: Mapping[str, str]


def store_wide(
    feed: WideFeed, folder: Path, headers: Mapping[str, Header], others: Mapping[str, HoursOfFile], ledger: Ledger,
    work: Work, prints: Mapping[str, str], scratch: Path, backend: Backend, memory: StoreMemory,
) -> Found:  # fmt: skip
    """Bring a store up to date with the files of a folder.

    Parameters
    ----------
    feed : WideFeed
        Store and variable.
    folder : Path
        Where the files are.
    headers : mapping of str to Header
        Of every wide file that has to be read.
    others : mapping of str to HoursOfFile
        Every other file that has to be read.
    ledger, work : Ledger, Work
        What is stored, and what has to be done; `ledger.begin` is called before anything changes.
    prints : mapping of str to str
        SHA-256 of every file that is there.
    scratch : Path
        Folder for pieces of days; removed at the end.
    backend : Backend
        Where parts are read.
    memory : StoreMemory
        Of the store.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True, mode=0o700)
    fresh = {n: cut(folder / n, headers[n], feed.zone) for n in work.parse if n in headers}
    small = {n: others[n] for n in work.parse if n in others}
    spans = {d for parts in fresh.values() for p in parts for d in range(p.days[0], p.days[1] + 1)}
    spans |= {d for f in small.values() for d in f.days}
    spans |= _refuse_empty(feed, folder, headers, ledger, fresh, small, prints)
    stale = work.stale | (spans if ledger.lost else frozenset())
    again = {n: cut(folder / n, headers[n], feed.zone) for n in ledger.holding(stale, prints) if n in headers}
    if not fresh and not small and not stale:
        shutil.rmtree(scratch)
        prepare(feed.spec, (), memory)
        return Found({}, {}, stale, {})
    ledger.begin(d + k for d in spans | stale for k in (-1, 0, 1))
    first_day = prepare(feed.spec, spans | stale, memory)
    begin_stage(feed.spec.manifest)
    if ledger.unclean:
        remove_left_overs(feed.spec.path)
    written = _erase(feed, stale, first_day)
    shared = frozenset(
        d for n, f in sorted(others.items()) for d in _spill(feed, n, f, None if n in small else stale, scratch)
    )
    spec, tables = feed.spec, len(feed.spec.other["source"])
    target = _Target(spec.path, spec.store, spec.site, feed.value, feed.source, tables, feed.zone)
    tasks = _tasks(target, fresh, again, stale, first_day, scratch, shared)
    reads = backend.map(_read, tasks)
    spilled = shared.union(*(r.spilled for r in reads))
    ledger.begin(d + k for d in spilled for k in (-1, 0, 1))
    if further := frozenset[int]().union(*(s for r in reads for s in r.days)) - spans - stale:
        first_day = prepare(feed.spec, further, memory)
    unflagged = {d for r in reads for d in r.unflagged} | {d + k for d in spilled | stale for k in (-1, 0, 1)}

    def of_days(days: Iterable[int], name: str) -> list[_Task]:
        return [_Task(target, (), frozenset(g), None, first_day, scratch, name) for g in _groups(days)]

    joined = backend.map(_join, of_days(spilled, "joined"))
    flagged = backend.map(_flag, of_days(unflagged, "flags"))
    for shas in (*(r.written for r in reads), *joined, *flagged):  # in this order: what is written later counts
        written |= shas
    shutil.rmtree(scratch, ignore_errors=True)
    return _found(tasks, reads, fresh, small, prints, stale, written)


def _refuse_empty(
    feed: WideFeed, folder: Path, headers: Mapping[str, Header], ledger: Ledger, fresh: Mapping[str, Sequence[Part]],
    small: Mapping[str, HoursOfFile], prints: Mapping[str, str],
) -> set[int]:  # fmt: skip
    """Look through the files that show no time where they begin and end, and return their days; see `refuse_empty`."""
    rows, days = {n: len(f.hour) for n, f in small.items()}, set[int]()
    told = [(n, line, reason) for n, f in small.items() for line, _, _, reason in f.rejected[:3]]
    for name, parts in fresh.items():
        rows[name] = int(any(p.days[1] >= p.days[0] for p in parts))
        for part in parts if not rows[name] else ():
            refused = Rejected()
            for block in read_part(part, headers[name], {}, feed.zone, refused):
                rows[name] += len(block.hour)
                days |= set(np.unique(block.hour // 24).tolist())
            told += [(name, line + 2, reason) for line, _, _, reason in refused.rows[:3]]
    refuse_empty(folder, ledger, prints, rows, told)
    return days


def _erase(feed: WideFeed, stale: Iterable[int], first_day: int) -> dict[str, str]:
    written: dict[str, str] = {}
    for name in feed.spec.series:
        series = open_series(feed.spec.path, feed.spec.store, name, written)
        for day in stale:
            series.erase(day - first_day)
    return written


def _spill(feed: WideFeed, name: str, file: HoursOfFile, only: frozenset[int] | None, scratch: Path) -> frozenset[int]:
    """Lay a small file's hours into scratch by day, `only` these; return the days."""
    place = {str(n): i for i, n in enumerate(open_sites(feed.spec))}
    column = np.array([place[str(s)] for s in file.site], dtype=np.int64)
    days = file.days if only is None else file.days & only
    for day in days:
        here = file.hour // 24 == day
        hour = file.hour[here] - day * 24
        table = DayTable(np.full((24, len(place)), np.nan, dtype=np.float32), np.zeros(24, dtype=bool))
        table.value[hour, column[here]], table.seen[hour] = file.value[here], True
        table.source = np.full(table.value.shape, file.source, dtype=np.int8)
        spill_day(scratch / str(day), f"declared {name}", table)
    return days


def _tasks(
    target: _Target, fresh: Mapping[str, Sequence[Part]], again: Mapping[str, Sequence[Part]], stale: frozenset[int],
    first_day: int, scratch: Path, shared: frozenset[int],
) -> list[_Task]:  # fmt: skip
    """Parts in groups of up to one part's size, in order of their days, and the days that each owns; none `shared`."""
    tagged: list[tuple[Part, str, frozenset[int] | None]] = [(p, n, None) for n, parts in fresh.items() for p in parts]
    tagged += [(p, n, stale) for n, parts in again.items() for p in parts]
    tagged.sort(key=lambda t: (t[2] is not None, t[0].days, t[1], t[0].start))
    groups: list[list[tuple[Part, str, frozenset[int] | None]]] = []
    size = PART_BYTES
    for item in tagged:
        size += item[0].stop - item[0].start
        if size > PART_BYTES or groups[-1][0][2] != item[2]:
            groups.append([])
            size = item[0].stop - item[0].start
        groups[-1].append(item)
    spans = [{d for p, _, only in g for d in _days(p, only)} for g in groups]
    claims = Counter(d for span in spans for d in span)
    return [
        _Task(
            target, tuple(p for p, _, _ in g), frozenset(d for d in span if claims[d] == 1) - shared, g[0][2],
            first_day, scratch, f"{k:06d}",
        )
        for k, (g, span) in enumerate(zip(groups, spans, strict=True))
    ]  # fmt: skip


def _days(part: Part, only: frozenset[int] | None) -> Iterable[int]:
    days = range(part.days[0], part.days[1] + 1)
    return days if only is None else (d for d in days if d in only)


def _read(task: _Task) -> _Read:
    """Read parts; write the days that this task owns."""
    site = task.target.path / task.target.site
    known = _places(site, facts_of((site / "zarr.json").stat()))
    writer = _writer(task)
    rows, days, rejected = [], [], []
    header, of = None, None
    for part in task.parts:
        if header is None or of != part.path:
            header, of = read_header(part.path), part.path
        refused, kept, seen = Rejected(), 0, set[int]()
        for block in read_part(part, header, known, task.target.zone, refused):
            kept += len(block.hour)
            seen |= set(np.unique(block.hour // 24).tolist())
            writer.add(block, task.only)
        rows.append(kept)
        days.append(frozenset(seen))
        rejected.append(refused)
    unflagged = writer.close()
    spilled = frozenset(writer.spilled)
    return _Read(tuple(rows), tuple(days), tuple(rejected), spilled, frozenset(unflagged), writer.written)


@lru_cache(maxsize=1)
def _places(site: Path, facts: Facts) -> dict[str, int]:
    """Index of each site by its name; once a process, since zarr takes 10 ms for 4,096 names."""
    return {str(n): i for i, n in enumerate(read_text(site.parent, site.name))}


def _join(task: _Task) -> dict[str, str]:
    """Join what several tasks had of some days."""
    writer = _writer(task)
    for day in sorted(task.owned):
        for table in read_spilled(task.spill / str(day)):
            writer.take(day, table)
    writer.close()
    return writer.written


def _flag(task: _Task) -> dict[str, str]:
    written: dict[str, str] = {}
    path, store = task.target.path, task.target.store
    flag_stored_days(path, store, (d - task.first_day for d in task.owned), written=written)
    return written


def _writer(task: _Task) -> DayWriter:
    to = task.target
    return DayWriter(
        to.path, to.store, to.value, to.source, task.first_day, task.owned, task.spill, task.name, to.tables
    )


def _groups(days: Iterable[int]) -> list[list[int]]:
    """Days in order, a few weeks a task."""
    ordered = sorted(days)
    return [ordered[i : i + _DAYS_A_TASK] for i in range(0, len(ordered), _DAYS_A_TASK)]


def _found(
    tasks: Sequence[_Task], reads: Sequence[_Read], fresh: Iterable[str], small: Mapping[str, HoursOfFile],
    prints: Mapping[str, str], stale: frozenset[int], written: Mapping[str, str],
) -> Found:  # fmt: skip
    parts = {n: sorted(
        (
            (part.start, read.rows[i], read.days[i], read.rejected[i])
            for task, read in zip(tasks, reads, strict=True)
            for i, part in enumerate(task.parts)
            if part.path.name == n
        ),
        key=lambda p: p[0],
    ) for n in fresh}  # fmt: skip
    landed = {prints[n]: Landed(prints[n], f.days, len(f.hour), len(f.rejected)) for n, f in small.items()}
    rejected: dict[str, Sequence[tuple[int, str, str, str]]] = {n: f.rejected for n, f in small.items()}
    for name, found in parts.items():
        line, lines = 2, list[tuple[int, str, str, str]]()
        for _, _, _, refused in found:
            lines += [(line + r[0], *r[1:]) for r in refused.rows[: _MOST_LISTED - len(lines)]]
            line += refused.lines
        count = sum(p[3].count for p in found)
        landed[prints[name]] = Landed(
            prints[name], frozenset().union(*(p[2] for p in found)), sum(p[1] for p in found), count
        )
        if count > len(lines):
            lines.append((line, "", "", f"{count - len(lines):,} more cells of this file are not listed"))
        rejected[name] = lines
    return Found(landed, rejected, stale, written)
