"""Open a night's store by name, the way a notebook wants it."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path

import xarray as xr

from lcr_hpc.errors import InputError, StoreError
from lcr_hpc.publish.release import LATEST
from lcr_hpc.publish.snapshot import Snapshot, read_index
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.slabs import open_store
from lcr_hpc.store.variables import MODEL_STORES, REGISTRY

_NAME = re.compile(r"(?P<store>[a-z_]+)@(?P<night>latest|\d{4}-\d{2}-\d{2})(?:/(?P<scenario>[a-z0-9][a-z0-9_-]*))?")


def open_product(name: str = "traffic@latest", root: Path | str | None = None) -> xr.Dataset:
    """Open a store of a night, lazily and checked against the data dictionary.

    Parameters
    ----------
    name : str
        `<store>@<night>` or `<store>@<night>/<scenario>`, where `<night>` is a date or `latest`: the night that was
        published last. A spine store (areas, network …) spans all nights.
    root : Path or str, optional
        Folder of the run; by default LCR_ROOT, else the only run under ./runs.

    Returns
    -------
    xarray.Dataset
        With `night`, `scenario`, `tier`, `natures` and `fingerprint` among its attributes.

    Raises
    ------
    InputError
        A name that is none of the above, or no run to be found.
    StoreError
        A store that is missing or not whole; for `latest`, one that was made again after the release.

    Examples
    --------
    >>> open_product("carbon@2025-10-15/low_emission_zone", root="runs/tiny")  # doctest: +SKIP
    """
    match = _NAME.fullmatch(name)
    if match is None or match["store"] not in REGISTRY:
        raise InputError(
            f"no product `{name}`; wanted STORE@NIGHT or STORE@NIGHT/SCENARIO, like traffic@latest, with one of the "
            f"stores {', '.join(REGISTRY)}",
            field="name",
        )
    home = _root(root)
    released = _released(home) if match["night"] == LATEST else None
    night = released.night if released else match["night"]
    scenario = match["scenario"] or (released.scenario if released else "base")
    try:
        layout = Layout(home, dt.date.fromisoformat(night), scenario)
    except ValueError:
        raise InputError(f"`{name}`: {night} is no day of the calendar", field="name") from None
    manifest = read_manifest(layout.manifest(match["store"]))
    if released and scenario == released.scenario:
        _check_released(match["store"], manifest.fingerprint, released)
    said = {"night": night, "scenario": scenario, "tier": manifest.tier, "natures": ", ".join(manifest.natures)}
    dataset = open_store(layout.store(match["store"]), match["store"])
    return dataset.assign_attrs(**said, fingerprint=manifest.fingerprint)


def _released(home: Path) -> Snapshot:
    latest = home / "published" / LATEST
    if not latest.exists():
        raise StoreError(f"nothing is published in {home}; run a night with `lcr run`, or name one: traffic@2025-10-15")
    return read_index(latest.resolve())


def _check_released(store: str, fingerprint: str, released: Snapshot) -> None:
    """Refuse numbers that are not those which `latest` shows; a spine store grows every night and may differ."""
    if store in MODEL_STORES and released.stores.get(store) != fingerprint:
        raise StoreError(
            f"{store} of {released.night} was made again after it was published; publish it with `lcr run`, or open "
            f"{store}@{released.night} to see the new numbers"
        )


def _root(root: Path | str | None) -> Path:
    if root is not None:
        return Path(root).resolve()
    if from_environment := os.environ.get("LCR_ROOT"):
        return Path(from_environment).resolve()
    runs = sorted(p.parent for p in Path("runs").glob("*/published"))
    if len(runs) == 1:
        return runs[0].resolve()
    found = f"{len(runs)} runs under ./runs ({', '.join(p.name for p in runs)})" if runs else "no run under ./runs"
    raise InputError(f"{found}; say root=…, or set LCR_ROOT", field="root")
