"""All-or-nothing: the whole demand of each pair on one shortest path, by a tree an origin."""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.shortest_path import shortest_path_tree, tree_space


@kernel
def load_trees(network, cost, trips, zones, flow):
    """Put a demand on shortest-path trees; of equal paths the first labelled wins.

    network  RoadNetwork
    cost     float64[link]  >= 0
    trips    TripTable      pairs without a path load nothing
    zones    int32[origin]  origins to load, in the order of the sum
    flow     float64[link]  the demand is added to it, veh/h
    """
    nodes = network.in_start.size - 1
    tree = tree_space(nodes)
    node_flow = np.zeros(nodes)
    for zone in zones:
        if trips.start[zone] == trips.start[zone + 1]:
            continue
        settled = shortest_path_tree(network, cost, zone, tree)
        for pair in range(trips.start[zone], trips.start[zone + 1]):
            if tree.distance[trips.destination[pair]] < np.inf:
                node_flow[trips.destination[pair]] += trips.trips[pair]
        # Farthest first: everything that passes a node is there before it is sent on.
        for at in range(settled - 1, 0, -1):
            node = tree.order[at]
            link = tree.predecessor[node]
            flow[link] += node_flow[node]
            node_flow[network.tail[link]] += node_flow[node]
            node_flow[node] = 0.0
        node_flow[zone] = 0.0
