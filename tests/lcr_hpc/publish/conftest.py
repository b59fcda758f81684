"""A made-up region with every store that a release needs, written through the stores' own door."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import shapely

from lcr_hpc.config import Config, parse_config
from lcr_hpc.publish.stage import run_publish
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Source, finish_store, read_manifest
from lcr_hpc.store.slabs import create_store, shard_of, slabs, write_slab
from lcr_hpc.store.variables import DAY_TYPES

PERIODS = 24
POLLUTANTS = ("CO2", "NOx", "PM2.5")
AIR = ("NOx", "NO2", "PM2.5")
SOURCES = {
    "areas": {
        "boundaries": Source(
            "Boundaries of LSOA 2011", "real", "open", "OGL v3", "Contains ONS data https://ons.example"
        ),
        "population": Source("Residents by age", "synthetic", "open", "CC0-1.0", "lcr-hpc <twin>"),
    },
    "network": {"network": Source("Road network", "synthetic", "open", "CC0-1.0", "lcr-hpc")},
    "demand": {"demand": Source("Vehicle trips", "synthetic", "open", "CC0-1.0", "lcr-hpc")},
    "air": {"air": Source("Air quality stations", "synthetic", "open", "CC0-1.0", "lcr-hpc")},
    "mortality": {"mortality": Source("Deaths by MSOA", "synthetic", "open", "CC0-1.0", "lcr-hpc")},
}


@dataclass
class Region:
    """Squares of a kilometre, a grid of roads between their middles; change a field before `write`."""

    columns: int = 6
    rows: int = 5
    seed: int = 3
    boundaries: np.ndarray | None = None
    names: list[str] | None = None
    district_of: np.ndarray | None = None
    districts: tuple[str, ...] = ("Aintree", "Birkdale", "Childwall")
    ends: np.ndarray | None = None
    road_class: np.ndarray | None = None
    sources: dict[str, dict[str, Source]] = field(default_factory=lambda: {k: dict(v) for k, v in SOURCES.items()})
    flow_factor: float = 1.0

    def __post_init__(self) -> None:
        self.draw = np.random.default_rng(self.seed)
        if self.boundaries is None:
            x, y = np.meshgrid(np.arange(self.columns), np.arange(self.rows))
            x, y = 335_000.0 + 1000.0 * x.ravel(), 390_000.0 + 1000.0 * y.ravel()
            self.boundaries = shapely.box(x, y, x + 1000.0, y + 1000.0)
            self.names = [f"Place {k:03d}A" for k in range(x.size)]
            self.district_of = np.arange(x.size) * len(self.districts) // x.size
        self.n = len(self.boundaries)
        self.xy = shapely.get_coordinates(shapely.centroid(self.boundaries))
        self.msoa_of = (np.arange(self.n) // 5).astype(np.int32)
        self.n_msoas = int(self.msoa_of.max()) + 1
        self.rank = self.draw.permutation(32_844)[: self.n].astype(np.int32) + 1
        if self.ends is None:
            right = [(k, k + 1) for k in range(self.n) if (k + 1) % self.columns]
            up = [(k, k + self.columns) for k in range(self.n - self.columns)]
            roads = self.n + np.array([*right, *up])
            self.ends = np.concatenate(
                [roads, roads[:, ::-1], np.stack([np.arange(self.n), self.n + np.arange(self.n)], 1)]
            )
            self.road_class = np.concatenate([self.draw.integers(1, 4, len(roads) * 2), np.zeros(self.n, int)])
            self.node_xy = np.concatenate([self.xy, self.xy])

    def write(self, root: Path) -> Layout:
        """Write the eight stores that a release looks at."""
        self.layout = Layout(root, Config().night)
        for store in ("areas", "network", "demand", "air", "mortality", "traffic", "carbon", "health"):
            getattr(self, f"_{store}")()
        return self.layout

    def finish(self, store: str, inputs: tuple[str, ...] = (), **more: object) -> None:
        layout = self.layout
        made_from = [read_manifest(layout.manifest(name)) for name in inputs]
        sources = self.sources.get(store, {})
        finish_store(layout.store(store), layout.manifest(store), store, inputs=made_from, sources=sources, **more)

    def _create(
        self, store: str, sizes: dict[str, int], values: dict[str, object], only: bool = True, **attrs: object
    ) -> None:
        path = self.layout.store(store)
        create_store(path, store, sizes, only=list(values) if only else None, attrs=attrs)
        write_slab(path, store, {}, values)

    def _areas(self) -> None:
        multi = np.array([shapely.multipolygons([p]) if p.geom_type == "Polygon" else p for p in self.boundaries])
        _, corners, (ring, polygon, area) = shapely.to_ragged_array(multi)
        sizes = {"area": self.n, "msoa": self.n_msoas, "district": len(self.districts), "age": 91,
                 "vertex": len(corners), "ring_edge": len(ring), "polygon_edge": len(polygon),
                 "area_edge": len(area)}  # fmt: skip
        values = {
            "area": [f"E0100{k:04d}" for k in range(self.n)],
            "area_name": self.names,
            "area_x": self.xy[:, 0],
            "area_y": self.xy[:, 1],
            "area_msoa": self.msoa_of,
            "area_district": self.district_of.astype(np.int16),
            "msoa": [f"E0200{k:04d}" for k in range(self.n_msoas)],
            "msoa_name": [f"Middle {k:03d}" for k in range(self.n_msoas)],
            "district": [f"E0800{k:04d}" for k in range(len(self.districts))],
            "district_name": list(self.districts),
            "age": np.arange(91, dtype=np.int16),
            "population": self.draw.poisson(17.0, (self.n, 91)).astype(np.int32),
            "deprivation_rank": self.rank,
            "boundary_x": corners[:, 0],
            "boundary_y": corners[:, 1],
            "boundary_ring_offset": ring.astype(np.int64),
            "boundary_polygon_offset": polygon.astype(np.int64),
            "boundary_area_offset": area.astype(np.int64),
        }
        self._create("areas", sizes, values, vintage="LSOA 2011", n_ranked=32_844)
        self.finish("areas", settings={"spine": {"feeds": {"boundaries": {"path": "/secret/home/lsoa.gpkg"}}}})

    def _network(self) -> None:
        length = np.hypot(*(self.node_xy[self.ends[:, 1]] - self.node_xy[self.ends[:, 0]]).T)
        speed = np.array([50.0, 110.0, 64.0, 40.0])[self.road_class]
        self.length, self.free = length, 0.06 * length / speed
        values = {
            "node": np.arange(len(self.node_xy)),
            "node_x": self.node_xy[:, 0],
            "node_y": self.node_xy[:, 1],
            "link": np.arange(len(self.ends)) + 100,
            "from_node": self.ends[:, 0].astype(np.int32),
            "to_node": self.ends[:, 1].astype(np.int32),
            "length_m": length,
            "free_flow_time_min": self.free,
            "capacity_veh_h": np.full(len(self.ends), 1800.0),
            "lanes": np.ones(len(self.ends), np.int8),
            "road_class": self.road_class.astype(np.int8),
            "link_district": np.resize([*range(len(self.districts)), -1], len(self.ends)).astype(np.int16),
        }
        self._create("network", {"node": len(self.node_xy), "link": len(self.ends)}, values, n_zones=self.n)
        self.finish("network")

    def _demand(self) -> None:
        self._create("demand", {"purpose": 1}, {"purpose": ["other"]})
        self.finish("demand")

    def _air(self) -> None:
        self._create("air", {"pollutant": 2}, {"pollutant": ["NOx", "PM2.5"]})
        self.finish("air")

    def _mortality(self) -> None:
        self._create("mortality", {"msoa": self.n_msoas}, {"msoa": [f"E0200{k:04d}" for k in range(self.n_msoas)]})
        self.finish("mortality")

    def _traffic(self) -> None:
        n = len(self.ends)
        clock = 0.15 + np.exp(-0.5 * ((np.arange(24) - 8) / 1.5) ** 2) + np.exp(-0.5 * ((np.arange(24) - 17) / 2) ** 2)
        base = self.flow_factor * self.draw.gamma(1.2, 400.0, n) * np.array([0.3, 5.0, 1.5, 0.4])[self.road_class]
        flow = clock[:, None] * base
        time = self.free * (1.0 + 0.6 * (flow / 1800.0) ** 3)
        time[:, self.length == 0] = 0.0
        road = self.road_class > 0
        one = np.ones(PERIODS)
        values = {
            "period": [f"{h:02d}" for h in range(PERIODS)],
            "period_hours": one,
            "hour_period": np.tile(np.arange(24, dtype=np.int16), (3, 1)),
            "period_day_type": np.zeros(PERIODS, np.int8),
            "day_type": list(DAY_TYPES),
            "vehicle_class": ["all"],
            "detector": ["d0", "d1"],
        }
        path = self.layout.store("traffic")
        sizes = {"period": PERIODS, "day_type": 3, "hour_of_day": 24, "vehicle_class": 1, "link": n, "detector": 2}
        create_store(path, "traffic", sizes)
        write_slab(path, "traffic", {}, values)
        of_period = {
            "link_flow_veh_h": flow[:, None, :],
            "link_time_min": time,
            "relative_gap": 1e-6 * one,
            "iterations": np.full(PERIODS, 12, np.int32),
            "demand_veh_h": flow.sum(axis=1),
            "intrazonal_veh_h": 5.0 * one,
            "unreachable_veh_h": 0.0 * one,
            "vehicle_km_h": (flow * self.length / 1000.0)[:, road].sum(axis=1),
            "geh": np.stack([3.0 * one, np.where(np.arange(24) < 12, 7.0, np.nan)], axis=1),
        }
        for part in slabs(PERIODS, 1):
            write_slab(path, "traffic", {"period": part}, {k: v[part] for k, v in of_period.items()})
        settings = {"traffic": Config().section("traffic")}
        self.flow = flow
        self.finish("traffic", ("network", "demand"), settings=settings)

    def _carbon(self) -> None:
        n = len(self.ends)
        factor = np.array([180.0, 0.4, 0.03])
        emission = (self.flow * self.length / 1000.0)[:, :, None] * factor
        total = emission.sum(axis=(0, 1)) / 1e6
        lo, hi = self.node_xy.min(axis=0), self.node_xy.max(axis=0)
        x, y = (np.arange(a, b + 500.0, 500.0) for a, b in zip(lo, hi, strict=True))
        middle = 0.5 * (self.node_xy[self.ends[:, 0]] + self.node_xy[self.ends[:, 1]])
        column, row = (np.clip(((middle - lo) / 500.0).astype(int), 0, (x.size - 1, y.size - 1))).T
        cells = np.zeros((3, y.size, x.size))
        for k in range(3):
            np.add.at(cells[k], (row, column), emission.sum(axis=0)[:, k] / 1000.0)
        share = np.array([*np.full(len(self.districts), 0.9 / len(self.districts)), 0.1])
        near = np.exp(-np.hypot(*(self.xy - self.xy.mean(axis=0)).T) / 8000.0) + 0.1 * self.draw.random(self.n)
        road = np.stack([18.0 * near, 9.0 * near, 1.9 * near], axis=1)
        background = np.broadcast_to([14.2, 11.0, 7.35], road.shape)
        path = self.layout.store("carbon")
        sizes = {"hour": 24, "link": n, "pollutant": 3, "district": len(self.districts), "x": x.size, "y": y.size,
                 "area": self.n, "air_pollutant": 3}  # fmt: skip
        create_store(path, "carbon", sizes)
        start = 489_647  # 2025-10-14 23:00 UTC, midnight in Liverpool
        values = {
            "hour": np.arange(start, start + 24),
            "pollutant": list(POLLUTANTS),
            "emission_t_day": total,
            "district_emission_t_day": share[:-1, None] * total,
            "outside_emission_t_day": share[-1] * total,
            "x": x,
            "y": y,
            "air_pollutant": list(AIR),
        }
        write_slab(path, "carbon", {}, values)
        for hour in slabs(24, 1):
            write_slab(path, "carbon", {"hour": hour}, {"emission_g_h": emission[hour]})
        for k in slabs(3, 1):
            write_slab(path, "carbon", {"pollutant": k}, {"gridded_emission_kg_day": cells[k]})
        for part in slabs(self.n, shard_of("carbon", "concentration_ug_m3", "area")):
            of_area = {"road_increment_ug_m3": road[part], "concentration_ug_m3": (background + road)[part]}
            of_area |= {"background_ug_m3": background[part]}
            write_slab(path, "carbon", {"area": part}, of_area)
        self.air = background + road
        results = {
            "hours_calm": 2,
            "hours_without_weather": 1,
            "cutoff_m": 3000.0,
            "cutoff_leaves_out_share": {"NOx": 0.1},
        }
        mix = {"motorway": {"bus": 0.005, "car": 0.75, "hgv": 0.095, "lgv": 0.15}}
        settings = {"carbon": Config().section("carbon") | {"vehicle_mix": mix}}
        self.finish("carbon", ("network", "areas", "air", "traffic"), settings=settings, results=results)

    def _health(self) -> None:
        people = 91 * 17.0
        baseline = np.full(self.n, people * 0.009)
        bounds = np.array([1.08, 1.06, 1.09])
        fraction = 1.0 - bounds ** (-self.air[:, 2:] / 10.0)
        ranks = np.bincount(self.msoa_of, self.rank) / np.bincount(self.msoa_of)
        years = 74.0 + 9.0 * ranks / 32_844 + self.draw.normal(0, 0.6, self.n_msoas)
        years[-1] = np.nan
        deciles = np.arange(10)
        attributes = ("life expectancy at birth", "NOx concentration", "PM2.5 concentration",
                      "mortality attributable to PM2.5, age-standardised")  # fmt: skip
        path = self.layout.store("health")
        sizes = {"msoa": self.n_msoas, "area": self.n, "bound": 3, "attribute": 4, "decile": 10, "cause": 1,
                 "quantile": 3, "measure": 3, "draw": 50, "period": 2, "service": 2}  # fmt: skip
        create_store(path, "health", sizes, attrs={"observation_years": 5})
        means = np.stack([
            74.0 + 0.94 * deciles + np.sin(deciles), 22.0 - 0.4 * deciles,
            9.0 - 0.03 * deciles + 0.1 * np.cos(deciles),
            np.where(deciles == 4, np.nan, 60.0 - 3.0 * deciles),
        ])  # fmt: skip
        wide = np.array([0.0, 1.0, 0.2, 9.0])[:, None]
        index = np.array([0.02, -0.05, -0.01, np.nan])
        slope = np.array([9.4, -4.1, -0.32, np.nan])
        drawn = 900.0 + 90.0 * self.draw.normal(size=(50, 1))
        values = {
            "life_expectancy": years,
            "life_expectancy_lower": years - 0.9,
            "life_expectancy_upper": years + 0.9,
            "msoa_deprivation_rank": ranks,
            "bound": ["central", "lower", "upper"],
            "attribute": list(attributes),
            "ranked_by": ["deprivation_rank"] * 4,
            "attribute_units": ["years", "ug m-3", "ug m-3", "per 100,000 person-years"],
            "sii": np.array([9.4, -4.1, -0.32, np.nan]),
            "sii_lower": np.array([8.1, -6.0, -0.9, np.nan]),
            "sii_upper": np.array([10.7, -2.2, 0.26, np.nan]),
            "rii": np.array([1.13, 0.81, 0.96, np.nan]),
            "rii_lower": np.array([1.11, 0.73, 0.9, np.nan]),
            "rii_upper": np.array([1.15, 0.9, 1.03, np.nan]),
            "decile_mean": means,
            "decile_mean_lower": means - wide,
            "decile_mean_upper": means + wide,
            "concentration_index": index,
            "concentration_index_lower": index - 0.01,
            "concentration_index_upper": index + 0.01,
            "drawn_error": ["", "exposure", "exposure", "relative risk, exposure and baseline"],
            "measure": ["sii", "rii", "concentration_index"],
            "inequality_quantile": np.stack([np.stack([slope + d, slope, slope]) for d in (-1.0, 0.0, 1.0)]),
            "cause": ["PM2.5: all-cause mortality"],
            "cause_evidence": ["quoted: Somebody 2020"],
            "cause_overlap": [""],
            "quantile": np.array([0.025, 0.5, 0.975]),
            "burden_total": drawn,
            "years_lost_total": 12.0 * drawn,
            "period": ["morning peak", "inter-peak"],
            "service": ["gp", "hospital"],
            "decile": np.arange(1, 11, dtype=np.int8),
        }  # fmt: skip
        write_slab(path, "health", {}, values)
        for part in slabs(self.n, shard_of("health", "baseline_deaths", "area")):
            of_area = {
                "baseline_deaths": baseline[part, None],
                "attributable_fraction": fraction[part, :, None],
                "attributable_deaths": (baseline[:, None] * fraction)[part, :, None],
                "years_lost": 12.0 * (baseline[:, None] * fraction)[part, :, None],
                "burden_quantile": (np.array([[0.8], [1.0], [1.2]]) * baseline * fraction[:, 0])[:, part, None],
            }
            write_slab(path, "health", {"area": part}, of_area)
        for period in range(2):
            minutes = 3.0 + 8.0 * np.arange(2) + self.draw.random((1, self.n, 2))
            minutes[0, 0, 1] = np.nan
            values = {"access": 10.0 / minutes, "nearest_service_min": minutes}
            write_slab(path, "health", {"period": slice(period, period + 1)}, values)
        risk = {"name": "PM2.5 all-cause 30+", "central": 1.08, "lower": 1.06, "upper": 1.09, "per_ug_m3": 10.0,
                "evidence": "quoted"}  # fmt: skip
        causes = [{"cause": "PM2.5: all-cause mortality", "relative_risk": risk}]
        results = {"confidence": 0.95, "causes": causes, "counterfactual_ug_m3": 0.0}
        settings = {"health": Config().section("health")}
        self.finish("health", ("areas", "mortality", "carbon"), settings=settings, results=results)


@pytest.fixture
def region() -> Region:
    return Region()


@pytest.fixture
def config() -> Config:
    return parse_config({"name": "small"})


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """Stores of the small region; read only."""
    return Region().write(tmp_path_factory.mktemp("stores"))


@pytest.fixture(scope="session")
def snapshot(written: Layout) -> Path:
    """The small region's release; read only."""
    return run_publish(parse_config({"name": "small"}), written)


def at_tier(region: Region, dataset: str, store: str, tier: str) -> None:
    """Declare one dataset at another tier."""
    region.sources[store][dataset] = dataclasses.replace(region.sources[store][dataset], tier=tier)
