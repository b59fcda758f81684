"""Compaction: a new store beside the day store, with shards of a month. The same values in a thirtieth of the files.

The day store stays as it is and goes on being written; the snapshot is for reading long spans and for keeping.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lcr_hpc.errors import InputError, StoreError, raise_all
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import CLOSED, Manifest, fingerprint_store, read_manifest, write_text
from lcr_hpc.store.months import copy_in_months, month_slabs
from lcr_hpc.store.slabs import open_store
from lcr_hpc.store.variables import REGISTRY

DAY_STORES = tuple(name for name, held in REGISTRY.items() if "time" in held)
"""Stores of observations by day"""


def compact(layout: Layout, store: str) -> Path:
    """Write a snapshot of a day store with a shard a month, check it, and say where it is.

    Parameters
    ----------
    layout : Layout
        Where things lie.
    store : str
        counts, air, weather or energy.

    Returns
    -------
    Path
        `<root>/spine/months/<store>-<first 12 digits of the fingerprint>.zarr`. The same content is one snapshot: where
        it is there already, nothing is written.

    Raises
    ------
    InputError
        When there is no such store of days.
    StoreError
        When the store is not whole, or the snapshot does not hold the same values.
    """
    if store not in DAY_STORES:
        raise InputError(f"`{store}` is no store of days; these are: {', '.join(DAY_STORES)}", field=store)
    manifest = read_manifest(layout.manifest(store))
    path = layout.root / "spine" / "months" / f"{store}-{manifest.fingerprint[:12]}.zarr"
    if path.exists():
        return path
    if fingerprint_store(layout.store(store)) != dict(manifest.variables):
        raise StoreError(f"{layout.store(store)} is not what its manifest says; run `lcr spine ingest` first")
    made = path.with_name(f"{path.name}.made")
    shutil.rmtree(made, ignore_errors=True)
    copy_in_months(layout.store(store), made, store)
    raise_all(_differences(layout.store(store), made, store), StoreError, title=f"{made} does not hold the same values")
    _write_manifest(path, made, manifest)
    # A new store is its owner's alone; the snapshot is as open as the store.
    made.chmod(layout.store(store).stat().st_mode & 0o777)
    made.rename(path)
    return path


def _differences(days: Path, months: Path, store: str) -> Iterator[str]:
    """Variables that do not hold the same values, NaN for NaN, compared month by month."""
    one, other = open_store(days, store), open_store(months, store)
    for name in sorted({str(n) for n in one.variables} | {str(n) for n in other.variables}):
        if name not in one.variables or name not in other.variables:
            yield f"`{name}` is only in one of the stores"
            continue
        a, b = one[name], other[name]
        parts = month_slabs(a.sizes["time"]) if "time" in a.dims and name != "time" else [slice(None)]
        for part in parts:
            where = {"time": part} if "time" in a.dims else {}
            left, right = a.isel(where).to_numpy(), b.isel(where).to_numpy()
            if left.dtype != right.dtype or not np.array_equal(left, right, equal_nan=left.dtype.kind == "f"):
                yield f"`{name}` differs in {part.start}:{part.stop}"
                break


def _write_manifest(path: Path, made: Path, manifest: Manifest) -> None:
    told = {
        "store": manifest.name,
        "snapshot_of": manifest.fingerprint,
        "variables": fingerprint_store(made),
        "tier": manifest.tier,
        "sources": {name: source.title for name, source in manifest.sources.items()},
    }
    text = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    write_text(path.with_suffix(".json"), text, private=manifest.tier == CLOSED)
