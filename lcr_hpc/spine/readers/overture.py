"""Overture Maps' road segments (GeoJSON or GeoParquet), cut at their connectors."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
import shapely.ops

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.roads import HIGHWAYS, KM_PER_MILE, Part, RoadNetwork, network_of
from lcr_hpc.spine.readers.tables import require_columns

COLUMNS = ("id", "class", "connectors", "access_restrictions", "speed_limits")


def read_overture(path: Path) -> RoadNetwork:
    """Read the roads of a segment file, EPSG:27700.

    Parameters
    ----------
    path : Path
        Segments of the theme transportation, EPSG:4326 or 27700. Segments that were cut before, with the columns
        `split_from` and `split_to`, are the pieces of a line between those shares of its length.

    Returns
    -------
    RoadNetwork
        A node a connector, or where pieces meet. Overture's schema has no number of lanes: the class's is taken.

    Raises
    ------
    InputError
        No readable file, missing columns, another CRS, or no road that may be driven on.
    """
    frame = _read(path)
    usable = frame["class"].isin(HIGHWAYS) & (shapely.get_type_id(frame.geometry) == 1)
    frame = frame[usable].reset_index(drop=True)
    parts: list[Part] = []
    at: dict[tuple[int, int], int] = {}

    def node(point: Any) -> int:
        # Pieces of a segment meet at the same point, to the rounding of their cut.
        return at.setdefault((round(point.x * 10), round(point.y * 10)), len(at))

    for row in frame.rename(columns={"class": "highway"}).itertuples(index=False):
        forward, backward = _directions(_listed(row.access_restrictions))
        if not forward and not backward:
            continue
        for line in _pieces(row):
            parts.append(
                Part(
                    node(shapely.get_point(line, 0)), node(shapely.get_point(line, -1)), float(line.length),
                    row.highway, str(row.id), forward, backward,
                    _speed(_listed(row.speed_limits)), (0, 0),
                )
            )  # fmt: skip
    if not parts:
        raise InputError(f"{path} has no road that may be driven on; take segments of the subtype road")
    points = np.array(list(at), dtype=np.float64) / 10.0
    return network_of(points[:, 0], points[:, 1], parts)


def _read(path: Path) -> gpd.GeoDataFrame:
    if not path.is_file():
        raise InputError(f"no file {path}; name an existing one")
    try:
        frame: gpd.GeoDataFrame = gpd.read_parquet(path) if path.suffix == ".parquet" else pyogrio.read_dataframe(path)
    except Exception as error:  # GDAL and Arrow raise many kinds, all of them about the file
        raise InputError(f"{path} is no readable GeoJSON or GeoParquet ({' '.join(str(error).split())})") from None
    require_columns(path, frame.columns, COLUMNS)
    if frame.crs is None or frame.crs.to_epsg() not in (4326, 27700):
        raise InputError(f"{path}: wanted EPSG:4326 or EPSG:27700; reproject the segments, or set their CRS")
    if frame.crs.to_epsg() == 4326:
        frame = frame.to_crs(27700)
    return frame


def _pieces(row: Any) -> list[Any]:
    """The line between neighbouring connectors; `at` is a share of the whole segment's length."""
    begin, stop = float(getattr(row, "split_from", 0.0)), float(getattr(row, "split_to", 1.0))
    marks = sorted({float(c["at"]) for c in _listed(row.connectors)})
    inner = [m for m in marks if begin + 1e-6 < m < stop - 1e-6]
    edges = [0.0, *((m - begin) / (stop - begin) for m in inner), 1.0]
    cut = [shapely.ops.substring(row.geometry, a, b, normalized=True) for a, b in itertools.pairwise(edges)]
    return [line for line in cut if line.geom_type == "LineString" and line.length > 0]


def _directions(rules: list[dict[str, Any]]) -> tuple[bool, bool]:
    """Which ways cars may go: a rule without modes or naming motor vehicles counts, for its heading or for both."""
    allowed = {"forward": True, "backward": True}
    for rule in rules:
        when = rule.get("when") or {}
        modes = when.get("mode") or []
        if rule.get("between") or when.get("during") or when.get("using") or when.get("recognized"):
            continue
        if modes and not {"motor_vehicle", "vehicle", "car"} & set(modes):
            continue
        for heading in [when["heading"]] if when.get("heading") else ["forward", "backward"]:
            allowed[heading] = rule.get("access_type") != "denied"
    return allowed["forward"], allowed["backward"]


def _speed(limits: list[dict[str, Any]]) -> float:
    """km/h of the first limit that holds for the whole segment; 0 where there is none."""
    for limit in limits:
        top = limit.get("max_speed")
        if top and not limit.get("between"):
            return float(top["value"]) * (KM_PER_MILE if top["unit"] == "mph" else 1.0)
    return 0.0


def _listed(value: Any) -> list[dict[str, Any]]:
    """Return a list of rules: GDAL gives text, Parquet an array, and nothing where there is none."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return []
    return list(json.loads(value)) if isinstance(value, str) else list(value)
