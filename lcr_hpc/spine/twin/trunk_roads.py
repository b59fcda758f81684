"""A generated trunk network: motorways beside the paths between a few far hubs, a junction every 2.5 km."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lcr_hpc.spine.areas import Zones
from lcr_hpc.spine.twin.local_roads import LocalRoads, gates_of
from lcr_hpc.spine.twin.random import Floats
from lcr_hpc.spine.twin.road_web import A_ROAD, DETOUR, LANES, MOTORWAY, Ints, hub_paths, spread_hubs, steps, ways_out

AREAS_PER_MOTORWAY_HUB = 140
MOTORWAY_STEP_M = 2500.0
MOTORWAY_GATES = 6
"""Of the region's 989 areas: the M58, the M6 north and south, the M62, the M56 and the M53 leave it"""
SLIP_ROAD_M = 400.0


@dataclass(frozen=True)
class TrunkRoads:
    """Motorways and trunk roads: nodes of their own, directed links, and where they meet the local roads."""

    points: Floats
    """float64[node, 2], easting and northing"""
    start: Ints
    """By directed link, a node; a road that is open both ways has two"""
    end: Ints
    metres: Floats
    road_class: Ints
    lanes: Ints
    name: npt.NDArray[Any]
    """By directed link; empty = none"""
    slip_node: Ints
    """By slip road, the trunk node; a slip road leads on and off"""
    slip_junction: Ints
    """By slip road, the junction of the local roads"""
    slip_metres: Floats
    gate: Ints
    """Nodes just beyond the border, where the road leaves the region"""


def make_trunk_roads(zones: Zones, local: LocalRoads) -> TrunkRoads:
    """Generate motorways above the local roads; none in regions of fewer than 280 areas."""
    count = len(zones) // AREAS_PER_MOTORWAY_HUB
    if count < 2:
        none = np.zeros(0, np.int64)
        points, nameless = np.zeros((0, 2)), np.zeros(0, dtype=object)
        return TrunkRoads(points, none, none, np.zeros(0), none, none, nameless, none, none, np.zeros(0), none)
    inside = np.delete(local.points, local.gate, axis=0)  # gates are the last points, so junctions keep their numbers
    hubs = spread_hubs(inside, zones, count + 1)
    cost = local.edges.metres * np.where(local.road_class == A_ROAD, 0.7, 1.0)
    junction: dict[int, int] = {}
    chain: set[tuple[int, int]] = set()
    for path in hub_paths(local.points, local.edges, hubs, cost):
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(local.points[path], axis=0).T))])
        stops = np.linspace(0, along[-1], max(2, round(along[-1] / MOTORWAY_STEP_M) + 1))
        # A junction that another motorway has within reach is shared, so that paths flow together.
        near = [_shared(path[int(np.argmin(np.abs(along - s)))], local.points, junction) for s in stops]
        for p in near:
            junction.setdefault(p, len(junction))
        chain |= {(junction[p], junction[q]) for p, q in steps(near) if junction[p] != junction[q]}
    below = np.array(list(junction), dtype=np.int64)
    points = local.points[below] + np.array([60.0, 60.0])
    ends = np.array(sorted({(min(p, q), max(p, q)) for p, q in chain}), dtype=np.int64)
    leaving, beyond = ways_out(points, np.unique(ends), zones, gates_of(MOTORWAY_GATES, len(zones)), 4000.0, 12_000.0)
    gate = len(points) + np.arange(len(leaving))
    points = np.concatenate([points, beyond])
    a, b = np.concatenate([ends[:, 0], leaving]), np.concatenate([ends[:, 1], gate])
    metres = np.tile(np.hypot(*(points[a] - points[b]).T) * DETOUR, 2)
    kind = np.full(len(metres), MOTORWAY)
    return TrunkRoads(
        points, np.concatenate([a, b]), np.concatenate([b, a]), metres, kind, LANES[kind],
        np.full(len(kind), "", dtype=object), np.arange(len(below)), below, np.full(len(below), SLIP_ROAD_M), gate,
    )  # fmt: skip


def _shared(node: int, points: Floats, junction: dict[int, int]) -> int:
    if junction:
        known = np.fromiter(junction, np.int64, len(junction))
        away = np.hypot(*(points[known] - points[node]).T)
        if away.min() < 0.5 * MOTORWAY_STEP_M:
            return int(known[np.argmin(away)])
    return node
