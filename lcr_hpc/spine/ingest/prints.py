"""SHA-256 of a folder's files, remembered: a file whose size, times and inode are as they were is not read again."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from lcr_hpc.spine.catalogue import ENTRY_FILE
from lcr_hpc.store.journal import Journal
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import fingerprint_file

# A file that is written twice within one tick of the file system's clock (4 ms here, seconds on some network file
# systems) looks the same; so a file is believed only once it was older than this when it was read.
_SETTLED_NS = 2_000_000_000

Facts = tuple[int, int, int, int]


@dataclass
class Prints:
    """What is known of the files of one folder, by name."""

    folder: Path
    journal: Journal
    known: dict[str, list[int | str]] = field(default_factory=dict)
    """Name, the four facts and SHA-256"""
    _news: list[list[int | str]] = field(default_factory=list)
    _there: set[str] = field(default_factory=set)
    _late: dict[str, Facts] = field(default_factory=dict)

    def files(self, *, later: bool = False) -> dict[str, str]:
        """SHA-256 of each data file directly in the folder, by name.

        With `later`, a file whose size no other has gets a word in its place, since its content must be new: it can
        be parsed while `read_late` reads it.
        """
        sizes = {known[1] for known in self.known.values()}
        with os.scandir(self.folder) as found:
            own = (e for e in found if e.name != ENTRY_FILE and not e.name.startswith(".") and e.is_file())
            there = sorted((e.name, facts_of(e.stat())) for e in own)
        shas: dict[str, str] = {}
        for name, facts in there:
            known = self.known.get(name)
            if known is not None and known[1:5] == list(facts):
                shas[name] = str(known[5])
                continue
            if later and facts[0] not in sizes:
                sizes.add(facts[0])
                shas[name], self._late[name] = f"later:{name}", facts
                continue
            shas[name] = self._read(name, facts)
        self._there = set(shas)
        return shas

    def read_late(self) -> dict[str, str]:
        """SHA-256 of the files that were put off, by name."""
        shas = {name: self._read(name, facts) for name, facts in self._late.items()}
        self._late = {}
        return shas

    def _read(self, name: str, facts: Facts) -> str:
        begun = time.time_ns()
        sha = fingerprint_file(self.folder / name)
        if begun - facts[2] > _SETTLED_NS:
            self._news.append([name, *facts, sha])
        return sha

    def save(self) -> None:
        """Remember what was read since this was opened."""
        if self._news or not self.journal.sound:
            self.known |= {str(new[0]): new for new in self._news}
            if self.journal.overgrown(len(self._there)):
                self.journal.rewrite(self.known[n] for n in sorted(self._there & self.known.keys()))
            else:
                self.journal.append(*self._news)
            self._news = []


def facts_of(stat: os.stat_result) -> Facts:
    """Size, times of change and inode of a file: what differs when its content does."""
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def open_prints(layout: Layout, folder: Path, name: str, *, private: bool = False) -> Prints:
    """Open what earlier runs remembered of a folder's files; nothing when that is missing or damaged.

    `private`: the memory is its owner's alone, as the names in it are.
    """
    journal = Journal(layout.run_dir / "prints" / f"{name}.jsonl", private)
    try:
        known = {str(k[0]): k for k in journal.read() if isinstance(k, list) and len(k) == 6}
    except (OSError, ValueError):
        known = {}
        journal.sound = False
    return Prints(folder, journal, known)
