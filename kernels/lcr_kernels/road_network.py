"""The arrays that every traffic kernel works on, and the order they are in."""

from typing import NamedTuple

import numpy as np

from lcr_kernels._jit import kernel


class RoadNetwork(NamedTuple):
    """Links sorted by the node they enter, so that what enters a node is one run of memory.

    first_through  int32           nodes below it are centroids: paths start and end there, none passes
    tail, head     int32[link]     node a link leaves, node it enters
    in_start       int32[node+1]   links into node n: in_start[n] … in_start[n+1] − 1
    out_start      int32[node+1]   links out of node n: out_link[out_start[n]:out_start[n+1]]
    out_link       int32[link]
    fixed          float64[link]   cost at zero flow, min
    congestion     float64[link]   free-flow time × b, min
    capacity       float64[link]   veh/h
    power          float64[link]
    function       int8[link]      volume–delay function by number (`delay_functions`); None: BPR everywhere
    """

    first_through: np.int32
    tail: np.ndarray
    head: np.ndarray
    in_start: np.ndarray
    out_start: np.ndarray
    out_link: np.ndarray
    fixed: np.ndarray
    congestion: np.ndarray
    capacity: np.ndarray
    power: np.ndarray
    function: np.ndarray | None = None


class TripTable(NamedTuple):
    """Demand between zones as compressed rows; zone z is node z.

    start        int64[zone+1]  pairs of origin z: start[z] … start[z+1] − 1
    destination  int32[pair]    never the origin itself
    trips        float64[pair]  veh/h, > 0
    """

    start: np.ndarray
    destination: np.ndarray
    trips: np.ndarray


@kernel
def star(node_of_link, nodes):
    """Group links by one of their ends: compressed starts and the links in link order.

    node_of_link  int32[link]    tail (forward star) or head (reverse star)
    nodes         int            number of nodes
    returns       (int32[node+1], int32[link])
    """
    start = np.zeros(nodes + 1, np.int32)
    for node in node_of_link:
        start[node + 1] += 1
    for node in range(nodes):
        start[node + 1] += start[node]
    fill = start[:-1].copy()
    links = np.empty(node_of_link.size, np.int32)
    for link in range(node_of_link.size):
        node = node_of_link[link]
        links[fill[node]] = link
        fill[node] += 1
    return start, links
