"""Layers of places as any reader's result: areas, and road lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.boundaries import BRITISH_GRID, crs_problems, read_boundaries, read_frame
from lcr_hpc.spine.readers.formats import Options
from lcr_hpc.spine.readers.result import Reading, not_read
from lcr_hpc.spine.readers.tables import require_columns


def read_areas(path: Path, options: Options) -> Reading:
    """Read areas with their points in metres of EPSG:27700; whole or refused."""
    code, name = str(options.get("code", "")), str(options.get("name", ""))
    if bool(code) != bool(name):
        raise InputError("options `code` and `name` go together", field="code" if name else "name")
    shapes = read_boundaries(path, code, name)
    table = pd.DataFrame({"code": shapes.code, "name": shapes.name, "x": shapes.x, "y": shapes.y})
    notes = (f"points: {shapes.point} the polygon" if shapes.point == "inside" else "points: given",)
    return Reading(
        "areas", path, "areas", table, len(table), notes=notes + ((shapes.vintage,) if shapes.vintage else ())
    )


def read_lines(path: Path, options: Options) -> Reading:
    """Read road lines: id, name, length_m along the line, and where it begins and ends; whole or refused."""
    frame = read_frame(path)
    wanted = [str(options[k]) for k in ("id", "name") if k in options]
    require_columns(path, frame.columns, wanted)
    raise_all(_problems(path, frame, str(options.get("id", ""))), InputError)
    if frame.crs is None or frame.crs.to_epsg() != BRITISH_GRID:
        frame = frame.to_crs(BRITISH_GRID)
    geometry = shapely.force_2d(frame.geometry.to_numpy())
    ends = [np.asarray(_ends(g)) for g in geometry]
    table = pd.DataFrame(
        {
            "link": frame[options["id"]].astype(str) if "id" in options else np.arange(1, len(frame) + 1).astype(str),
            "name": frame[options["name"]].fillna("").astype(str) if "name" in options else "",
            "length_m": shapely.length(geometry),
            **{k: [e[i] for e in ends] for i, k in enumerate(("from_x", "from_y", "to_x", "to_y"))},
            "line": np.arange(1, len(frame) + 1),
        }
    )
    notes = ("a line is a feature, from 1", *not_read((c for c in frame.columns if c != frame.geometry.name), wanted))
    return Reading("lines", path, "links", table, len(table), notes=notes)


def _problems(path: Path, frame: gpd.GeoDataFrame, key: str) -> Iterator[str]:
    geometry = frame.geometry.to_numpy()
    linear = np.isin(shapely.get_type_id(geometry), (1, 5)) & ~shapely.is_empty(geometry)
    if not linear.all():
        yield f"{path}: every feature needs a line; none at feature {few(np.flatnonzero(~linear) + 1)}"
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    if len(bad := np.unique(owner[~np.isfinite(coordinates).all(axis=1)])):
        yield f"{path}: coordinates that are no numbers at feature {few(bad + 1)}"
    if key and (again := sorted(set(frame[key][frame[key].duplicated()].astype(str)))):
        yield f"{path}: `{key}` must not repeat: {few(again)}"
    yield from crs_problems(path, frame, coordinates)


def _ends(line: shapely.Geometry) -> tuple[float, float, float, float]:
    points = shapely.get_coordinates(line)
    return (*points[0], *points[-1])
