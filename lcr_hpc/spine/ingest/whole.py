"""Stores that are one slab, and the manifests of the spine: written only when something differs."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.catalogue import ENTRY_FILE, Entry, read_entry
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.ingest.prints import Prints, open_prints
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import CLOSED, begin_stage, fingerprint_file, finish_store
from lcr_hpc.store.slabs import create_store, write_slab

Write = Callable[[], None]
"""The act of writing one store, after everything has been read and checked"""


@dataclass(frozen=True)
class Origin:
    """The datasets that a store is read from."""

    entries: Mapping[str, Entry]
    files: Mapping[str, str]
    """SHA-256 by file; of a dataset with daily files one for all of them, so that a manifest stays small"""
    landed: Mapping[str, Mapping[str, str]]
    """SHA-256 of every file by its name, by dataset"""
    memories: Mapping[str, Prints] = field(default_factory=dict)
    """Who can say what was put off, by dataset"""

    def with_late(self) -> Origin:
        """Read the files that `read_origin` has put off, and return the origin that it would have returned."""
        landed = {name: {**shas, **self.memories[name].read_late()} for name, shas in self.landed.items()}
        for memory in self.memories.values():
            memory.save()
        files = {n: digest(landed[n]) if n in landed else sha for n, sha in self.files.items()}
        files |= {f"{n}/{file}": sha for n, s in landed.items() if n not in files for file, sha in s.items()}
        return replace(self, landed=landed, files=files)

    @property
    def closed(self) -> bool:
        """Whether any of the datasets is its owner's alone."""
        return any(entry.tier == CLOSED for entry in self.entries.values())

    @property
    def recipe(self) -> str:
        """Identity of what made the data: the same for all days of one twin, or of one real feed."""
        recipes = {n: [e.nature, dict(e.recipe)] for n, e in self.entries.items()}
        return hashlib.sha256(json.dumps(recipes, sort_keys=True).encode()).hexdigest()[:16]


def read_origin(layout: Layout, *names: str, later: bool = False) -> Origin:
    """Read the catalogue entries of some datasets and fingerprint their files; `later`: see `Prints.files`.

    Raises
    ------
    InputError
        When an entry is missing, or is not what a catalogue entry must be.
    """
    entries: dict[str, Entry] = {}
    files: dict[str, str] = {}
    landed: dict[str, Mapping[str, str]] = {}
    memories: dict[str, Prints] = {}
    for name in names:
        folder = layout.incoming / name
        entries[name] = read_entry(folder)
        if entries[name].identifier != name:
            raise InputError(f"{folder / ENTRY_FILE} describes `{entries[name].identifier}`, wanted `{name}`")
        raise_all(_other_units(folder / ENTRY_FILE, entries[name]))
        memory = open_prints(layout, folder, name, private=entries[name].tier == CLOSED)
        memories[name], prints = memory, memory.files(later=later)
        memory.save()
        if entries[name].rhythm == "daily":
            files[name] = digest(prints)
        else:
            files |= {f"{name}/{file}": sha for file, sha in prints.items()}
        landed[name] = prints
    return Origin(entries, files, landed, memories)


def _other_units(path: Path, entry: Entry) -> Iterable[str]:
    """Columns that the feed declares in other units than the contract's."""
    contract = DATASETS[entry.identifier].tables if entry.identifier in DATASETS else {}
    for pattern, columns in contract.items():
        wanted = {c.name: c.units for c in columns}
        for column in entry.tables.get(pattern, ()):
            if column.units != wanted.get(column.name, column.units):
                yield (
                    f"{path}: `{column.name}` of {pattern} is in {column.units or 'no unit'}, wanted "
                    f"{wanted[column.name] or 'no unit'}; convert the files, then say so"
                )


def folder_prints(folder: Path) -> dict[str, str]:
    """SHA-256 of each data file of a dataset's folder, by name."""
    return {f.name: fingerprint_file(f) for f in sorted(folder.iterdir()) if f.is_file() and f.name != ENTRY_FILE}


def digest(prints: Mapping[str, str]) -> str:
    """One SHA-256 for many."""
    return hashlib.sha256(json.dumps(dict(prints), sort_keys=True).encode()).hexdigest()


def write_whole(
    layout: Layout,
    store: str,
    origin: Origin,
    sizes: Mapping[str, int],
    values: Mapping[str, Any],
    attrs: Mapping[str, Any],
) -> None:
    """Write a store that is one slab, and its manifest; a store that would not change is not touched."""
    path = layout.store(store)
    made = path.with_name(f"{path.name}.made")
    shutil.rmtree(made, ignore_errors=True)
    try:
        create_store(made, store, sizes, attrs=attrs)
        write_slab(made, store, {}, {k: np.asarray(v) for k, v in values.items()})
    except BaseException:  # a full disk above all: what it could not take must not fill it further
        shutil.rmtree(made, ignore_errors=True)
        raise
    if holds_files(path, made) and holds_files(made, path):
        shutil.rmtree(made)
    else:
        begin_stage(layout.manifest(store))
        shutil.rmtree(path, ignore_errors=True)
        made.rename(path)
    finish_spine_store(layout, store, origin)


def finish_spine_store(
    layout: Layout, store: str, origin: Origin, results: Mapping[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Write the manifest of a spine store from the datasets it was read from; `variables` where they are known."""
    sources = {name: entry.source for name, entry in origin.entries.items()}
    finish_store(
        layout.store(store), layout.manifest(store), store,
        files=origin.files, sources=sources, results=results, variables=variables,
    )  # fmt: skip


def holds_files(folder: Path, wanted: Path) -> bool:
    """Whether every file under `wanted` is under `folder`, byte for byte."""
    return all(same_file(folder / file.relative_to(wanted), file) for file in _files(wanted))


def same_file(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes; a missing one holds none."""
    return one.is_file() and one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()


def _files(folder: Path) -> Iterable[Path]:
    return (f for f in folder.rglob("*") if f.is_file())
