"""A road network over the areas: motorways, A roads, local roads, and connectors from each centroid.

Local roads are a Gabriel graph of junctions inside the areas: planar, and as dense as people live. Where it crosses
water it is cut and joined again by a few crossings. A roads are the paths between town hubs, motorways run beside the
paths between a few far hubs, with a junction every 2.5 km.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import Delaunay, cKDTree

from lcr_hpc.spine.areas import Zones
from lcr_hpc.spine.twin.random import Floats, Stream, uniform

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

JUNCTIONS_PER_AREA = 2
AREAS_PER_HUB = 12
AREAS_PER_MOTORWAY_HUB = 90
MOTORWAY_STEP_M = 2500.0
DETOUR = 1.15
"""Length along the road over the straight line between junctions"""
CONNECTOR, MOTORWAY, A_ROAD, MINOR = 0, 1, 2, 3
# By class: free speed km/h, capacity of a lane veh/h, lanes, BPR b and power. Speeds are the limit less delays at
# junctions; a connector has room for all of its zone. Assumptions: docs/twin.md.
FREE_SPEED = np.array([25.0, 105.0, 58.0, 40.0])
LANE_CAPACITY = np.array([4000.0, 2000.0, 1250.0, 750.0])
LANES = np.array([1, 3, 2, 1])
BPR_B = np.array([0.0, 0.60, 0.80, 0.90])
BPR_POWER = np.array([1.0, 5.0, 4.0, 4.0])


@dataclass(frozen=True)
class Roads:
    """Directed links; the first `zones` nodes are centroids in area order."""

    zones: int
    x: Floats
    y: Floats
    start: Ints
    end: Ints
    length_m: Floats
    road_class: Ints

    @property
    def free_minutes(self) -> Floats:
        """Travel time on the empty road."""
        minutes: Floats = self.length_m / 1000 / FREE_SPEED[self.road_class] * 60
        return minutes

    @property
    def capacity(self) -> Floats:
        """Vehicles an hour, all lanes."""
        vehicles: Floats = LANE_CAPACITY[self.road_class] * LANES[self.road_class]
        return vehicles


@dataclass(frozen=True)
class _Edges:
    """Undirected edges between junctions."""

    a: Ints
    b: Ints
    metres: Floats

    def graph(self, nodes: int, cost: Floats | None = None) -> csr_array:
        value = self.metres if cost is None else cost
        both = (np.concatenate([self.a, self.b]), np.concatenate([self.b, self.a]))
        return csr_array((np.concatenate([value, value]), both), shape=(nodes, nodes))


def make_roads(zones: Zones, seed: int) -> Roads:
    """Build the network; every zone reaches every other."""
    points = _junctions(zones, seed)
    edges = _gabriel(points)
    edges = _cut_and_cross(zones, points, edges)
    hubs = _spread(points, zones, max(3, len(zones) // AREAS_PER_HUB))
    major = _upgrade(points, edges, hubs)
    road_class = np.where(major, A_ROAD, MINOR)
    points, edges, road_class = _add_motorways(points, edges, road_class, zones)
    return _with_connectors(zones, points, edges, road_class)


def _junctions(zones: Zones, seed: int) -> Floats:
    """Two points inside each area: candidates fall in its bounding box, the first inside it counts."""
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


def _gabriel(points: Floats) -> _Edges:
    """Delaunay edges whose diameter circle holds no other point: connected, planar, like streets."""
    triangles = Delaunay(points).simplices
    pairs = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]]), axis=1)
    pairs = np.unique(pairs, axis=0)
    a, b = points[pairs[:, 0]], points[pairs[:, 1]]
    nearest, _ = cKDTree(points).query((a + b) / 2, k=1)
    length = np.hypot(*(a - b).T)
    keep = nearest >= length / 2 * (1 - 1e-9)
    return _Edges(pairs[keep, 0], pairs[keep, 1], length[keep])


def _cut_and_cross(zones: Zones, points: Floats, edges: _Edges) -> _Edges:
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
        count, part = connected_components(_Edges(a, b, metres).graph(len(points)), directed=False)
        if count == 1:
            return _Edges(a, b, metres)
        smallest = np.argmin(np.bincount(part))
        ours, others = np.flatnonzero(part == smallest), np.flatnonzero(part != smallest)
        away, nearest = cKDTree(points[others]).query(points[ours])
        chosen: list[int] = []
        for i in np.argsort(away, kind="stable"):
            spaced = all(np.hypot(*(points[ours[i]] - points[ours[j]])) > 2000 for j in chosen)
            if not chosen or (len(ours) >= 60 and spaced and away[i] < 3000):
                chosen.append(int(i))
            if len(chosen) == 3:
                break
        a = np.concatenate([a, ours[chosen]])
        b = np.concatenate([b, others[nearest[chosen]]])
        metres = np.concatenate([metres, away[chosen]])


def _spread(points: Floats, zones: Zones, count: int) -> Ints:
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


def _paths(points: Floats, edges: _Edges, hubs: Ints, cost: Floats) -> list[list[int]]:
    """Shortest paths between hubs that are neighbours in their own Gabriel graph."""
    if len(hubs) < 4:
        pairs = np.array([(i, j) for i in range(len(hubs)) for j in range(i)], dtype=np.int64)
    else:
        web = _gabriel(points[hubs])
        pairs = np.column_stack([web.a, web.b])
    graph = edges.graph(len(points), cost)
    paths = []
    for i in np.unique(pairs[:, 0]):
        _, back = dijkstra(graph, directed=True, indices=hubs[i], return_predecessors=True)
        for j in pairs[pairs[:, 0] == i, 1]:
            path = [int(hubs[j])]
            while path[-1] != hubs[i]:
                path.append(int(back[path[-1]]))
            paths.append(path)
    return paths


def _upgrade(points: Floats, edges: _Edges, hubs: Ints) -> Bools:
    """Edges on the paths between hubs."""
    nodes = len(points)
    key = np.minimum(edges.a, edges.b) * nodes + np.maximum(edges.a, edges.b)
    used = [
        min(p, q) * nodes + max(p, q) for path in _paths(points, edges, hubs, edges.metres) for p, q in _steps(path)
    ]
    return np.isin(key, np.array(used, dtype=np.int64))


def _steps(path: list[int]) -> list[tuple[int, int]]:
    return list(pairwise(path))


def _add_motorways(points: Floats, edges: _Edges, road_class: Ints, zones: Zones) -> tuple[Floats, _Edges, Ints]:
    """Chains of their own beside the paths between a few far hubs, joined to the road below at each junction."""
    count = len(zones) // AREAS_PER_MOTORWAY_HUB
    if count < 2:
        return points, edges, road_class
    hubs = _spread(points, zones, count + 1)
    cost = edges.metres * np.where(road_class == A_ROAD, 0.7, 1.0)
    junction: dict[int, int] = {}
    chain: set[tuple[int, int]] = set()
    for path in _paths(points, edges, hubs, cost):
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points[path], axis=0).T))])
        stops = np.linspace(0, along[-1], max(2, round(along[-1] / MOTORWAY_STEP_M) + 1))
        # A junction that another motorway has within reach is shared, so that paths flow together.
        near = [_shared(path[int(np.argmin(np.abs(along - s)))], points, junction) for s in stops]
        for p in near:
            junction.setdefault(p, len(points) + len(junction))
        chain |= {(min(p, q), max(p, q)) for p, q in _steps(near) if p != q}
    below = np.array(list(junction), dtype=np.int64)
    top = np.array(list(junction.values()), dtype=np.int64)
    points = np.concatenate([points, points[below] + np.array([60.0, 60.0])])
    pairs = np.array(sorted(chain), dtype=np.int64)
    number = dict(zip(below.tolist(), top.tolist(), strict=True))
    ends = np.array([[number[p], number[q]] for p, q in pairs.tolist()], dtype=np.int64)
    a = np.concatenate([edges.a, ends[:, 0], below])
    b = np.concatenate([edges.b, ends[:, 1], top])
    metres = np.concatenate(
        [edges.metres, np.hypot(*(points[ends[:, 0]] - points[ends[:, 1]]).T), np.full(len(top), 350.0)]
    )
    road_class = np.concatenate([road_class, np.full(len(ends), MOTORWAY), np.full(len(top), A_ROAD)])
    return points, _Edges(a, b, metres), road_class


def _shared(node: int, points: Floats, junction: dict[int, int]) -> int:
    if junction:
        known = np.array(list(junction), dtype=np.int64)
        away = np.hypot(*(points[known] - points[node]).T)
        if away.min() < 0.5 * MOTORWAY_STEP_M:
            return int(known[np.argmin(away)])
    return node


def _with_connectors(zones: Zones, points: Floats, edges: _Edges, road_class: Ints) -> Roads:
    """Each centroid to its three nearest junctions that are no motorway's, both ways."""
    n = len(zones)
    ordinary = np.unique(np.concatenate([edges.a[road_class == MINOR], edges.b[road_class == MINOR]]))
    centroids = np.column_stack([zones.x, zones.y])
    k = min(3, len(ordinary))
    away, nearest = cKDTree(points[ordinary]).query(centroids, k=k)
    zone = np.repeat(np.arange(n), k)
    node = n + ordinary[nearest.ravel()]
    start = np.concatenate([zone, node, n + edges.a, n + edges.b])
    end = np.concatenate([node, zone, n + edges.b, n + edges.a])
    reach = np.maximum(away.ravel(), 50.0)
    length = np.concatenate([reach, reach, edges.metres, edges.metres]) * DETOUR
    kind = np.concatenate([np.full(2 * len(zone), CONNECTOR), road_class, road_class])
    order = np.lexsort((end, start))
    every = np.concatenate([centroids, points])
    return Roads(
        n, every[:, 0], every[:, 1], start[order], end[order], np.round(length[order], 1), kind[order].astype(np.int64)
    )
