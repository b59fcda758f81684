"""The contract of a dataset as Frictionless table schemas (Table Schema v2, inside a Data Package).

Nothing is declared here: fields, limits and words are those of `lcr_hpc.spine.datasets` and of the readers, which check
every feed by them. A feed that passes its schema in any Frictionless tool is therefore taken whole.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from lcr_hpc.errors import InputError
from lcr_hpc.spine.datasets import DATASETS, Column, Dataset
from lcr_hpc.spine.ingest import weather
from lcr_hpc.spine.ingest.flags import FLAG_OF, RULES
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.series import MISSING_WORDS
from lcr_hpc.store.variables import REGISTRY

PACKAGE_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
SCHEMA_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
_TYPES = {"text": "string", "integer": "integer", "number": "number"}
_MEDIA = {".csv": ("csv", "text/csv"), ".txt": ("csv", "text/csv"),
          ".parquet": ("parquet", "application/vnd.apache.parquet"),
          ".gpkg": ("gpkg", "application/geopackage+sqlite3")}  # fmt: skip


def contract(dataset: str) -> dict[str, Any]:
    """Contract of a dataset: a Data Package descriptor with a resource, and its table schema, a table.

    Raises
    ------
    InputError
        No such dataset.
    """
    d = find_dataset(dataset)
    resources = []
    for pattern in d.tables:
        form, media = _MEDIA["." + pattern.rsplit(".", 1)[-1]]
        name = pattern.rsplit(".", 1)[0].replace("*", "").strip("_") or d.identifier
        resources.append({"name": name.replace("_", "-").lower(), "type": "table", "path": pattern, "format": form,
                          "mediatype": media, "encoding": "utf-8", "schema": table_schema(d, pattern)})  # fmt: skip
    return {"$schema": PACKAGE_PROFILE, "name": d.identifier.replace("_", "-"), "title": d.title,
            "description": d.purpose, **d.extra, "resources": resources}  # fmt: skip


def contract_of_file(dataset: str, file: Path) -> dict[str, Any]:
    """Table schema of one CSV file, with a field for each of its own columns, so that any Frictionless tool checks it.

    Raises
    ------
    InputError
        No such dataset, a file that none of its tables is named like, or no header.
    """
    d = find_dataset(dataset)
    pattern = next((p for p in d.tables if fnmatch(file.name, p)), None)
    if pattern is None:
        raise InputError(f"{file.name} is named like no table of `{dataset}`: {', '.join(d.tables)}; rename it")
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            header = next(csv.reader(opened), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file} has no header that can be read ({error}); a contract of a file needs a CSV") from None
    if not header:
        raise InputError(f"{file} is empty; a contract of a file needs a header")
    return table_schema(d, pattern, [name.strip() for name in header])


def find_dataset(dataset: str) -> Dataset:
    """A dataset by its identifier; an `InputError` names those that there are."""
    if dataset not in DATASETS:
        raise InputError(f"no dataset `{dataset}`; there are: {', '.join(DATASETS)}", field=dataset)
    return DATASETS[dataset]


def table_schema(dataset: Dataset, pattern: str, header: Iterable[str] | None = None) -> dict[str, Any]:
    """Frictionless table schema of one table.

    Parameters
    ----------
    dataset, pattern : Dataset, str
        Which table.
    header : iterable of str, optional
        Columns of a file. Columns that the contract does not name become fields too: what `*` says where there is one,
        else of any type. Without a header `*` stands as `otherFields`, which Frictionless tools pass over.

    Returns
    -------
    dict
        JSON values. `fieldsMatch` is superset: a file may have more columns, in any order.
    """
    columns = {c.name: c for c in dataset.tables[pattern]}
    other = columns.pop("*", None)
    fields = {name: _field(dataset, pattern, c) for name, c in columns.items()}
    schema: dict[str, Any] = {"$schema": SCHEMA_PROFILE, "fieldsMatch": "superset"}
    if header is None:
        schema["fields"] = list(fields.values())
        if other is not None:
            schema["otherFields"] = _field(dataset, pattern, other)
    else:
        named = list(header)
        if dataset.of_observations(pattern) and "time_local" in named:  # the other way to write a time
            fields["time_local"] = {**fields.pop("time_utc"), "name": "time_local", "format": "any"}
        if lost := [name for name in fields if name not in named]:
            raise InputError(f"no column {few(f'`{m}`' for m in lost)}; the file has {few(named, 8)}", field=lost[0])
        rest = {"type": "any"} if other is None else _field(dataset, pattern, other)
        schema["fields"] = [fields.get(name, {**rest, "name": name}) for name in named]
    if key := dataset.keys.get(pattern):
        schema["primaryKey"] = list(key)
    if dataset.of_observations(pattern):
        schema["missingValues"] = _missing_words()
    return schema


def as_text(descriptor: dict[str, Any]) -> str:
    """Descriptor as JSON for a terminal or a file."""
    return json.dumps(descriptor, indent=1, ensure_ascii=False)


def _field(dataset: Dataset, pattern: str, column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": _TYPES.get(column.type, "datetime")}
    if column.type == "time":
        dates = column.form == "%Y-%m-%d"
        field |= {"type": "date"} if dates else {"format": column.form} if column.form else {}
    field |= {"description": column.meaning, "unit": column.units}
    key = column.name in dataset.keys.get(pattern, ())
    whole = not dataset.of_observations(pattern) and column.type in ("integer", "number") and column.name != "*"
    words: list[Any] = [int(w) for w in column.words] if column.type == "integer" else list(column.words)
    found = {
        "required": True if key or whole or column.type == "time" or column.pattern else None,
        "minimum": column.minimum, "maximum": column.maximum, "enum": words or None, "pattern": column.pattern or None,
    }  # fmt: skip
    if constraints := {k: v for k, v in found.items() if v is not None}:
        field["constraints"] = constraints
    if plausible := _plausible(dataset, pattern, column):
        field["plausible"] = plausible
    return field


def _plausible(dataset: Dataset, pattern: str, column: Column) -> dict[str, Any]:
    """What a value is flagged by, not refused: no constraint, so tools pass it over."""
    name = weather.COLUMNS.get(column.name, "") if dataset.identifier == "weather" else _VARIABLES.get(column.units, "")
    if name not in REGISTRY.get(dataset.identifier, {}) or not dataset.of_observations(pattern):
        return {}
    rules = RULES[name]
    told: dict[str, Any] = {"minimum": rules.low, "maximum": rules.high, "flag": FLAG_OF[name]}
    low, high = rules.sentinel
    return told | ({"sentinels": [low, high]} if low <= high else {})


_VARIABLES = {"veh/h": "flow_veh_h", "ug m-3": "concentration_ug_m3"}
"""Variable that columns of a unit become; electricity's limits are of half hours, and constraints"""


def _missing_words() -> list[str]:
    """Words for "no data"; readers take them in any case, Frictionless as they are written."""
    words = (f for w in MISSING_WORDS for f in (w, w.capitalize(), w.upper()))
    return list(dict.fromkeys([*words, "NaN"]))
