"""Half-hourly electricity by MSOA as hourly sums; an hour with one half missing is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.days import SeriesStore
from lcr_hpc.spine.ingest.declared import Declared, declared_files, unknown_sites
from lcr_hpc.spine.ingest.observations import Days, put, writer
from lcr_hpc.spine.ingest.whole import Write, read_origin
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.series import Quarantine, read_wide, within
from lcr_hpc.store.layout import Layout

MOST_KWH = 1e6
"""In half an hour: more than the whole region draws"""


def ingest_energy(layout: Layout, areas: Areas) -> Write:
    """Read the half hours; the store has no flags, so what is implausible is missing there and stands in quarantine."""
    rejected, problems = Quarantine(), Problems()
    msoas = areas.zones.msoa_code
    column = {name: i for i, name in enumerate(msoas)}
    halves: Days = {}
    files = declared_files(layout, "energy", rejected, "electricity_*.csv")
    for path in files.contract:
        with problems.collecting():
            table, half = read_wide(path, "time_utc", 30, rejected)
            names = table.columns.drop("time_utc")
            if unknown := [c for c in names if c not in column]:
                problems.add(f"{path}: columns that are no MSOA of the lookup: {few(unknown)}")
                continue
            for name in names:
                kwh = within(path, name, table[name], (0.0, MOST_KWH), rejected)
                put(halves, half, column[name], len(msoas), {"electricity_kwh": kwh}, per_day=48)
    problems.raise_if_any("the electricity cannot be read")
    days: Days = {
        day: {name: value.reshape(24, 2, -1).sum(axis=1) for name, value in table.items()}
        for day, table in halves.items()
    }
    with problems.collecting():
        problems.add(_put_declared(days, files, column, rejected))
    problems.raise_if_any("the electricity cannot be read")
    origin = read_origin(layout, "energy")
    spec = SeriesStore(
        layout.store("energy"), layout.manifest("energy"), "energy", origin.recipe, "msoa", {"msoa": msoas},
        ("electricity_kwh",), {},
    )  # fmt: skip
    return writer(layout, origin, spec, days, rejected)


def _put_declared(days: Days, files: Declared, column: dict[str, int], rejected: Quarantine) -> Iterator[str]:
    """Hours whose two halves are both good; the store has no flags."""
    if not files.readings:
        return
    table = files.hourly({"electricity": "kWh"}, rejected, "sum", flags=False)["electricity"]
    yield from (strangers := list(unknown_sites([table], column, Path("the lookup"))))
    if not strangers:
        for site, part in table.groupby("site"):
            kwh = part["value"].where(part["flag"] == 0).to_numpy()
            put(days, part["hour"].to_numpy(), column[str(site)], len(column), {"electricity_kwh": kwh})
