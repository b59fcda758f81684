"""Taking a killed carbon or health stage up: which of its slabs are done, as long as nothing else has changed."""

from __future__ import annotations

import hashlib
import json

from lcr_hpc.compute.backends import Backend
from lcr_hpc.compute.kernel_cache import kernel_state, source_state
from lcr_hpc.compute.slab_checkpoints import SlabCheckpoints
from lcr_hpc.config import Config
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.variables import MODEL_STORES, SPINE_STORES

_NO_CONTENT = {"compute", "nightly", "publish"}
"""Sections of a config that decide no store's content."""


def remember_slabs(backend: Backend, config: Config, layout: Layout, stage: str) -> SlabCheckpoints:
    """Put a memory of finished slabs before a backend, beside the stage's store.

    Parameters
    ----------
    backend : Backend
    config, layout : Config, Layout
        `compute.checkpoint_seconds` says how often a worker marks its slabs.
    stage : str
        carbon or health: slabs of other inputs, settings or code are computed again.
    """
    before = (*SPINE_STORES, *MODEL_STORES[: MODEL_STORES.index(stage)])
    paths = [(name, layout.manifest(name)) for name in before]
    said = [
        {name: read_manifest(path).fingerprint for name, path in paths if path.is_file()},
        config.model_dump(mode="json", exclude=_NO_CONTENT),
        source_state("lcr_hpc"),
        kernel_state(),
    ]
    return SlabCheckpoints(
        backend,
        layout.night_dir / f"{stage}.slabs",
        layout.store(stage),
        hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest(),
        config.compute.checkpoint_seconds,
    )
