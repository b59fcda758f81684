"""Closed datasets: folders that are their owner's alone, and messages that show none of their content."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from lcr_hpc.errors import InputError
from lcr_hpc.spine.catalogue import ENTRY_FILE, Entry, read_entry
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import CLOSED, write_text
from lcr_hpc.store.variables import SPINE_STORES


def close_folder(folder: Path, entry: Entry) -> None:
    """Take a closed dataset's folder away from everybody but its owner (mode 0700)."""
    if entry.tier == CLOSED and folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def close_incoming(layout: Layout) -> tuple[str, ...]:
    """Close the folders of the closed datasets of a landing zone, and the stores of their names; return which."""
    closed = []
    for file in sorted(layout.incoming.glob(f"*/{ENTRY_FILE}")):
        with contextlib.suppress(InputError):  # what is wrong with an entry is told where it is read
            entry = read_entry(file.parent)
            close_folder(file.parent, entry)
            if entry.tier == CLOSED:
                closed.append(file.parent.name)
                # A store that was open until today is closed before the next day is written into it.
                if entry.identifier in SPINE_STORES and layout.store(entry.identifier).is_dir():
                    layout.store(entry.identifier).chmod(0o700)
    return tuple(closed)


def is_closed(path: Path) -> bool:
    """Whether a file lies in the folder of a closed dataset."""
    try:
        return read_entry(path.parent).tier == CLOSED
    except InputError:
        return False


def keep_private(layout: Layout, closed: Iterable[str], problems: Iterable[str]) -> list[str]:
    """Move the problems of closed datasets to files that are their owner's alone; say where in their place.

    Messages end in logs and on screens, and quote the cells that are wrong.
    """
    told: list[str] = list(problems)
    for name in closed:
        folder = str(layout.incoming / name)
        own = [p for p in told if folder in p]
        if own:
            file = layout.root / "spine" / "quarantine" / f"{name}.problems.txt"
            write_text(file, "\n".join(own) + "\n", private=True)
            count = f"{len(own)} problems" if len(own) > 1 else "1 problem"
            told = [p for p in told if folder not in p]
            told.append(f"`{name}` is closed and has {count}; read them in {file}, which its owner alone may open")
    return told
