"""Manifests: what a store holds, from what, under which terms. Written last, so a manifest means "whole".

A manifest has no timestamp: the same content gives the same file, and a file that would not change is not
touched, so that nothing downstream runs again.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lcr_hpc.errors import StoreError
from lcr_hpc.store.variables import TIERS

CLOSED = TIERS[-1]


@dataclass(frozen=True)
class Source:
    """What must be said of a dataset wherever its numbers go."""

    title: str
    nature: str
    """real, modelled or synthetic"""
    tier: str
    licence: str
    attribution: str
    identifier: str = ""
    """Persistent URI of the dataset"""
    owner: str = ""
    purpose: str = ""
    contact: str = ""
    rhythm: str = ""
    """once or daily"""
    first: str = ""
    """First day of a dataset of days, as its catalogue entry promises it; "" = not dated"""


@dataclass(frozen=True)
class Manifest:
    """Identity and lineage of one store."""

    name: str
    fingerprint: str
    """SHA-256 over the variables' fingerprints."""
    variables: Mapping[str, str]
    """SHA-256 of each variable's metadata and shards."""
    inputs: Mapping[str, str]
    """Fingerprint of each store it was made from."""
    files: Mapping[str, str]
    """SHA-256 of each feed or coefficient table it was made from."""
    sources: Mapping[str, Source]
    """Every dataset that went in, at any depth."""
    settings: Mapping[str, Any]
    """The config sections that decided the content."""
    code_version: str
    results: Mapping[str, Any] = field(default_factory=dict)
    """A few headline figures, for people and for the report."""

    @property
    def tier(self) -> str:
        """The strictest tier among the sources."""
        return max((s.tier for s in self.sources.values()), key=TIERS.index, default="open")

    @property
    def natures(self) -> tuple[str, ...]:
        """What kinds of numbers went in, in alphabetical order."""
        return tuple(sorted({s.nature for s in self.sources.values()}))


def begin_stage(manifest_path: Path) -> None:
    """Take the manifest away before a store changes: a store without one is not whole."""
    manifest_path.unlink(missing_ok=True)


def finish_store(
    store_path: Path,
    manifest_path: Path,
    name: str,
    *,
    inputs: Iterable[Manifest] = (),
    files: Mapping[str, str] | None = None,
    sources: Mapping[str, Source] | None = None,
    settings: Mapping[str, Any] | None = None,
    results: Mapping[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Manifest:
    """Fingerprint a whole store and write its manifest: a stage's last act.

    A store that rests on a closed dataset stays its owner's alone (mode 0700); any other is opened to whoever may
    enter the folder that it lies in.

    Parameters
    ----------
    store_path, manifest_path : Path
        From `Layout.store` and `Layout.manifest`.
    name : str
        Name of the store.
    inputs : iterable of Manifest
        Manifests of the stores it was made from; their sources carry over.
    files : mapping of str to str, optional
        Feeds and coefficient tables it was made from, name to SHA-256: one for a dataset of many files, since a
        manifest must stay small.
    sources : mapping of str to Source, optional
        Datasets that enter here, by catalogue identifier.
    settings : mapping, optional
        `config.section(...)` of each section that decided the content.
    results : mapping, optional
        Headline figures, plain JSON values.
    variables : mapping of str to str, optional
        What `fingerprint_store` returns, from whoever remembers it; by default every file is read.
    """
    inputs = list(inputs)
    variables = dict(fingerprint_store(store_path) if variables is None else variables)
    merged: dict[str, Source] = {}
    for manifest in inputs:
        merged.update(manifest.sources)
    merged.update(sources or {})
    made = Manifest(
        name=name,
        fingerprint=_digest(json.dumps(variables, sort_keys=True).encode()),
        variables=variables,
        inputs={m.name: m.fingerprint for m in inputs},
        files=dict(sorted((files or {}).items())),
        sources=dict(sorted(merged.items())),
        settings=dict(settings or {}),
        code_version=code_version(),
        results=dict(results or {}),
    )
    # A tier that is unknown is the gate's to refuse; until then it counts as the strictest.
    closed = any(source.tier not in TIERS[:-1] for source in made.sources.values())
    store_path.chmod(0o700 if closed else store_path.parent.stat().st_mode & 0o777)
    text = json.dumps(asdict(made), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    write_text(manifest_path, text, private=closed)
    return made


def read_manifest(path: Path) -> Manifest:
    """Read a manifest; a missing or damaged one is a `StoreError`."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        raw["sources"] = {k: Source(**v) for k, v in raw["sources"].items()}
        return Manifest(**raw)
    except FileNotFoundError:
        raise StoreError(f"no manifest {path}: its stage has not finished; continue with `lcr resume`") from None
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is damaged ({error}); remove it and run its stage again") from None


def fingerprint_store(path: Path) -> dict[str, str]:
    """SHA-256 of each variable of a store, over the names and SHA-256 of its files in name order.

    Parameters
    ----------
    path : Path
        Folder of the store.
    """
    # Text, not paths: a store of ten years has ten thousand files, and a `Path` of each takes longer than its hash.
    base = os.fspath(path)
    files = {".": [f"{base}/zarr.json"]}
    for folder in sorted(p.name for p in path.iterdir() if p.is_dir()):
        found = (f"{at}/{name}" for at, _, names in os.walk(f"{base}/{folder}") for name in names)
        files[folder] = sorted(found, key=lambda f: f.split("/"))
    return {
        name: fingerprint_lines(f"{f[len(base) + 1 :]}\0{fingerprint_file(Path(f))}" for f in some)
        for name, some in files.items()
    }


def fingerprint_lines(lines: Iterable[str]) -> str:
    """SHA-256 of a variable, from a line for each of its files in name order: path below the store, NUL, SHA-256."""
    return _digest("".join(f"{line}\n" for line in lines).encode())


def fingerprint_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(path: Path, text: str, *, private: bool = False) -> None:
    """Write a small file whole or not at all; leave it untouched when its content would not change.

    A private one is its owner's alone (mode 0600).
    """
    mode = 0o600 if private else 0o644
    if path.is_file() and path.read_bytes() == text.encode():
        if path.stat().st_mode & 0o077 and private:
            path.chmod(mode)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def code_version() -> str:
    """Version of the installed distribution."""
    from importlib.metadata import version

    return version("lcr-hpc")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
