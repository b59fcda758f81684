"""A small region's stores, as the spine and traffic write them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Source, finish_store
from lcr_hpc.store.slabs import create_store, write_slab
from lcr_hpc.store.variables import DAY_TYPES

NIGHT = dt.date(2025, 10, 15)
FIRST_HOUR = 489023  # 2025-10-14T23:00Z, midnight in Liverpool


@dataclass
class Region:
    """Areas beside a chain of 31 roads; every value may be changed before `write`."""

    areas: int = 20
    night: dt.date = NIGHT
    flow: np.ndarray = field(default_factory=lambda: np.full((2, 1, 61), 400.0))
    speed: np.ndarray = field(default_factory=lambda: np.full((2, 61), 40.0))
    demand: np.ndarray = field(default_factory=lambda: np.full(2, 1e3))
    hour_period: np.ndarray = field(default_factory=lambda: np.tile(np.arange(24) // 12, (3, 1)))
    background: np.ndarray = field(default_factory=lambda: np.tile([20.0, 8.0], (24, 2, 1)))
    flag: np.ndarray = field(default_factory=lambda: np.zeros((24, 2, 2), dtype=np.int8))
    wind: np.ndarray = field(default_factory=lambda: np.full(24, 3.0))
    air: np.ndarray = field(default_factory=lambda: np.full(24, 10.0))
    air_flag: np.ndarray = field(default_factory=lambda: np.zeros(24, dtype=bool))
    stability: np.ndarray = field(default_factory=lambda: np.full(24, 3, dtype=np.int8))
    wind_flag: np.ndarray = field(default_factory=lambda: np.zeros(24, dtype=np.int8))

    codes: tuple[str, str] = ("E08000012", "Z1")
    """Liverpool and a made-up district."""
    sites: tuple[tuple[str, int, float], ...] = ()
    """Large installations: sector, district, t CO2 of 2023."""
    days_of_weather: int = 1
    """The night's and those before it, each like the night's but for the direction of the wind."""

    def __post_init__(self) -> None:
        rng = np.random.default_rng(5)
        # nodes 0 to 29 are the ends of connectors, 30 to 61 a road of 31 links from west to east
        self.node_x = np.r_[340e3 + 200.0 * np.arange(30), 340e3 + 200.0 * np.arange(32)]
        self.node_y = np.r_[np.full(30, 390_150.0), np.full(32, 390_000.0)]
        self.from_node = np.r_[np.arange(30), np.arange(30, 61)]
        self.to_node = np.r_[np.arange(30, 60), np.arange(31, 62)]
        self.road_class = np.r_[np.zeros(30), np.full(16, 2), np.full(15, 3)].astype(np.int8)
        self.length = np.hypot(*(c[self.to_node] - c[self.from_node] for c in (self.node_x, self.node_y)))
        self.district = np.r_[np.zeros(30), np.zeros(16), np.ones(14), [-1]].astype(np.int16)
        self.x = rng.uniform(340e3, 346e3, self.areas)
        self.y = rng.uniform(389e3, 391e3, self.areas)

    def write(self, root: Path) -> Layout:
        layout = Layout(root, self.night)
        links, nodes = self.from_node.size, self.node_x.size
        time = FIRST_HOUR + np.arange(24)
        self._store(layout, "network", {"node": nodes, "link": links}, {
            "node": np.arange(nodes), "node_x": self.node_x, "node_y": self.node_y, "link": np.arange(links),
            "from_node": self.from_node, "to_node": self.to_node, "length_m": self.length,
            "road_class": self.road_class, "link_district": self.district,
        })  # fmt: skip
        self._store(layout, "areas", {"area": self.areas, "district": 2, "age": 91}, {
            "area_x": self.x, "area_y": self.y, "district": list(self.codes),
            "area_district": (np.arange(self.areas) % 2).astype(np.int16),
            "population": np.full((self.areas, 91), 10, dtype=np.int32),
        })  # fmt: skip
        days = self.days_of_weather
        turn = np.repeat(13.0 * np.arange(days - 1, -1, -1), 24)
        self._store(layout, "weather", {"time": 24 * days}, {
            "time": FIRST_HOUR + np.arange(24 * (1 - days), 24),
            "wind_speed_m_s": np.tile(self.wind, days),
            "wind_from_deg": (np.tile(np.linspace(150.0, 250.0, 24), days) + turn) % 360.0,
            "air_temperature_c": np.tile(self.air, days),
            "stability_class": np.tile(self.stability, days), "mixing_height_m": np.full(24 * days, 600.0),
            "wind_speed_flag": np.tile(np.where(np.isnan(self.wind), 1, self.wind_flag).astype(np.int8), days),
            "air_temperature_flag": np.tile(np.isnan(self.air) | self.air_flag, days).astype(np.int8),
            "stability_flag": (np.tile(self.stability, days) < 0).astype(np.int8),
            **dict.fromkeys(("wind_from_flag", "mixing_height_flag"), np.zeros(24 * days, np.int8)),
        })  # fmt: skip
        self._store(layout, "air", {"time": 24, "sensor": 2, "pollutant": 2}, {
            "time": time, "sensor_kind": np.array([0, 1]), "pollutant": ["NOx", "PM2.5"],
            "sensor_x": np.array([341e3, 342e3]), "sensor_y": np.array([390e3, 390e3]),
            "concentration_ug_m3": self.background, "concentration_flag": self.flag,
        })  # fmt: skip
        sizes = {"period": 2, "vehicle_class": 1, "link": links, "day_type": 3, "hour_of_day": 24}
        self._store(layout, "traffic", sizes, {
            "day_type": list(DAY_TYPES), "hour_period": self.hour_period, "link_flow_veh_h": self.flow,
            "link_speed_km_h": self.speed, "demand_veh_h": self.demand, "unreachable_veh_h": np.zeros(2),
            "vehicle_km_h": np.array([1.2e4, 1.2e4]),
        })  # fmt: skip
        sectors, homes, co2 = zip(*self.sites, strict=True) if self.sites else ((), (), ())
        self._store(layout, "reference", {"site": len(sectors)}, {
            "site_sector": list(sectors), "site_district": np.array(homes, dtype=np.int16),
            "site_year": np.full(len(sectors), 2023), "site_co2_t_year": np.array(co2, dtype=np.float64),
        }, ("point_sources", "vehicles") if self.sites else ("vehicles",))  # fmt: skip
        return layout

    @staticmethod
    def _store(
        layout: Layout, name: str, sizes: dict[str, int], values: dict[str, object], datasets: tuple[str, ...] = ()
    ) -> None:
        path = layout.store(name)
        create_store(path, name, sizes)
        write_slab(path, name, {}, values)
        sources = {d: Source(d, "synthetic", "open", "CC0", "a test") for d in datasets or (name,)}
        finish_store(path, layout.manifest(name), name, sources=sources)
