"""Skims: what the shortest paths between zones take of anything that links have."""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.shortest_path import shortest_path_tree, tree_space


@kernel
def skim_trees(network, cost, origins, zones, values, found):
    """Add link values up along the shortest paths from some origins to all zones; of equal paths the first labelled.

    network  RoadNetwork
    cost     float64[link]                what paths are shortest in, >= 0; infinite = closed
    origins  int32[origin]                zones
    zones    int                          number of zones, the first nodes
    values   float64[field, link]
    found    float64[field, origin, zone] out; 0 from a zone to itself, NaN = no path
    """
    nodes = network.in_start.size - 1
    tree = tree_space(nodes)
    total = np.empty(nodes)
    for at in range(origins.size):
        settled = shortest_path_tree(network, cost, origins[at], tree)
        for field in range(values.shape[0]):
            total[:] = np.nan
            total[origins[at]] = 0.0
            for place in range(1, settled):
                link = tree.predecessor[tree.order[place]]
                total[tree.order[place]] = total[network.tail[link]] + values[field, link]
            for zone in range(zones):
                found[field, at, zone] = total[zone]
