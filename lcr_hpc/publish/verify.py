"""Check a published snapshot again, from what it says of itself: bytes, schema, disclosure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from lcr_hpc.errors import StoreError
from lcr_hpc.publish.snapshot import Snapshot, file_problems, read_index
from lcr_hpc.publish.write import METADATA_KEY
from lcr_hpc.store.variables import TIERS

CATALOGUE = "catalogue.json"
ARROW_TYPES = {
    "str": ("string", "large_string"),
    "int64": ("int64",),
    "Int64": ("int64",),
    "float64": ("double",),
}


def verify_snapshot(path: Path) -> list[str]:
    """Re-check a snapshot.

    Parameters
    ----------
    path : Path
        Folder, or a link to it, such as published/latest.

    Returns
    -------
    list of str
        What is wrong, a line each; empty = every file is as published, every table has its declared columns, types,
        rows and reference system, and no dataset is above the tier of the release.
    """
    folder = path.resolve()
    try:
        snapshot = read_index(folder)
    except StoreError as error:
        return [str(error)]
    problems = file_problems(folder, snapshot)
    try:
        catalogue = json.loads((folder / CATALOGUE).read_text(encoding="utf-8"))
        problems += _disclosure_problems(snapshot, catalogue)
        problems += [p for name, entry in sorted(catalogue["files"].items()) for p in _schema(folder, name, entry)]
    except FileNotFoundError:
        problems.append(f"{CATALOGUE} is missing: neither schema nor tiers can be checked")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problems.append(f"{CATALOGUE} is damaged ({type(error).__name__}: {error})")
    return list(dict.fromkeys(problems))


def _disclosure_problems(snapshot: Snapshot, catalogue: Mapping[str, Any]) -> Iterable[str]:
    if snapshot.tier not in TIERS or catalogue["release_tier"] != snapshot.tier:
        yield f"the release tier is `{snapshot.tier}` in the index and `{catalogue['release_tier']}` in {CATALOGUE}"
        return
    for said in (n for n in ("night", "scenario") if catalogue[n] != getattr(snapshot, n)):
        yield f"{CATALOGUE} is about {said} {catalogue[said]}, the index about {getattr(snapshot, said)}"
    for name, entry in sorted(catalogue["files"].items()):
        if not entry["datasets"]:
            yield f"{name} names no dataset, so its tier is not known"
        tiers = [entry["tier"]]
        for dataset in entry["datasets"]:
            if dataset not in catalogue["datasets"]:
                yield f"{name} rests on `{dataset}`, which the catalogue does not have"
                continue
            tiers.append(catalogue["datasets"][dataset]["tier"])
        for tier in dict.fromkeys(tiers):
            if tier not in TIERS or TIERS.index(tier) > TIERS.index(snapshot.tier):
                yield f"{name} is released at `{snapshot.tier}` but rests on a dataset of tier `{tier}`"
    listed = catalogue["files"].keys() | {CATALOGUE}
    yield from (f"{name} is in the index but not in {CATALOGUE}" for name in sorted(snapshot.files.keys() - listed))
    yield from (f"{name} is in {CATALOGUE} but not in the index" for name in sorted(listed - snapshot.files.keys()))


def _schema(folder: Path, name: str, entry: Mapping[str, Any]) -> list[str]:
    """Check one table against its declared columns."""
    if "columns" not in entry or not (folder / name).is_file():
        return []
    try:
        check = _geoparquet if name.endswith(".parquet") else _csv
        return [f"{name}: {p}" for p in check(folder / name, entry)]
    except (ValueError, OSError, KeyError, TypeError) as error:
        return [f"{name} cannot be read ({' '.join(str(error).split())[:200]})"]


def _geoparquet(path: Path, entry: Mapping[str, Any]) -> Iterable[str]:
    file = pq.ParquetFile(path)
    schema, metadata = file.schema_arrow, file.schema_arrow.metadata or {}
    wanted = {c["name"]: ARROW_TYPES[c["dtype"]] for c in entry["columns"]} | {"geometry": ("binary", "large_binary")}
    if schema.names != list(wanted):
        yield f"has columns {', '.join(schema.names)}, wanted {', '.join(wanted)}"
        return
    for field in schema:
        if str(field.type) not in wanted[field.name]:
            yield f"`{field.name}` holds {field.type}, wanted {' or '.join(wanted[field.name])}"
    if file.metadata.num_rows != entry["rows"]:
        yield f"has {file.metadata.num_rows} rows, wanted {entry['rows']}"
    crs = json.loads(metadata[b"geo"])["columns"]["geometry"]["crs"]["id"]
    if f"{crs['authority']}:{crs['code']}" != entry["crs"]:
        yield f"is in {crs['authority']}:{crs['code']}, wanted {entry['crs']}"
    if METADATA_KEY not in metadata:
        yield "says nothing of its nature and terms inside"
        return
    said = json.loads(metadata[METADATA_KEY])
    if (said["nature"], said["tier"], sorted(said["datasets"])) != (entry["nature"], entry["tier"], entry["datasets"]):
        yield "says another nature, tier or datasets inside than the catalogue"


def _csv(path: Path, entry: Mapping[str, Any]) -> Iterable[str]:
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    wanted = [c["name"] for c in entry["columns"]]
    if list(frame.columns) != wanted:
        yield f"has columns {', '.join(frame.columns)}, wanted {', '.join(wanted)}"
        return
    if len(frame) != entry["rows"]:
        yield f"has {len(frame)} rows, wanted {entry['rows']}"
    if (counts := entry.get("counts")) is not None:
        persons = pd.to_numeric(frame[counts["column"]], errors="coerce")
        if persons.between(1, counts["suppressed_below"] - 1).any():
            yield f"`{counts['column']}` holds counts below {counts['suppressed_below']}, which must not be shown"
    for column in entry["columns"]:
        text = frame[column["name"]]
        if column["dtype"] == "str":
            continue
        if column["dtype"] == "int64" and (text == "").any():
            yield f"`{column['name']}` has empty cells"
        numbers = pd.to_numeric(text[text != ""], errors="coerce")
        if numbers.isna().any():
            yield f"`{column['name']}` holds text that is no number"
        elif column["dtype"] != "float64" and (numbers % 1 != 0).any():
            yield f"`{column['name']}` holds fractions, wanted whole numbers"
