"""Zones that a closure leaves without a way in or out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from lcr_hpc.traffic.network import Demand, Network

Bools = NDArray[np.bool_]
NAMED = 10


def cut_off(network: Network, demand: Demand, before: Bools, after: Bools, names: Sequence[str]) -> Iterator[str]:
    """Say which zones trips can no longer leave or reach.

    Parameters
    ----------
    network : Network
    demand : Demand
        Pairs with trips are asked about.
    before, after : bool[link]
        Closed links in the base and in the scenario.
    names : sequence of str
        Of the zones.
    """
    used = demand.trips > 0.0
    origin, destination = demand.origin[used], demand.destination[used]
    for way, here, there in (("out of", origin, destination), ("into", destination, origin)):
        backward = way == "into"
        for zone in np.intersect1d(_off_the_core(network, after, backward), np.unique(here)):
            wanted = there[(here == zone) & (there != zone)]
            then, now = (_reached(network, closed, zone, backward)[wanted] for closed in (before, after))
            lost = wanted[then & ~now]
            if lost.size == wanted.size and lost.size:
                yield f"no way {way} zone {names[zone]} is left"
            elif lost.size:
                shown = ", ".join(str(names[z]) for z in lost[:NAMED])
                more = f" and {lost.size - NAMED:,} more" if lost.size > NAMED else ""
                yield f"no way {way} zone {names[zone]} {'from' if backward else 'to'} {shown}{more} is left"


def _off_the_core(network: Network, closed: Bools, backward: bool) -> NDArray[np.int64]:
    """Zones that no open link joins to the largest part where all nodes reach each other."""
    zones, (tail, head) = network.n_zones, _ends(network, closed)
    count = network.n_nodes + zones
    graph = csr_array((np.ones(tail.size, np.int8), (tail, head)), shape=(count, count))
    _, part = connected_components(graph, directed=True, connection="strong")
    core = part == np.bincount(part).argmax()
    joined = np.zeros(count, np.bool_)
    joined[(head if backward else tail)[core[tail] if backward else core[head]]] = True
    first = network.n_nodes if backward else 0
    return np.flatnonzero(~joined[first : first + zones])


def _reached(network: Network, closed: Bools, zone: int, backward: bool) -> Bools:
    """Zones that are reached from one, or that reach it, bool[zone]."""
    zones, (tail, head) = network.n_zones, _ends(network, closed)
    start, end = (head, tail) if backward else (tail, head)
    count = network.n_nodes + zones
    graph = csr_array((np.ones(start.size, np.int8), (start, end)), shape=(count, count))
    found = np.zeros(count, np.bool_)
    source = zone + network.n_nodes if backward else zone
    found[breadth_first_order(graph, source, return_predecessors=False)] = True
    return found[:zones] if backward else found[network.n_nodes :]


def _ends(network: Network, closed: Bools) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ends of open links; a zone is a node to leave from and another to arrive at, so that nobody passes it."""
    tail = network.from_node[~closed].astype(np.int64)
    head = network.to_node[~closed].astype(np.int64)
    return tail, np.where(head < network.first_through_node, head + network.n_nodes, head)
