"""Shortest-path trees by Dijkstra with a four-ary heap, and the shortest-path cost of a demand."""

from typing import NamedTuple

import numpy as np

from lcr_kernels._jit import kernel


class TreeSpace(NamedTuple):
    """A shortest-path tree and the scratch that it takes, one a thread.

    distance     float64[node]  cost from the origin; inf = unreachable
    predecessor  int32[node]    link of the tree that enters a node; −1 at the origin and where unreachable
    order        int32[node]    settled nodes, nearest first
    heap, place  int32[node]    scratch
    """

    distance: np.ndarray
    predecessor: np.ndarray
    order: np.ndarray
    heap: np.ndarray
    place: np.ndarray


@kernel
def tree_space(nodes):
    """Allocate a TreeSpace for a number of nodes."""
    return TreeSpace(
        np.empty(nodes, np.float64),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
    )


@kernel
def shortest_path_tree(network, cost, origin, tree):
    """Distances, tree links and settling order from one origin; of equal paths the first labelled wins.

    network  RoadNetwork    centroids (nodes below first_through) are reached but never passed
    cost     float64[link]  >= 0
    origin   int            node
    tree     TreeSpace      out
    returns  int            number of settled nodes
    """
    distance, predecessor, order, heap, place = tree
    distance[:] = np.inf
    predecessor[:] = -1
    place[:] = -1
    distance[origin] = 0.0
    heap[0] = origin
    place[origin] = 0
    size = 1
    settled = 0
    while size > 0:
        node = heap[0]
        size -= 1
        if size > 0:
            _sink(heap, place, distance, heap[size], size)
        order[settled] = node
        settled += 1
        if node < network.first_through and node != origin:
            continue
        reached = distance[node]
        for at in range(network.out_start[node], network.out_start[node + 1]):
            link = network.out_link[at]
            to = network.head[link]
            through = reached + cost[link]
            if through < distance[to]:
                if place[to] < 0:
                    place[to] = size
                    size += 1
                distance[to] = through
                predecessor[to] = link
                _rise(heap, place, distance, to)
    return settled


@kernel
def _rise(heap, place, distance, node):
    """Let a node whose label fell move towards the root."""
    key = distance[node]
    at = place[node]
    while at > 0:
        parent = (at - 1) >> 2
        other = heap[parent]
        if distance[other] <= key:
            break
        heap[at] = other
        place[other] = at
        at = parent
    heap[at] = node
    place[node] = at


@kernel
def _sink(heap, place, distance, node, size):
    """Put a node at the root's empty place and let it move towards the leaves."""
    key = distance[node]
    at = 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        best = child
        for other in range(child + 1, min(child + 4, size)):
            if distance[heap[other]] < distance[heap[best]]:
                best = other
        if distance[heap[best]] >= key:
            break
        heap[at] = heap[best]
        place[heap[at]] = at
        at = best
    heap[at] = node
    place[node] = at


@kernel
def shortest_path_cost(network, cost, trips, zones):
    """Cost of a demand on shortest paths, which the relative gap is measured against.

    network  RoadNetwork
    cost     float64[link]
    trips    TripTable      pairs without a path add nothing
    zones    int32[origin]  origins to cover, in the order of the sum
    returns  float64        min·veh/h
    """
    tree = tree_space(network.in_start.size - 1)
    total = 0.0
    for zone in zones:
        if trips.start[zone] == trips.start[zone + 1]:
            continue
        shortest_path_tree(network, cost, zone, tree)
        for pair in range(trips.start[zone], trips.start[zone + 1]):
            reached = tree.distance[trips.destination[pair]]
            if reached < np.inf:
                total += trips.trips[pair] * reached
    return total
