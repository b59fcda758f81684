"""A generated network of local roads: junctions in each area, streets between them, A roads between town hubs.

The local roads are a Gabriel graph over points in each area, so it is dense where people live. Where it crosses water
it is cut and joined again by a few crossings. A roads are the paths between hubs, and leave the region landward.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from lcr_hpc.spine.areas import Zones
from lcr_hpc.spine.twin.random import Floats, Stream, uniform
from lcr_hpc.spine.twin.road_web import A_ROAD, MINOR, Edges, Ints, gabriel, hub_paths, spread_hubs, steps, ways_out

JUNCTIONS_PER_AREA = 4
AREAS_PER_HUB = 12
A_ROAD_GATES = 10
"""Of the region's 989 areas; the border of a larger one has more, with the square root of its areas"""


@dataclass(frozen=True)
class LocalRoads:
    """All roads but motorways and trunk roads: junctions and undirected roads between them."""

    points: Floats
    """float64[junction, 2], easting and northing"""
    edges: Edges
    road_class: Ints
    """By edge: A_ROAD or MINOR"""
    gate: Ints
    """Junctions just beyond the border, where an A road leaves the region"""


def make_local_roads(zones: Zones, seed: int) -> LocalRoads:
    """Generate the region's roads without motorways and trunk roads; they are connected on their own."""
    points = _junctions(zones, seed)
    edges = _cut_and_cross(zones, points, gabriel(points))
    hubs = spread_hubs(points, zones, max(3, len(zones) // AREAS_PER_HUB))
    major = _upgrade(points, edges, hubs)
    usable = np.unique(np.concatenate([edges.a[major], edges.b[major]]))
    leaving, beyond = ways_out(points, usable, zones, gates_of(A_ROAD_GATES, len(zones)), 2500.0, 6000.0)
    gate = len(points) + np.arange(len(leaving))
    metres = np.hypot(*(points[leaving] - beyond).T)
    edges = Edges(
        np.concatenate([edges.a, leaving]), np.concatenate([edges.b, gate]), np.concatenate([edges.metres, metres])
    )
    road_class = np.concatenate([np.where(major, A_ROAD, MINOR), np.full(len(gate), A_ROAD)])
    return LocalRoads(np.concatenate([points, beyond]), edges, road_class, gate)


def gates_of(at_989: int, areas: int) -> int:
    """Roads that leave a region of so many areas: as its border, with the square root."""
    return max(2, round(at_989 * float(np.sqrt(areas / 989))))


def _junctions(zones: Zones, seed: int) -> Floats:
    """Points inside each area: candidates fall in its bounding box, the first inside it counts."""
    tries = 12
    draws = uniform(seed, Stream.ROAD_NODE, len(zones), JUNCTIONS_PER_AREA * tries * 2)
    draws = draws.reshape(len(zones), JUNCTIONS_PER_AREA, tries, 2)
    box = shapely.bounds(zones.boundaries.polygon)
    x = box[:, None, None, 0] + draws[..., 0] * (box[:, 2] - box[:, 0])[:, None, None]
    y = box[:, None, None, 1] + draws[..., 1] * (box[:, 3] - box[:, 1])[:, None, None]
    inside = shapely.contains_xy(zones.boundaries.polygon[:, None, None], x, y)
    first = np.argmax(inside, axis=2)
    row, column = np.indices(first.shape)
    found = inside[row, column, first]
    # An area too thin for twelve tries gets its junctions beside its population point.
    px = np.where(found, x[row, column, first], zones.x[:, None] + 40 * draws[:, :, 0, 0])
    py = np.where(found, y[row, column, first], zones.y[:, None] + 40 * draws[:, :, 0, 1])
    return np.round(np.column_stack([px.ravel(), py.ravel()]), 1)


def _cut_and_cross(zones: Zones, points: Floats, edges: Edges) -> Edges:
    """Drop edges over water or far outside, then join what fell apart by its shortest crossings, up to three."""
    lines = np.asarray(shapely.linestrings(np.stack([points[edges.a], points[edges.b]], axis=1)))
    tree = shapely.STRtree(zones.boundaries.polygon)
    line, area = tree.query(lines, predicate="intersects")
    dry = np.bincount(
        line, shapely.length(shapely.intersection(lines[line], zones.boundaries.polygon[area])), minlength=len(lines)
    )
    keep = edges.metres - dry <= np.maximum(400.0, 0.45 * edges.metres)
    a, b, metres = edges.a[keep], edges.b[keep], edges.metres[keep]
    while True:
        count, part = connected_components(Edges(a, b, metres).graph(len(points)), directed=False)
        if count == 1:
            return Edges(a, b, metres)
        smallest = np.argmin(np.bincount(part))
        ours, others = np.flatnonzero(part == smallest), np.flatnonzero(part != smallest)
        away, nearest = cKDTree(points[others]).query(points[ours])
        chosen: list[int] = []
        for i in np.argsort(away, kind="stable"):
            spaced = all(np.hypot(*(points[ours[i]] - points[ours[j]])) > 2000 for j in chosen)
            if not chosen or (len(ours) >= 30 * JUNCTIONS_PER_AREA and spaced and away[i] < 3000):
                chosen.append(int(i))
            if len(chosen) == 3:
                break
        a = np.concatenate([a, ours[chosen]])
        b = np.concatenate([b, others[nearest[chosen]]])
        metres = np.concatenate([metres, away[chosen]])


def _upgrade(points: Floats, edges: Edges, hubs: Ints) -> npt.NDArray[np.bool_]:
    """Edges on the paths between hubs."""
    nodes = len(points)
    key = np.minimum(edges.a, edges.b) * nodes + np.maximum(edges.a, edges.b)
    paths = hub_paths(points, edges, hubs, edges.metres)
    used = [min(p, q) * nodes + max(p, q) for path in paths for p, q in steps(path)]
    return np.isin(key, np.array(used, dtype=np.int64))
