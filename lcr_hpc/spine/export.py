"""`lcr catalogue export`: the catalogue for other catalogues, alone or with the contracts that it names."""

from __future__ import annotations

from pathlib import Path

from lcr_hpc.spine.catalogue import some_entries
from lcr_hpc.spine.contract import as_text, contract
from lcr_hpc.spine.datacite import export_datacite
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.dcat import export_dcat
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import write_text

NAMES = {"dcat": "catalogue.jsonld", "datacite": "datacite.json"}


def export_catalogue(layout: Layout, form: str, base: str = "") -> str:
    """Every dataset of a root as text: `dcat` (JSON-LD) or `datacite` (JSON)."""
    return export_dcat(layout, base) if form == "dcat" else export_datacite(layout)


def write_export(layout: Layout, form: str, base: str, out: Path) -> Path:
    """Write the catalogue to a folder, with contracts/<dataset>.json for each dataset in it; return its file."""
    text = export_catalogue(layout, form, base)
    for entry in some_entries(layout.incoming).values():
        if entry.identifier in DATASETS:
            write_text(out / "contracts" / f"{entry.identifier}.json", as_text(contract(entry.identifier)) + "\n")
    write_text(out / NAMES[form], text + "\n")
    return out / NAMES[form]
