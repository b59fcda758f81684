"""DfT annual average daily flows: a row a count point and year, a column a class of vehicle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import Transformer

from lcr_hpc.spine.readers.clock import utc_seconds
from lcr_hpc.spine.readers.formats import Options
from lcr_hpc.spine.readers.places import BRITAIN_M
from lcr_hpc.spine.readers.result import Collector, Reading
from lcr_hpc.spine.readers.series import Quarantine, numbers
from lcr_hpc.spine.readers.text import read_csv

HGVS = (
    "hgvs_2_rigid_axle", "hgvs_3_rigid_axle", "hgvs_4_or_more_rigid_axle",
    "hgvs_3_or_4_articulated_axle", "hgvs_5_articulated_axle", "hgvs_6_articulated_axle",
)  # fmt: skip
MOTOR = ("two_wheeled_motor_vehicles", "cars_and_taxis", "buses_and_coaches", "lgvs", "all_hgvs")
CLASSES = ("pedal_cycles", *MOTOR[:-1], *HGVS, "all_hgvs", "all_motor_vehicles")
MOST_VEH_DAY = 400_000.0
"""Twice the busiest section of Britain"""
ROUNDING = 4.0
"""Vehicles by which a sum may differ from its parts: each of at most seven figures is rounded to a whole one"""
APART_M = 500.0
"""Metres between the two places that a row gives: in the real files at most a few"""


def read_aadf(path: Path, options: Options) -> Reading:
    """Read flows in veh/day by year; a row whose two places disagree or whose classes do not add up is refused."""
    quarantine = Quarantine()
    wanted = ("count_point_id", "year", "easting", "northing", "estimation_method", *CLASSES)
    text = read_csv(path, wanted, quarantine)
    table = text.frame[_rows_that_hold(path, text.frame, quarantine)]
    second, good = utc_seconds(path, table["year"], quarantine, formats=("%Y",))
    table, second = table[good], second[good]
    collect = Collector(path, quarantine)
    site = table["count_point_id"].str.strip().to_numpy(dtype=object)
    status = table["estimation_method"].str.strip().to_numpy(dtype=object)
    for name in CLASSES:
        collect.add_text(
            table[name], second, site=site, variable=name, unit="veh/day", limits=(0.0, MOST_VEH_DAY), status=status
        )
    return collect.reading("dft_aadf", text.rows, "P1Y", text.notes, sites=_sites(table))


def _rows_that_hold(
    path: Path, table: pd.DataFrame, quarantine: Quarantine
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    value = {n: pd.to_numeric(table[n].str.strip(), errors="coerce") for n in (*CLASSES, "easting", "northing")}
    inside = value["easting"].between(BRITAIN_M[0], BRITAIN_M[2]) & value["northing"].between(
        BRITAIN_M[1], BRITAIN_M[3]
    )
    quarantine.add(path, table["easting"], ~inside, "easting", "not in Britain, wanted metres of EPSG:27700")
    good = inside.to_numpy().copy()
    if {"latitude", "longitude"} <= set(table.columns):
        lat, lon = (pd.to_numeric(table[c].str.strip(), errors="coerce").to_numpy() for c in ("latitude", "longitude"))
        x, y = Transformer.from_crs(4326, 27700, always_xy=True).transform(lon, lat)
        apart = ~(np.hypot(x - value["easting"], y - value["northing"]) <= APART_M).to_numpy() & good
        reason = f"more than {APART_M:g} m from its latitude and longitude"
        quarantine.add(path, table["easting"], apart, "easting", reason)
        good &= ~apart
    for total, parts in (("all_hgvs", HGVS), ("all_motor_vehicles", MOTOR)):
        added = sum((value[p] for p in parts), start=pd.Series(0.0, index=table.index))
        differ = ((value[total] - added).abs() > ROUNDING).to_numpy() & good
        quarantine.add(path, table[total], differ, total, "not the sum of its classes: columns are mixed up")
        good &= ~differ
    empty = (table["count_point_id"].str.strip() == "").to_numpy() & good
    quarantine.add(path, table["count_point_id"], empty, "count_point_id", "no count point")
    return good & ~empty


def _sites(table: pd.DataFrame) -> pd.DataFrame:
    """Each count point where its latest year has it."""
    latest = table.assign(place=pd.to_numeric(table["year"])).sort_values("place", kind="stable")
    latest = latest.drop_duplicates("count_point_id", keep="last").sort_values("count_point_id", kind="stable")
    return pd.DataFrame(
        {
            "site": latest["count_point_id"].str.strip().to_numpy(),
            "name": latest["road_name"].to_numpy() if "road_name" in latest else "",
            "x": numbers(Path(), "easting", latest["easting"], Quarantine()),
            "y": numbers(Path(), "northing", latest["northing"], Quarantine()),
        }
    )
