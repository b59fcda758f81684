"""Minutes by road from every zone to the nearest of some zones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from lcr_hpc.traffic.network import Floats, Network

NO_TIME = 1e-11
"""An explicit 0 is no link to SciPy."""


def minutes_to_nearest(network: Network, link_min: Floats, targets: NDArray[np.integer], zones: int) -> Floats:
    """Minutes from each zone to the nearest target.

    Parameters
    ----------
    network : Network
    link_min : float64[link]
        Minutes; infinity = closed.
    targets : int[target]
        Zones that hold what is sought.
    zones : int
        The first so many zones are asked about, and hold all targets.

    Returns
    -------
    float64[zone]
        NaN where no path leads. A target in the zone itself is half as far as the nearest other zone, as in the access
        model: no link is driven.
    """
    targets = np.unique(targets)
    backward = _graph(network, link_min, backward=True)
    nearest = dijkstra(backward, indices=targets + network.n_nodes, min_only=True)[:zones]
    forward = _graph(network, link_min, backward=False)
    from_target = dijkstra(forward, indices=targets)[:, network.n_nodes : network.n_nodes + zones]
    others = dijkstra(backward, indices=targets + network.n_nodes)[:, :zones]
    for row, zone in enumerate(targets):
        from_target[row, zone] = np.inf
        others[row, zone] = np.inf
    within = 0.5 * from_target.min(axis=1)
    nearest[targets] = np.minimum(np.where(np.isfinite(within), within, 0.0), others.min(axis=0)[targets])
    return np.where(np.isfinite(nearest), nearest, np.nan)


def _graph(network: Network, link_min: Floats, *, backward: bool) -> Any:
    """Zones are two nodes, one to leave from and one to arrive at; of parallel links the quickest counts."""
    size = network.n_nodes + network.n_zones
    tail = network.from_node.astype(np.int64)
    head = network.to_node.astype(np.int64)
    head = np.where(head < network.n_zones, head + network.n_nodes, head)
    key = tail * size + head
    order = np.lexsort((link_min, key))
    kept = order[np.concatenate([[True], np.diff(key[order]) > 0])] if order.size else order
    kept = kept[np.isfinite(link_min[kept])]
    ends = (head[kept], tail[kept]) if backward else (tail[kept], head[kept])
    return coo_array((np.maximum(link_min[kept], NO_TIME), ends), shape=(size, size)).tocsr()
