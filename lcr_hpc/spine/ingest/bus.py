"""Bus routes: stops, headways and the links of the network that a route uses."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pyproj import Transformer
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from lcr_hpc.spine.areas import only_file
from lcr_hpc.spine.ingest.network import Network
from lcr_hpc.spine.ingest.whole import Write, read_origin, write_whole
from lcr_hpc.spine.readers.gtfs import read_gtfs
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import DAY_TYPES

REACH_M = 150.0
"""A point of a route farther from every junction than this is on no road of the network"""
LONGEST_GAP_MIN = 10.0
"""Junctions of a route that are farther apart than this are not joined: the route leaves the network between them"""


def ingest_bus(layout: Layout, network: Network | None) -> Write | None:
    """Read the timetable and find the links of each pattern; without a network the timetable alone is checked."""
    timetable = read_gtfs(only_file(layout.incoming / "bus"))
    if network is None:
        return None
    origin = read_origin(layout, "bus")
    project = Transformer.from_crs(4326, 27700, always_xy=True).transform
    patterns = timetable.patterns
    finder = _LinkFinder(network)
    links = [finder.links(np.column_stack(project(*p.shape.T))) for p in patterns]
    x, y = project(timetable.stops["stop_lon"], timetable.stops["stop_lat"])
    values: dict[str, Any] = {
        "route": [p.route for p in patterns],
        "route_name": [p.name for p in patterns],
        "direction": [p.direction for p in patterns],
        "day_type": list(DAY_TYPES),
        "headway_min": np.array([p.headway_min for p in patterns]).reshape(-1, len(DAY_TYPES), 24),
        "running_time_min": [p.running_time_min for p in patterns],
        "stop": timetable.stops["stop_id"],
        "stop_name": timetable.stops["stop_name"],
        "stop_x": np.round(x, 1),
        "stop_y": np.round(y, 1),
        "stop_offset": _offsets([p.stop for p in patterns]),
        "pattern_stop": np.concatenate([p.stop for p in patterns] or [np.zeros(0, np.int64)]),
        "link_offset": _offsets(links),
        "pattern_link": np.concatenate(links or [np.zeros(0, np.int64)]),
    }
    sizes = {
        "pattern": len(patterns), "day_type": len(DAY_TYPES), "hour_of_day": 24, "stop": len(timetable.stops),
        "pattern_edge": len(patterns) + 1, "call": len(values["pattern_stop"]), "passage": len(values["pattern_link"]),
    }  # fmt: skip
    return lambda: write_whole(layout, "bus", origin, sizes, values, {"crs": "EPSG:27700"})


def _offsets(parts: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)


class _LinkFinder:
    """Links of a line on the map: its points' nearest junctions, joined by links or by the quickest way."""

    def __init__(self, network: Network) -> None:
        road = network.link["facility_type"].to_numpy() != "connector"
        self.index = np.flatnonzero(road)
        start, end = network.from_node[road], network.to_node[road]
        minutes = (network.link["length"] / network.link["free_speed"] * 60.0).to_numpy()[road]
        nodes = len(network.node)
        self.graph = csr_array((np.maximum(minutes, 1e-9), (start, end)), shape=(nodes, nodes))
        # The quicker of parallel links comes last and stays.
        order = np.argsort(-minutes, kind="stable")
        self.between = {(int(start[i]), int(end[i])): int(self.index[i]) for i in order}
        self.node = np.unique(np.concatenate([start, end]))
        points = network.node[["x_coord", "y_coord"]].to_numpy()[self.node]
        self.tree = cKDTree(points)

    def links(self, line: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Indices of the links, in the order of driving."""
        away, nearest = self.tree.query(line)
        passed = self.node[nearest[away <= REACH_M]]
        found: list[int] = []
        for a, b in zip(passed[:-1].tolist(), passed[1:].tolist(), strict=True):
            if a != b:
                found += [self.between[a, b]] if (a, b) in self.between else self._quickest(a, b)
        return np.array(found, np.int64)

    def _quickest(self, a: int, b: int) -> list[int]:
        time, back = dijkstra(self.graph, indices=a, limit=LONGEST_GAP_MIN, return_predecessors=True)
        if not np.isfinite(time[b]):
            return []
        way = [b]
        while way[-1] != a:
            way.append(int(back[way[-1]]))
        return [self.between[p, q] for p, q in zip(way[:0:-1], way[-2::-1], strict=True)]
