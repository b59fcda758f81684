"""Stores of observations: preallocated for whole calendar years, written by UTC day, grown without losing a day."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lcr_hpc.store.slabs import create_store, open_store, write_slab

Hours = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SeriesStore:
    """Which store, along which site dimension, and what is known of each site."""

    path: Path
    store: str
    site: str
    """Site dimension, or "" where the region is one site"""
    sites: Mapping[str, Any]
    """Site variables, the site dimension's own among them; empty with no site dimension"""
    series: tuple[str, ...]
    """Variables by hour"""
    other: Mapping[str, Any]
    """Whole variables of other dimensions (pollutant)"""


def prepare(spec: SeriesStore, hours: Iterable[int]) -> dict[int, int]:
    """Make room for hours and sites, keep everything that is stored, and return each hour's index.

    Returns
    -------
    dict
        Index of hour h for every hour of every year that the store spans.
    """
    years = {_year(h) for h in hours}
    old = _known(spec)
    if old:
        years |= {_year(h) for h in old["time"][[0, -1]]}
    time = _span(min(years), max(years))
    sites = _all_sites(spec, old)
    sizes = {"time": len(time)} | {k: len(v) for k, v in spec.other.items()}
    if spec.site:
        sizes[spec.site] = len(sites[spec.site])
    same = old and len(old["time"]) == len(time) and (not spec.site or list(old[spec.site]) == list(sites[spec.site]))
    target = spec.path if same or not old else spec.path.with_name(spec.path.name + ".grown")
    create_store(target, spec.store, sizes)
    write_slab(target, spec.store, {}, {"time": time, **sites, **spec.other})
    if target != spec.path:
        _copy_days(spec, target, time, sites)
        shutil.rmtree(spec.path)
        target.rename(spec.path)
    return {int(h): i for i, h in enumerate(time)}


def _known(spec: SeriesStore) -> dict[str, npt.NDArray[Any]]:
    if not (spec.path / "zarr.json").is_file():
        return {}
    dataset = open_store(spec.path, spec.store)
    hours = dataset["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    return {"time": hours} | {name: _plain(dataset[name].to_numpy()) for name in spec.sites}


def _all_sites(spec: SeriesStore, old: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """Sites of the feed and those that only the store knows, in order of their name."""
    if not spec.site:
        return {}
    new = {name: np.asarray(v) for name, v in spec.sites.items()}
    if old:
        gone = ~np.isin(old[spec.site], new[spec.site])
        new = {n: np.concatenate([v.astype(object), old[n][gone].astype(object)]) for n, v in new.items()}
        new = {n: v if n == spec.site else v.astype(old[n].dtype) for n, v in new.items()}
    order = np.argsort(new[spec.site], kind="stable")
    return {n: v[order] for n, v in new.items()}


def _copy_days(spec: SeriesStore, target: Path, time: Hours, sites: Mapping[str, npt.NDArray[Any]]) -> None:
    dataset = open_store(spec.path, spec.store)
    start = dataset["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    shift = int(start[0] - time[0])
    column = np.searchsorted(sites[spec.site], _plain(dataset[spec.site].to_numpy())) if spec.site else None
    for day in range(0, len(start), 24):
        values = {}
        for name in spec.series:
            here = dataset[name][day : day + 24].to_numpy()
            if not _written(here):
                continue
            if column is not None:
                fill = np.nan if here.dtype.kind == "f" else -1
                wide = np.full((24, len(sites[spec.site]), *here.shape[2:]), fill, here.dtype)
                wide[:, column] = here
                here = wide
            values[name] = here
        if values:
            write_slab(target, spec.store, {"time": slice(day + shift, day + shift + 24)}, values)


def _plain(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Text as Python strings: zarr gives NumPy's StringDType, which does not sort with others."""
    return values.astype(object) if values.dtype.kind == "T" else values


def _written(values: npt.NDArray[Any]) -> bool:
    return bool(np.isfinite(values).any() if values.dtype.kind == "f" else (values != -1).any())


def _year(hour: int) -> int:
    return (dt.datetime(1970, 1, 1) + dt.timedelta(hours=int(hour))).year


def _span(first: int, last: int) -> Hours:
    epoch = dt.datetime(1970, 1, 1)
    start, stop = ((dt.datetime(y, 1, 1) - epoch).days * 24 for y in (first, last + 1))
    return np.arange(start, stop, dtype=np.int64)
