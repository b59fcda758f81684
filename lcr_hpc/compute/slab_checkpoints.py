"""Checkpoints of mapped slabs: a stage that is killed goes on with the slabs that were not done.

A worker marks the slabs that it has finished, at most so often, and only after their files are on the disk: whenever
the power fails, a mark stands for a slab that is there. A mark holds what the slab's function returned, since the
stage needs it again. Marks are of one stage with one identity (its inputs, settings and code) and of one store; for
any other they are thrown away before the first slab.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lcr_hpc.compute.backends import Backend, Item, Result

_IDENTITY = "identity"


class SlabCheckpoints:
    """A backend that remembers which slabs are done.

    Parameters
    ----------
    backend : Backend
        Computes the others.
    folder : Path
        Of the marks; made when it is not there. On a disk that all workers see.
    store : Path
        Folder of the Zarr store that the slabs are written to, made before the first `map`. A store that was made
        anew has none of the slabs.
    identity : str
        Of all that decides the slabs' content.
    seconds : float
        Least time between two marks of a worker; 0: after every slab.
    """

    def __init__(self, backend: Backend, folder: Path, store: Path, identity: str, seconds: float = 60.0) -> None:
        self._backend = backend
        self._folder, self._store = folder, store
        self._identity, self._seconds = identity, seconds
        self._maps = 0

    def map(self, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """Apply `function` to every item that has no mark; see `Backend.map`."""
        self._begin()
        self._maps += 1
        marks = [self._mark(item) for item in items]
        results: dict[int, Any] = {}
        for index, mark in enumerate(marks):
            found = _read(mark)
            if found is not None:
                results[index] = found[0]
        left = [index for index in range(len(items)) if index not in results]
        if results:
            print(f"{len(results)} of {len(items)} slabs are there from the run before", file=sys.stderr, flush=True)
        todo = [_Task(function, items[i], marks[i], self._store, self._seconds) for i in left]
        results |= dict(zip(left, self._backend.map(_run, todo), strict=True))
        return [results[index] for index in range(len(items))]

    def remove(self) -> None:
        """Remove the marks: the stage has ended."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self) -> None:
        """Throw marks away that are not this stage's, or of a store that is no more."""
        made = (self._store / "zarr.json").stat()
        wanted = f"{self._identity} {made.st_ino} {made.st_mtime_ns}"
        said = self._folder / _IDENTITY
        if self._maps or (said.is_file() and said.read_text(encoding="utf-8") == wanted):
            return
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)
        _write(said, wanted.encode())

    def _mark(self, item: object) -> Path:
        # The n-th map of a stage is the same one whenever it runs; the item is in the name too, so that a mark is
        # never taken for another slab's.
        told = hashlib.sha256(pickle.dumps((self._maps, item), protocol=5))
        return self._folder / told.hexdigest()[:32]


@dataclass(frozen=True)
class _Task:
    function: Callable[[Any], Any]
    item: Any
    mark: Path
    store: Path
    seconds: float


class _Unmarked:
    """Slabs that this process has finished since its last mark."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Path, Any]] = []
        self.last = time.monotonic()

    def offer(self, task: _Task, result: Any) -> None:
        self.waiting.append((task.mark, result))
        if time.monotonic() - self.last < task.seconds:
            return
        # zarr renames each finished chunk into place without waiting for the disk.
        _synchronise(task.store)
        for mark, value in self.waiting:
            if mark.parent.is_dir():  # else the stage has ended, or begun anew
                payload = pickle.dumps(value, protocol=5)
                _write(mark, hashlib.sha256(payload).digest() + payload)
        self.waiting.clear()
        self.last = time.monotonic()


_unmarked = _Unmarked()


def _run(task: _Task) -> Any:
    result = task.function(task.item)
    _unmarked.offer(task, result)
    return result


def _synchronise(store: Path) -> None:
    """Wait until what was written to a store is on the disk: files first, then the folders that name them."""
    for folder, _, names in os.walk(store, topdown=False):
        for path in (*(f"{folder}/{name}" for name in names), folder):
            try:
                handle = os.open(path, os.O_RDONLY)
            except FileNotFoundError:  # another worker's temporary file
                continue
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _read(mark: Path) -> tuple[Any] | None:
    try:
        raw = mark.read_bytes()
    except OSError:
        return None
    payload = raw[32:]
    if hashlib.sha256(payload).digest() != raw[:32]:
        return None
    # Written by this program into the run's own folder, which is its owner's alone.
    return (pickle.loads(payload),)


def _write(path: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
