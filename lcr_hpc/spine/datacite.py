"""The catalogue as DataCite metadata (schema 4.5, JSON): what a repository asks for before it gives a DOI."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from lcr_hpc.spine.catalogue import Entry, some_entries
from lcr_hpc.spine.dcat import ACCESS, LICENCES, MEDIA, NATURES, year_of
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import CLOSED

SCHEMA = "http://datacite.org/schema/kernel-4"
_DOI = "https://doi.org/"


def export_datacite(layout: Layout) -> str:
    """Every dataset of a root as a JSON list of DataCite records.

    Where an entry names no year, the publication year is the one in which its files landed here: DataCite wants a year,
    and this is when the dataset became available in this catalogue.
    """
    entries = some_entries(layout.incoming)
    return json.dumps([_record(layout, n, e) for n, e in entries.items()], indent=1, ensure_ascii=False)


def _record(layout: Layout, name: str, entry: Entry) -> dict[str, Any]:
    folder = layout.incoming / name
    files = [f for f in sorted(folder.iterdir()) if f.is_file() and f.name != "dataset.json"]
    landed = max((f.stat().st_mtime for f in files), default=folder.stat().st_mtime)
    rights: dict[str, str] = {"rights": entry.licence}
    if entry.licence in LICENCES:
        rights["rightsUri"] = LICENCES[entry.licence]
    record: dict[str, Any] = {
        "schemaVersion": SCHEMA,
        **({"doi": entry.uri.removeprefix(_DOI)} if entry.uri.startswith(_DOI) else {}),
        "alternateIdentifiers": [
            {"alternateIdentifier": entry.persistent, "alternateIdentifierType": "URI"},
            {"alternateIdentifier": name, "alternateIdentifierType": "catalogue"},
        ],
        "creators": [{"name": entry.owner, "nameType": "Organizational"}],
        "titles": [{"title": entry.title, "lang": "en"}],
        "publisher": {"name": entry.owner, "lang": "en"},
        "publicationYear": str(year_of(entry) or dt.datetime.fromtimestamp(landed, dt.UTC).year),
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": f"{entry.nature} dataset"},
        "contributors": [{"name": entry.contact or entry.owner, "contributorType": "ContactPerson"}],
        "rightsList": [rights, {"rights": f"{entry.tier} access", "rightsUri": ACCESS[entry.tier]}],
        "descriptions": [
            {"description": entry.purpose, "descriptionType": "Abstract"},
            {"description": f"{NATURES[entry.nature]}. {entry.attribution}", "descriptionType": "Other"},
        ],
        "geoLocations": [{"geoLocationPlace": entry.coverage.place}],
        "language": "en",
    }
    if entry.tier != CLOSED:
        record["formats"] = sorted({MEDIA.get(f.suffix.lower(), "application/octet-stream") for f in files})
        record["sizes"] = [f"{sum(f.stat().st_size for f in files)} bytes", f"{len(files)} files"]
        if entry.coverage.first:
            record["dates"] = [{"date": f"{entry.coverage.first}/", "dateType": "Collected"}]
    return record
