"""Stores of observations: preallocated for whole calendar years, written by UTC day, grown without losing a day.

A store is built beside itself and renamed when it is whole, so that a kill at any moment leaves either the old store
or the new one; what a killed run left is put right by the next.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lcr_hpc.spine.ingest.flags import FLAG_OF
from lcr_hpc.spine.ingest.store_memory import StoreMemory
from lcr_hpc.spine.ingest.whole import holds_files
from lcr_hpc.store.chunks import read_text
from lcr_hpc.store.manifest import begin_stage, code_version
from lcr_hpc.store.shards import open_series
from lcr_hpc.store.slabs import create_store, open_store, write_slab

CF = {"Conventions": "CF-1.11", "featureType": "timeSeries"}
Hours = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SeriesStore:
    """Which store, along which site dimension, and what is known of each site."""

    path: Path
    manifest: Path
    store: str
    recipe: str
    """Identity of what made the data; days of another recipe are not kept beside these"""
    site: str
    """Site dimension, or "" where the region is one site"""
    sites: Mapping[str, Any]
    """Site variables, the site dimension's own among them; with no site dimension those of the one site"""
    values: tuple[str, ...]
    """Variables by hour that a feed gives"""
    other: Mapping[str, Any] = field(default_factory=dict)
    """Whole variables of other dimensions (source, pollutant)"""

    @property
    def series(self) -> tuple[str, ...]:
        """Variables by hour, their flags among them."""
        return self.values + tuple(FLAG_OF[n] for n in self.values if n in FLAG_OF)


def prepare(spec: SeriesStore, days: Collection[int], memory: StoreMemory) -> int:
    """Make room for days and sites, and keep everything that is stored.

    Parameters
    ----------
    spec : SeriesStore
        Store and sites.
    days : collection of int
        Days since 1970; the store spans whole calendar years.
    memory : StoreMemory
        Of the store: where it says that there is room, nothing is looked at.

    Returns
    -------
    int
        Day of the store's first shard, since 1970.
    """
    grown = _beside(spec.path, "grown")
    _finish(spec)
    made_of = _identity(spec)
    if (first := memory.room(made_of, days)) is not None:
        return first
    shutil.rmtree(grown, ignore_errors=True)
    years = {_year(d * 24) for d in days}
    old = _known(spec)
    if old:
        years |= {_year(h) for h in old["time"][[0, -1]]}
    time = _span(min(years), max(years))
    sites = _all_sites(spec, old)
    sizes = {"time": len(time)} | {k: len(v) for k, v in spec.other.items()}
    if spec.site:
        sizes[spec.site] = len(sites[spec.site])
    create_store(grown, spec.store, sizes, attrs={**CF, "recipe": spec.recipe})
    write_slab(grown, spec.store, {}, {"time": time, "crs": 27700, **sites, **spec.other})
    if old and holds_files(spec.path, grown):
        shutil.rmtree(grown)
    else:
        longer = bool(old) and _only_longer(spec, old, grown, time, sites)
        if old and not longer:
            _copy_days(spec, grown, time, sites)
        begin_stage(spec.manifest)
        grown.rename(_beside(spec.path, "longer" if longer else "ready"))
        _finish(spec)
    memory.begin(made_of, int(time[0]) // 24, len(time) // 24, new=not old)
    return memory.first_day


def _identity(spec: SeriesStore) -> str:
    """SHA-256 of all that a store is made of, but for the years that it spans."""
    known = {name: np.asarray(v).tolist() for name, v in {**spec.sites, **spec.other}.items()}
    told = [code_version(), spec.store, spec.recipe, spec.site, spec.series, known]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def open_sites(spec: SeriesStore) -> npt.NDArray[Any]:
    """Names of the store's sites, in its order; none where the region is one site."""
    if not spec.site:
        return np.zeros(0, dtype=object)
    return read_text(spec.path, spec.site)


def _finish(spec: SeriesStore) -> None:
    """Put a new store in the place of the old one, from whichever step a killed run had come to."""
    longer, ready = _beside(spec.path, "longer"), _beside(spec.path, "ready")
    if longer.exists():
        for name in spec.series:
            mine, days = longer / name / "c", spec.path / name / "c"
            if days.exists() and not mine.exists():
                days.rename(mine)
        longer.rename(ready)
    if ready.exists():
        shutil.rmtree(spec.path, ignore_errors=True)
        ready.rename(spec.path)


def _beside(path: Path, word: str) -> Path:
    """Where a store is on its way: `grown` until it has room, then `longer` or, with all days in it, `ready`."""
    return path.with_name(f"{path.name}.{word}")


def _only_longer(
    spec: SeriesStore, old: Mapping[str, npt.NDArray[Any]], grown: Path, time: Hours,
    sites: Mapping[str, npt.NDArray[Any]],
) -> bool:  # fmt: skip
    """Whether a store only gets years at its end: its days are then moved, not copied (0.1 s instead of 10)."""
    if old["time"][0] != time[0] or (spec.site and old[spec.site].tolist() != list(sites[spec.site])):
        return False
    there = [n for n in spec.series if (spec.path / n).is_dir()]
    pairs = [(open_series(spec.path, spec.store, n), open_series(grown, spec.store, n)) for n in there]
    return all((a.shape[1:], a.shard, a.dtype) == (b.shape[1:], b.shard, b.dtype) for a, b in pairs)


def _known(spec: SeriesStore) -> dict[str, npt.NDArray[Any]]:
    """Hours and sites of the stored days; nothing where there is no store, or one of another recipe."""
    if not (spec.path / "zarr.json").is_file():
        return {}
    dataset = open_store(spec.path, spec.store)
    if dataset.attrs.get("recipe") != spec.recipe:
        return {}
    hours = dataset["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    return {"time": hours} | {n: _plain(dataset[n].to_numpy()) for n in spec.sites if spec.site and n in dataset}


def _all_sites(spec: SeriesStore, old: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Sites of the feed and those that only the store knows, in order of their name."""
    if not spec.site:
        return dict(spec.sites)
    new = {name: np.asarray(v) for name, v in spec.sites.items()}
    if old.keys() >= new.keys():
        here = set(new[spec.site])  # np.isin compares text pair by pair: half a second for 4,096 sites
        gone = np.array([name not in here for name in old[spec.site]], dtype=bool)
        new = {n: np.concatenate([v.astype(object), old[n][gone].astype(object)]) for n, v in new.items()}
        new = {n: v if n == spec.site else v.astype(old[n].dtype) for n, v in new.items()}
    order = np.argsort(new[spec.site], kind="stable")
    return {n: v[order] for n, v in new.items()}


def _copy_days(spec: SeriesStore, target: Path, time: Hours, sites: Mapping[str, npt.NDArray[Any]]) -> None:
    """Take every stored day over; a site that is new has nothing in them."""
    dataset = open_store(spec.path, spec.store)
    start = dataset["time"].to_numpy()[:1].astype("datetime64[h]").astype(np.int64)
    shift = int(start[0] - time[0]) // 24
    column = np.searchsorted(sites[spec.site], _plain(dataset[spec.site].to_numpy())) if spec.site else None
    for name in spec.series:
        if name not in dataset:  # a store of an older version of the dictionary
            continue
        old, new = open_series(spec.path, spec.store, name), open_series(target, spec.store, name)
        for day in range(old.count):
            if not old.holds(day):
                continue
            here = old.read(day)
            if column is not None:
                wide = np.full((24, *new.shape[1:]), nothing(name, here.dtype), here.dtype)
                wide[:, column] = here
                here = wide
            new.write(day + shift, here)


def nothing(name: str, dtype: npt.DTypeLike) -> float:
    """What stands where a site has no row: "missing" (flag 1), NaN, no class, no source."""
    if np.dtype(dtype).kind == "f":
        return np.nan
    return 1 if name.endswith("_flag") else -1


def _plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Text as Python strings: zarr gives NumPy's StringDType, which does not sort with others."""
    return values.astype(object) if values.dtype.kind == "T" else values


def _year(hour: int) -> int:
    return (dt.datetime(1970, 1, 1) + dt.timedelta(hours=int(hour))).year


def _span(first: int, last: int) -> Hours:
    epoch = dt.datetime(1970, 1, 1)
    start, stop = ((dt.datetime(y, 1, 1) - epoch).days * 24 for y in (first, last + 1))
    return np.arange(start, stop, dtype=np.int64)
