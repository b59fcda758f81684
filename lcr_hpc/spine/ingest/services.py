"""Surgeries, hospitals and places of work."""

from __future__ import annotations

from lcr_hpc.spine.areas import only_file
from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.whole import Write, read_origin, write_whole
from lcr_hpc.spine.problems import Problems
from lcr_hpc.spine.readers.places import outside_britain
from lcr_hpc.spine.readers.tables import lines, read_reference
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import SERVICE_KINDS


def ingest_services(layout: Layout, areas: Areas) -> Write:
    """Surgeries, hospitals and places of work."""
    path = only_file(layout.incoming / "services")
    problems = Problems()
    table = read_reference(path, "services", "*.csv", problems=problems)
    problems.add(outside_britain(path, table, "easting", "northing"))
    if (bad := (table["emergency_department"] == 1) & (table["kind"] != "hospital")).any():
        problems.add(f"{path}: `emergency_department` wants 1 of hospitals alone; see line {lines(bad)}")
    problems.raise_if_any()
    origin = read_origin(layout, "services")
    table = table.sort_values("service", kind="stable")
    values = {
        "service": table["service"],
        "service_name": table["name"],
        "service_kind": table["kind"].map({k: i for i, k in enumerate(SERVICE_KINDS)}),
        "service_x": table["easting"],
        "service_y": table["northing"],
        "capacity": table["capacity"],
        "emergency_department": table["emergency_department"],
    }
    return lambda: write_whole(layout, "services", origin, {"service": len(table)}, values, {})
