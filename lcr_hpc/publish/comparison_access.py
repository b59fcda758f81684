"""Road distance from each area to its nearest surgery, over the night's network."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from lcr_hpc.store.variables import ROAD_CLASSES, SERVICE_KINDS

SURGERY_INDICATOR = "road_distance_to_a_gp_surgery_indicator_km"
"""The published counterpart: an indicator of the Indices of Deprivation"""


def surgery_distance_km(areas: xr.Dataset, network: xr.Dataset, services: xr.Dataset) -> NDArray[np.float64]:
    """Shortest way by road from the node nearest to each population point to that nearest to any surgery.

    The straight ways to and from the road count; zone connectors are no roads and are left out.

    Returns
    -------
    float64[area]
        km; NaN where no surgery can be reached, or there is none.
    """
    road = network["road_class"].to_numpy() != ROAD_CLASSES.index("connector")
    start, end = (network[n].to_numpy()[road] for n in ("from_node", "to_node"))
    on_road = np.unique(np.concatenate([start, end]))
    at = np.column_stack([network["node_x"].to_numpy(), network["node_y"].to_numpy()])
    tree = cKDTree(at[on_road])
    homes = np.column_stack([areas["area_x"].to_numpy(), areas["area_y"].to_numpy()])
    is_surgery = services["service_kind"].to_numpy() == SERVICE_KINDS.index("gp")
    surgeries = np.column_stack([services["service_x"].to_numpy(), services["service_y"].to_numpy()])[is_surgery]
    if not len(surgeries):
        return np.full(len(homes), np.nan)
    out, home = tree.query(homes)
    back, surgery = tree.query(surgeries)
    # From all surgeries at once, against the traffic: a source that stands beside the graph leads to each of them.
    n = len(at)
    metres = np.concatenate([np.maximum(network["length_m"].to_numpy()[road], 1e-6), back + 1e-6])
    tail = np.concatenate([end, np.full(len(surgeries), n)])
    head = np.concatenate([start, on_road[surgery]])
    # Of parallel links the shortest counts; a sparse matrix would add them up.
    order = np.lexsort((metres, head, tail))
    first = np.r_[True, (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)]
    kept = order[first]
    graph = coo_array((metres[kept], (tail[kept], head[kept])), shape=(n + 1, n + 1)).tocsr()
    away = dijkstra(graph, indices=n)[on_road[home]] + out
    return np.where(np.isfinite(away), away / 1000.0, np.nan)
