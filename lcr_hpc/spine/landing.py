"""Put a whole set of datasets in the place of another, so that a kill at any moment is put right by running again."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lcr_hpc.errors import InputError
from lcr_hpc.spine.archives import refuse_links
from lcr_hpc.spine.catalogue import ENTRY_FILE, Entry, read_entry, write_entry
from lcr_hpc.spine.closed import close_folder
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.ingest.whole import digest, folder_prints, same_file
from lcr_hpc.store.manifest import write_text

LANDED = "feeds.json"
"""One SHA-256 a dataset, written last: where it is, everything has landed"""
_SCRATCH = ".landing-"


@contextmanager
def scratch_folder(out: Path) -> Iterator[Path]:
    """Make a folder on the file system of `out` that is gone afterwards; take away what killed runs left."""
    out.mkdir(parents=True, exist_ok=True)
    for left in out.glob(f"{_SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=_SCRATCH) as scratch:
        yield Path(scratch)


def put_in_place(made: Path, out: Path) -> None:
    """Move the datasets under `made` to `out` and write the list of what landed last.

    Files move one by one. The list goes before the first of them, so a run that is killed meanwhile leaves none, and
    the next one moves what is missing. A file that would not change is not touched, nor is the list.
    """

    def begin() -> None:
        (out / LANDED).unlink(missing_ok=True)

    refuse_links(out)
    for name in DATASETS:
        _put_dataset(made / name, out / name, begin)
    landed = {n: digest(folder_prints(out / n)) for n in DATASETS if (out / n / ENTRY_FILE).is_file()}
    write_text(out / LANDED, json.dumps(landed, indent=1, sort_keys=True) + "\n")


def _put_dataset(made: Path, target: Path, begin: Callable[[], None]) -> None:
    """One dataset's files; a dataset that is no longer made goes."""
    if not made.is_dir():
        if (target / ENTRY_FILE).is_file():
            begin()
            shutil.rmtree(target)
        return
    target.mkdir(exist_ok=True)
    close_folder(target, read_entry(made))
    for file in _stale(target, made):
        begin()
        file.unlink()
    for file in sorted(made.iterdir()):
        if not same_file(target / file.name, file):
            begin()
            os.replace(file, target / file.name)  # noqa: PTH105  (atomic, within one file system)


def _stale(target: Path, made: Path) -> list[Path]:
    """What another recipe left: all of a dataset that is landed once, and days of another twin."""
    old, new = _entry(target), read_entry(made)
    if new.rhythm == "daily" and old is not None and old.recipe == new.recipe:
        first = min(filter(None, (old.coverage.first, new.coverage.first)), default="")
        write_entry(made, new.model_copy(update={"coverage": new.coverage.model_copy(update={"first": first})}))
        return []
    return [file for file in sorted(target.iterdir()) if file.is_file() and not (made / file.name).exists()]


def _entry(folder: Path) -> Entry | None:
    try:
        return read_entry(folder)
    except InputError:
        return None
