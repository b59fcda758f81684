"""Readings laid into the tables of their UTC days, and the days into their shards.

Two readings of one site and hour: a number stands before nothing, of two numbers the larger (the fuller count), and
the cell is marked. That is the same in any order, however often, and however the rows are split over files.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from lcr_kernels.quality import CLOCK_JUMP

from lcr_hpc.spine.ingest.flags import FLAG_OF, RULES, flag_day
from lcr_hpc.spine.ingest.wide import Rows
from lcr_hpc.store.shards import open_series

_OPEN_BYTES = 48 << 20
"""Days that are kept open at once: part of no result"""


@dataclass
class DayTable:
    """One day of all sites."""

    value: npt.NDArray[np.float32]
    """[hour, site]"""
    seen: npt.NDArray[np.bool_]
    """Hours that have a row"""
    jump: npt.NDArray[np.bool_] | None = None
    """[hour, site]: cells that stand with two values, or whose clock is in doubt; None = nowhere"""
    source: npt.NDArray[np.int8] | None = None
    """[hour, site]: number of the table that a value is from; None = 0 for all"""

    def join(self, other: DayTable) -> None:
        """Take another table of the same day in; see the module for what two readings of one cell become."""
        for hour in np.flatnonzero(other.seen):
            jump = other.jump[hour] if other.jump is not None else None
            source = other.source[hour] if other.source is not None else None
            self.put(int(hour), other.value[hour], jump, source)

    def put(
        self, hour: int, value: npt.NDArray[np.float32], jump: npt.NDArray[np.bool_] | None = None,
        source: npt.NDArray[np.int8] | None = None,
    ) -> None:  # fmt: skip
        """Take one row in."""
        if source is not None or self.source is not None:
            self._put_source(hour, value, source)
        if not self.seen[hour]:
            self.value[hour], self.seen[hour] = value, True
        else:
            here = self.value[hour]
            twice = (here != value) & ~np.isnan(here) & ~np.isnan(value)
            np.fmax(here, value, out=here)
            if twice.any():
                self.mark(hour, twice)
        if jump is not None and jump.any():
            self.mark(hour, jump)

    def _put_source(self, hour: int, value: npt.NDArray[np.float32], source: npt.NDArray[np.int8] | None) -> None:
        """Say where the row's values will be from, before they are taken; of two equal ones the later table."""
        if self.source is None:
            self.source = np.zeros(self.value.shape, dtype=np.int8)
        here, kept = self.value[hour], self.source[hour]
        new = np.zeros(len(value), dtype=np.int8) if source is None else source
        wins = np.isnan(here) | (value > here) | ((value == here) & (new > kept))
        np.copyto(kept, new, where=wins & ~np.isnan(value))

    def mark(self, hour: int, cells: npt.NDArray[np.bool_]) -> None:
        """Mark cells of a row."""
        if self.jump is None:
            self.jump = np.zeros(self.value.shape, dtype=bool)
        self.jump[hour] |= cells


@dataclass
class DayWriter:
    """Collects rows and writes the days that this task owns; those that others hold too go to `spill`.

    Parameters
    ----------
    path, store, value : Path, str, str
        Zarr store, its name and the variable.
    source : str
        Variable that says which table of the dataset a value is from.
    first_day : int
        Day since 1970 of the store's first shard.
    owned : collection of int
        Days since 1970 that no other task writes.
    spill : Path
        Folder for tables of other days: `<day>/<name>.npz`.
    name : str
        Of this task, for what it spills.
    tables : int
        How many tables of the dataset values can be from.
    """

    path: Path
    store: str
    value: str
    source: str
    first_day: int
    owned: Collection[int]
    spill: Path
    name: str
    tables: int = 1
    days: set[int] = field(default_factory=set)
    """Days that got a row"""
    spilled: set[int] = field(default_factory=set)
    written: dict[str, str] = field(default_factory=dict)
    """SHA-256 of the shards that it wrote, by path below the store"""
    _open: OrderedDict[int, DayTable] = field(default_factory=OrderedDict)
    _recent: OrderedDict[int, DayTable] = field(default_factory=OrderedDict)
    _flagged: set[int] = field(default_factory=set)
    _pieces: int = 0

    def __post_init__(self) -> None:
        names = (self.value, FLAG_OF[self.value], self.source)
        self._series, self._flags, self._sources = (
            open_series(self.path, self.store, name, self.written) for name in names
        )
        self._sites = self._series.shape[1]
        self._most = max(4, _OPEN_BYTES // (24 * 4 * max(self._sites, 1)))

    def add(self, rows: Rows, only: Collection[int] | None = None) -> None:
        """Take a block of rows in; `only` these days."""
        day = rows.hour // 24
        edges = np.flatnonzero(np.diff(day)) + 1
        for a, b in zip([0, *edges], [*edges, len(day)], strict=True):
            d = int(day[a])
            if only is not None and d not in only:
                continue
            self.days.add(d)
            table = self._table(d)
            hour = rows.hour[a:b] - d * 24
            if rows.doubtful is None and not table.seen[hour].any() and (np.diff(hour) > 0).all():
                table.value[hour], table.seen[hour] = rows.value[a:b], True
                continue
            for k in range(a, b):
                cells = None
                if rows.doubtful is not None and rows.doubtful[k]:
                    cells = ~np.isnan(rows.value[k])
                table.put(int(hour[k - a]), rows.value[k], cells)

    def take(self, day: int, table: DayTable) -> None:
        """Take a spilled table in."""
        self.days.add(day)
        self._table(day).join(table)

    def close(self) -> set[int]:
        """Write what is still open; days whose flags are not final, since a day beside them was not here yet."""
        while self._open:
            self._flush(*self._open.popitem(last=False))
        written = {d for d in self.days if d in self.owned}
        return {d + k for d in written for k in (-1, 0, 1)} - self._flagged

    def _table(self, day: int) -> DayTable:
        if day not in self._open:
            while len(self._open) >= self._most:
                self._flush(*self._open.popitem(last=False))
            value = np.full((24, self._sites), np.nan, dtype=np.float32)
            self._open[day] = DayTable(value, np.zeros(24, dtype=bool))
        return self._open[day]

    def _flush(self, day: int, table: DayTable) -> None:
        if day not in self.owned:
            self._pieces += 1
            self.spilled.add(day)
            spill_day(self.spill / str(day), f"{self.name}-{self._pieces:06d}", table)
            return
        index = day - self.first_day
        if self._series.holds(index):
            jump = self._flags.read(index) == CLOCK_JUMP
            source = self._sources.read(index) if self.tables > 1 else None
            stored = DayTable(self._series.read(index), np.ones(24, dtype=bool), jump, source)
            stored.join(table)
            table = stored
        self._series.write(index, table.value)
        sources = np.zeros((), np.int8) if table.source is None else table.source
        self._sources.write(index, np.where(np.isnan(table.value), np.int8(-1), sources))
        if table.jump is not None and table.jump.any():
            # So that the mark outlives this task, whoever works the flags out.
            self._flags.write(index, np.where(table.jump, np.int8(CLOCK_JUMP), np.int8(0)))
        self._flag_before(day, table)

    def _flag_before(self, day: int, table: DayTable) -> None:
        """Flag the day before, once this one is there: days mostly come in order."""
        self._flagged -= {day - 1, day, day + 1}
        self._recent[day] = table
        while len(self._recent) > 3:
            self._recent.popitem(last=False)
        before, here = self._recent.get(day - 2), self._recent.get(day - 1)
        if before is None or here is None:
            return
        jump = np.zeros(here.value.shape, dtype=bool) if here.jump is None else here.jump
        flags = flag_day(RULES[self.value], before.value, here.value, table.value, jump)
        self._flags.write(day - 1 - self.first_day, flags)
        self._flagged.add(day - 1)


def spill_day(folder: Path, name: str, table: DayTable) -> None:
    """Put a table of one day where `read_spilled` finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    jump = np.zeros(0, dtype=bool) if table.jump is None else table.jump
    source = np.zeros(0, dtype=np.int8) if table.source is None else table.source
    np.savez(folder / f"{name}.npz", value=table.value, seen=table.seen, jump=jump, source=source)


def read_spilled(folder: Path) -> list[DayTable]:
    """Tables that tasks spilled of one day, in order of their names."""
    tables = []
    for file in sorted(folder.glob("*.npz")):
        with np.load(file, allow_pickle=False) as held:
            jump, source = (held[k] if held[k].size else None for k in ("jump", "source"))
            tables.append(DayTable(held["value"], held["seen"], jump, source))
    return tables
