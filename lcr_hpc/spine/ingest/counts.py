"""Traffic detectors: wide CSVs with a column a detector; blank = no observation, −1 = fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.days import SeriesStore
from lcr_hpc.spine.ingest.declared import Declared, declared_files, unknown_sites
from lcr_hpc.spine.ingest.observations import Days, put, writer
from lcr_hpc.spine.ingest.whole import Write, read_origin
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.places import outside_britain
from lcr_hpc.spine.readers.series import Quarantine, flag_values, numbers, read_wide
from lcr_hpc.spine.readers.tables import read_reference
from lcr_hpc.store.layout import Layout

MOST_VEH_H = 12_000.0
"""More than six lanes carry"""


def ingest_counts(layout: Layout, areas: Areas) -> Write:
    """Read the detectors and their hours."""
    folder, rejected, problems = layout.incoming / "counts", Quarantine(), Problems()
    sites = read_reference(folder / "detectors.csv", "counts", "detectors.csv", key="detector")
    problems.add(outside_britain(folder / "detectors.csv", sites, "easting", "northing"))
    sites = sites.sort_values("detector", kind="stable", ignore_index=True)
    column = {name: i for i, name in enumerate(sites["detector"])}
    days: Days = {}
    files = declared_files(layout, "counts", rejected, "counts_*.csv")
    for path in files.contract:
        with problems.collecting():
            table, hour = read_wide(path, "time_utc", 60, rejected)
            names = table.columns.drop("time_utc")
            if unknown := [c for c in names if c not in column]:
                problems.add(f"{path}: detectors that detectors.csv lacks: {few(unknown)}; add them there")
                continue
            for name in names:
                value = numbers(path, name, table[name], rejected)
                flag = flag_values(value, 0.0, MOST_VEH_H, lambda v: v == -1)
                put(days, hour, column[name], len(sites), {"flow_veh_h": value, "flow_flag": flag})
    with problems.collecting():
        problems.add(_put_declared(days, files, column, folder / "detectors.csv", rejected))
    problems.raise_if_any("the counts cannot be read")
    origin = read_origin(layout, "counts")
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
        series=("flow_veh_h", "flow_flag"),
        other={},
    )
    return writer(layout, origin, spec, days, rejected)


def _put_declared(
    days: Days, files: Declared, column: dict[str, int], sites: Path, rejected: Quarantine
) -> Iterator[str]:
    """Flows as they are, counts of an interval as the sum of their hour."""
    if not files.readings:
        return
    units = {u for r in files.readings for u in r.table["unit"].unique()}
    # Vehicles counted in the parts of an hour add up to vehicles an hour; flows of the parts have a mean.
    name, unit, how = ("count", "veh", "sum") if "veh" in units else ("flow", "veh/h", "mean")
    table = files.hourly({name: unit}, rejected, how)[name]
    yield from (strangers := list(unknown_sites([table], column, sites)))
    if not strangers:
        for site, part in table.groupby("site"):
            values = {"flow_veh_h": part["value"].to_numpy(), "flow_flag": part["flag"].to_numpy()}
            put(days, part["hour"].to_numpy(), column[str(site)], len(column), values)
