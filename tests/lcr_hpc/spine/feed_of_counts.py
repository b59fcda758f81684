"""A root with a feed of counts and nothing else, small enough to be ingested a hundred times."""

from __future__ import annotations

import datetime as dt
import importlib
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from lcr_hpc.compute.backends import Backend
from lcr_hpc.compute.kernel_cache import use_kernel_cache
from lcr_hpc.spine.catalogue import Coverage, Entry, columns_of, write_entry
from lcr_hpc.spine.ingest.counts import ingest_counts
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import fingerprint_store, read_manifest
from lcr_hpc.store.slabs import open_store

SITES = ("D1", "D2", "D3")


def make_root(root: Path, sites: tuple[str, ...] = SITES, zone: str = "UTC") -> Layout:
    layout = Layout(root, dt.date(2025, 10, 15))
    folder = layout.incoming / "counts"
    folder.mkdir(parents=True)
    table = pd.DataFrame({"detector": sites, "link_id": range(len(sites)), "easting": 334500.0, "northing": 390500.0})
    table.to_csv(folder / "detectors.csv", index=False)
    entry = Entry(
        identifier="counts", title="Counts", owner="o", licence="l", attribution="a", tier="open", purpose="p",
        nature="synthetic", rhythm="daily", coverage=Coverage(place="here", time_zone=zone),
        tables=columns_of("counts"),
    )  # fmt: skip
    write_entry(folder, entry)
    return layout


def land(
    layout: Layout, name: str, rows: list[tuple[str, ...]], sites: tuple[str, ...] = SITES, time="time_utc"
) -> Path:
    path = layout.incoming / "counts" / name
    path.write_text("\n".join([",".join([time, *sites]), *(",".join(r) for r in rows)]) + "\n")
    return path


def ingest(layout: Layout, backend: Backend | None = None) -> None:
    ingest_counts(layout, None, backend)()


def prints(layout: Layout) -> dict[str, str]:
    """Fingerprints of the store, checked against its manifest."""
    held = fingerprint_store(layout.store("counts"))
    assert held == dict(read_manifest(layout.manifest("counts")).variables)
    assert not list((layout.root / "spine").rglob("*.partial"))
    return held


def stored(layout: Layout, name: str, stamps: list[str]) -> np.ndarray:
    series = open_store(layout.store("counts"), "counts")[name]
    return series.sel(time=np.array(stamps, dtype="datetime64[ns]")).to_numpy()


def rows_of(first: str, hours: int, seed: int = 1, sites: int = len(SITES)) -> list[tuple[str, ...]]:
    random = np.random.default_rng(seed)
    stamps = pd.date_range(first, periods=hours, freq="h")
    values = random.integers(40, 400, (hours, sites))
    return [(f"{t:%Y-%m-%dT%H:%M:%SZ}", *map(str, v)) for t, v in zip(stamps, values, strict=True)]


def serve(root: Path) -> None:
    """For each line of stdin ingest in a forked process: its pid, then how it ended (0, or the signal)."""
    importlib.import_module("dask.array")  # what an ingest would import first, so that each fork begins at once
    for _ in sys.stdin:
        if (child := os.fork()) == 0:
            ingest(Layout(root, dt.date(2025, 10, 15)))
            os._exit(0)
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    use_kernel_cache()
    serve(Path(sys.argv[1]))
