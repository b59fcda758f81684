"""Where the numbers come from: datasets on their terms, and the stores that they went through."""

from __future__ import annotations

from typing import Any

from lcr_hpc.publish.gate import Clearance
from lcr_hpc.store.variables import REGISTRY

SHORT = 12


def provenance(cleared: Clearance) -> dict[str, Any]:
    """Rows of the two tables of the report.

    Returns
    -------
    dict
        `datasets`: dicts with id, title, nature, tier, licence, attribution and where (store and short fingerprint);
        `stores`: dicts with name, fingerprint, inputs and code_version.
    """
    datasets = [
        {
            "id": dataset,
            "title": source.title,
            "nature": source.nature,
            "tier": source.tier,
            "licence": source.licence,
            "attribution": source.attribution,
            "where": [(n, cleared.manifests[n].fingerprint[:SHORT]) for n in entries(dataset, cleared)],
        }
        for dataset, source in sorted(cleared.sources.items())
    ]
    stores = [
        {
            "name": name,
            "fingerprint": manifest.fingerprint[:SHORT],
            "inputs": ", ".join(manifest.inputs) or "feeds",
            "code_version": manifest.code_version,
        }
        for name, manifest in sorted(cleared.manifests.items(), key=lambda item: list(REGISTRY).index(item[0]))
    ]
    return {"datasets": datasets, "stores": stores}


def entries(dataset: str, cleared: Clearance) -> list[str]:
    """Stores where a dataset entered: they name it and no input of theirs does."""
    manifests = cleared.manifests
    having = {name for name, manifest in manifests.items() if dataset in manifest.sources}
    return sorted(n for n in having if not having & set(manifests[n].inputs))
