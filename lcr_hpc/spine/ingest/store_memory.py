"""What is remembered of a store of days, so that a night's ingest looks at its own days and at no others.

Two things: for which sites and years there is room, and the SHA-256 of every shard. Both hold for one store alone,
known by those of its files that are no shards: where one of these is not the file that it was, nothing is believed and
everything is read. A shard of a day that the ledger calls pending is never believed; any other was read after it was
written last. Whether a store still is what its manifest says is the gate's to find, which reads all of it.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lcr_hpc.compute.backends import Backend, SerialBackend
from lcr_hpc.spine.ingest.prints import facts_of
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import fingerprint_file, fingerprint_lines, write_text

_FILES_A_TASK = 256


@dataclass
class StoreMemory:
    """What is known of one store of days.

    Parameters
    ----------
    store : Path
        Folder of the Zarr store.
    file : Path
        Where the memory is kept between runs.
    series : collection of str
        Variables by hour: those that have shards of days.
    private : bool
        Whether the memory is its owner's alone.
    """

    store: Path
    file: Path
    series: Collection[str]
    private: bool = False
    made_of: str = ""
    """Identity of the sites and settings that the store has room for; "" = not known"""
    first_day: int = 0
    """Day since 1970 of the first shard"""
    days: int = 0
    """Shards along time"""
    _fixed: dict[str, list[int]] = field(default_factory=dict)
    """Facts of the files that are no shards, when the memory was written"""
    _lines: list[str] = field(default_factory=list)
    """A line a shard, in order: path below the store, NUL, SHA-256"""

    def room(self, made_of: str, days: Collection[int]) -> int | None:
        """First day of a store that has room for these days and what it is made of; None where that is not known."""
        there = range(self.first_day, self.first_day + self.days)
        known = self.made_of == made_of and all(d in there for d in days)
        return self.first_day if known and self._fixed == self._facts() else None

    def begin(self, made_of: str, first_day: int, days: int, *, new: bool) -> None:
        """Note what the store has room for; a `new` one has no shards yet."""
        self.made_of, self.first_day, self.days = made_of, first_day, days
        if new:
            self._fixed, self._lines = self._facts(), []

    def settle(
        self, touched: Iterable[int], written: Mapping[str, str] | None = None, backend: Backend | None = None
    ) -> None:
        """Take in the shards of days that were changed, all of a store that is not known; then remember them.

        Parameters
        ----------
        touched : iterable of int
            Days since 1970 that this run may have changed: the ledger's pending ones.
        written : mapping of str to str, optional
            SHA-256 of shards, by path below the store, from whoever wrote them last; "" where there is none now.
            Others are read. A day of a variable is in it whole or not at all.
        backend : Backend, optional
            Where many shards are read.
        """
        told: dict[str, list[str]] = {}
        if (facts := self._facts()) != self._fixed:
            places, self._lines, self._fixed = [f"{name}/c" for name in sorted(self.series)], [], facts
        else:
            indices = [d - self.first_day for d in set(touched)]
            places = [f"{name}/c/{i}" for name in self.series for i in indices if 0 <= i < self.days]
            for file, sha in (written or {}).items():
                told.setdefault("/".join(file.split("/", 3)[:3]), []).extend([f"{file}\0{sha}"] if sha else [])
        files = [f"{p}{file}" for p in places if p not in told for file in _below(f"{self.store}/{p}")]
        groups = [files[i : i + _FILES_A_TASK] for i in range(0, len(files), _FILES_A_TASK)]
        where = SerialBackend() if backend is None or len(groups) < 2 else backend
        shas = (sha for group in where.map(_read, [(self.store, g) for g in groups]) for sha in group)
        news = [f"{f}\0{sha}" for f, sha in zip(files, shas, strict=True)]
        for place in places:  # "/" and NUL come before every digit: nothing else lies between these two
            self._lines[bisect_left(self._lines, place + "\0") : bisect_left(self._lines, place + "0")] = []
            news += told.get(place, ())
        self._lines = sorted([*self._lines, *news])
        self._save()

    def fingerprints(self) -> dict[str, str]:
        """SHA-256 of each variable, as `fingerprint_store` has them, from what is remembered of the shards."""
        others: dict[str, list[str]] = {".": []}
        for file in self._fixed:
            name = file.partition("/")[0] if "/" in file else "."
            others.setdefault(name, []).append(f"{file}\0{fingerprint_file(self.store / file)}")
        return {name: fingerprint_lines([*self._shards(name), *others[name]]) for name in sorted(others)}

    def _shards(self, name: str) -> list[str]:
        return self._lines[bisect_left(self._lines, f"{name}/c/") : bisect_left(self._lines, f"{name}/c0")]

    def _facts(self) -> dict[str, list[int]]:
        """Facts of every file that is no shard, in the order in which they are fingerprinted."""
        names = sorted(e.name for e in os.scandir(self.store) if e.is_dir()) if self.store.is_dir() else []
        files = ["zarr.json"]
        for name in names:
            shards = f"{name}/zarr.json" if name in self.series else None
            found = [shards] if shards else [f"{name}{f}" for f in _below(f"{self.store}/{name}")]
            files += sorted(found, key=lambda f: f.split("/"))
        try:
            return {f: [*facts_of(os.stat(f"{self.store}/{f}"))] for f in files}  # noqa: PTH116
        except FileNotFoundError:
            return {}

    def _save(self) -> None:
        head = {"fixed": self._fixed, "made_of": self.made_of, "first_day": self.first_day, "days": self.days}
        write_text(self.file, "\n".join([json.dumps(head), *self._lines, ""]), private=self.private)


def open_memory(
    layout: Layout, store: str, series: Collection[str], *, believed: bool, private: bool = False
) -> StoreMemory:
    """Open what earlier runs remembered of a store of days; nothing when that is missing or damaged.

    It is thrown away when it is not `believed`: a ledger that is lost may have had days pending.
    """
    memory = StoreMemory(layout.store(store), layout.run_dir / "prints" / f"{store}.zarr.txt", series, private)
    if not believed:
        memory.file.unlink(missing_ok=True)
    try:
        head, *lines, last = memory.file.read_text(encoding="utf-8").split("\n")
        told = json.loads(head)
        if not last:
            memory.made_of, memory.first_day, memory.days = told["made_of"], told["first_day"], told["days"]
            memory._fixed, memory._lines = told["fixed"], lines
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return memory


def _below(place: str) -> Iterator[str]:
    """Files under a folder, as what follows its path; of a file that alone ("")."""
    if os.path.isfile(place):  # noqa: PTH113  (thousands of them)
        yield ""
        return
    for at, _, names in os.walk(place):
        yield from (f"{at[len(place) :]}/{name}" for name in names)


def _read(files: tuple[Path, Sequence[str]]) -> list[str]:
    store, names = files
    return [fingerprint_file(store / name) for name in names]
