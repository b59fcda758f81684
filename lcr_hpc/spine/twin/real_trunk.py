"""The real motorways and trunk roads in the place of the generated ones, joined to the local roads at junctions.

Slip roads' free ends, roundabouts and the ends of all-purpose sections meet the local roads; a carriageway that ends
at the border of the data, far from any local road, is where traffic enters and leaves: a gate.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from lcr_hpc.spine.readers.srn import SLIP, TrunkNetwork
from lcr_hpc.spine.twin.local_roads import LocalRoads
from lcr_hpc.spine.twin.random import Floats
from lcr_hpc.spine.twin.road_web import A_ROAD, DETOUR, Ints
from lcr_hpc.spine.twin.trunk_roads import TrunkRoads

REACH_M = 1500.0
"""A junction with no local road within this stays closed: it lies in another county"""
GATE_SPREAD_M = 600.0
"""Carriageways that end this near to each other are the two directions of one road"""


def real_trunk_roads(network: TrunkNetwork, local: LocalRoads) -> TrunkRoads:
    """Join the real trunk network to generated local roads.

    Parameters
    ----------
    network : TrunkNetwork
        From `lcr_hpc.spine.readers.srn.read_srn`.
    local : LocalRoads
        Junctions that slip roads may lead to; its gates are not among them.

    Returns
    -------
    TrunkRoads
        Slip roads have the class of A roads, as the generated ones have. Gates are the last nodes.
    """
    points = np.column_stack([network.x, network.y])
    within = np.setdiff1d(np.arange(len(local.points)), local.gate)
    away, nearest = cKDTree(local.points[within]).query(points)
    open_ = (network.junction | network.loose) & (away <= REACH_M)
    ends = np.flatnonzero(network.loose & ~open_)
    gate, middle = _gates(points[ends])
    arrives = np.isin(ends, network.end)
    first_gate = len(points)
    start = np.concatenate([network.start, np.where(arrives, ends, first_gate + gate)])
    end = np.concatenate([network.end, np.where(arrives, first_gate + gate, ends)])
    stub = np.maximum(np.hypot(*(points[ends] - middle[gate]).T), 10.0)
    # The stubs to a gate carry on the road that ends there.
    carried = np.array(
        [np.flatnonzero((network.end if a else network.start) == e)[0] for e, a in zip(ends, arrives, strict=True)],
        dtype=np.int64,
    )
    kind = np.where(network.function == SLIP, A_ROAD, network.road_class).astype(np.int64)
    joined = np.flatnonzero(open_)
    metres = np.concatenate([network.metres, stub])
    road_class = np.concatenate([kind, network.road_class[carried]])
    keep, lanes = _one_a_pair(start, end, metres, np.concatenate([network.lanes, network.lanes[carried]]))
    return TrunkRoads(
        points=np.round(np.concatenate([points, middle]), 1),
        start=start[keep],
        end=end[keep],
        metres=metres[keep],
        road_class=road_class[keep],
        lanes=lanes,
        name=np.concatenate([network.road, network.road[carried]])[keep],
        slip_node=joined,
        slip_junction=within[nearest[joined]],
        slip_metres=np.maximum(away[joined] * DETOUR, 50.0),
        gate=first_gate + np.arange(len(middle)),
    )


def _one_a_pair(start: Ints, end: Ints, metres: Floats, lanes: Ints) -> tuple[Ints, Ints]:
    """Sections side by side between the same nodes are one link, the shortest, with the lanes of all; no loops."""
    order = np.lexsort((metres, end, start))
    order = order[start[order] != end[order]]
    first = np.r_[True, (np.diff(start[order]) != 0) | (np.diff(end[order]) != 0)]
    return order[first], np.add.reduceat(lanes[order], np.flatnonzero(first))


def _gates(ends: Floats) -> tuple[Ints, Floats]:
    """Gate of each carriageway's end, and where the gates lie; west to east."""
    if not len(ends):
        return np.zeros(0, np.int64), np.zeros((0, 2))
    pairs = cKDTree(ends).query_pairs(GATE_SPREAD_M, output_type="ndarray")
    _, group = connected_components(
        coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ends),) * 2), directed=False
    )
    middle = np.column_stack([np.bincount(group, ends[:, k]) for k in (0, 1)]) / np.bincount(group)[:, None]
    order = np.lexsort((middle[:, 1], middle[:, 0]))
    return np.argsort(order)[group].astype(np.int64), middle[order]
