"""The ledger of a feed: which files are in its store, by content, and which of its days must be built again.

What is stored of a day is a function of the set of contents that hold it. Names, order of arrival, repetition and
the number of runs do not matter; a file that is replaced under its name takes its old days with it.

On the disk it is a journal: a run adds the days that it is about to change, then the files that it has stored.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from lcr_hpc.store.journal import Journal
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import code_version

_EPOCH = dt.date(1970, 1, 1).toordinal()
_FORM = 2


class Landed(NamedTuple):
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

    journal: Journal
    recipe: str
    """Identity of what made the data: a store of another recipe is begun anew, and so is its ledger"""
    rules: str
    files: dict[str, Landed] = field(default_factory=dict)
    pending: set[int] = field(default_factory=set)
    changed_rules: bool = False
    lost: bool = False
    """Whether there is a store, but no ledger that says what is in it"""
    unclean: bool = False
    """Whether a run before this one did not come to its end: half-written files may lie about"""

    def plan(self, prints: Mapping[str, str]) -> Work:
        """Compare the files that are there, SHA-256 by name, with those that are stored."""
        replaced = [n for n, f in self.files.items() if n in prints and (self.changed_rules or prints[n] != f.sha256)]
        stale = set(self.pending).union(*(self.files[n].days for n in replaced))
        stored = set() if self.changed_rules else {f.sha256 for f in self.files.values()}
        first = {sha: name for name, sha in sorted(prints.items(), reverse=True) if sha not in stored}
        return Work(tuple(first[sha] for sha in sorted(first)), frozenset(stale))

    def holding(self, days: Iterable[int], prints: Mapping[str, str]) -> tuple[str, ...]:
        """A name for each stored content that is still there, unchanged, and holds any of these days."""
        if not (wanted := set(days)) or self.changed_rules:
            return ()
        touched = [n for n, f in self.files.items() if not wanted.isdisjoint(f.days) and prints.get(n) == f.sha256]
        first = {self.files[name].sha256: name for name in sorted(touched, reverse=True)}
        return tuple(first[sha] for sha in sorted(first))

    def refused(self, prints: Mapping[str, str], rows: Mapping[str, int]) -> list[str]:
        """Files with no row at all (`rows` by name) that would replace one whose days are stored."""
        empty = (n for n, count in rows.items() if count == 0 and n in self.files)
        return sorted(n for n in empty if self.files[n].days and prints.get(n) != self.files[n].sha256)

    def begin(self, days: Iterable[int]) -> None:
        """Say, before the first of these days changes, that they are about to."""
        if further := set(days) - self.pending:
            self.pending |= further
            self._save({"pending": _spans(self.pending)})

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
        stored = {**known, **found}
        here = {name: stored[sha] for name, sha in prints.items()}
        left = {n: f for n, f in self.files.items() if n not in prints and lost.isdisjoint(f.days)}
        before, self.files = self.files, {**left, **here}
        news = {n: f for n, f in here.items() if before.get(n) != f}
        gone = [n for n in before if n not in self.files]
        changed = self.changed_rules or bool(self.pending or news or gone)
        self.pending, self.changed_rules, self.lost, self.unclean = set(), False, False, False
        if len(news) > len(self.files) // 2:  # a line of its own for each file
            self._rewrite()
        elif changed or not self.journal.sound:
            self._save({"files": [_told(n, f) for n, f in sorted(news.items())], "gone": gone, "pending": ""})

    def summary(self, prints: Mapping[str, str]) -> dict[str, int]:
        """Headline figures of the files that are there: days, rows kept and cells in quarantine."""
        contents = {f.sha256: f for n, f in self.files.items() if n in prints}.values()
        return {
            "days_landed": len(frozenset[int]().union(*(f.days for f in contents))),
            "rows_kept": sum(f.rows for f in contents),
            "cells_quarantined": sum(f.cells_quarantined for f in contents),
        }

    @property
    def _rules_told(self) -> str:
        return "changed" if self.changed_rules else self.rules

    def _save(self, news: dict[str, Any]) -> None:
        """Add a line, or lay the ledger out anew where that is due; `news` is in this object already."""
        if self.journal.overgrown(len(self.files)):
            self._rewrite()
        else:
            self.journal.append({"rules": self._rules_told, **news})

    def _rewrite(self) -> None:
        self.journal.rewrite(self._records())
        _older(self.journal).unlink(missing_ok=True)

    def _records(self) -> Iterator[Any]:
        yield {"ledger": _FORM, "recipe": self.recipe, "rules": self._rules_told, "pending": _spans(self.pending),
               "columns": ["file", *Landed._fields]}  # fmt: skip
        for name, landed in sorted(self.files.items()):
            yield _told(name, landed)


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
    told = hashlib.sha256(json.dumps([code_version(), dict(rules)], sort_keys=True).encode()).hexdigest()
    ledger = Ledger(Journal(_path(layout, store), private), recipe, told)
    whole = [layout.store(store), layout.store(store).with_name(f"{store}.zarr.ready")]
    if not any((p / "zarr.json").is_file() for p in whole):
        return ledger
    try:
        said = _read(ledger.journal)
        if said.recipe != recipe:
            ledger.journal.sound = False
            return ledger
        ledger.files = {f[0]: Landed(f[1], _days(f[2]), f[3], f[4]) for f in said.files.values()}
        ledger.pending = set(_days(said.pending))
        ledger.changed_rules = said.rules != told
        ledger.unclean = bool(ledger.pending)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        ledger.files, ledger.pending, ledger.lost, ledger.unclean = {}, set(), True, True
        ledger.journal.sound = False
    return ledger


def last_day(layout: Layout, store: str) -> str:
    """Last day of a store's files, such as `2025-10-15`; "" where there is no ledger that says it."""
    try:
        files = _read(Journal(_path(layout, store))).files.values()
        return max((f[2].rpartition(" ")[2].rpartition("/")[2] for f in files), default="")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return ""


def _path(layout: Layout, store: str) -> Path:
    return layout.root / "spine" / "ledger" / f"{store}.jsonl"


def _older(journal: Journal) -> Path:
    return journal.path.with_suffix(".json")


class _Said(NamedTuple):
    recipe: str
    rules: str
    pending: str
    files: dict[str, list[Any]]
    """Name, SHA-256, days, rows and cells, by name"""


def _read(journal: Journal) -> _Said:
    """Return what the lines come to. A file of the older form, one JSON object, is read where there is no journal."""
    try:
        head, *lines = journal.read() or [{}]
    except FileNotFoundError:
        return _read_older(_older(journal))
    if head["ledger"] != _FORM:
        raise ValueError(f"a ledger of form {head['ledger']}, wanted {_FORM}")
    now, files = dict(head), dict[str, list[Any]]()
    for line in lines:
        if isinstance(line, list):
            files[line[0]] = line
            continue
        files |= {f[0]: f for f in line.get("files", ())}
        for name in line.get("gone", ()):
            files.pop(name, None)
        now |= line
    return _Said(now["recipe"], now["rules"], now["pending"], files)


def _read_older(path: Path) -> _Said:
    raw = json.loads(path.read_text(encoding="utf-8"))
    files = {
        name: [name, f["sha256"], " ".join(f["days"]), f["rows"], f["cells_quarantined"]]
        for name, f in raw["files"].items()
    }
    return _Said(raw["recipe"], raw["rules"], " ".join(raw["pending"]), files)


def _told(name: str, landed: Landed) -> list[Any]:
    # Flat: of nested objects, the collector of garbage took longer over three years of files than reading them.
    return [name, landed.sha256, _spans(landed.days), landed.rows, landed.cells_quarantined]


def _spans(days: Iterable[int]) -> str:
    """Days as text: `2025-10-14` or `2025-10-14/2025-10-16`, with blanks between."""
    spans: list[list[int]] = []
    for day in sorted(days):
        if spans and day == spans[-1][1] + 1:
            spans[-1][1] = day
        else:
            spans.append([day, day])
    text = [[dt.date.fromordinal(d + _EPOCH).isoformat() for d in span] for span in spans]
    return " ".join(a if a == b else f"{a}/{b}" for a, b in text)


@lru_cache(maxsize=8192)
def _days(spans: str) -> frozenset[int]:
    found: set[int] = set()
    for span in spans.split():
        first, _, last = span.partition("/")
        a = dt.date.fromisoformat(first).toordinal() - _EPOCH
        if last:
            found.update(range(a, dt.date.fromisoformat(last).toordinal() - _EPOCH + 1))
        else:
            found.add(a)
    return frozenset(found)
