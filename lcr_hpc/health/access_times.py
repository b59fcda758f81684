"""Travel times by car between all areas: the traffic model's skims, or shortest paths over its link times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray

SKIM = "skim_time_min"


def access_periods(hour_period: NDArray[np.integer], hours: Sequence[int]) -> list[int]:
    """Periods that hold some local clock hours, each once, in the hours' order."""
    return list(dict.fromkeys(int(hour_period[h]) for h in hours))


def area_times(traffic: xr.Dataset, network: xr.Dataset, period: int, areas: int) -> FloatArray:
    """Minutes by car between areas in one period.

    Parameters
    ----------
    traffic, network : xarray.Dataset
        Stores of these names. Where traffic holds skims of the period those are taken, of its first vehicle class;
        otherwise shortest paths over `link_time_min`, which are the same but for turns and tolls.
    period : int
    areas : int
        The first so many zones are the areas.

    Returns
    -------
    float64[origin, destination]
        Infinity without a path. Within an area: half of the time to the nearest other one, since no link is driven.
    """
    if (row := skim_row(traffic, period)) is not None:
        skim = traffic[SKIM].isel(skim_period=row, vehicle_class=0)[:areas, :areas].to_numpy().astype(np.float64)
        minutes = np.where(np.isfinite(skim), skim, np.inf)
    else:
        zones = int(network.attrs["n_zones"])
        minutes = shortest_times(
            network["from_node"].to_numpy(),
            network["to_node"].to_numpy(),
            traffic["link_time_min"].isel(period=period).to_numpy(),
            network.sizes["node"],
            zones,
        )[:areas, :areas]
    if minutes.shape != (areas, areas):
        raise InputError(
            f"the road network has {minutes.shape[0]} zones, areas.zarr {areas} areas; run spine and traffic again"
        )
    return with_own(minutes)


def skim_row(traffic: xr.Dataset, period: int) -> int | None:
    """Index of a period among those that have skims (`traffic.skim_hours`); None when it has none."""
    if SKIM not in traffic:
        return None
    labels = [str(label) for label in traffic["skim_period"].to_numpy()]
    label = str(traffic["period"].to_numpy()[period])
    return labels.index(label) if label in labels else None


def shortest_times(
    from_node: NDArray[np.integer], to_node: NDArray[np.integer], link_min: FloatArray, nodes: int, zones: int
) -> FloatArray:
    """Shortest times between zones that no path passes through.

    Parameters
    ----------
    from_node, to_node : int[link]
    link_min : float64[link]
        Minutes, 0 or more.
    nodes, zones : int
        The first `zones` nodes are the zones' own.

    Returns
    -------
    float64[zone, zone]
        Infinity without a path.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    # A zone is two nodes, one to leave from and one to arrive at, so that nobody drives through it. Of parallel links
    # the quickest counts; an explicit 0 would be no link to SciPy, so a link takes at least a nanosecond.
    arrive = np.where(to_node < zones, to_node + nodes, to_node).astype(np.int64)
    key = from_node.astype(np.int64) * (nodes + zones) + arrive
    order = np.lexsort((link_min, key))
    kept = order[np.concatenate([[True], np.diff(key[order]) > 0])] if order.size else order
    time = np.maximum(link_min[kept], 1e-11)
    graph: Any = coo_array((time, (from_node[kept], arrive[kept])), shape=(nodes + zones, nodes + zones)).tocsr()
    found: FloatArray = dijkstra(graph, indices=np.arange(zones))[:, nodes:]
    np.fill_diagonal(found, 0.0)
    return found


def with_own(minutes: FloatArray) -> FloatArray:
    """Set the time within each area to half of that to the nearest other; 0 where no other can be reached."""
    out = minutes.copy()
    np.fill_diagonal(out, np.inf)
    nearest = out.min(axis=1) if out.shape[0] > 1 else np.full(out.shape[0], np.inf)
    np.fill_diagonal(out, np.where(np.isfinite(nearest), 0.5 * nearest, 0.0))
    return out
