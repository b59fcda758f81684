"""The catalogue: one entry a dataset, kept beside its files as dataset.json."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lcr_hpc.errors import InputError
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.store.manifest import Source, write_text

ENTRY_FILE = "dataset.json"
_NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "lcr-hpc")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnEntry(_Part):
    """One column of a table."""

    name: str
    type: Literal["text", "integer", "number", "time"]
    units: str
    meaning: str
    minimum: float | None = None
    maximum: float | None = None
    words: tuple[str, ...] = ()
    pattern: str = ""


class Coverage(_Part):
    """What a dataset spans."""

    place: str
    crs: str = ""
    first: str = ""
    """First instant or day, ISO 8601; empty for what is not dated"""
    time_zone: str = ""


class FeedFormat(_Part):
    """Files of a dataset that are not in its own columns, and the format that reads them."""

    files: str = Field(min_length=1, pattern=r"^[^/\\]+$")
    """Pattern of their names"""
    format: str
    """Name of a format; `lcr spine check` takes the same"""
    options: dict[str, str | int | float] = Field(default_factory=dict)


class Entry(_Part):
    """What the catalogue says of a dataset."""

    identifier: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    uri: str = Field("", pattern=r"^(|https?://\S+|urn:\S+)$")
    """Persistent identifier that the owner gave, a DOI above all; "" = one is made, see `persistent`"""
    owner: str = Field(min_length=1)
    contact: str = ""
    """Who answers questions on it: a name, an e-mail address or a web page; "" = the owner"""
    licence: str = Field(min_length=1)
    attribution: str
    tier: Literal["open", "shared", "closed"]
    purpose: str = Field(min_length=1)
    nature: Literal["real", "modelled", "synthetic"]
    rhythm: Literal["once", "daily"]
    coverage: Coverage
    tables: dict[str, tuple[ColumnEntry, ...]]
    formats: tuple[FeedFormat, ...] = ()
    notes: str = ""
    recipe: dict[str, str | int | float] = Field(default_factory=dict)
    """How a synthetic dataset was made: the twin's settings."""
    attributes: dict[str, str | int | float] = Field(default_factory=dict)
    """Facts that its store carries: vintage, n_ranked …"""

    @property
    def persistent(self) -> str:
        """Its persistent identifier: the owner's, else a UUID of what tells it from others, the same on any machine.

        Night, tier, contact and wording of the purpose may change; another owner, recipe or year is another dataset.
        """
        told = [self.identifier, self.owner, self.nature, self.recipe, self.attributes.get("year", "")]
        return self.uri or named_urn(json.dumps(told, sort_keys=True))

    @property
    def source(self) -> Source:
        """What travels with every number made from it."""
        return Source(
            self.title, self.nature, self.tier, self.licence, self.attribution, self.persistent, self.owner,
            self.purpose, self.contact or self.owner, self.rhythm, self.coverage.first,
        )  # fmt: skip


def columns_of(dataset: str) -> dict[str, tuple[ColumnEntry, ...]]:
    """Tables of a dataset as the contract states them."""
    return {
        pattern: tuple(
            ColumnEntry(
                name=c.name,
                type=c.type,
                units=c.units,
                meaning=c.meaning,
                minimum=c.minimum,
                maximum=c.maximum,
                words=c.words,
                pattern=c.pattern,
            )
            for c in columns
        )
        for pattern, columns in DATASETS[dataset].tables.items()
    }


def write_entry(folder: Path, entry: Entry) -> None:
    """Write a dataset's entry beside its files."""
    text = json.dumps(_plain(entry), indent=1, ensure_ascii=False)
    write_text(folder / ENTRY_FILE, text + "\n")


def read_entry(folder: Path) -> Entry:
    """Read a dataset's entry.

    Raises
    ------
    InputError
        When there is none, or a field is missing or wrong.
    """
    path = folder / ENTRY_FILE
    try:
        return Entry.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"no {path}: a dataset needs its catalogue entry; run `lcr spine feeds`") from None
    except ValidationError as error:
        found = "; ".join(f"`{'.'.join(map(str, e['loc']))}` {e['msg']}" for e in error.errors())
        raise InputError(f"{path} is no catalogue entry: {found}") from None
    except ValueError as error:
        raise InputError(f"{path} is not readable JSON ({error})") from None


def read_catalogue(incoming: Path) -> dict[str, Entry]:
    """Every entry under `incoming`, by identifier."""
    return {f.parent.name: read_entry(f.parent) for f in sorted(incoming.glob(f"*/{ENTRY_FILE}"))}


def list_datasets(incoming: Path) -> str:
    """A line a dataset: identifier, nature, tier, title."""
    entries = some_entries(incoming)
    width = max(len(k) for k in entries)
    return "\n".join(f"{k:<{width}}  {e.nature:<9}  {e.tier:<6}  {e.title}" for k, e in entries.items())


def show_dataset(incoming: Path, dataset: str, *, as_json: bool = False) -> str:
    """One entry whole, for people or as one JSON object."""
    entries = some_entries(incoming)
    if dataset not in entries:
        raise InputError(f"no dataset `{dataset}` in {incoming}; there are: {', '.join(entries)}", field=dataset)
    e = entries[dataset]
    said = {**_plain(e), "uri": e.persistent, "contact": e.contact or e.owner}
    if as_json:
        return json.dumps(said, ensure_ascii=False)
    lines = [f"{k:<12} {v}" for k, v in said.items() if isinstance(v, str) and v]
    lines += [f"{'coverage':<12} " + ", ".join(v for v in e.coverage.model_dump().values() if v)]
    lines += [f"{'recipe':<12} " + ", ".join(f"{k}={v}" for k, v in e.recipe.items())] if e.recipe else []
    for pattern, columns in e.tables.items():
        lines.append(pattern)
        lines += [f"  {c.name:<26} {c.type:<8} {c.units:<9} {c.meaning}" for c in columns]
    return "\n".join(lines)


def search_datasets(incoming: Path, text: str) -> str:
    """Lines of the datasets whose entry holds every word of `text`, and where."""
    words = text.casefold().split()
    lines = []
    for key, entry in some_entries(incoming).items():
        parts = {k: str(v) for k, v in entry.model_dump().items() if isinstance(v, str)}
        parts |= {f"column {c.name}": f"{c.name} {c.meaning} {c.units}" for t in entry.tables.values() for c in t}
        if all(any(w in p.casefold() for p in parts.values()) for w in words):
            where = [k for k, p in parts.items() if any(w in p.casefold() for w in words)]
            lines.append(f"{key}: {entry.title} ({', '.join(where[:4])}{' …' if len(where) > 4 else ''})")
    return "\n".join(lines) or f"no dataset mentions {text!r}"


def named_urn(told: str) -> str:
    """URN of a UUID made from a text (RFC 9562, version 5): the same text gives the same one everywhere."""
    return uuid.uuid5(_NAMES, told).urn


def _plain(entry: Entry) -> dict[str, Any]:
    """JSON values of an entry; limits that a column does not have are left out."""
    values = entry.model_dump(mode="json")
    for columns in values["tables"].values():
        for column in columns:
            for name in ("minimum", "maximum", "words", "pattern"):
                if column[name] in (None, "", []):
                    del column[name]
    return values


def some_entries(incoming: Path) -> dict[str, Entry]:
    """Every entry of a landing zone, of which there must be one."""
    entries = read_catalogue(incoming)
    if not entries:
        raise InputError(f"no datasets in {incoming}; write some with `lcr spine feeds`, or say --root")
    return entries
