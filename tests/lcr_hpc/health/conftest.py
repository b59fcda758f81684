"""A small region of two shards of areas on a ring road, written through the stores' own door."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from lcr_hpc.config import Config
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Source, finish_store
from lcr_hpc.store.slabs import create_store, shard_of, slabs, write_slab

BANDS = np.array([0, 1, *range(5, 95, 5)], np.int16)
SOURCE = Source("Made up for a test", "synthetic", "open", "CC0-1.0", "nobody")


@dataclass
class Region:
    """What the stores hold; change a field before `write`."""

    areas: int = 300
    msoas: int = 30
    years: int = 5
    population: np.ndarray = field(init=False)
    group: np.ndarray = field(init=False)
    rank: np.ndarray = field(init=False)
    deaths: np.ndarray = field(init=False)
    published: np.ndarray = field(init=False)
    level: np.ndarray = field(init=False)
    place: np.ndarray = field(init=False)
    pollutants: tuple[str, ...] = ("NOx", "PM2.5")
    groups: bool = False

    def __post_init__(self) -> None:
        draw = np.random.default_rng(11)
        age = np.arange(91)
        self.group = (np.arange(self.areas) * self.msoas // self.areas).astype(np.int32)
        self.rank = draw.permutation(32_844)[: self.areas].astype(np.int32) + 1
        self.population = draw.poisson(18.0, (self.areas, 91)).astype(np.int32)
        edges = np.searchsorted(age, BANDS)
        people = np.zeros((self.msoas, BANDS.size))
        np.add.at(people, self.group, np.add.reduceat(self.population, edges, axis=1))
        hardship = 1.5 - np.bincount(self.group, self.rank / 32_844) / np.bincount(self.group)
        hazard = np.minimum(3e-5 * np.exp(0.095 * (BANDS + 2.5)), 0.3)
        self.deaths = draw.poisson(self.years * people * hazard * hardship[:, None]).astype(np.int32)
        self.deaths[:, -1] += 1
        self.published = np.full(self.msoas, np.nan)
        self.level = np.stack([30.0 - self.rank / 3000.0, 12.0 - self.rank / 9000.0], axis=1)
        self.place = np.arange(self.areas)  # along the ring road, where the most deprived live nearest to its start
        self.level += draw.normal(0.0, 0.3, self.level.shape)

    def shuffled(self) -> Region:
        """Return the same region with its areas in another order."""
        other = dataclasses.replace(self)
        order = np.random.default_rng(2).permutation(self.areas)
        for name in ("group", "rank", "population", "level", "place"):
            setattr(other, name, getattr(self, name)[order])
        other.deaths, other.published = self.deaths, self.published
        return other

    def write(self, root: Path) -> Layout:
        """Write all that the stage reads, with the manifests."""
        layout = Layout(root, Config().night)
        msoa = [f"E0200{m:04d}" for m in range(self.msoas)]
        path = layout.store("areas")
        names = ("area", "area_x", "area_y", "area_msoa", "msoa", "age", "population", "deprivation_rank")
        create_store(path, "areas", {"area": self.areas, "msoa": self.msoas, "age": 91}, only=names)
        values = {
            "area": [f"E0100{a:04d}" for a in range(self.areas)],
            "area_x": 1000.0 * self.place + 100.0,  # no road's middle is as far from two areas
            "area_y": np.zeros(self.areas),
            "area_msoa": self.group,
            "msoa": msoa,
            "age": np.arange(91, dtype=np.int16),
            "population": self.population,
            "deprivation_rank": self.rank,
        }
        write_slab(path, "areas", {}, values)

        path = layout.store("mortality")
        sizes = {"msoa": self.msoas, "age_band": BANDS.size}
        create_store(path, "mortality", sizes, attrs={"observation_years": self.years})
        values = {
            "msoa": msoa,
            "age_band": BANDS,
            "deaths": self.deaths,
            "published_life_expectancy": self.published,
        }
        write_slab(path, "mortality", {}, values)

        path = layout.store("carbon")
        names = ("hour", "pollutant", "emission_g_h", "air_pollutant", "concentration_ug_m3")
        sizes = {"area": self.areas, "air_pollutant": 2, "hour": 2, "pollutant": 1, "link": 4 * self.areas - 2}
        create_store(path, "carbon", sizes, only=names)
        write_slab(
            path,
            "carbon",
            {},
            {"air_pollutant": list(self.pollutants), "pollutant": ["CO2"], "hour": np.arange(2)},
        )
        for hour in range(2):
            emission = np.full((1, 4 * self.areas - 2, 1), 500.0)
            write_slab(path, "carbon", {"hour": slice(hour, hour + 1)}, {"emission_g_h": emission})
        for part in slabs(self.areas, shard_of("carbon", "concentration_ug_m3", "area")):
            write_slab(path, "carbon", {"area": part}, {"concentration_ug_m3": self.level[part]})
        self._write_people(layout)
        self._write_roads(layout)
        self._write_services(layout)
        for name in ("areas", "mortality", "people", "services", "network", "demand", "traffic", "carbon"):
            finish_store(layout.store(name), layout.manifest(name), name, sources={name: SOURCE})
        return layout

    def _write_people(self, layout: Layout) -> None:
        """Two sexes, and disabled people the more the older; or nothing."""
        path, used = layout.store("people"), 2 if self.groups else 0
        categories = ["female", "male", "disabled", "not disabled"][: 2 * used]
        ages = np.repeat([0, 15, 30, 45, 65, 75], 4)[: 12 * used]
        sizes = {"area": self.areas, "characteristic": used, "category": 2 * used, "sample": ages.size}
        create_store(path, "people", sizes)
        total = self.population.sum(axis=1)
        women, ill = np.rint(0.51 * total), np.rint(total * (0.30 - 0.2 * self.rank / 32_844))
        persons = np.stack([women, total - women, ill, total - ill], axis=1).astype(np.int32)
        of_age = 0.05 + 0.5 * ages / 75
        values = {
            "characteristic": ["sex", "disability"][:used],
            "category": categories,
            "category_of": np.repeat([0, 1], 2)[: 2 * used],
            "persons": persons[:, : 2 * used],
            "sample_age": ages.astype(np.int16),
            "sample_category": np.tile([[0, 2], [0, 3], [1, 2], [1, 3]], (6, 1))[: ages.size, :used],
            "sample_persons": np.where(np.arange(ages.size) % 2 == 0, of_age, 1 - of_age),
        }
        write_slab(path, "people", {}, values)

    def _write_roads(self, layout: Layout) -> None:
        """A line of nodes a kilometre apart, each beside a zone: a minute a kilometre, two in the second period."""
        n = self.areas
        node, zone = n + np.arange(n), np.argsort(self.place)
        links = np.concatenate(
            [
                np.column_stack([node[:-1], node[1:]]),
                np.column_stack([node[1:], node[:-1]]),
                np.column_stack([zone, node]),
                np.column_stack([node, zone]),
            ]
        )
        start, end = links.T.astype(np.int32)
        path = layout.store("network")
        names = ("node_x", "node_y", "from_node", "to_node")
        create_store(path, "network", {"node": 2 * n, "link": start.size}, only=names, attrs={"n_zones": n})
        x = np.concatenate([1000.0 * self.place, 1000.0 * np.arange(n)])
        values = {"node_x": x, "node_y": np.zeros(2 * n), "from_node": start, "to_node": end}
        write_slab(path, "network", {}, values)

        minutes = np.where((start >= n) & (end >= n), 1.0, 0.5)
        path = layout.store("traffic")
        names = ("period", "day_type", "hour_period", "link_time_min")
        sizes = {"period": 2, "day_type": 2, "hour_of_day": 24, "link": start.size}
        create_store(path, "traffic", sizes, only=names)
        of_hour = (np.arange(24) >= 12).astype(np.int16)
        of_type = np.stack([1 - of_hour, of_hour])
        values = {"period": ["morning", "later"], "day_type": ["sunday", "weekday"], "hour_period": of_type}
        write_slab(path, "traffic", {}, values)
        for period in range(2):
            part = {"period": slice(period, period + 1)}
            write_slab(path, "traffic", part, {"link_time_min": (1 + period) * minutes[None]})

        path = layout.store("demand")
        sizes = {"origin_edge": n + 1, "od": n, "purpose": 1}
        names = ("origin_offset", "destination", "trips_veh_day", "purpose")
        create_store(path, "demand", sizes, only=names)
        values = {
            "origin_offset": np.arange(n + 1),
            "destination": np.full(n, zone[0], np.int32),
            "trips_veh_day": np.ones((1, n)),
            "purpose": ["home_to_work"],
        }
        write_slab(path, "demand", {}, values)

    def _write_services(self, layout: Layout) -> None:
        """A surgery at every tenth kilometre, a hospital at the start, a job everywhere."""
        x = np.concatenate([np.arange(0, self.areas, 10), [0], np.arange(self.areas)]) * 1000.0 + 10.0
        kind = np.repeat([0, 1, 2], [x.size - 1 - self.areas, 1, self.areas]).astype(np.int8)
        path = layout.store("services")
        names = ("service_kind", "service_x", "service_y", "capacity", "emergency_department")
        create_store(path, "services", {"service": x.size}, only=names)
        values = {
            "service_kind": kind,
            "service_x": x,
            "service_y": np.zeros(x.size),
            "capacity": np.array([5.0, 600.0, 100.0])[kind],
            "emergency_department": (kind == 1).astype(np.int8),
        }
        write_slab(path, "services", {}, values)


@pytest.fixture
def region() -> Region:
    return Region()
