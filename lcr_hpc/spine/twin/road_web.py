"""What local and trunk roads are made with: classes of road, undirected webs, paths between hubs, ways out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay, cKDTree

from lcr_hpc.spine.areas import Zones
from lcr_hpc.spine.twin.random import Floats

Ints = npt.NDArray[np.int64]

CONNECTOR, MOTORWAY, A_ROAD, MINOR = 0, 1, 2, 3
# By class: free speed km/h, capacity of a lane veh/h, lanes, BPR b and power. A connector has room for all of its zone.
# Sources and assumptions: docs/twin.md.
FREE_SPEED = np.array([25.0, 105.0, 58.0, 40.0])
LANE_CAPACITY = np.array([4000.0, 1870.0, 1300.0, 750.0])
LANES = np.array([1, 3, 2, 1])
BPR_B = np.array([0.0, 0.60, 0.80, 0.90])
BPR_POWER = np.array([1.0, 5.0, 4.0, 4.0])
DETOUR = 1.15
"""Length along a generated road over the straight line between junctions"""
HUB_DETOUR = 2.0
"""Cost of a path between hubs over the straight line, to where it is looked for first"""
LANDWARD_DEG = (5.0, 195.0)
"""Bearings of the region's land border as seen from the centre of Liverpool; the sea lies in the others"""


@dataclass(frozen=True)
class Edges:
    """Undirected edges between junctions."""

    a: Ints
    b: Ints
    metres: Floats

    def graph(self, nodes: int, cost: Floats | None = None) -> csr_array:
        """Both directions as a sparse matrix of `cost`, by default metres."""
        value = self.metres if cost is None else cost
        both = (np.concatenate([self.a, self.b]), np.concatenate([self.b, self.a]))
        return csr_array((np.concatenate([value, value]), both), shape=(nodes, nodes))


def gabriel(points: Floats) -> Edges:
    """Delaunay edges whose diameter circle holds no other point: connected, planar, like streets."""
    triangles = Delaunay(points).simplices
    pairs = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]]), axis=1)
    pairs = np.unique(pairs, axis=0)
    a, b = points[pairs[:, 0]], points[pairs[:, 1]]
    nearest, _ = cKDTree(points).query((a + b) / 2, k=1)
    length = np.hypot(*(a - b).T)
    keep = nearest >= length / 2 * (1 - 1e-9)
    return Edges(pairs[keep, 0], pairs[keep, 1], length[keep])


def spread_hubs(points: Floats, zones: Zones, count: int) -> Ints:
    """Junctions near `count` areas that lie far apart where areas are large and close where they are dense."""
    order = np.argsort(zones.x + zones.y, kind="stable")
    # Median cuts of the areas give cells of equal numbers of areas; a hub is the junction nearest to a cell's middle.
    cells = [order]
    while len(cells) < count:
        largest = max(range(len(cells)), key=lambda i: len(cells[i]))
        cell = cells.pop(largest)
        along = zones.x[cell] if np.ptp(zones.x[cell]) >= np.ptp(zones.y[cell]) else zones.y[cell]
        ordered = cell[np.argsort(along, kind="stable")]
        cells += [ordered[: len(cell) // 2], ordered[len(cell) // 2 :]]
    middle = np.array([[zones.x[c].mean(), zones.y[c].mean()] for c in cells])
    hubs: Ints = np.unique(cKDTree(points).query(middle)[1])
    return hubs


def hub_paths(points: Floats, edges: Edges, hubs: Ints, cost: Floats) -> list[list[int]]:
    """Shortest paths between hubs that are neighbours in their own Gabriel graph."""
    if len(hubs) < 4:
        pairs = np.array([(i, j) for i in range(len(hubs)) for j in range(i)], dtype=np.int64)
    else:
        web = gabriel(points[hubs])
        pairs = np.column_stack([web.a, web.b])
    graph = edges.graph(len(points), cost)
    apart = np.hypot(*(points[hubs[pairs[:, 0]]] - points[hubs[pairs[:, 1]]]).T)
    paths = []
    for i in np.unique(pairs[:, 0]):
        mine = pairs[:, 0] == i
        # Neighbours are near: a tree of the whole region for each hub would take time by the square of its areas.
        for limit in (HUB_DETOUR * apart[mine].max(), np.inf):
            away, back = dijkstra(graph, directed=True, indices=hubs[i], limit=limit, return_predecessors=True)
            if np.isfinite(away[hubs[pairs[mine, 1]]]).all():
                break
        for j in pairs[mine, 1]:
            path = [int(hubs[j])]
            while path[-1] != hubs[i]:
                path.append(int(back[path[-1]]))
            paths.append(path)
    return paths


def steps(path: list[int]) -> list[tuple[int, int]]:
    """Neighbours along a path."""
    return list(pairwise(path))


def ways_out(
    points: Floats, usable: Ints, zones: Zones, count: int, spacing_m: float, most_m: float
) -> tuple[Ints, Floats]:
    """Junctions where roads leave for the land beyond, and where they cross the border.

    For bearings spread over the landward side, the outermost usable junction that no other way out is within
    `spacing_m` of, and the place straight on where the last area ends; none where that is farther than `most_m`.

    Returns
    -------
    int64[gate], float64[gate, 2]
        Junctions, each once; easting and northing 250 m beyond the last area.
    """
    bearing = np.deg2rad(np.linspace(*LANDWARD_DEG, 2 * count + 1)[1::2])
    leaving: list[int] = []
    beyond: list[Floats] = []
    tree = shapely.STRtree(zones.boundaries.polygon)
    reach = np.arange(0.0, most_m + 1.0, 250.0)
    for towards in np.column_stack([np.sin(bearing), np.cos(bearing)]):
        apart = np.ones(len(usable), bool)
        for taken in leaving:
            apart &= np.hypot(*(points[usable] - points[taken]).T) > spacing_m
        if not apart.any():
            continue
        outermost = usable[apart][np.argmax(points[usable[apart]] @ towards)]
        line = points[outermost] + reach[:, None] * towards
        inside, _ = tree.query(shapely.points(line), predicate="intersects")
        last = int(inside.max(initial=0))
        if last + 1 < len(reach):
            leaving.append(int(outermost))
            beyond.append(np.round(line[last + 1], 1))
    return np.array(leaving, np.int64), np.array(beyond).reshape(-1, 2)
