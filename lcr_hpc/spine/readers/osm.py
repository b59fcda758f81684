"""OpenStreetMap extracts (.osm.pbf): the roads that may be driven on, cut at junctions.

GDAL reads them, since pyogrio, which is needed anyway, has its OSM driver. GDAL gives a way's coordinates and not the
numbers of its nodes; OpenStreetMap keeps coordinates to 1e-7 degrees, so ways that share a coordinate share a node.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from pyproj import Transformer

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.roads import HIGHWAYS, KM_PER_MILE, Part, RoadNetwork, network_of

Floats = npt.NDArray[np.float64]
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
_SPEED = re.compile(r"(\d+(?:\.\d+)?) ?(mph)?$")
CLOSED = ("no", "private")


def read_osm(path: Path) -> RoadNetwork:
    """Read the roads of an extract, EPSG:27700.

    Parameters
    ----------
    path : Path
        .osm.pbf (or .osm) of a place in Britain.

    Returns
    -------
    RoadNetwork
        Links run from junction to junction. Lanes and speed limits are the map's; where it has none, the class's.

    Raises
    ------
    InputError
        No readable extract, or one without roads.
    """
    ways = _ways(path)
    tags = [dict(_TAG.findall(t)) for t in ways["other_tags"].fillna("")]
    open_ = np.array([_may_drive(t) for t in tags], dtype=bool)
    ways, tags = ways[open_].reset_index(drop=True), [t for t, o in zip(tags, open_, strict=True) if o]
    if not len(ways):
        raise InputError(f"{path} has no road that may be driven on; take an extract with highways")
    degrees, way = shapely.get_coordinates(ways.geometry.to_numpy(), return_index=True)
    keys = np.round(degrees * 1e7).astype(np.int64)
    _, first, node = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    node = node.ravel()
    x, y = Transformer.from_crs(4326, 27700, always_xy=True).transform(degrees[:, 0], degrees[:, 1])
    cuts = _cuts(way, node)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    parts = []
    for a, b in itertools.pairwise(cuts):
        if way[a] != way[b] or along[b] == along[a]:
            continue
        row, said = ways.iloc[way[a]], tags[way[a]]
        forward, backward = _directions(row["highway"], said)
        parts.append(
            Part(
                int(node[a]), int(node[b]), float(along[b] - along[a]), row["highway"], f"w{row['osm_id']}",
                forward, backward, _speed(said.get("maxspeed", "")), _lanes(said, forward and backward),
            )
        )  # fmt: skip
    return network_of(x[first], y[first], parts)


def _ways(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(f"no file {path}; name an existing extract")
    kinds = ", ".join(f"'{h}'" for h in HIGHWAYS)
    try:
        frame: pd.DataFrame = pyogrio.read_dataframe(
            path, layer="lines", columns=["osm_id", "highway", "other_tags"], where=f"highway IN ({kinds})"
        )
        return frame
    except Exception as error:  # GDAL raises many kinds, all of them about the file
        raise InputError(f"{path} is no readable OpenStreetMap extract ({' '.join(str(error).split())})") from None


def _cuts(way: npt.NDArray[np.int64], node: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Vertices where links begin and end: ends of ways, and nodes that are passed more than once."""
    turn = np.flatnonzero(np.diff(way)) + 1
    ends = np.concatenate([[0], turn, turn - 1, [len(way) - 1]])
    shared = np.flatnonzero(np.bincount(node)[node] > 1)
    return np.unique(np.concatenate([ends, shared]))


def _may_drive(tags: dict[str, str]) -> bool:
    specific = tags.get("motor_vehicle") or tags.get("vehicle") or tags.get("access", "")
    return specific not in CLOSED and tags.get("area") != "yes"


def _directions(highway: str, tags: dict[str, str]) -> tuple[bool, bool]:
    said = tags.get("oneway", "")
    if said in ("-1", "reverse"):
        return False, True
    if not said and (tags.get("junction") in ("roundabout", "circular") or highway == "motorway"):
        return True, False
    return True, said not in ("yes", "true", "1")


def _speed(text: str) -> float:
    """km/h; 0 where the map gives none, or no number."""
    found = _SPEED.match(text.strip())
    return float(found[1]) * (KM_PER_MILE if found[2] else 1.0) if found else 0.0


def _lanes(tags: dict[str, str], both: bool) -> tuple[int, int]:
    """Forward and backward; 0 = not said."""
    total, ahead, back = (_count(tags.get(k, "")) for k in ("lanes", "lanes:forward", "lanes:backward"))
    if not both:
        return total, total
    half = max(total // 2, 1) if total else 0
    return ahead or half, back or half


def _count(text: str) -> int:
    return int(text) if text.isdigit() else 0
