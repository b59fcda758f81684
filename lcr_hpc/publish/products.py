"""The products of a night, declared: what each holds, and which variables of which stores it may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from lcr_hpc.publish import columns
from lcr_hpc.publish import tables_burden as burden
from lcr_hpc.publish import tables_feeds as feeds
from lcr_hpc.publish import tables_groups as groups
from lcr_hpc.publish import tables_people as people
from lcr_hpc.publish import tables_roads as roads
from lcr_hpc.publish import tables_scenario as changed
from lcr_hpc.publish.columns import Column
from lcr_hpc.publish.comparison import COMPARISON, COMPARISON_USE, comparison, has_both_censuses, has_published
from lcr_hpc.publish.disclosure import Controlled, hide_few_deaths, hide_few_people
from lcr_hpc.publish.inputs import Inputs
from lcr_hpc.publish.suppression import SuppressionPolicy
from lcr_hpc.publish.tables_pathway import (
    PATHWAY,
    PATHWAY_USE,
    SENSITIVITY,
    SENSITIVITY_USE,
    has_pathway,
    pathway,
    sensitivity,
)
from lcr_hpc.store.layout import Layout


def _always(_: Layout) -> bool:
    return True


@dataclass(frozen=True)
class Table:
    """One table and the files it goes to.

    Attributes
    ----------
    name, title : str
        Its name in code, and for people.
    files : tuple of str
        A .parquet file is GeoParquet in EPSG:27700 with a column `geometry` more; a .csv file has none.
    uses : mapping of str to tuple of str
        Variables by store; all that `build` can read.
    columns : tuple of Column
        In order, without the geometry.
    build : callable
        Makes it: a GeoDataFrame where a file is GeoParquet.
    nature : str
        real: published or observed values as they came; modelled: computed here.
    applies : callable
        Whether a night has what the table is made of; a table that does not apply is not in its release.
    control : callable, optional
        Disclosure control: empties what rests on counts that are too small, or that would give such away.
    counts : str
        Column of counts of people, none of which may be small: `lcr verify` looks again.
    narrow : callable, optional
        Of a night and a release's tier: what the table uses there, of `uses`; nothing = it is not in the release. For
        a table about the datasets themselves, which can do without one of a stricter tier.
    """

    name: str
    title: str
    files: tuple[str, ...]
    uses: Mapping[str, tuple[str, ...]]
    columns: tuple[Column, ...]
    build: Callable[[Inputs], pd.DataFrame]
    nature: str = "modelled"
    applies: Callable[[Layout], bool] = _always
    control: Callable[[Inputs, pd.DataFrame, SuppressionPolicy], Controlled] | None = None
    counts: str = ""
    narrow: Callable[[Layout, str], Mapping[str, tuple[str, ...]]] | None = None


def released_tables(layout: Layout, tier: str) -> tuple[Table, ...]:
    """Tables of a night at a tier, each with the stores that it may use there."""
    found = []
    for table in TABLES:
        if table.narrow is None:
            found += [table] if table.applies(layout) else []
        elif uses := table.narrow(layout, tier):
            found.append(replace(table, uses=uses))
    return tuple(found)


TABLES: tuple[Table, ...] = (
    Table(
        "links",
        "Traffic and emissions by road link",
        ("links.parquet",),
        roads.LINKS_USE,
        columns.LINKS,
        roads.links,
    ),
    Table(
        "areas",
        "Deprivation, air and burden by small area",
        ("areas.parquet", "areas.csv"),
        people.AREAS_USE,
        columns.AREAS,
        people.areas,
        control=hide_few_deaths,
    ),
    Table(
        "msoas",
        "Life expectancy by MSOA",
        ("msoas.csv",),
        people.MSOAS_USE,
        columns.MSOAS,
        people.msoas,
    ),
    Table(
        "inequality",
        "Gradients along deprivation or another ranking",
        ("inequality.csv",),
        people.INEQUALITY_USE,
        columns.INEQUALITY,
        people.inequality,
    ),
    Table(
        "burden",
        "Burden of the region and its evidence",
        ("burden.csv",),
        burden.BURDEN_USE,
        columns.BURDEN,
        burden.burden,
    ),
    Table(
        "burden_areas",
        "Burden by small area and cause",
        ("burden_areas.csv",),
        burden.BURDEN_AREAS_USE,
        columns.BURDEN_AREAS,
        burden.burden_areas,
        control=hide_few_deaths,
    ),
    Table(
        "people",
        "Synthetic people by age and group, and what they breathe",
        ("people.csv",),
        groups.GROUPS_USE,
        columns.PEOPLE,
        groups.groups,
        applies=groups.has_groups,
        control=hide_few_people,
        counts="persons",
    ),
    Table(
        "people_burden",
        "Burden of synthetic people by age and group",
        ("people_burden.csv",),
        groups.GROUP_BURDEN_USE,
        columns.PEOPLE_BURDEN,
        groups.group_burden,
        applies=groups.has_groups,
        control=hide_few_people,
        counts="persons",
    ),
    Table(
        "access",
        "Access to services by small area and part of the day",
        ("access.csv",),
        people.ACCESS_USE,
        columns.ACCESS,
        people.access,
    ),
    Table(
        "traffic_periods",
        "Equilibrium by period",
        ("traffic_periods.csv",),
        roads.PERIODS_USE,
        columns.PERIODS,
        roads.periods,
    ),
    Table(
        "districts",
        "Traffic and emissions by district",
        ("districts.csv",),
        roads.DISTRICTS_USE,
        columns.DISTRICTS,
        roads.districts,
    ),
    Table(
        "emissions_grid",
        "Emissions by grid cell",
        ("emissions_grid.parquet",),
        roads.GRID_USE,
        columns.GRID,
        roads.grid,
    ),
    Table(
        "pathway",
        "The way to net zero: emissions by year, what follows from assumed levers",
        ("pathway.csv",),
        PATHWAY_USE,
        PATHWAY,
        pathway,
        applies=has_pathway,
    ),
    Table(
        "pathway_sensitivity",
        "Which uncertainty decides the way to net zero",
        ("pathway_sensitivity.csv",),
        SENSITIVITY_USE,
        SENSITIVITY,
        sensitivity,
        applies=has_pathway,
    ),
    Table(
        "scenario",
        "The scenario beside its base",
        ("scenario.csv",),
        changed.SCENARIO_USE,
        changed.SCENARIO,
        changed.scenario,
        applies=changed.has_changes,
    ),
    Table(
        "scenario_areas",
        "Minutes to an emergency department in base and scenario",
        ("scenario_areas.csv",),
        changed.AREAS_USE,
        changed.AREAS,
        changed.scenario_areas,
        applies=changed.has_changes,
    ),
    Table(
        "scenario_buses",
        "Bus journeys in base and scenario",
        ("scenario_buses.csv",),
        changed.BUSES_USE,
        changed.BUSES,
        changed.scenario_buses,
        applies=changed.has_changes,
    ),
    Table(
        "comparison",
        "The night against published figures",
        ("comparison.csv",),
        COMPARISON_USE,
        COMPARISON,
        comparison,
        applies=has_published,
    ),
    Table(
        "censuses",
        "Small areas of both censuses",
        ("censuses.csv",),
        people.CENSUSES_USE,
        columns.CENSUSES,
        people.censuses,
        nature="real",
        applies=has_both_censuses,
    ),
    Table(
        "feed_audit",
        "Coverage, completeness, freshness and drift of the feeds",
        ("feed_audit.csv",),
        feeds.FEEDS_USE,
        feeds.FEED_AUDIT,
        feeds.feed_audit,
        narrow=feeds.uses_at,
    ),
)
"""Every table of a snapshot. The report and the summary are made from these tables alone."""

DOCUMENTS = ("report.html", "summary.json", "catalogue.jsonld")
"""Files made from all of the tables: their tier is the strictest of all."""
