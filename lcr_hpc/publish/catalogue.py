"""catalogue.json of a snapshot: its tables, the datasets behind them on their terms, and the lineage of the stores."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from lcr_hpc.publish.gate import Clearance
from lcr_hpc.publish.products import DOCUMENTS, TABLES, Table
from lcr_hpc.store.manifest import Manifest, write_text


def table_entry(table: Table, frame: pd.DataFrame, cleared: Clearance) -> dict[str, Any]:
    """What is said of a table, in the catalogue and inside its GeoParquet files.

    Returns
    -------
    dict
        title, nature (of its numbers), input_natures and datasets (behind it), tier, stores with variables, rows,
        columns, and `crs` where it has a geometry.
    """
    datasets = cleared.datasets[table.name]
    entry: dict[str, Any] = {
        "title": table.title,
        "nature": table.nature,
        "input_natures": sorted({cleared.sources[d].nature for d in datasets}),
        "tier": cleared.tier_of(table.name),
        "datasets": list(datasets),
        "stores": {store: sorted(names) for store, names in table.uses.items()},
        "rows": len(frame),
        "columns": [asdict(c) for c in table.columns],
    }
    if "geometry" in frame.columns:
        entry["crs"] = "EPSG:27700"
    return entry


def file_metadata(entry: Mapping[str, Any], cleared: Clearance, night: str, scenario: str) -> dict[str, Any]:
    """`table_entry` with the terms of its datasets, for a file that travels alone."""
    terms = {d: asdict(cleared.sources[d]) for d in entry["datasets"]}
    return {**entry, "night": night, "scenario": scenario, "datasets": terms}


def write_catalogue(
    folder: Path, entries: Mapping[str, Mapping[str, Any]], cleared: Clearance, night: str, scenario: str
) -> None:
    """Write catalogue.json.

    Parameters
    ----------
    folder : Path
        Draft of the snapshot.
    entries : mapping of str to mapping
        `table_entry` of each table, by its name.
    cleared : Clearance
        From the gate.
    night, scenario : str
        Which night.
    """
    everything = sorted({d for datasets in cleared.datasets.values() for d in datasets})
    files = {file: {**entries[t.name], "table": t.name} for t in TABLES if t.name in entries for file in t.files}
    whole = {
        "nature": "modelled",
        "input_natures": sorted({cleared.sources[d].nature for d in everything}),
        "tier": max((cleared.tier_of(name) for name in entries), key=("open", "shared", "closed").index),
        "datasets": everything,
    }
    titles = dict(
        zip(DOCUMENTS, ("Report of the night", "Headline figures", "Tables and datasets as DCAT-3"), strict=True)
    )
    files |= {document: {"title": titles[document], **whole} for document in DOCUMENTS}
    catalogue = {
        "night": night,
        "scenario": scenario,
        "release_tier": cleared.tier,
        "datasets": {d: asdict(cleared.sources[d]) for d in everything},
        "files": files,
        "stores": {name: _lineage(manifest) for name, manifest in cleared.manifests.items()},
    }
    write_text(folder / "catalogue.json", json.dumps(catalogue, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _lineage(manifest: Manifest) -> dict[str, Any]:
    return {
        "fingerprint": manifest.fingerprint,
        "inputs": dict(manifest.inputs),
        "files": dict(manifest.files),
        "settings": without_folders(manifest.settings),
        "code_version": manifest.code_version,
        "results": dict(manifest.results),
    }


def without_folders(settings: Any) -> Any:
    """Settings with paths cut to their file names: whose disk they were on is nobody's business."""
    if isinstance(settings, Mapping):
        return {
            k: Path(v).name if k == "path" and isinstance(v, str) else without_folders(v) for k, v in settings.items()
        }
    if isinstance(settings, list | tuple):
        return [without_folders(v) for v in settings]
    return settings
