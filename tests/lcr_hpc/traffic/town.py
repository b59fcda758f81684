"""A town of three zones around a ring of junctions, as the stores that the traffic stage reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lcr_hpc.config import Config
from lcr_hpc.store.calendar import hours_of_day
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Source, finish_store
from lcr_hpc.store.slabs import create_store, write_slab

SOURCE = Source("a town", "synthetic", "open", "OGL-UK-3.0", "made for a test")


@dataclass
class Town:
    """Three zones, three junctions, a connector each way, a ring both ways; zone 2 has no way out."""

    night: dt.date = dt.date(2025, 10, 15)
    trips: np.ndarray = field(
        default_factory=lambda: np.array([[[100.0, 9000, 6000], [8000, 50, 0], [300, 0, 0]], np.zeros((3, 3))])
    )
    hours_counted: int = 25
    stray_detector: bool = True

    def __post_init__(self):
        connectors = [(0, 3), (3, 0), (1, 4), (4, 1), (5, 2)]
        ring = [(3, 4), (4, 3), (4, 5), (5, 4), (5, 3), (3, 5)]
        self.ends = np.array(connectors + ring, np.int32)
        self.connector = np.arange(len(self.ends)) < len(connectors)

    def write(self, root: Path) -> tuple[Config, Layout]:
        """Write the stores and return what the stage is called with."""
        layout = Layout(root, self.night)
        self._network(layout)
        self._demand(layout)
        self._counts(layout)
        for name in ("network", "demand", "counts"):
            finish_store(layout.store(name), layout.manifest(name), name, sources={name: SOURCE})
        return Config(night=self.night), layout

    def _network(self, layout):
        links = len(self.ends)
        path = layout.store("network")
        create_store(path, "network", {"node": 6, "link": links}, attrs={"n_zones": 3})
        values = {
            "node": np.arange(101, 107),
            "node_x": np.arange(6.0),
            "node_y": np.arange(6.0),
            "link": np.arange(links) * 10,
            "from_node": self.ends[:, 0],
            "to_node": self.ends[:, 1],
            "length_m": np.where(self.connector, 0.0, 2000.0),
            "free_flow_time_min": np.where(self.connector, 0.0, 3.0),
            "capacity_veh_h": np.where(self.connector, 1e6, 400.0),
            "bpr_b": np.where(self.connector, 0.0, 0.15),
            "bpr_power": np.full(links, 4.0),
            "lanes": np.ones(links, np.int8),
            "road_class": np.where(self.connector, 0, 2).astype(np.int8),
            "link_district": np.zeros(links, np.int16),
        }
        write_slab(path, "network", {}, values)

    def _demand(self, layout):
        path = layout.store("demand")
        present = (self.trips != 0).any(axis=0)
        sizes = {"origin_edge": 4, "od": int(present.sum()), "purpose": 2, "day_type": 3, "hour_of_day": 24}
        create_store(path, "demand", sizes)
        share = np.full((3, 2, 24), 0.03)
        share[:, :, 8] = 0.12
        share[2] /= 2
        values = {
            "origin_offset": np.concatenate([[0], np.cumsum(present.sum(axis=1))]),
            "destination": np.nonzero(present)[1].astype(np.int32),
            "trips_veh_day": self.trips[:, present],
            "purpose": ["home_to_work", "other"],
            "day_type": ["weekday", "saturday", "sunday"],
            "hourly_share": share,
        }
        write_slab(path, "demand", {}, values)

    def _counts(self, layout):
        path = layout.store("counts")
        hours = hours_of_day(self.night)[: self.hours_counted]
        create_store(path, "counts", {"time": hours.size, "detector": 3})
        flow = np.tile(np.array([500.0, 300.0, 100.0], np.float32), (hours.size, 1))
        flag = np.zeros((hours.size, 3), np.int8)
        flag[:, 1] = 1
        values = {
            "time": hours,
            "detector": ["north", "south", "stray"],
            "detector_link": np.array([50, 60, 999 if self.stray_detector else 70]),
            "detector_x": np.zeros(3),
            "detector_y": np.zeros(3),
            "flow_veh_h": flow,
            "flow_flag": flag,
        }
        write_slab(path, "counts", {}, values)
