"""A small region of two shards of areas, written through the stores' own door."""

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
    pollutants: tuple[str, ...] = ("NOx", "PM2.5")

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
        self.level += draw.normal(0.0, 0.3, self.level.shape)

    def shuffled(self) -> Region:
        """Return the same region with its areas in another order."""
        other = dataclasses.replace(self)
        order = np.random.default_rng(2).permutation(self.areas)
        for name in ("group", "rank", "population", "level"):
            setattr(other, name, getattr(self, name)[order])
        other.deaths, other.published = self.deaths, self.published
        return other

    def write(self, root: Path) -> Layout:
        """Write areas, mortality and carbon with their manifests."""
        layout = Layout(root, Config().night)
        msoa = [f"E0200{m:04d}" for m in range(self.msoas)]
        path = layout.store("areas")
        names = ("area", "area_msoa", "msoa", "age", "population", "deprivation_rank")
        create_store(path, "areas", {"area": self.areas, "msoa": self.msoas, "age": 91}, only=names)
        values = {
            "area": [f"E0100{a:04d}" for a in range(self.areas)],
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
        names = ("air_pollutant", "concentration_ug_m3")
        create_store(path, "carbon", {"area": self.areas, "air_pollutant": 2}, only=names)
        write_slab(path, "carbon", {}, {"air_pollutant": list(self.pollutants)})
        for part in slabs(self.areas, shard_of("carbon", "concentration_ug_m3", "area")):
            write_slab(path, "carbon", {"area": part}, {"concentration_ug_m3": self.level[part]})
        for name in ("areas", "mortality", "carbon"):
            finish_store(layout.store(name), layout.manifest(name), name, sources={name: SOURCE})
        return layout


@pytest.fixture
def region() -> Region:
    return Region()
