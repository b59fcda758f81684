"""The roads as line sources of the dispersion: straight, both directions of a road as one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.carbon.units import g_m_s

CONNECTOR = 0
"""Road class of links that join a zone to the network and are no road."""
NETWORK_VARIABLES = ("length_m", "road_class", "from_node", "to_node", "node_x", "node_y")


@dataclass(frozen=True)
class RoadSources:
    """Line sources and the links that emit along them."""

    ends: NDArray[np.float64]
    """[line, 4], x0, y0, x1, y1, m."""
    link: NDArray[np.int64]
    """[road], index of each link that is a source."""
    line: NDArray[np.int64]
    """[road], the line that it emits along."""
    without_extent: int
    """Roads whose two ends are one place: they emit, but are no line."""

    def strength_g_m_s(self, emission_g_h: NDArray[np.float64]) -> NDArray[np.float64]:
        """Strength of each line, float64[..., line, gas], from the emission of links, [..., link, gas].

        The straight line stands for the road between its nodes and carries all that the road emits.
        """
        of_road = np.moveaxis(emission_g_h[..., self.link, :].astype(np.float64), -2, 0)
        by_line = np.zeros((len(self.ends), *of_road.shape[1:]))
        # One link after the other, so that a road's two directions always add in the same order.
        np.add.at(by_line, self.line, of_road)
        total = np.moveaxis(by_line, 0, -2)
        length = np.hypot(self.ends[:, 2] - self.ends[:, 0], self.ends[:, 3] - self.ends[:, 1])
        return g_m_s(total, length[:, None])

    def table(self, height_m: float, sigma_z0_m: float) -> pd.DataFrame:
        """Lines as `line_source_concentration` takes them, all of one height and vertical spread, without width."""
        ends = dict(zip(("x0", "y0", "x1", "y1"), self.ends.T, strict=True))
        return pd.DataFrame(ends).assign(height_m=height_m, width_m=0.0, sigma_z0_m=sigma_z0_m)


def road_sources(network: xr.Dataset) -> RoadSources:
    """Lines of a network's roads: connectors are none, and two links between the same places are one.

    Parameters
    ----------
    network : xarray.Dataset
        The network store with `NETWORK_VARIABLES`.
    """
    x, y = network["node_x"].to_numpy(), network["node_y"].to_numpy()
    start, end = network["from_node"].to_numpy(), network["to_node"].to_numpy()
    road = (network["road_class"].to_numpy() != CONNECTOR) & (network["length_m"].to_numpy() > 0)
    apart = np.hypot(x[end] - x[start], y[end] - y[start]) > 0
    link = np.flatnonzero(road & apart)
    pairs = np.sort(np.column_stack([start[link], end[link]]), axis=1)
    kept, line = np.unique(pairs, axis=0, return_inverse=True)
    ends = np.column_stack([x[kept[:, 0]], y[kept[:, 0]], x[kept[:, 1]], y[kept[:, 1]]])
    return RoadSources(np.ascontiguousarray(ends, dtype=np.float64), link, line.reshape(-1), int((road & ~apart).sum()))
