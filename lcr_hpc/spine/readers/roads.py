"""A road network as read from a map: nodes, directed links, and what a link carries where the map does not say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lcr_hpc.store.variables import ROAD_CLASSES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
KM_PER_MILE = 1.609344


class Highway(NamedTuple):
    """What a class of road has where the map says nothing: assumptions, in docs/real-night.md."""

    speed_km_h: float
    lanes: int
    """In a direction"""
    lane_capacity_veh_h: float
    road_class: str


_M, _A, _MINOR = "motorway", "a_road", "minor_road"
HIGHWAYS = {
    "motorway": Highway(112.7, 3, 2000.0, _M),
    "motorway_link": Highway(64.4, 1, 1500.0, _M),
    "trunk": Highway(96.6, 1, 1600.0, _A),
    "trunk_link": Highway(64.4, 1, 1250.0, _A),
    "primary": Highway(64.4, 1, 1250.0, _A),
    "primary_link": Highway(48.3, 1, 1250.0, _A),
    "secondary": Highway(64.4, 1, 1000.0, _MINOR),
    "secondary_link": Highway(48.3, 1, 1000.0, _MINOR),
    "tertiary": Highway(64.4, 1, 900.0, _MINOR),
    "tertiary_link": Highway(48.3, 1, 900.0, _MINOR),
    "unclassified": Highway(64.4, 1, 750.0, _MINOR),
    "residential": Highway(32.2, 1, 600.0, _MINOR),
    "living_street": Highway(16.1, 1, 300.0, _MINOR),
    "road": Highway(48.3, 1, 600.0, _MINOR),
}
"""Classes that everybody may drive on; service roads, tracks and paths are left out"""


@dataclass(frozen=True)
class RoadNetwork:
    """Directed links between nodes, EPSG:27700."""

    x: Floats
    y: Floats
    start: Ints
    """By link, a node"""
    end: Ints
    metres: Floats
    speed_km_h: Floats
    lanes: Ints
    highway: npt.NDArray[Any]
    """Class of the map"""
    source: npt.NDArray[Any]
    """Way or segment that the link is a part of"""

    def components(self, connection: str = "weak") -> Ints:
        """Which piece each node is in, the largest first; `strong`: where every node reaches every other by car."""
        graph = coo_array((np.ones(len(self.start)), (self.start, self.end)), shape=(len(self.x),) * 2)
        count, piece = connected_components(graph, directed=True, connection=connection)
        rank = np.empty(count, dtype=np.int64)
        rank[np.argsort(-np.bincount(piece, minlength=count), kind="stable")] = np.arange(count)
        ordered: Ints = rank[piece]
        return ordered

    def largest(self) -> RoadNetwork:
        """The part where every node reaches every other: what an assignment can use."""
        inside = self.components("strong") == 0
        keep = inside[self.start] & inside[self.end]
        number = np.cumsum(inside) - 1
        return replace(
            self, x=self.x[inside], y=self.y[inside], start=number[self.start[keep]], end=number[self.end[keep]],
            metres=self.metres[keep], speed_km_h=self.speed_km_h[keep], lanes=self.lanes[keep],
            highway=self.highway[keep], source=self.source[keep],
        )  # fmt: skip

    def road_class(self) -> Ints:
        """Index into ROAD_CLASSES of each link."""
        return np.array([ROAD_CLASSES.index(HIGHWAYS[h].road_class) for h in self.highway], dtype=np.int64)

    def write_gmns(self, folder: Path) -> None:
        """Write node.csv, link.csv and config.csv, as `lcr assign` and the dataset `network` read them.

        `zone_id` is left empty: which nodes are zones is for whoever brings the demand.
        """
        folder.mkdir(parents=True, exist_ok=True)
        node = {
            "node_id": np.arange(1, len(self.x) + 1),
            "x_coord": np.round(self.x, 2),
            "y_coord": np.round(self.y, 2),
        }
        link = {
            "link_id": np.arange(1, len(self.start) + 1),
            "from_node_id": self.start + 1,
            "to_node_id": self.end + 1,
            "directed": 1,
            "length": np.round(self.metres / 1000, 5),
            "facility_type": np.array(ROAD_CLASSES, dtype=object)[self.road_class()],
            "capacity": [HIGHWAYS[h].lane_capacity_veh_h for h in self.highway],
            "free_speed": np.round(self.speed_km_h, 1),
            "lanes": self.lanes,
            "vdf_alpha": 0.15,
            "vdf_beta": 4.0,
            "highway": self.highway,
            "source": self.source,
        }
        units = {"short_length": ["m"], "long_length": ["km"], "speed": ["kph"], "crs": ["EPSG:27700"]}
        for name, table in (("config", units), ("node", node | {"zone_id": ""}), ("link", link)):
            pd.DataFrame(table).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


class Part(NamedTuple):
    """A stretch of road between two nodes, as a map has it."""

    first: int
    last: int
    metres: float
    highway: str
    source: str
    forward: bool
    backward: bool
    speed_km_h: float
    """0 = the map does not say"""
    lanes: tuple[int, int]
    """Forward and backward; 0 = the map does not say"""


def network_of(x: Floats, y: Floats, parts: list[Part]) -> RoadNetwork:
    """Directed links of some stretches, forward then backward; loops, and nodes that no link uses, are left out."""
    rows = []
    for p in (p for p in parts if p.first != p.last):
        usual = HIGHWAYS[p.highway]
        speed = p.speed_km_h or usual.speed_km_h
        if p.forward:
            rows.append((p.first, p.last, p.metres, speed, p.lanes[0] or usual.lanes, p.highway, p.source))
        if p.backward:
            rows.append((p.last, p.first, p.metres, speed, p.lanes[1] or usual.lanes, p.highway, p.source))
    start, end, metres, limit, lanes, highway, source = (np.array(c) for c in zip(*rows, strict=True))
    used, number = np.unique(np.concatenate([start, end]), return_inverse=True)
    return RoadNetwork(
        x=x[used], y=y[used], start=number[: len(start)], end=number[len(start) :], metres=metres.astype(np.float64),
        speed_km_h=limit.astype(np.float64), lanes=lanes.astype(np.int64), highway=highway.astype(object),
        source=source.astype(object),
    )  # fmt: skip
