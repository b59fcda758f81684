"""The catalogue as DCAT-3 in JSON-LD, with the fields that DataCite wants by the same terms (as CiteDCAT-AP maps them).

Paths are relative: the document belongs beside `incoming/` (or beside a release's files), wherever that is served.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pyproj import Transformer

from lcr_hpc.spine.catalogue import Entry, named_urn, some_entries
from lcr_hpc.spine.contract import contract
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.ingest.ledger import last_day
from lcr_hpc.spine.ingest.prints import open_prints
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import CLOSED, Source, code_version
from lcr_hpc.store.slabs import open_store

EU = "http://publications.europa.eu/resource/authority"
ACCESS = {"open": f"{EU}/access-right/PUBLIC", "shared": f"{EU}/access-right/RESTRICTED",
          CLOSED: f"{EU}/access-right/NON_PUBLIC"}  # fmt: skip
RHYTHM = {"daily": f"{EU}/frequency/DAILY", "once": f"{EU}/frequency/NEVER"}
LICENCES = {
    "Open Government Licence v3.0": "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
}
"""URI of a licence by the name that an entry gives it; another is described by its name"""
NATURES = {
    "real": "real: observed or published by somebody, used as it came",
    "modelled": "modelled: computed or assumed, no observation",
    "synthetic": "synthetic: made up by stated rules; no observation of anything",
}
IANA = "https://www.iana.org/assignments/media-types"
MEDIA = {".csv": "text/csv", ".json": "application/json", ".parquet": "application/vnd.apache.parquet",
         ".gpkg": "application/geopackage+sqlite3", ".zip": "application/zip", ".html": "text/html",
         ".txt": "text/plain", ".gz": "application/gzip"}  # fmt: skip
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#", "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#", "xsd": "http://www.w3.org/2001/XMLSchema#",
}  # fmt: skip


def export_dcat(layout: Layout, base: str = "") -> str:
    """Every dataset of a root as one dcat:Catalog, JSON-LD.

    Of a closed dataset the terms are listed, and no path, recipe or place in time.

    Parameters
    ----------
    layout : Layout
        Root.
    base : str, optional
        Web address of `<root>/spine/`; without it the document's own place is the base.

    Raises
    ------
    InputError
        No datasets, or an entry that is none.
    """
    entries = some_entries(layout.incoming)
    area = bounding_box(layout)
    nodes = [_entry_node(layout, name, entry, area) for name, entry in entries.items()]
    owners = sorted({e.owner for e in entries.values() if e.nature == "synthetic"}) or ["lcr-hpc"]
    title = "Digital Spine of a city region: datasets of the nightly models"
    identity = named_urn(json.dumps(["catalogue", sorted(e.persistent for e in entries.values())]))
    return as_text(
        catalogue_node(identity, title, "Feeds that land every night, on their terms.", owners[0], nodes), base
    )


def catalogue_node(
    identity: str, title: str, description: str, publisher: str, datasets: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """A dcat:Catalog of some datasets."""
    return {
        "@id": identity, "@type": "dcat:Catalog", "dct:identifier": identity, "dct:title": english(title),
        "dct:description": english(description), "dct:publisher": agent(publisher),
        "dct:language": {"@id": f"{EU}/language/ENG"},
        "dct:conformsTo": {"@id": "https://www.w3.org/TR/vocab-dcat-3/"},
        "dcat:dataset": list(datasets),
    }  # fmt: skip


def dataset_node(name: str, source: Source) -> dict[str, Any]:
    """A dcat:Dataset as its terms describe it; `name` is its short one."""
    identity = source.identifier or named_urn(json.dumps([name, source.title, source.attribution]))
    owner = source.owner or source.attribution
    node: dict[str, Any] = {
        "@id": identity, "@type": "dcat:Dataset", "dct:identifier": identity, "dct:alternative": name,
        "dct:title": english(source.title), "dct:description": english(source.purpose or source.title),
        "dct:publisher": agent(owner), "dct:creator": agent(owner), "dct:rightsHolder": agent(owner),
        "dct:license": _licence(source.licence),
        "dct:rights": {"@type": "dct:RightsStatement", "rdfs:label": english(source.attribution)},
        "dct:accessRights": {"@id": ACCESS.get(source.tier, ACCESS[CLOSED])},
        "dct:type": {"@id": "http://purl.org/dc/dcmitype/Dataset"},
        "dct:provenance": {"@type": "dct:ProvenanceStatement",
                           "rdfs:label": english(NATURES.get(source.nature, source.nature))},
        "dcat:contactPoint": contact(source.contact or owner),
        "dcat:keyword": [source.nature, name],
    }  # fmt: skip
    if source.rhythm in RHYTHM:
        node["dct:accrualPeriodicity"] = {"@id": RHYTHM[source.rhythm]}
    return node


def distribution(path: str, size: int, sha256: str, title: str = "") -> dict[str, Any]:
    """One file: where it is, its media type, bytes and SHA-256."""
    suffix = Path(path).suffix.lower()
    media = {"dcat:mediaType": {"@id": f"{IANA}/{MEDIA[suffix]}"}} if suffix in MEDIA else {}
    return {
        "@type": "dcat:Distribution", "dct:title": english(title or Path(path).name),
        "dcat:accessURL": {"@id": path}, "dcat:downloadURL": {"@id": path}, **media,
        "dct:format": suffix.lstrip(".").upper() or "binary",
        "dcat:byteSize": {"@value": str(size), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {"@type": "spdx:Checksum", "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                          "spdx:checksumValue": {"@value": sha256, "@type": "xsd:hexBinary"}},
    }  # fmt: skip


def contact(said: str) -> dict[str, Any]:
    """A vcard of a name, an e-mail address or a web page."""
    card: dict[str, Any] = {"@type": "vcard:Kind", "vcard:fn": said}
    if said.startswith(("http://", "https://")):
        card["vcard:hasURL"] = {"@id": said}
    elif "@" in said and " " not in said:
        card["vcard:hasEmail"] = {"@id": f"mailto:{said}"}
    return card


def agent(name: str) -> dict[str, Any]:
    """Somebody by name."""
    return {"@type": "foaf:Agent", "foaf:name": name}


def english(text: str) -> dict[str, str]:
    """A text in English."""
    return {"@value": text, "@language": "en"}


def year_of(entry: Entry) -> int | None:
    """Year in which a dataset came out, as far as its entry says: of its figures, else of its first day."""
    said = str(entry.attributes.get("year", "")) or entry.coverage.first[:4]
    return int(said) if said.isdigit() else None


def as_text(node: Mapping[str, Any], base: str = "") -> str:
    """JSON-LD text of a node."""
    context = CONTEXT | ({"@base": base if base.endswith("/") else f"{base}/"} if base else {})
    return json.dumps({"@context": context, **node}, indent=1, ensure_ascii=False)


def bounding_box(layout: Layout) -> dict[str, Any] | None:
    """Box around the region's areas in WGS84, from the store of areas; None without one."""
    path = layout.store("areas")
    if not layout.manifest("areas").is_file():
        return None
    areas = open_store(path, "areas", ["boundary_x", "boundary_y"])
    x, y = areas["boundary_x"].to_numpy(), areas["boundary_y"].to_numpy()
    west, south, east, north = Transformer.from_crs(27700, 4326, always_xy=True).transform_bounds(
        x.min(), y.min(), x.max(), y.max()
    )
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    ring = ", ".join(f"{a:.5f} {b:.5f}" for a, b in corners)
    return {"@value": f"POLYGON(({ring}))", "@type": "geo:wktLiteral"}


def _entry_node(layout: Layout, name: str, entry: Entry, area: Mapping[str, Any] | None) -> dict[str, Any]:
    node = dataset_node(name, entry.source)
    place: dict[str, Any] = {"@type": "dct:Location", "rdfs:label": english(entry.coverage.place)}
    node["dct:spatial"] = place | ({"dcat:bbox": area} if area else {})
    if entry.identifier in DATASETS:
        standards = [
            {"@id": f"contracts/{entry.identifier}.json#{r['name']}", "@type": "dct:Standard",
             "dct:title": english(f"Frictionless table schema of {r['path']}; `lcr spine contract {entry.identifier}`")}
            for r in contract(entry.identifier)["resources"]
        ]  # fmt: skip
        node["dct:conformsTo"] = standards
    if entry.tier == CLOSED:
        return node
    if (year := year_of(entry)) is not None:
        node["dct:issued"] = {"@value": str(year), "@type": "xsd:gYear"}
    prints = open_prints(layout, layout.incoming / name, name).files()
    if period := _period(layout, name, entry):
        node["dct:temporal"] = period
    if entry.nature != "real":
        recipe = ", ".join(f"{k} = {v}" for k, v in entry.recipe.items()) or "as its owner says"
        node["prov:wasGeneratedBy"] = {
            "@type": "prov:Activity", "rdfs:label": english(f"{entry.nature}, with {recipe}"),
            "prov:wasAssociatedWith": {"@type": "prov:SoftwareAgent", "rdfs:label": f"lcr-hpc {code_version()}"},
        }  # fmt: skip
    node["dcat:distribution"] = [
        distribution(f"incoming/{name}/{file}", (layout.incoming / name / file).stat().st_size, sha)
        for file, sha in prints.items()
    ]
    return node


def _period(layout: Layout, name: str, entry: Entry) -> dict[str, Any] | None:
    """First and last day: of the days that the ledger has, of the year of figures, else as far as the entry says."""
    first = last = ""
    if entry.rhythm == "daily":
        first, last = entry.coverage.first, last_day(layout, name)
    elif year := str(entry.attributes.get("year", "")):
        first, last = f"{year}-01-01", f"{year}-12-31"
    named = {"dcat:startDate": first, "dcat:endDate": last}
    found = {k: {"@value": v, "@type": "xsd:date"} for k, v in named.items() if _is_day(v)}
    return {"@type": "dct:PeriodOfTime", **found} if found else None


def _is_day(text: str) -> bool:
    try:
        return bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _licence(name: str) -> dict[str, Any]:
    if name in LICENCES:
        return {"@id": LICENCES[name]}
    return {"@type": "dct:LicenseDocument", "rdfs:label": english(name)}
