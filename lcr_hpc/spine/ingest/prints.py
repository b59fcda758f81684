"""SHA-256 of files, remembered: a file whose size, times and inode are as they were is not read again.

What has to be read is read on a backend where there is one: the shards of a first ingest are a tenth of its work.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lcr_hpc.compute.backends import Backend, SerialBackend
from lcr_hpc.spine.catalogue import ENTRY_FILE
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import fingerprint_file, write_text

# A file that is written twice within one tick of the file system's clock (4 ms here, seconds on some network file
# systems) looks the same; so a file is believed only once it was older than this when it was read.
_SETTLED_NS = 2_000_000_000
_FILES_A_TASK = 256
_CHANGED = 2


@dataclass
class Prints:
    """What is known of the files under one folder, by path below it."""

    folder: Path
    memory: Path
    private: bool = False
    """Whether the memory is its owner's alone, as the names in it are"""
    known: dict[str, list[int | str]] = field(default_factory=dict)
    seen: dict[str, list[int | str]] = field(default_factory=dict)

    def of(self, files: Sequence[str], backend: Backend | None = None) -> list[str]:
        """SHA-256 of each file's bytes."""
        return self._of(files, [_facts(os.stat(f)) for f in files], backend)  # noqa: PTH116  (thousands of files)

    def files(self) -> dict[str, str]:
        """SHA-256 of each data file directly in the folder, by name."""
        with os.scandir(self.folder) as found:
            entries = [e for e in found if e.is_file() and e.name != ENTRY_FILE and not e.name.startswith(".")]
        entries.sort(key=lambda e: e.name)
        shas = self._of([e.path for e in entries], [_facts(e.stat()) for e in entries], None)
        return {e.name: sha for e, sha in zip(entries, shas, strict=True)}

    def save(self) -> None:
        """Remember what was asked for since this was opened, and forget the rest."""
        write_text(self.memory, json.dumps(self.seen, separators=(",", ":"), sort_keys=True), private=self.private)

    def _of(self, files: Sequence[str], facts: Sequence[list[int]], backend: Backend | None) -> list[str]:
        names = [file[len(os.fspath(self.folder)) + 1 :] for file in files]
        known = [self.known.get(name, []) for name in names]
        news = [k for k in range(len(files)) if known[k][:4] != facts[k]]
        begun = time.time_ns()
        groups = [[files[k] for k in news[i : i + _FILES_A_TASK]] for i in range(0, len(news), _FILES_A_TASK)]
        found = (sha for group in (backend or SerialBackend()).map(_read, groups) for sha in group)
        shas = [str(old[4]) if old else "" for old in known]
        for k, sha in zip(news, found, strict=True):
            shas[k] = sha
        for name, fact, sha in zip(names, facts, shas, strict=True):
            # A file that has been remembered stays so; a new one only when it was quiet before it was read.
            if begun - fact[_CHANGED] > _SETTLED_NS or self.known.get(name) == [*fact, sha]:
                self.seen[name] = [*fact, sha]
        return shas


def _facts(stat: os.stat_result) -> list[int]:
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def _read(files: Sequence[str]) -> list[str]:
    return [fingerprint_file(Path(f)) for f in files]


def open_prints(layout: Layout, folder: Path, name: str, *, private: bool = False) -> Prints:
    """Open what earlier runs remembered of a folder's files; nothing when that is missing or damaged."""
    memory = layout.run_dir / "prints" / f"{name}.json"
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
        known = {k: v for k, v in known.items() if isinstance(v, list) and len(v) == 5}
    except (OSError, ValueError, AttributeError):
        known = {}
    return Prints(folder, memory, private, known)
