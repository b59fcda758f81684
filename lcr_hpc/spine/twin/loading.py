"""What the twin's detectors would see: its own demand on its own roads.

A coarse assignment (successive averages at the times of the morning) of up to a thousand origins, by purpose. It is
no equilibrium and shares no code with the traffic model, so that comparing the two says something.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from lcr_hpc.spine.twin.demand import Demand, zone_graph
from lcr_hpc.spine.twin.random import Floats
from lcr_hpc.spine.twin.roads import BPR_B, BPR_POWER, Roads

Ints = npt.NDArray[np.int64]

ITERATIONS = 6
PEAK_SHARE = np.array([0.19, 0.02, 0.06])
"""Share of the day's trips by purpose in the hour whose times choose the routes"""
LOADED_CELLS = 12_000_000
BATCH_CELLS = 4_000_000


def load_network(roads: Roads, demand: Demand) -> Floats:
    """Daily vehicles by purpose and link, float64[purpose, link]."""
    nodes = len(roads.x)
    count = int(np.clip(LOADED_CELLS // nodes, 100, roads.zones))
    origins = np.unique(np.linspace(0, roads.zones - 1, min(count, roads.zones)).round().astype(np.int64))
    scale = roads.zones / len(origins)
    free, room = roads.free_minutes, roads.capacity
    minutes, flow = free, np.zeros((demand.trips.shape[0], len(roads.start)))
    for k in range(ITERATIONS):
        flow += (scale * _all_or_nothing(roads, demand, origins, minutes) - flow) / (k + 1)
        saturation = np.minimum((PEAK_SHARE @ flow) / room, 2.5)
        minutes = free * (1 + BPR_B[roads.road_class] * saturation ** BPR_POWER[roads.road_class])
    return flow


def _all_or_nothing(roads: Roads, demand: Demand, origins: Ints, minutes: Floats) -> Floats:
    graph = zone_graph(roads, minutes)
    size = graph.shape[0]
    row = np.repeat(np.arange(size), np.diff(graph.indptr))
    edge_key = row * size + graph.indices
    end = np.where(roads.end < roads.zones, len(roads.x) + roads.end, roads.end)
    link_of_edge = np.argsort(roads.start * size + end, kind="stable")
    total = np.zeros((demand.trips.shape[0], len(roads.start)))
    step = max(1, BATCH_CELLS // size)
    for start in range(0, len(origins), step):
        total += _load(graph, edge_key, link_of_edge, roads, demand, origins[start : start + step])
    return total


def _load(graph: csr_array, edge_key: Ints, link_of_edge: Ints, roads: Roads, demand: Demand, origins: Ints) -> Floats:
    size = graph.shape[0]
    _, back = dijkstra(graph, indices=origins, return_predecessors=True)
    purposes = demand.trips.shape[0]
    carried = np.zeros((purposes, len(origins) * size))
    for i, o in enumerate(origins):
        entries = slice(demand.offset[o], demand.offset[o + 1])
        destination = demand.destination[entries]
        away = destination != o
        carried[:, i * size + len(roads.x) + destination[away]] = demand.trips[:, entries][:, away]
    flat_back = np.where(back >= 0, back + (np.arange(len(origins)) * size)[:, None], -1).ravel()
    # A cell hands its load to the one before it, from the deepest level of the trees up.
    for cells in _levels_up(flat_back):
        for p in range(purposes):
            np.add.at(carried[p], flat_back[cells], carried[p, cells])
    loaded = np.flatnonzero((flat_back >= 0) & (carried.sum(axis=0) > 0))
    before = flat_back[loaded] % size
    edge = np.searchsorted(edge_key, before * size + loaded % size)
    link = link_of_edge[edge]
    return np.stack([np.bincount(link, carried[p, loaded], minlength=len(roads.start)) for p in range(purposes)])


def _levels_up(back: Ints) -> list[Ints]:
    """Cells of each tree level, deepest first, roots left out; levels by pointer doubling."""
    root = back < 0
    above = np.where(root, np.arange(len(back)), back)
    depth = (~root).astype(np.int64)
    while True:
        more = depth[above]
        if not more.any():
            break
        depth += more
        above = above[above]
    order = np.argsort(depth, kind="stable")
    cuts = np.searchsorted(depth[order], np.arange(1, depth.max() + 2))
    return [order[a:b] for a, b in zip(cuts[:-1], cuts[1:], strict=True)][::-1]
