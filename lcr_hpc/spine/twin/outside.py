"""Traffic from outside the region: what enters and leaves at the gates, and what drives through.

Every gate has so many vehicles a day, both ways together; a part of them drives on to another gate, the rest goes to
the region's areas or comes from them.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from lcr_hpc.spine.areas import Zones
from lcr_hpc.spine.twin.random import Floats, Stream, uniform
from lcr_hpc.spine.twin.road_web import Ints
from lcr_hpc.spine.twin.roads import Roads

MOTORWAY_GATE_VEH_DAY, A_ROAD_GATE_VEH_DAY = 68_000.0, 22_000.0
"""Vehicles of a weekday across a gate, both directions"""
MOTORWAY_THROUGH, A_ROAD_THROUGH = 0.30, 0.05
"""Share of those that drive through the region"""
AREAS_PER_GATE = 800
"""Draws of areas that a gate trades with"""
OUTSIDE_DETERRENCE_M = 12_000.0
"""Distance from the gate over which an area's share of its traffic falls by e"""


def make_outside_trips(zones: Zones, attraction: Floats, roads: Roads, seed: int) -> csr_array:
    """Vehicle trips of a weekday that begin or end outside, all purposes, float64[zone, zone]; symmetric.

    Parameters
    ----------
    zones : Zones
        The areas.
    attraction : float64[area]
        Residents and jobs.
    roads : Roads
        Its gates are the zones after the areas.
    seed : int
        Seed of the twin.
    """
    gate = np.arange(roads.areas, roads.zones)
    is_motorway = np.array([code.startswith("GATE_M") for code in roads.gate_code])
    daily = np.where(is_motorway, MOTORWAY_GATE_VEH_DAY, A_ROAD_GATE_VEH_DAY)
    onwards = daily * np.where(is_motorway, MOTORWAY_THROUGH, A_ROAD_THROUGH)
    start = uniform(seed, Stream.OUTSIDE, len(gate), 1)[:, 0]
    rows, columns, trips = [], [], []
    for g, node in enumerate(gate):
        away = np.hypot(zones.x - roads.x[node], zones.y - roads.y[node])
        areas = _draw(attraction * np.exp(-away / OUTSIDE_DETERRENCE_M), start[g])
        rows.append(np.full(AREAS_PER_GATE, node))
        columns.append(areas)
        trips.append(np.full(AREAS_PER_GATE, (daily[g] - onwards[g]) / 2 / AREAS_PER_GATE))
    inwards = csr_array(
        (np.concatenate(trips), (np.concatenate(rows), np.concatenate(columns))), shape=(roads.zones, roads.zones)
    )
    inwards.sum_duplicates()
    i, j = np.meshgrid(gate, gate, indexing="ij")
    through = csr_array(
        (_through(onwards / 2, roads.x[gate], roads.y[gate]).ravel(), (i.ravel(), j.ravel())), shape=inwards.shape
    )
    through.eliminate_zeros()
    return (inwards + inwards.T + through).tocsr()


def _draw(weight: Floats, start: float) -> Ints:
    """Systematic sampling: as many areas as draws, in proportion to their weight."""
    running = np.cumsum(weight)
    ticks = (np.arange(AREAS_PER_GATE) + start) / AREAS_PER_GATE * running[-1]
    drawn: Ints = np.minimum(np.searchsorted(running, ticks), len(weight) - 1).astype(np.int64)
    return drawn


def _through(one_way: Floats, x: Floats, y: Floats) -> Floats:
    """Trips from gate to gate: far pairs of busy gates first, sums balanced to the gates' by Furness's method."""
    away = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    trips: Floats = one_way[:, None] * one_way[None, :] * away**2
    # Symmetric scaling keeps the matrix symmetric; a gate that is more than half of all stays short.
    for _ in range(200):
        scale = np.sqrt(one_way / np.maximum(trips.sum(axis=1), 1e-300))
        trips = trips * scale[:, None] * scale[None, :]
    return trips
