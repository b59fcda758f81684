"""What is observed hour by hour: weather, air, counts, electricity. An hour's value depends on its number alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.spine.areas import People, Zones
from lcr_hpc.spine.twin.demand import hourly_profile
from lcr_hpc.spine.twin.random import Floats, Stream, memory, normal, uniform
from lcr_hpc.spine.twin.roads import CONNECTOR, Roads

Ints = npt.NDArray[np.int64]
EPOCH = pd.Timestamp("1970-01-01", tz="UTC")
PURPOSES = ("home_to_work", "work_to_home", "other")


@dataclass(frozen=True)
class Hours:
    """Consecutive hours: `first` is the number of hours since 1970, UTC."""

    first: int
    count: int

    @property
    def utc(self) -> pd.DatetimeIndex:
        """Start of each hour."""
        return EPOCH + pd.to_timedelta(np.arange(self.first, self.first + self.count), unit="h")

    @property
    def local(self) -> pd.DatetimeIndex:
        """The same instants on the clocks of Liverpool."""
        return self.utc.tz_convert("Europe/London")


@dataclass(frozen=True)
class Weather:
    """One value an hour."""

    wind_speed: Floats
    wind_from: Floats
    temperature: Floats
    stability: npt.NDArray[Any]
    mixing_height: Floats


@dataclass(frozen=True)
class AirSites:
    """Where the air is measured."""

    name: list[str]
    kind: list[str]
    x: Floats
    y: Floats


def make_weather(hours: Hours, seed: int) -> Weather:
    """Westerlies of the region: speed log-normal about 4.5 m/s, direction about 240°, class by Pasquill's rule.

    The class follows wind speed, the sun's height and cloud (Pasquill 1961, as tabled by Turner 1970); the mixing
    height is 200 m at night, and grows with the sun to 1,200 m.
    """
    slow = memory(seed, Stream.WIND, hours.first, hours.count, hours=18)
    quick = memory(seed, Stream.WIND, hours.first + 50_000_000, hours.count, hours=2)
    turn = memory(seed, Stream.WIND, hours.first + 100_000_000, hours.count, hours=30)
    sun = _sun_height(hours)
    speed = np.clip(4.2 * np.exp(0.45 * slow + 0.15 * quick) * (1 + 0.15 * np.clip(sun, 0, None)), 0.3, 28)
    day = hours.utc.day_of_year.to_numpy()
    season = -np.cos(2 * np.pi * (day - 25) / 365.25)
    temperature = 10.3 + 5.8 * season + 3.0 * np.clip(sun, -0.3, None)
    temperature += 2.5 * memory(seed, Stream.TEMPERATURE, hours.first, hours.count, hours=30)
    cloud = np.clip(0.65 + 0.35 * memory(seed, Stream.CLOUD, hours.first, hours.count, hours=6), 0, 1)
    return Weather(
        np.round(speed, 1),
        np.round((240 + 65 * turn) % 360, 0) % 360,
        np.round(temperature, 1),
        _pasquill(speed, sun, cloud),
        np.round(200 + 1000 * np.clip(sun, 0, 1), 0),
    )


def make_counts(
    hours: Hours, roads: Roads, loads: Floats, links: Ints, day_types: npt.NDArray[Any], seed: int
) -> npt.NDArray[Any]:
    """Counted vehicles as text cells, object[hour, detector]: counting noise, silence (blank) and faults (-1)."""
    hour = hours.local.hour.to_numpy()
    share = np.array([[hourly_profile(d, p)[h] for p in PURPOSES] for d, h in zip(day_types, hour, strict=True)])
    expected = np.minimum(share @ loads[:, links], 0.98 * roads.capacity[links])
    n = len(links)
    z = normal(seed, Stream.COUNT, hours.count * n, 1, first=hours.first * n).reshape(hours.count, n)
    day = memory(seed, Stream.COUNT_DAY, hours.first, hours.count, hours=12)[:, None]
    flow = np.maximum(np.round(expected * (1 + 0.04 * day) + np.sqrt(expected) * z), 0).astype(np.int64)
    cells = flow.astype(str).astype(object)
    fault = uniform(seed, Stream.COUNT_FAULT, hours.count * n, 1, first=hours.first * n).reshape(hours.count, n)
    cells[fault < 0.02] = ""
    cells[fault > 0.995] = "-1"
    return cells


def detector_links(roads: Roads, areas: int, seed: int) -> Ints:
    """Links that are counted: about one detector an eight areas, on the busier classes first."""
    wanted = max(4, areas // 8)
    chance = uniform(seed, Stream.COUNT_SITE, len(roads.start), 1)[:, 0]
    patience = np.array([np.inf, 0.25, 0.5, 1.0])[roads.road_class]
    chosen = np.argsort(chance * patience, kind="stable")
    links: Ints = np.sort(chosen[:wanted])
    return links


def air_sites(zones: Zones, roads: Roads, loads: Floats, seed: int) -> AirSites:
    """Background stations in parks, stations beside busy roads, low-cost sensors among homes."""
    n = len(zones)
    kinds = ["background"] * max(1, n // 250) + ["roadside"] * max(1, n // 160) + ["low_cost"] * max(2, n // 60)
    place = (uniform(seed, Stream.AIR_SITE, len(kinds), 1)[:, 0] * n).astype(np.int64)
    x, y = zones.x[place].copy(), zones.y[place].copy()
    busy = np.argsort(-loads.sum(axis=0) * (roads.road_class != CONNECTOR), kind="stable")
    for i in range(len(kinds)):
        if kinds[i] == "roadside":
            link = busy[(i * 7) % max(len(busy) // 20, 1)]
            x[i] = (roads.x[roads.start[link]] + roads.x[roads.end[link]]) / 2 + 8
            y[i] = (roads.y[roads.start[link]] + roads.y[roads.end[link]]) / 2 + 8
    return AirSites([f"{k}_{i:03d}" for i, k in enumerate(kinds)], kinds, np.round(x, 1), np.round(y, 1))


def make_air(hours: Hours, sites: AirSites, weather: Weather, day_types: npt.NDArray[Any], seed: int) -> Floats:
    """Concentrations of NOx and PM2.5, float64[hour, site, 2] in µg/m³.

    A regional background (NOx 14, PM2.5 7: about what rural and urban background sites of the region report) that
    calm air raises; a share of traffic's hours beside roads; noise of the instrument.
    """
    hour = hours.local.hour.to_numpy()
    shape = np.array([sum(hourly_profile(d, p)[h] for p in PURPOSES) for d, h in zip(day_types, hour, strict=True)])
    region = memory(seed, Stream.AIR_REGION, hours.first, hours.count, hours=30)
    calm = (4.5 / np.maximum(weather.wind_speed, 0.8)) ** 0.6
    background = np.stack([14 * np.exp(0.25 * region) * calm, 7 * np.exp(0.30 * region) * calm**0.5], axis=1)
    road = np.array([{"background": 0.0, "roadside": 1.0, "low_cost": 0.15}[k] for k in sites.kind])
    extra = np.stack([40 * shape * 8 * calm, 2.5 * shape * 8 * calm], axis=1)
    n = len(sites.name)
    noise = normal(seed, Stream.AIR, hours.count * n, 2, first=hours.first * n).reshape(hours.count, n, 2)
    values: Floats = (background[:, None, :] + road[None, :, None] * extra[:, None, :]) * np.exp(0.08 * noise)
    return values


def make_electricity(hours: Hours, zones: Zones, people: People, seed: int) -> Floats:
    """Domestic electricity by half hour and MSOA, kWh, float64[half hour, msoa].

    1,422 kWh a resident and year (the six districts in 2019: 3,141 kWh a meter, 2.21 residents a meter), the shape of
    homes: an evening peak, a morning one, quiet nights.
    """
    half = np.arange(2 * hours.count)
    clock = (hours.local.hour.to_numpy()[half // 2] + (half % 2) / 2 + 0.25).astype(np.float64)
    shape = _home_shape(clock) / _home_shape(np.arange(48) / 2 + 0.25).mean()
    day = hours.utc.day_of_year.to_numpy()[half // 2]
    season = 1 + 0.18 * np.cos(2 * np.pi * (day - 15) / 365.25)
    residents = np.bincount(zones.msoa, people.population.sum(axis=1).astype(np.float64), len(zones.msoa_code))
    site = np.exp(0.12 * normal(seed, Stream.ENERGY_SITE, len(residents), 1)[:, 0])
    n = len(residents)
    noise = normal(seed, Stream.ENERGY, 2 * hours.count * n, 1, first=2 * hours.first * n).reshape(-1, n)
    use: Floats = residents * site * 1422 / 17532 * (shape * season)[:, None] * np.exp(0.05 * noise)
    return use


def _home_shape(clock: Floats) -> Floats:
    morning, evening = np.exp(-0.5 * ((clock - 8) / 1.6) ** 2), np.exp(-0.5 * ((clock - 18.5) / 2.4) ** 2)
    shape: Floats = 0.55 + 0.35 * morning + 0.95 * evening
    return shape


def _sun_height(hours: Hours) -> Floats:
    """Sine of the sun's elevation at 53.4° N, 3.0° W."""
    day = hours.utc.day_of_year.to_numpy()
    declination = np.deg2rad(23.44) * np.sin(2 * np.pi * (284 + day) / 365.25)
    angle = np.deg2rad(15 * (hours.utc.hour.to_numpy() + 0.5 - 12) - 3.0)
    latitude = np.deg2rad(53.4)
    height: Floats = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(angle)
    return height


def _pasquill(speed: Floats, sun: Floats, cloud: Floats) -> npt.NDArray[Any]:
    """Pasquill class A–F from wind, sun and cloud."""
    insolation = np.where(sun > 0.82, 2, np.where(sun > 0.5, 1, 0)) - (cloud > 0.8)
    row = np.digitize(speed, [2, 3, 5, 6])
    by_day = np.array(["BAA", "CBA", "CBB", "DCC", "DDC"], dtype=object)
    classes = np.empty(len(speed), dtype=object)
    for i in range(len(speed)):
        if sun[i] > 0.05:
            classes[i] = by_day[row[i]][max(int(insolation[i]), 0)]
        elif cloud[i] > 0.5:
            classes[i] = "EEDDD"[row[i]]
        else:
            classes[i] = "FFEDD"[row[i]]
    return classes
