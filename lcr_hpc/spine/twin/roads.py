"""The region's road network: local roads, trunk roads above them, connectors to the zones, gates to the outside.

Local and trunk roads are made apart and joined here, so that a real trunk network can take the generated one's place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from lcr_hpc.spine.areas import Zones
from lcr_hpc.spine.readers.srn import TrunkNetwork
from lcr_hpc.spine.twin.local_roads import LocalRoads, make_local_roads
from lcr_hpc.spine.twin.random import Floats
from lcr_hpc.spine.twin.real_trunk import real_trunk_roads
from lcr_hpc.spine.twin.road_web import (
    A_ROAD,
    CONNECTOR,
    DETOUR,
    FREE_SPEED,
    LANE_CAPACITY,
    LANES,
    MINOR,
    MOTORWAY,
    Ints,
)  # fmt: skip
from lcr_hpc.spine.twin.trunk_roads import TrunkRoads, make_trunk_roads

CONNECTORS_PER_ZONE = 3
GATE_CONNECTOR_M = 200.0


@dataclass(frozen=True)
class Roads:
    """Directed links; the first nodes are the zones: centroids of the areas in their order, then the gates."""

    areas: int
    gate_code: list[str]
    """By gate: `GATE_M01` where a motorway leaves the region, `GATE_A01` where an A road does"""
    x: Floats
    y: Floats
    start: Ints
    end: Ints
    length_m: Floats
    road_class: Ints
    lanes: Ints
    built: npt.NDArray[np.bool_]
    """Links whose lanes are given, by the trunk network or for want of any choice: `widened` leaves them"""
    name: npt.NDArray[Any]
    """Names of real roads, M62 or A5036; empty = none"""

    @property
    def zones(self) -> int:
        """Areas and gates: where trips begin and end."""
        return self.areas + len(self.gate_code)

    @property
    def free_minutes(self) -> Floats:
        """Travel time on the empty road."""
        minutes: Floats = self.length_m / 1000 / FREE_SPEED[self.road_class] * 60
        return minutes

    @property
    def capacity(self) -> Floats:
        """Vehicles an hour, all lanes."""
        vehicles: Floats = LANE_CAPACITY[self.road_class] * self.lanes
        return vehicles


def make_roads(zones: Zones, seed: int, trunk: TrunkNetwork | None = None) -> Roads:
    """Build the whole network, with the real trunk roads where there are any; every zone reaches every other."""
    local = make_local_roads(zones, seed)
    return join_roads(zones, local, real_trunk_roads(trunk, local) if trunk else make_trunk_roads(zones, local))


def join_roads(zones: Zones, local: LocalRoads, trunk: TrunkRoads) -> Roads:
    """Join local and trunk roads by slip roads and add the zones: areas by connectors, gates at the roads that leave.

    Parameters
    ----------
    zones : Zones
        Areas in their order.
    local : LocalRoads
        Undirected roads; lengths are straight lines and grow by DETOUR here.
    trunk : TrunkRoads
        Directed roads with the lengths that they have.
    """
    areas = len(zones)
    at = np.concatenate([trunk.points[trunk.gate], local.points[local.gate]])
    codes = [f"GATE_M{i + 1:02d}" for i in range(len(trunk.gate))]
    codes += [f"GATE_A{i + 1:02d}" for i in range(len(local.gate))]
    first_local = areas + len(codes)
    first_trunk = first_local + len(local.points)
    zone, junction, reach = _connectors(zones, local)
    gate_node = np.concatenate([first_trunk + trunk.gate, first_local + local.gate])
    zone = np.concatenate([zone, areas + np.arange(len(codes))])
    junction = np.concatenate([first_local + junction, gate_node])
    reach = np.concatenate([reach, np.full(len(codes), GATE_CONNECTOR_M)])
    a, b = first_local + local.edges.a, first_local + local.edges.b
    on, off = first_trunk + trunk.slip_node, first_local + trunk.slip_junction
    start = np.concatenate([zone, junction, a, b, first_trunk + trunk.start, on, off])
    end = np.concatenate([junction, zone, b, a, first_trunk + trunk.end, off, on])
    local_m = local.edges.metres * DETOUR
    length = np.concatenate([reach, reach, local_m, local_m, trunk.metres, trunk.slip_metres, trunk.slip_metres])
    slip = np.full(2 * len(on), A_ROAD)
    kind = np.concatenate(
        [np.full(2 * len(zone), CONNECTOR), local.road_class, local.road_class, trunk.road_class, slip]
    ).astype(np.int64)
    lanes = LANES[kind]
    at_trunk = 2 * len(zone) + 2 * len(a)
    lanes[at_trunk : at_trunk + len(trunk.lanes)] = trunk.lanes
    built = kind == CONNECTOR
    built[at_trunk : at_trunk + len(trunk.lanes)] = True
    name = np.full(len(kind), "", dtype=object)
    name[at_trunk : at_trunk + len(trunk.name)] = trunk.name
    order = np.lexsort((end, start))
    every = np.concatenate([np.column_stack([zones.x, zones.y]), at + 10.0, local.points, trunk.points])
    return Roads(
        areas, codes, every[:, 0], every[:, 1], start[order], end[order], np.round(length[order], 1), kind[order],
        lanes[order], built[order], name[order],
    )  # fmt: skip


def _connectors(zones: Zones, local: LocalRoads) -> tuple[Ints, Ints, Floats]:
    """Each centroid and its nearest junctions of minor roads, with the length of the connectors."""
    minor = local.road_class == MINOR
    ordinary = np.unique(np.concatenate([local.edges.a[minor], local.edges.b[minor]]))
    k = min(CONNECTORS_PER_ZONE, len(ordinary))
    away, nearest = cKDTree(local.points[ordinary]).query(np.column_stack([zones.x, zones.y]), k=k)
    zone = np.repeat(np.arange(len(zones)), k)
    return zone, ordinary[nearest.ravel()], np.maximum(away.ravel(), 50.0) * DETOUR


__all__ = [
    "A_ROAD", "CONNECTOR", "MINOR", "MOTORWAY", "LocalRoads", "Roads", "TrunkRoads", "join_roads", "make_local_roads",
    "make_roads", "make_trunk_roads",
]  # fmt: skip
