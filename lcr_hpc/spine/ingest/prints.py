"""SHA-256 of files, remembered: a file whose size, times and inode are as they were is not read again."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from lcr_hpc.spine.catalogue import ENTRY_FILE
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import fingerprint_file, write_text

# A file that is written twice within one tick of the file system's clock (4 ms here, seconds on some network file
# systems) looks the same; so a file is believed only once it was older than this when it was read.
_SETTLED_NS = 2_000_000_000


@dataclass
class Prints:
    """What is known of the files under one folder, by path below it."""

    folder: Path
    memory: Path
    known: dict[str, list[int | str]] = field(default_factory=dict)
    seen: dict[str, list[int | str]] = field(default_factory=dict)

    def of(self, file: Path) -> str:
        """SHA-256 of a file's bytes."""
        return self._of(os.fspath(file), os.stat(file))  # noqa: PTH116  (thousands of files a night)

    def files(self) -> dict[str, str]:
        """SHA-256 of each data file directly in the folder, by name."""
        with os.scandir(self.folder) as found:
            entries = [e for e in found if e.is_file() and e.name != ENTRY_FILE and not e.name.startswith(".")]
        return {e.name: self._of(e.path, e.stat()) for e in sorted(entries, key=lambda e: e.name)}

    def save(self) -> None:
        """Remember what was asked for since this was opened, and forget the rest."""
        write_text(self.memory, json.dumps(self.seen, separators=(",", ":"), sort_keys=True))

    def _of(self, path: str, stat: os.stat_result) -> str:
        name = path[len(os.fspath(self.folder)) + 1 :]
        facts = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        if (old := self.known.get(name)) and old[:4] == facts:
            self.seen[name] = old
            return str(old[4])
        sha = fingerprint_file(Path(path))
        if time.time_ns() - stat.st_ctime_ns > _SETTLED_NS:
            self.seen[name] = [*facts, sha]
        return sha


def open_prints(layout: Layout, folder: Path, name: str) -> Prints:
    """Open what earlier runs remembered of a folder's files; nothing when that is missing or damaged."""
    memory = layout.run_dir / "prints" / f"{name}.json"
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
        known = {k: v for k, v in known.items() if isinstance(v, list) and len(v) == 5}
    except (OSError, ValueError, AttributeError):
        known = {}
    return Prints(folder, memory, known)
