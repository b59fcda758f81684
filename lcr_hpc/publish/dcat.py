"""catalogue.jsonld of a release: its tables and the datasets behind them as DCAT-3, paths relative to the release."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lcr_hpc.publish.gate import Clearance
from lcr_hpc.publish.products import TABLES, Table
from lcr_hpc.spine.catalogue import named_urn
from lcr_hpc.spine.dcat import as_text, catalogue_node, dataset_node, distribution, english
from lcr_hpc.store.manifest import Source, code_version, fingerprint_file, write_text

FILE = "catalogue.jsonld"
PUBLISHER = "lcr-hpc"


def write_dcat(
    folder: Path, entries: Mapping[str, Mapping[str, Any]], cleared: Clearance, night: str, scenario: str
) -> None:
    """Write catalogue.jsonld beside the files of the tables.

    Parameters
    ----------
    folder : Path
        Draft of the snapshot, its tables written.
    entries : mapping of str to mapping
        `lcr_hpc.publish.catalogue.table_entry` of each table, by its name.
    cleared : Clearance
        From the gate: nothing of a stricter tier is behind any table, so none is listed.
    night, scenario : str
        Which night.
    """
    names = sorted({d for entry in entries.values() for d in entry["datasets"]})
    behind = {d: dataset_node(d, cleared.sources[d]) for d in names}
    tables = [
        _table_node(folder, table, entries[table.name], behind, cleared, night, scenario)
        for table in TABLES
        if table.name in entries
    ]
    title = f"Traffic, carbon and health of {night}" + ("" if scenario == "base" else f", scenario {scenario}")
    identity = named_urn(json.dumps(["release", *(t["@id"] for t in tables)]))
    node = catalogue_node(identity, title, "A night's release, and the datasets that it rests on.", PUBLISHER, [
        *tables, *behind.values()
    ])  # fmt: skip
    write_text(folder / FILE, as_text({**node, "dct:issued": {"@value": night[:4], "@type": "xsd:gYear"}}) + "\n")


def _table_node(
    folder: Path, table: Table, entry: Mapping[str, Any], behind: Mapping[str, Mapping[str, Any]], cleared: Clearance,
    night: str, scenario: str,
) -> dict[str, Any]:  # fmt: skip
    prints = {file: fingerprint_file(folder / file) for file in table.files}
    identity = named_urn(json.dumps([table.name, night, scenario, prints], sort_keys=True))
    licences = sorted({cleared.sources[d].licence for d in entry["datasets"]})
    attributions = sorted({cleared.sources[d].attribution for d in entry["datasets"]})
    said = f"{table.title}, {night}" + ("" if scenario == "base" else f", scenario {scenario}")
    source = Source(
        said, table.nature, entry["tier"], "; ".join(licences), " ".join(attributions), identity, PUBLISHER,
        f"{table.title}: {len(entry['columns'])} columns, {entry['rows']:,} rows", PUBLISHER, "once",
    )  # fmt: skip
    day = {"@value": night, "@type": "xsd:date"}
    return dataset_node(table.name, source) | {
        "dct:issued": {"@value": night[:4], "@type": "xsd:gYear"},
        "dct:temporal": {"@type": "dct:PeriodOfTime", "dcat:startDate": day, "dcat:endDate": day},
        "prov:wasDerivedFrom": [{"@id": behind[d]["@id"]} for d in entry["datasets"]],
        "prov:wasGeneratedBy": {
            "@type": "prov:Activity",
            "rdfs:label": english(f"night of {night}, scenario {scenario}, from {', '.join(sorted(table.uses))}"),
            "prov:wasAssociatedWith": {"@type": "prov:SoftwareAgent", "rdfs:label": f"lcr-hpc {code_version()}"},
        },
        "dcat:distribution": [distribution(file, (folder / file).stat().st_size, sha) for file, sha in prints.items()],
    }
