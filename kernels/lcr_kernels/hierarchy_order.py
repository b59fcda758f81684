"""The order in which a hierarchy contracts nodes, and the arcs that contraction fills in, whatever links cost.

Nodes are eliminated one after another; the neighbours of an eliminated node become neighbours of one another. The
next node is one with few neighbours and little below it: George & Liu, The evolution of the minimum degree ordering
algorithm, SIAM Review 31 (1989), with the depth of the elimination tree in the key, so that what is contracted last
are separators.
"""

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.bush import longer

DEPTH_WEIGHT = 1
DEGREE_WEIGHT = 2


@kernel
def eliminate(start, neighbour):
    """Eliminate all nodes of an undirected graph, the least first.

    start      int64[node+1]  neighbours of node n: start[n] … start[n+1] − 1
    neighbour  int32[·]       ascending within a node, both ways, no node its own
    returns    (int32[node] order: nodes as eliminated,
                int64[node+1] first, int32[arc] up: neighbours of order[k] that come later, by node, ascending)
    """
    nodes = start.size - 1
    place, size, room = start[:-1].copy(), np.diff(start), np.diff(start)
    pool = np.empty(max(4 * neighbour.size, 16), np.int32)
    pool[: neighbour.size] = neighbour
    used = neighbour.size
    depth = np.zeros(nodes, np.int64)
    key = np.empty(nodes, np.int64)
    heap, where = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    for node in range(nodes):
        key[node] = _key(size[node], depth[node], node, nodes)
        heap[node] = node
        where[node] = node
    for at in range(nodes // 2, -1, -1):
        _settle(heap, where, key, at, nodes)
    order = np.empty(nodes, np.int32)
    first = np.zeros(nodes + 1, np.int64)
    up = np.empty(max(2 * neighbour.size, 16), np.int32)
    merged = np.empty(nodes + 1, np.int32)
    for turn in range(nodes):
        node = heap[0]
        last = nodes - 1 - turn
        heap[0] = heap[last]
        where[heap[0]] = 0
        _settle(heap, where, key, 0, last)
        order[turn] = node
        begin, count = first[turn], size[node]
        if begin + count > up.size:
            up = longer(up, 2 * (begin + count))
        for at in range(count):
            up[begin + at] = pool[place[node] + at]
        first[turn + 1] = begin + count
        for at in range(count):
            other = up[begin + at]
            length = _merge(pool, place[other], size[other], up, begin, count, node, other, merged)
            if length > room[other]:
                if used + 2 * length > pool.size:
                    pool = longer(pool, 2 * (used + 2 * length))
                place[other], room[other] = used, 2 * length
                used += 2 * length
            for k in range(length):
                pool[place[other] + k] = merged[k]
            size[other] = length
            depth[other] = max(depth[other], depth[node] + 1)
            key[other] = _key(length, depth[other], other, nodes)
            _rise(heap, where, key, where[other])
            _settle(heap, where, key, where[other], last)
    return order, first, up[: first[nodes]].copy()


@kernel
def in_postorder(order, first, up):
    """Eliminate in another order with the same arcs: each node right after all that lie below it.

    What is above a node in the elimination tree then lies close to it in a sweep. Arguments and result as `eliminate`
    returns them.
    """
    nodes = order.size
    rank = np.empty(nodes, np.int32)
    for at in range(nodes):
        rank[order[at]] = at
    size = np.ones(nodes, np.int32)
    parent = np.full(nodes, -1, np.int32)
    for at in range(nodes):
        for arc in range(first[at], first[at + 1]):
            if parent[at] < 0 or rank[up[arc]] < parent[at]:
                parent[at] = rank[up[arc]]
        if parent[at] >= 0:
            size[parent[at]] += size[at]
    place, room = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    top = nodes
    for at in range(nodes - 1, -1, -1):
        if parent[at] < 0:
            place[at] = top - 1
            top -= size[at]
        else:
            place[at] = room[parent[at]] - 1
            room[parent[at]] -= size[at]
        room[at] = place[at]
    after, old = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    for at in range(nodes):
        after[place[at]] = order[at]
        old[place[at]] = at
    begin = np.zeros(nodes + 1, np.int64)
    moved = np.empty_like(up)
    filled = 0
    for at in range(nodes):
        for arc in range(first[old[at]], first[old[at] + 1]):
            moved[filled] = up[arc]
            filled += 1
        begin[at + 1] = filled
    return after, begin, moved


@kernel
def _key(degree, depth, node, nodes):
    """Fewest neighbours and least depth first; of equal nodes the lowest number."""
    return (DEGREE_WEIGHT * degree + DEPTH_WEIGHT * depth) * nodes + node


@kernel
def _merge(pool, place, size, up, begin, count, gone, other, merged):
    """Union of two ascending runs without two nodes; returns its length."""
    i, j, length = 0, 0, 0
    while i < size or j < count:
        if j == count or (i < size and pool[place + i] <= up[begin + j]):
            node = pool[place + i]
            if j < count and up[begin + j] == node:
                j += 1
            i += 1
        else:
            node = up[begin + j]
            j += 1
        if node not in (gone, other):
            merged[length] = node
            length += 1
    return length


@kernel
def _rise(heap, where, key, at):
    """Move a node towards the root of a binary heap while its key is less than its parent's."""
    node = heap[at]
    while at > 0:
        parent = (at - 1) >> 1
        if key[heap[parent]] <= key[node]:
            break
        heap[at] = heap[parent]
        where[heap[at]] = at
        at = parent
    heap[at] = node
    where[node] = at


@kernel
def _settle(heap, where, key, at, size):
    """Move a node towards the leaves while a child's key is less."""
    if at >= size:
        return
    node = heap[at]
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and key[heap[child + 1]] < key[heap[child]]:
            child += 1
        if key[heap[child]] >= key[node]:
            break
        heap[at] = heap[child]
        where[heap[at]] = at
        at = child
    heap[at] = node
    where[node] = at
