"""Bus routes over the roads: radial ones between the centre and the towns, orbital ones from town to town."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from lcr_hpc.spine.areas import Zones
from lcr_hpc.spine.twin.geography import CENTRE
from lcr_hpc.spine.twin.random import Floats
from lcr_hpc.spine.twin.road_web import CONNECTOR, MOTORWAY, Ints, spread_hubs
from lcr_hpc.spine.twin.roads import Roads

AREAS_PER_TOWN = 20
TOWNS_PER_RING = 8
STOP_SPACING_M = 350.0
LONGEST_MIN = 75.0
"""No route, or leg of an orbital one, is longer: towns of a much larger region have no bus to its centre"""
SPEED_SHARE, DWELL_MIN = 0.75, 0.4
"""A bus drives at this share of the free speed, and stands so long at each stop"""
HEADWAYS_MIN = {
    "radial": {"weekday": (10.0, 20.0, 30.0), "saturday": (12.0, 20.0, 30.0), "sunday": (20.0, 30.0, 60.0)},
    "orbital": {"weekday": (20.0, 30.0, 60.0), "saturday": (30.0, 30.0, 60.0), "sunday": (30.0, 60.0, 60.0)},
}
"""Minutes between buses by day (7 to 19), in the evening (19 to 23) and early (5 to 7); none at night"""


@dataclass(frozen=True)
class BusRoute:
    """One route; the way back is the same streets the other way."""

    name: str
    kind: str
    node: Ints
    """Nodes of the roads that it passes outbound, first stop to last"""
    stop: Ints
    """Places in `node` where it stops, the first and the last among them"""
    minutes: Floats
    """By place in `node`: scheduled time from the first stop"""


def make_buses(zones: Zones, roads: Roads) -> list[BusRoute]:
    """Routes on shortest ways over all roads but motorways and connectors."""
    usable = (roads.road_class != CONNECTOR) & (roads.road_class != MOTORWAY)
    nodes = len(roads.x)
    minutes = roads.free_minutes / SPEED_SHARE
    graph = csr_array((minutes[usable], (roads.start[usable], roads.end[usable])), shape=(nodes, nodes))
    served = np.unique(roads.start[usable])
    points = np.column_stack([roads.x, roads.y])
    towns = served[spread_hubs(points[served], zones, max(3, len(zones) // AREAS_PER_TOWN))]
    centre = int(served[cKDTree(points[served]).query(CENTRE)[1]])
    towns = towns[towns != centre]
    time, back = dijkstra(graph, indices=centre, return_predecessors=True)
    routes = [("radial", np.array(_way(back, centre, int(t)))) for t in towns if time[t] <= LONGEST_MIN]
    for first, second, third in _rings(points, towns, time):
        legs = []
        for a, b in ((first, second), (second, third)):
            away, back = dijkstra(graph, indices=a, limit=LONGEST_MIN, return_predecessors=True)
            legs.append(_way(back, a, b) if np.isfinite(away[b]) else [])
        if all(legs):
            routes.append(("orbital", np.array([*legs[0], *legs[1][1:]])))
    numbers = {"radial": 0, "orbital": 0}
    made = []
    for kind, path in routes:
        numbers[kind] += 1
        name = f"{numbers[kind]}" if kind == "radial" else f"C{numbers[kind]}"
        made.append(_timetable(name, kind, path, points, graph))
    return made


def headway_min(kind: str, day_type: str, hour: int) -> float:
    """Minutes between buses in a clock hour; NaN = none. An assumption, see docs/twin.md."""
    day, evening, early = HEADWAYS_MIN[kind][day_type]
    if 7 <= hour < 19:
        return day
    return evening if 19 <= hour < 23 else early if 5 <= hour < 7 else float("nan")


def _way(back: Ints, a: int, b: int) -> list[int]:
    path = [b]
    while path[-1] != a:
        path.append(int(back[path[-1]]))
    return path[::-1]


def _rings(points: Floats, towns: Ints, minutes: Floats) -> list[tuple[int, int, int]]:
    """Three neighbours at a time, on rings of towns that are about as far from the centre."""
    order = towns[np.argsort(minutes[towns], kind="stable")]
    found = []
    for begin in range(0, len(order), TOWNS_PER_RING):
        ring = order[begin : begin + TOWNS_PER_RING]
        angle = np.arctan2(points[ring, 1] - CENTRE[1], points[ring, 0] - CENTRE[0])
        ring = ring[np.argsort(angle, kind="stable")]
        found += [(int(ring[i]), int(ring[i + 1]), int(ring[i + 2])) for i in range(0, len(ring) - 2, 2)]
    return found


def _timetable(name: str, kind: str, path: Ints, points: Floats, graph: csr_array) -> BusRoute:
    metres = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points[path], axis=0).T))])
    stops = [0]
    for i in range(1, len(path) - 1):
        if metres[i] - metres[stops[-1]] >= STOP_SPACING_M and metres[-1] - metres[i] >= STOP_SPACING_M:
            stops.append(i)
    stops.append(len(path) - 1)
    driving = np.concatenate([[0.0], np.cumsum(np.asarray(graph[path[:-1], path[1:]]).ravel())])
    standing = np.searchsorted(stops, np.arange(len(path)), side="left") * DWELL_MIN
    return BusRoute(name, kind, path, np.array(stops, np.int64), driving + standing)
