"""The town of three zones with the places that scenarios read: small areas, an emergency department, one bus."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lcr_hpc.compute.communicator import SerialCommunicator
from lcr_hpc.config import Config, parse_config
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import finish_store
from lcr_hpc.store.slabs import create_store, open_store, write_slab
from lcr_hpc.traffic.stage import run_traffic
from tests.lcr_hpc.traffic.town import SOURCE, Town

PERIODS = [
    {"label": "peak", "day_types": ["weekday", "saturday", "sunday"], "hours": [8]},
    {
        "label": "rest",
        "day_types": ["weekday", "saturday", "sunday"],
        "hours": [0, 1, 2, 3, 4, 5, 6, 7, *range(9, 24)],
    },
]
STREET = 2000.0
"""Metres of each side of the ring; 3 minutes without traffic, 40 km/h"""


@dataclass
class ScenarioTown(Town):
    """Junctions 104, 105, 106 on a ring, zones 101, 102, 103 beside them; everything can be reached.

    The street 104 → 105 is called Dock Road; the department lies in zone 103, and bus 7 drives 104 → 105 → 106.
    """

    gap: float = 1e-9

    def __post_init__(self):
        connectors = [(0, 3), (3, 0), (1, 4), (4, 1), (5, 2), (2, 5)]
        ring = [(3, 4), (4, 3), (4, 5), (5, 4), (5, 3), (3, 5)]
        self.ends = np.array(connectors + ring, np.int32)
        self.connector = np.arange(len(self.ends)) < len(connectors)
        self.lanes = np.where(self.connector, 1, 2).astype(np.int8)

    def write(self, root: Path) -> tuple[Config, Layout]:
        config, layout = super().write(root)
        path = layout.store("network")
        # Nodes 101 … 106 of the feed: a unit of distance is 1 km.
        x, y = np.array([0.0, 3, 1, 0, 3, 1]) * 1000, np.array([-0.5, -0.5, 2.5, 0, 0, 2]) * 1000
        name = np.full(len(self.ends), "", object)
        name[6] = "Dock Road"
        write_slab(path, "network", {}, {"node_x": x, "node_y": y, "lanes": self.lanes, "road_name": name})
        finish_store(path, layout.manifest("network"), "network", sources={"network": SOURCE})
        self._places(layout, x, y)
        return config, layout

    def config(self, **traffic) -> Config:
        """Config of the base, or of the scenario `test` where there are changes."""
        values = {"periods": PERIODS, "relative_gap": self.gap, "skim_hours": [8], **traffic}
        scenario = "test" if traffic.get("changes") else "base"
        return parse_config({"night": str(self.night), "scenario": scenario, "traffic": values})

    def _places(self, layout, x, y):
        sizes = {"area": 3, "age": 1, "district": 1, "msoa": 1}
        create_store(layout.store("areas"), "areas", sizes)
        write_slab(layout.store("areas"), "areas", {}, {
            "area": ["E01", "E02", "E03"], "area_x": x[:3], "area_y": y[:3],
            "deprivation_rank": np.array([1, 2, 3], np.int32),
            "population": np.full((3, 1), 1000, np.int32),
        })  # fmt: skip
        create_store(layout.store("services"), "services", {"service": 2})
        write_slab(layout.store("services"), "services", {}, {
            "service": ["clinic", "hospital"], "service_kind": np.array([0, 1], np.int8),
            "service_x": x[[0, 2]], "service_y": y[[0, 2]],
            "capacity": np.array([3.0, 200.0]), "emergency_department": np.array([0, 1], np.int8),
        })  # fmt: skip
        sizes = {"pattern": 1, "day_type": 3, "hour_of_day": 24, "pattern_edge": 2, "passage": 2}
        create_store(layout.store("bus"), "bus", sizes)
        write_slab(layout.store("bus"), "bus", {}, {
            "route": ["r7"], "route_name": ["7"], "direction": np.zeros(1, np.int8),
            "running_time_min": np.array([20.0]), "headway_min": np.full((1, 3, 24), 10.0),
            "link_offset": np.array([0, 2]), "pattern_link": np.array([6, 8], np.int32),
        })  # fmt: skip
        for store in ("areas", "services", "bus"):
            finish_store(layout.store(store), layout.manifest(store), store, sources={store: SOURCE})


def run(config: Config, layout: Layout):
    """Run the stage of one config; returns its store, loaded, and its manifest."""
    place = Layout(layout.root, layout.night, config.scenario)
    manifest = run_traffic(config, place, SerialCommunicator())
    return open_store(place.store("traffic"), "traffic").load(), manifest
