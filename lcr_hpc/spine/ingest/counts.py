"""Traffic detectors: wide CSVs with a column a detector; blank = no observation, −1 = fault."""

from __future__ import annotations

import fnmatch
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from lcr_hpc.compute.backends import Backend, SerialBackend
from lcr_hpc.errors import InputError
from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.days import SeriesStore
from lcr_hpc.spine.ingest.declared import (
    Declared,
    declared_files,
    hours_of,
    require_sites,
    step_seconds,
    values_of,
)
from lcr_hpc.spine.ingest.flags import RULES, rules_of
from lcr_hpc.spine.ingest.ledger import open_ledger
from lcr_hpc.spine.ingest.observations import finish_days
from lcr_hpc.spine.ingest.quarantine import write_quarantine
from lcr_hpc.spine.ingest.store_memory import open_memory
from lcr_hpc.spine.ingest.whole import Write, read_origin
from lcr_hpc.spine.ingest.wide_feed import HoursOfFile, WideFeed, store_wide
from lcr_hpc.spine.ingest.wide_lines import Header, read_header
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.places import outside_britain
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.spine.readers.tables import read_reference
from lcr_hpc.store.layout import Layout

PATTERN = "counts_*.csv"


def ingest_counts(layout: Layout, areas: Areas | None, backend: Backend | None = None) -> Write:
    """Check the detectors and the headers of new files; writing streams the files, by part and day, on the backend."""
    folder, problems = layout.incoming / "counts", Problems()
    sites = read_reference(folder / "detectors.csv", "counts", "detectors.csv")
    problems.add(outside_britain(folder / "detectors.csv", sites, "easting", "northing"))
    sites = sites.sort_values("detector", kind="stable", ignore_index=True)
    # Workers parse a large file while this process hashes it, which takes a tenth of that; alone, one after the other.
    origin = read_origin(layout, "counts", later=not isinstance(backend or SerialBackend(), SerialBackend))
    zone = origin.entries["counts"].coverage.time_zone or "UTC"
    declared = declared_files(folder, origin, "counts", PATTERN)
    landed = origin.landed["counts"]
    prints = {n: landed[n] for n in sorted({*fnmatch.filter(landed, PATTERN), *declared.by_name})}
    if not prints:
        raise InputError(f"{folder} has no {PATTERN}; land some there, or run `lcr spine feeds`")
    rules = {**rules_of("counts"), **declared.rules, "zone": zone}
    ledger = open_ledger(layout, "counts", origin.recipe, rules, private=origin.closed)
    work = ledger.plan(prints)
    known = set(sites["detector"])
    headers: dict[str, Header] = {}
    others: dict[str, HoursOfFile] = {}
    for name in {*work.parse, *ledger.holding(work.stale, prints)}:
        with problems.collecting():
            if name in declared:
                others[name] = _read_declared(folder / name, declared, known)
                continue
            headers[name] = header = read_header(folder / name)
            if unknown := [c for c in header.sites if c not in known]:
                told = f"detectors that detectors.csv lacks: {few(unknown)}; add them there"
                problems.add(f"{folder / name}: {told}")
            if header.local and zone == "UTC":
                problems.add(f"{folder / name}: local times, but `coverage.time_zone` of dataset.json says UTC")
    problems.raise_if_any("the counts cannot be read")
    spec = SeriesStore(
        path=layout.store("counts"),
        manifest=layout.manifest("counts"),
        store="counts",
        recipe=origin.recipe,
        site="detector",
        sites={
            "detector": sites["detector"].to_numpy(dtype=object),
            "detector_link": sites["link_id"].to_numpy(),
            "detector_x": sites["easting"].to_numpy(),
            "detector_y": sites["northing"].to_numpy(),
        },
        values=("flow_veh_h", "flow_source"),
        other={"source": list(declared.sources)},
    )
    feed = WideFeed(spec, "flow_veh_h", "flow_source", zone)

    def write() -> None:
        scratch = layout.run_dir / "scratch" / "counts"
        memory = open_memory(layout, "counts", spec.series, believed=not ledger.lost, private=origin.closed)
        where = backend or SerialBackend()
        with ThreadPoolExecutor(max_workers=1) as aside:
            late = aside.submit(origin.with_late)
            found = store_wide(feed, folder, headers, others, ledger, work, prints, scratch, where, memory)
            told = late.result()
        shas = {prints[n]: told.landed["counts"][n] for n in prints}
        landed = {shas[p]: f._replace(sha256=shas[p]) for p, f in found.landed.items()}
        here = {n: shas[p] for n, p in prints.items()}
        rows = [(name, *row) for name, some in found.rejected.items() for row in some]
        write_quarantine(layout, "counts", ledger.files, found.rejected, rows, private=origin.closed)
        finish_days(layout, told, ledger, memory, here, landed, found.rebuilt, found.written, where)

    return write


def _read_declared(path: Path, declared: Declared, known: set[str]) -> HoursOfFile:
    """Flows of the parts of an hour by their mean; vehicles counted in the parts by their sum."""
    rejected = Quarantine()
    reading = declared.read(path, rejected)
    counted = "veh" in set(reading.table["unit"])
    name, unit, how = ("count", "veh", "sum") if counted else ("flow", "veh/h", "mean")
    values = values_of(reading, {name: unit}, rejected, {name: RULES["flow_veh_h"]})
    require_sites(values, known, path.parent / "detectors.csv")
    hours = hours_of(values, step_seconds(reading), how)
    return HoursOfFile(
        hours["hour"].to_numpy(np.int64),
        hours["site"].to_numpy(dtype=object),
        hours["value"].to_numpy(np.float32),
        declared.source(path.name),
        tuple(row[1:] for row in sorted(rejected.rows)),
    )
