"""A store of days laid out again with shards of a month: 31 days, since the grid of a Zarr array is regular."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import zarr

from lcr_hpc.store.slabs import array_options
from lcr_hpc.store.variables import REGISTRY

MONTH_HOURS = 31 * 24


def copy_in_months(source: Path, target: Path, store: str) -> None:
    """Copy a store of days; a shard holds 31 days, a chunk within it one, so that a day is still read alone.

    Parameters
    ----------
    source : Path
        Zarr store made by `create_store`.
    target : Path
        New folder.
    store : str
        Name in the data dictionary.
    """
    old = zarr.open_group(source, mode="r")
    new = zarr.create_group(target, zarr_format=3, attributes=dict(old.attrs))
    for name, array in sorted(old.arrays()):
        v: Any = REGISTRY[store][str(name)]
        options = array_options(v, dict(zip(v.dims, array.shape, strict=True)))
        if "time" not in v.shard:
            made: Any = new.create_array(str(name), **options, overwrite=False)
            made[...] = array[...]
            continue
        chunk = options["chunks"]
        made = new.create_array(
            str(name), **{**options, "shards": (MONTH_HOURS, *chunk[1:])}, overwrite=False
        )  # time comes first in every variable that is cut by it
        for part in month_slabs(array.shape[0]):
            made[part] = array[part]


def month_slabs(hours: int) -> list[slice]:
    """Cut hours into blocks of 31 days."""
    return [slice(a, min(a + MONTH_HOURS, hours)) for a in range(0, hours, MONTH_HOURS)]
