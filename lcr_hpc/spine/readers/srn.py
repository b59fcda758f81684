"""The real motorways and trunk roads: sections of the strategic road network as directed links, joined at nodes.

A section is drawn in its direction of travel, carriageway by carriageway. Ends that meet are one node; a slip road
that stops a few metres beside the carriageway it merges with is led onto it; a roundabout is one node. Lay-bys are
left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.places import outside_britain
from lcr_hpc.spine.readers.tables import read_reference, require_columns
from lcr_hpc.store.variables import ROAD_CLASSES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MAIN, SLIP, ROUNDABOUT, LAY_BY = "Main Carriageway", "Slip Road", "Roundabout", "Ox Bow Lay-by"
COLUMNS = (
    "class_name",
    "roa_number",
    "sect_label",
    "sec_length",
    "funct_name",
    "direc_code",
    "perm_lanes",
    "dual_name",
)
MEETING_M = 5.0
"""Ends this near are one node: chains of one carriageway meet within 2 m, opposite carriageways lie 8 m apart"""
MERGE_M = 60.0
"""How far a slip road's end may lie from the node of the carriageway that it merges with, ahead of it"""
ROUNDABOUT_M = 40.0
"""Ends this near to a roundabout's circle stand on it"""


@dataclass(frozen=True)
class TrunkNetwork:
    """Directed links of motorways and trunk roads, EPSG:27700."""

    x: Floats
    y: Floats
    start: Ints
    """By link, a node"""
    end: Ints
    metres: Floats
    """Length along the road, as the owner states it"""
    lanes: Ints
    road_class: Ints
    """Index into ROAD_CLASSES: motorway, or a_road"""
    road: npt.NDArray[Any]
    """M62, A5036 …"""
    section: npt.NDArray[Any]
    """The owner's label"""
    function: npt.NDArray[Any]
    """Main Carriageway or Slip Road"""
    junction: Bools
    """By node: where other roads join. Slip roads' free ends, roundabouts, and the ends of all-purpose sections"""
    loose: Bools
    """By node: where a motorway's carriageway begins or ends: at the border of the data, or at a terminus"""
    sections: int
    """Sections read, lay-bys among them"""
    section_km: float

    def components(self) -> Ints:
        """Which piece each node is in, the largest first, directions aside."""
        return pieces(self.start, self.end, len(self.x))


@dataclass(frozen=True)
class _Ends:
    """Sections with their ends and headings there (unit vectors)."""

    table: pd.DataFrame
    line: npt.NDArray[Any]
    first: Floats
    last: Floats
    away: Floats
    """Heading at the first point"""
    into: Floats
    """Heading at the last point"""


def read_srn(path: Path) -> TrunkNetwork:
    """Read sections and join them.

    Parameters
    ----------
    path : Path
        GeoPackage of the strategic road network's sections (HAPMS), EPSG:27700.

    Raises
    ------
    InputError
        No readable file, missing columns, another CRS, sections without a line, a length or lanes.
    """
    frame = _read(path)
    sections, km = len(frame), float(frame["sec_length"].sum()) / 1000
    ring = frame["funct_name"] == ROUNDABOUT
    ends = _both_ways(_ends(frame[(frame["funct_name"] != LAY_BY) & ~ring]))
    node, points = _meet(ends, np.asarray(frame.geometry[ring]))
    start, end = node[: len(ends.table)], node[len(ends.table) :]
    start, end = _merge(ends, start, end, points)
    return _network(ends.table, start, end, points, int(ring.sum()), sections, km)


def read_junctions(path: Path) -> pd.DataFrame:
    """Read the junction-to-junction links of the owner's traffic model (HATRIS): names and coordinates of both ends."""
    table = read_reference(path, "trunk_junctions", "*.csv")
    problems = [*outside_britain(path, table, "StartX", "StartY"), *outside_britain(path, table, "EndX", "EndY")]
    raise_all(problems)
    return table


def junction_paths(network: TrunkNetwork, junctions: pd.DataFrame, reach_m: float = 400.0) -> pd.DataFrame:
    """Whether the network leads from each junction to the next, as the junction table says.

    Returns
    -------
    DataFrame
        LinkRef; straight_m, between the junctions; path_m, NaN = one end lies outside the network, infinite = no path.
    """
    tree = cKDTree(np.column_stack([network.x, network.y]))
    graph = coo_array((network.metres, (network.start, network.end)), shape=(len(network.x),) * 2).tocsr()
    found = []
    for row in junctions.to_dict("records"):
        a, b = (np.array([row[f"{e}X"], row[f"{e}Y"]]) for e in ("Start", "End"))
        here, there = tree.query_ball_point(a, reach_m), tree.query_ball_point(b, reach_m)
        path = float(dijkstra(graph, indices=here)[:, there].min()) if here and there else np.nan
        found.append((row["LinkRef"], float(np.hypot(*(b - a))), path))
    return pd.DataFrame(found, columns=["LinkRef", "straight_m", "path_m"])


def srn_words(network: TrunkNetwork, junctions: pd.DataFrame | None) -> str:
    """Say how many sections, km and lanes were read, and how they hang together."""
    lane_km = pd.Series(network.metres / 1000.0).groupby(network.lanes).sum()
    by_lane = ", ".join(f"{km:.0f} km with {n}" for n, km in lane_km.items())
    size = np.bincount(network.components())
    said = (
        f"{network.sections} sections, {network.section_km:.1f} km; without lay-bys and with roundabouts as nodes "
        f"{len(network.start)} directed links between {len(network.x)} nodes, {network.metres.sum() / 1000:.1f} km, by "
        f"lanes: {by_lane}. {len(size)} pieces of {', '.join(map(str, size))} nodes before the local roads join them."
    )
    if junctions is None:
        return said
    paths = junction_paths(network, junctions)
    inside = paths["path_m"].notna()
    lost = paths.loc[inside & np.isinf(paths["path_m"]), "LinkRef"]
    missing = f"; not {few(lost)}" if len(lost) else ""
    return f"{said} Of {inside.sum()} junction-to-junction links within, {inside.sum() - len(lost)} lead{missing}."


def pieces(start: Ints, end: Ints, nodes: int) -> Ints:
    """Connected pieces of a network, directions aside, numbered by size."""
    count, piece = connected_components(coo_array((np.ones(len(start)), (start, end)), shape=(nodes, nodes)))
    rank = np.empty(count, dtype=np.int64)
    rank[np.argsort(-np.bincount(piece, minlength=count), kind="stable")] = np.arange(count)
    ordered: Ints = rank[piece]
    return ordered


def _read(path: Path) -> gpd.GeoDataFrame:
    if not path.is_file():
        raise InputError(f"no file {path}; name an existing one, or take `trunk_roads` out of `spine.feeds`")
    try:
        frame: gpd.GeoDataFrame = pyogrio.read_dataframe(path)
    except Exception as error:  # GDAL raises many kinds, all of them about the file
        raise InputError(f"{path} is no readable GeoPackage ({error})") from None
    require_columns(path, frame.columns, COLUMNS)
    problems = []
    if frame.crs is None or frame.crs.to_epsg() != 27700:
        problems.append(f"{path}: the sections want EPSG:27700; reproject them")
    label = frame["sect_label"].astype(str)
    if (odd := ~np.isin(shapely.get_type_id(frame.geometry), (1, 5))).any():
        problems.append(f"{path}: every section needs a line; none at {few(label[odd])}")
    carriageway = (frame["funct_name"] != LAY_BY).to_numpy()
    for column in ("sec_length", "perm_lanes"):
        if (bad := carriageway & ~(frame[column] > 0).to_numpy()).any():
            problems.append(f"{path}: `{column}` must be above 0; it is not at {few(label[bad])}")
    if (again := label.duplicated()).any():
        problems.append(f"{path}: sections must not repeat: {few(sorted(set(label[again])))}")
    raise_all(problems)
    return frame.sort_values("sect_label", kind="stable", ignore_index=True)


def _ends(frame: pd.DataFrame) -> _Ends:
    corners = [shapely.get_coordinates(g) for g in frame.geometry]
    first, last = np.array([c[0] for c in corners]), np.array([c[-1] for c in corners])
    away, into = np.array([_heading(c) for c in corners]), np.array([-_heading(c[::-1]) for c in corners])
    return _Ends(frame.reset_index(drop=True), np.asarray(frame.geometry), first, last, away, into)


def _heading(corners: Floats) -> Floats:
    """Unit vector from the first point to the first one that is 10 m away, or the last."""
    step = corners - corners[0]
    long = np.hypot(*step.T)
    there = int(np.argmax(long >= 10.0)) if (long >= 10.0).any() else len(corners) - 1
    vector: Floats = step[there] / max(long[there], 1e-9)
    return vector


def _both_ways(e: _Ends) -> _Ends:
    """Sections of two-way roads once more, the other way; their lanes are those of both directions."""
    two = (e.table["dual_name"] == "Two Way Single Carriageway").to_numpy()
    table = e.table.copy()
    table.loc[two, "perm_lanes"] = np.maximum(table.loc[two, "perm_lanes"] // 2, 1)
    return _Ends(
        pd.concat([table, table[two]], ignore_index=True), np.concatenate([e.line, e.line[two]]),
        np.concatenate([e.first, e.last[two]]), np.concatenate([e.last, e.first[two]]),
        np.concatenate([e.away, -e.into[two]]), np.concatenate([e.into, -e.away[two]]),
    )  # fmt: skip


def _meet(ends: _Ends, rings: npt.NDArray[Any]) -> tuple[Ints, Floats]:
    """Node of each start, then of each end; ends on a roundabout have its node. Roundabouts are the last nodes."""
    at = np.concatenate([ends.first, ends.last])
    pairs = cKDTree(at).query_pairs(MEETING_M, output_type="ndarray")
    _, node = connected_components(coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(at),) * 2))
    points = np.column_stack([np.bincount(node, at[:, k]) for k in (0, 1)]) / np.bincount(node)[:, None]
    # A motorway that goes on passes over or under; whatever else ends at the circle stands on it.
    motorway = ((ends.table["class_name"] == "M") & (ends.table["funct_name"] == MAIN)).to_numpy()
    n = len(motorway)
    goes_on = np.isin(node, np.intersect1d(node[:n], node[n:]))
    passing = np.concatenate([motorway, motorway]) & goes_on
    for k, ring in enumerate(rings):
        on = (shapely.distance(shapely.points(at), ring) <= ROUNDABOUT_M) & ~passing
        node[np.isin(node, node[on])] = len(points) + k
    middle = shapely.get_coordinates(shapely.centroid(rings)) if len(rings) else np.zeros((0, 2))
    return node.astype(np.int64), np.concatenate([points, middle])


def _merge(ends: _Ends, start: Ints, end: Ints, points: Floats) -> tuple[Ints, Ints]:
    """Lead ends that nothing follows onto a node that goes their way, and starts onto one that comes their way."""
    start, end = start.copy(), end.copy()
    out_of, into = _mean_heading(ends.away, start, len(points)), _mean_heading(ends.into, end, len(points))
    for mine, theirs, heading, flow, side in ((end, start, ends.into, out_of, 1), (start, end, ends.away, into, -1)):
        there = np.unique(theirs)
        tree = cKDTree(points[there])
        for i in np.flatnonzero(~np.isin(mine, theirs)):
            near = there[tree.query_ball_point(points[mine[i]], MERGE_M)]
            step = points[near] - points[mine[i]]
            # Ahead (or just behind), in the same direction, and not back to where the section itself begins.
            good = (flow[near] @ heading[i] > 0.7) & (side * (step @ heading[i]) > -15.0) & (near != theirs[i])
            if good.any():
                mine[i] = near[good][np.argmin(np.hypot(*step[good].T))]
    return start, end


def _mean_heading(heading: Floats, node: Ints, nodes: int) -> Floats:
    total = np.column_stack([np.bincount(node, heading[:, k], nodes) for k in (0, 1)])
    mean: Floats = total / np.maximum(np.hypot(*total.T), 1e-9)[:, None]
    return mean


def _network(
    table: pd.DataFrame, start: Ints, end: Ints, points: Floats, rings: int, sections: int, km: float
) -> TrunkNetwork:
    roundabout = np.arange(len(points)) >= len(points) - rings
    motorway = (table["class_name"] == "M").to_numpy()
    slip = (table["funct_name"] == SLIP).to_numpy()
    begins, stops = (np.bincount(n, minlength=len(points)) for n in (start, end))
    dead = (begins == 0) | (stops == 0)
    of_slip, of_motorway, of_main_a = (
        np.isin(np.arange(len(points)), np.concatenate([start[k], end[k]]))
        for k in (slip, motorway & ~slip, ~motorway & ~slip)
    )
    junction = (dead & of_slip & ~of_motorway) | roundabout | (of_main_a & ~of_motorway)
    used, number = np.unique(np.concatenate([start, end]), return_inverse=True)
    return TrunkNetwork(
        x=points[used, 0], y=points[used, 1], start=number[: len(start)], end=number[len(start) :],
        metres=table["sec_length"].to_numpy(dtype=np.float64), lanes=table["perm_lanes"].to_numpy(dtype=np.int64),
        road_class=np.where(motorway, ROAD_CLASSES.index("motorway"), ROAD_CLASSES.index("a_road")),
        road=table["roa_number"].to_numpy(dtype=object), section=table["sect_label"].to_numpy(dtype=object),
        function=table["funct_name"].to_numpy(dtype=object), junction=junction[used],
        loose=(dead & of_motorway)[used], sections=sections, section_km=km,
    )  # fmt: skip
