"""`lcr spine check`: read one file by its format, and say what would be kept, flagged and refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from lcr_hpc.errors import InputError
from lcr_hpc.spine.closed import is_closed
from lcr_hpc.spine.readers.formats import FORMATS, Format, Options, Value, find_format, read_feed
from lcr_hpc.spine.readers.result import Reading

SHOWN = 5
"""Refused cells that are shown, a reason each first"""
Readers = Mapping[str, tuple[Format, Callable[[Path, Options], Reading]]]


def check_file(path: Path, name: str, options: Options, more: Readers | None = None) -> Reading:
    """Read a file by a format of the spine, or by one of `more`.

    Raises
    ------
    InputError
        An unknown format or option, or a file that is refused as a whole.
    """
    others = dict(more or {})
    if name in others:
        return others[name][1](path, options)
    find_format(name, FORMATS | {n: f for n, (f, _) in others.items()})
    return read_feed(path, name, options)


def parse_options(pairs: list[str]) -> dict[str, Value]:
    """Options of the command line, `name=value`."""
    options: dict[str, Value] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name or name in options:
            raise InputError(f"option {pair!r}, wanted name=value, each name once", field=name)
        options[name] = value
    return options


def summary(reading: Reading) -> dict[str, Any]:
    """What a reading holds, for a program."""
    return {
        "file": reading.path.name, "format": reading.format, "kind": reading.kind, "rows": reading.rows,
        "kept": reading.kept, "flagged": reading.flagged, "flags": reading.flags,
        "rejected": len(reading.rejected), "reasons": dict(Counter(reading.rejected["reason"]).most_common()),
        "step": reading.step, "notes": list(reading.notes),
    }  # fmt: skip


def describe(reading: Reading, *, as_json: bool = False) -> str:
    """What a reading holds, for a person or as one JSON object."""
    told = summary(reading)
    if as_json:
        return json.dumps(told, ensure_ascii=False)
    noun = {"observations": "values", "pairs": "cells"}.get(reading.kind, reading.kind)
    flags = ", ".join(f"{n:,} {k.replace('_', ' ')}" for k, n in reading.flags.items())
    lines = [
        f"{reading.path.name}: {reading.format}, {reading.rows:,} rows",
        f"  kept      {reading.kept:>9,} {noun}",
        f"  flagged   {reading.flagged:>9,}{f' ({flags})' if flags else ''}",
        f"  rejected  {len(reading.rejected):>9,}",
    ]
    lines += [f"    {n:,} × {reason}" for reason, n in told["reasons"].items()]
    first = reading.rejected.drop_duplicates("reason").head(SHOWN)
    hidden = is_closed(reading.path)
    for _, line, column, value, reason in first.itertuples(index=False):
        shown = "a value of a closed dataset" if hidden else repr(str(value)[:60])
        lines.append(f"    line {line}, `{column}`: {shown}: {reason}")
    if reading.kind == "observations" and len(reading.table):
        second = reading.table["second"].to_numpy()
        begin, end = (np.datetime64(int(s), "s") for s in (second.min(), second.max()))
        lines.append(f"  from {begin}Z to {end}Z, step {reading.step}, {reading.table['site'].nunique():,} sites")
        for words, n in reading.table.groupby(["variable", "unit"], observed=True).size().items():
            variable, unit = cast(tuple[str, str], words)
            lines.append(f"    {variable} [{unit}] {n:,}")
    return "\n".join(lines + [f"  note: {n}" for n in reading.notes])
