"""A rough loading of the day's trips onto roads, for detectors to count: not the model that the night runs.

Shortest paths at twice-perturbed free-flow times, as drivers who see times differently: Sheffi, Urban
Transportation Networks (1985), chapter 11, in its plainest form.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from lcr_hpc.spine.twin.demand import Trips
from lcr_hpc.spine.twin.random import Floats, Stream, uniform
from lcr_hpc.spine.twin.roads import CONNECTOR, Roads

PASSES = 2
SPREAD = 0.5
"""Each pass multiplies a link's time by something from 1 − SPREAD/2 to 1 + SPREAD/2"""


def load_roads(roads: Roads, trips: Trips, seed: int) -> Floats:
    """Daily vehicles of each link by purpose, float64[3, link]."""
    noise = uniform(seed, Stream.ROAD_LINK, len(roads.start), PASSES)
    daily = np.stack([trips.home_to_work, trips.work_to_home, trips.other], axis=1) / PASSES
    loads = np.zeros((len(roads.start), 3))
    for turn in range(PASSES):
        cost = roads.free_minutes * (1 + SPREAD * (noise[:, turn] - 0.5))
        # A trip may begin or end at a centroid but not pass one: entering it costs a detour that none is worth.
        cost = np.where((roads.road_class == CONNECTOR) & (roads.end < roads.zones), cost + 1000.0, cost)
        _load_once(roads, trips, daily, cost, loads)
    return loads.T


def _load_once(roads: Roads, trips: Trips, daily: Floats, cost: Floats, loads: Floats) -> None:
    nodes = len(roads.x)
    link_of = csr_array((np.arange(1, len(cost) + 1), (roads.start, roads.end)), shape=(nodes, nodes))
    graph = csr_array((np.maximum(cost, 1e-9), (roads.start, roads.end)), shape=(nodes, nodes))
    for origin in range(roads.zones):
        pairs = np.arange(trips.offset[origin], trips.offset[origin + 1])
        at = trips.destination[pairs]
        pairs, at = pairs[at != origin], at[at != origin]
        _, back = dijkstra(graph, indices=origin, return_predecessors=True)
        # All destinations step back along the tree together, until each has met the origin.
        while len(at):
            before = back[at]
            link = np.asarray(link_of[before, at]).ravel() - 1
            np.add.at(loads, link, daily[pairs])
            going = before != origin
            at, pairs = before[going], pairs[going]
