"""The ledger of a feed: which files are in its store, by content, and which of its days must be built again.

What is stored of a day is a function of the set of contents that hold it. Names, order of arrival, repetition and
the number of runs do not matter; a file that is replaced under its name takes its old days with it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import code_version, write_text

_EPOCH = dt.date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Landed:
    """What one file gave to the store."""

    sha256: str
    days: frozenset[int]
    """UTC days, counted since 1970"""
    rows: int
    """Rows kept"""
    cells_quarantined: int


@dataclass(frozen=True)
class Work:
    """What a run has to do."""

    parse: tuple[str, ...]
    """A file name for each content that is not in the store yet, in order of content"""
    stale: frozenset[int]
    """Days to be built from nothing: of files that were replaced, and of a run that was killed"""


@dataclass
class Ledger:
    """Files by name; `pending` are days that a run has begun to change and not finished."""

    path: Path
    recipe: str
    """Identity of what made the data: a store of another recipe is begun anew, and so is its ledger"""
    rules: str
    files: dict[str, Landed] = field(default_factory=dict)
    pending: set[int] = field(default_factory=set)
    changed_rules: bool = False
    private: bool = False
    """Whether the file is its owner's alone, as the names in it are"""
    lost: bool = False
    """Whether there is a store, but no ledger that says what is in it"""

    def plan(self, prints: Mapping[str, str]) -> Work:
        """Compare the files that are there, SHA-256 by name, with those that are stored."""
        replaced = [n for n, f in self.files.items() if n in prints and (self.changed_rules or prints[n] != f.sha256)]
        stale = set(self.pending).union(*(self.files[n].days for n in replaced))
        stored = set() if self.changed_rules else {f.sha256 for f in self.files.values()}
        first = {sha: name for name, sha in sorted(prints.items(), reverse=True) if sha not in stored}
        return Work(tuple(first[sha] for sha in sorted(first)), frozenset(stale))

    def holding(self, days: Iterable[int], prints: Mapping[str, str]) -> tuple[str, ...]:
        """A name for each stored content that is still there, unchanged, and holds any of these days."""
        wanted = set(days)
        first = {
            f.sha256: name
            for name, f in sorted(self.files.items(), reverse=True)
            if not self.changed_rules and prints.get(name) == f.sha256 and wanted & f.days
        }
        return tuple(first[sha] for sha in sorted(first))

    def refused(self, prints: Mapping[str, str], rows: Mapping[str, int]) -> list[str]:
        """Files with no row at all (`rows` by name) that would replace one whose days are stored."""
        return [n for n, f in sorted(self.files.items()) if f.days and prints.get(n) != f.sha256 and rows.get(n) == 0]

    def begin(self, days: Iterable[int]) -> None:
        """Say, before the first of these days changes, that they are about to."""
        self.pending |= set(days)
        self.save()

    def finish(self, prints: Mapping[str, str], found: Mapping[str, Landed], rebuilt: Iterable[int]) -> None:
        """Note what was stored.

        Parameters
        ----------
        prints : mapping
            SHA-256 of every file that is there, by name.
        found : mapping
            What each content gave, by SHA-256, for those that were parsed.
        rebuilt : iterable of int
            Days that were built from nothing: a file that is gone is no longer part of them.
        """
        lost = set(rebuilt)
        known = {} if self.changed_rules else {f.sha256: f for f in self.files.values()}
        gone = {n: f for n, f in self.files.items() if n not in prints and not lost & f.days}
        stored = {**known, **found}
        here = {name: stored[sha] for name, sha in prints.items()}
        self.files, self.pending, self.changed_rules = {**gone, **here}, set(), False
        self.lost = False
        self.save()

    def summary(self, prints: Mapping[str, str]) -> dict[str, int]:
        """Headline figures of the files that are there: days, rows kept and cells in quarantine."""
        contents = {f.sha256: f for n, f in self.files.items() if n in prints}.values()
        return {
            "days_landed": len(frozenset[int]().union(*(f.days for f in contents))),
            "rows_kept": sum(f.rows for f in contents),
            "cells_quarantined": sum(f.cells_quarantined for f in contents),
        }

    def save(self) -> None:
        """Write the ledger; one that would not change is not touched."""
        files = {
            n: {"sha256": f.sha256, "days": _spans(f.days), "rows": f.rows, "cells_quarantined": f.cells_quarantined}
            for n, f in sorted(self.files.items())
        }
        rules = "changed" if self.changed_rules else self.rules
        text = json.dumps(
            {"recipe": self.recipe, "rules": rules, "pending": _spans(self.pending), "files": files}, indent=1
        )
        write_text(self.path, text + "\n", private=self.private)


def open_ledger(layout: Layout, store: str, recipe: str, rules: Mapping[str, Any], *, private: bool = False) -> Ledger:
    """Read a store's ledger; an empty one where there is none, or no store.

    Parameters
    ----------
    layout : Layout
        Where things lie.
    store : str
        Name of the store.
    recipe : str
        From `read_origin`.
    rules : mapping
        Everything beside the files that decides the content (limits, sites, units): JSON values. With other rules,
        or another version of the code, every file is parsed again.
    private : bool
        Whether the dataset is closed.
    """
    path = layout.root / "spine" / "ledger" / f"{store}.json"
    told = hashlib.sha256(json.dumps([code_version(), dict(rules)], sort_keys=True).encode()).hexdigest()
    ledger = Ledger(path, recipe, told, private=private)
    whole = [layout.store(store), layout.store(store).with_name(f"{store}.zarr.ready")]
    if not any((p / "zarr.json").is_file() for p in whole):
        return ledger
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["recipe"] != recipe:
            return ledger
        ledger.files = {
            name: Landed(f["sha256"], _days(f["days"]), f["rows"], f["cells_quarantined"])
            for name, f in raw["files"].items()
        }
        ledger.pending = set(_days(raw["pending"]))
        ledger.changed_rules = raw["rules"] != told
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        ledger.files, ledger.pending, ledger.lost = {}, set(), True
    return ledger


def _spans(days: Iterable[int]) -> list[str]:
    """Days as text: `2025-10-14` or `2025-10-14/2025-10-16`."""
    spans: list[list[int]] = []
    for day in sorted(days):
        if spans and day == spans[-1][1] + 1:
            spans[-1][1] = day
        else:
            spans.append([day, day])
    text = [[dt.date.fromordinal(d + _EPOCH).isoformat() for d in span] for span in spans]
    return [a if a == b else f"{a}/{b}" for a, b in text]


def _days(spans: Iterable[str]) -> frozenset[int]:
    found: set[int] = set()
    for span in spans:
        first, _, last = span.partition("/")
        a, b = (dt.date.fromisoformat(t).toordinal() - _EPOCH for t in (first, last or first))
        found.update(range(a, b + 1))
    return frozenset(found)
