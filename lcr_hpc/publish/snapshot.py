"""The index of a published snapshot: every file's SHA-256, what was released, and from which stores."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lcr_hpc.errors import StoreError
from lcr_hpc.store.manifest import fingerprint_file, write_text

INDEX = "snapshot.json"
FORMAT = 1


@dataclass(frozen=True)
class Snapshot:
    """What one published folder holds."""

    night: str
    """Local civil day, ISO 8601."""
    scenario: str
    tier: str
    """Tier that it was released at; no dataset behind it is stricter."""
    stores: Mapping[str, str]
    """Fingerprint of each store at any depth behind it."""
    files: Mapping[str, str]
    """SHA-256 of each file beside the index."""
    code_version: str
    format: int = FORMAT

    @property
    def fingerprint(self) -> str:
        """SHA-256 over everything that the index says."""
        return hashlib.sha256(_text(asdict(self)).encode()).hexdigest()


def index_files(folder: Path) -> dict[str, str]:
    """SHA-256 of every entry of a snapshot's folder but its index; a folder or a link counts as an entry too."""
    return {
        p.name: fingerprint_file(p) if p.is_file() and not p.is_symlink() else "not a plain file"
        for p in sorted(folder.iterdir())
        if p.name != INDEX
    }


def write_index(folder: Path, snapshot: Snapshot) -> None:
    """Write the index of a folder."""
    write_text(folder / INDEX, _index_text(snapshot))


def read_index(folder: Path) -> Snapshot:
    """Read a snapshot's index; one that is missing or not as it was written is a `StoreError`."""
    path = folder / INDEX
    try:
        text = path.read_text(encoding="utf-8")
        raw: dict[str, Any] = json.loads(text)
        raw.pop("fingerprint")
        snapshot = Snapshot(**raw)
    except (FileNotFoundError, NotADirectoryError):
        raise StoreError(f"{folder} is no snapshot: it has no {INDEX}; give a folder like published/latest") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"{path} is damaged ({error}); publish the night again") from None
    if snapshot.format != FORMAT:
        raise StoreError(f"{path} has format {snapshot.format}, this version reads {FORMAT}")
    if text != _index_text(snapshot):
        raise StoreError(f"{path} is not as it was written: its own fingerprint does not fit; publish the night again")
    return snapshot


def file_problems(folder: Path, snapshot: Snapshot) -> list[str]:
    """What is changed, missing or extra in a folder against its index, in name order."""
    found = index_files(folder)
    problems = []
    for name in sorted(found.keys() | snapshot.files.keys()):
        if name not in found:
            problems.append(f"{name} is missing")
        elif name not in snapshot.files:
            problems.append(f"{name} is not in {INDEX}: it was added after the release")
        elif found[name] != snapshot.files[name]:
            problems.append(f"{name} has SHA-256 {found[name][:12]}…, released was {snapshot.files[name][:12]}…")
    return problems


def _index_text(snapshot: Snapshot) -> str:
    return _text({**asdict(snapshot), "fingerprint": snapshot.fingerprint})


def _text(values: Mapping[str, Any]) -> str:
    return json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
