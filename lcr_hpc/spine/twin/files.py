"""The twin's feeds as files, each in its own format and with the same bytes every time."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from lcr_hpc.spine.areas import AGES, People, Zones
from lcr_hpc.spine.datasets import GATE
from lcr_hpc.spine.twin.city import City
from lcr_hpc.spine.twin.demand import hourly_profile
from lcr_hpc.spine.twin.geography import Geography
from lcr_hpc.spine.twin.mortality import AGE_BANDS, FIRST_YEAR, LAST_YEAR, make_deaths
from lcr_hpc.spine.twin.people_groups import CATEGORIES, make_groups
from lcr_hpc.spine.twin.road_web import BPR_B, BPR_POWER, FREE_SPEED, LANE_CAPACITY
from lcr_hpc.spine.twin.series import PURPOSES, Hours, make_counts, make_electricity, make_weather
from lcr_hpc.store.calendar import day_type, hours_of_day
from lcr_hpc.store.variables import DAY_TYPES, ROAD_CLASSES


def write_boundaries(folder: Path, geography: Geography) -> None:
    """GeoPackage with codes, names, population points and polygons."""
    # A GeoPackage holds the time of its last change; a fixed one keeps the bytes the same.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2020-01-01T00:00:00.000Z"})
    frame: gpd.GeoDataFrame = geography.frame
    # GDAL tells of a full disk in whatever words of SQLite come up first, so the disk is none of its business.
    made = io.BytesIO()
    pyogrio.write_dataframe(frame, made, layer="areas", driver="GPKG")
    (folder / "areas.gpkg").write_bytes(made.getvalue())


def write_lookup(folder: Path, geography: Geography) -> None:
    """Areas to MSOAs."""
    frame = geography.frame
    csv(
        folder / "lookup.csv",
        {
            "lsoa11_name": frame["lsoa11_name"],
            "lsoa11_code": frame["lsoa11_code"],
            "msoa11_name": geography.msoa_name,
            "msoa11_code": geography.msoa_code,
        },
    )


def write_population(folder: Path, zones: Zones, population: np.ndarray) -> None:
    """Residents by single year of age."""
    columns: dict[str, Any] = {"lsoa11_name": zones.boundaries.name, "lsoa11_code": zones.code}
    columns["total_population"] = population.sum(axis=1)
    columns |= {age: population[:, i] for i, age in enumerate(AGES)}
    csv(folder / "population.csv", columns)


def write_deprivation(folder: Path, zones: Zones, rank: np.ndarray, n_ranked: int) -> None:
    """National ranks and deciles."""
    decile = np.ceil(rank / n_ranked * 10).astype(np.int64)
    csv(folder / "deprivation.csv", {"lsoa11_code": zones.code, "IMD_decile": decile, "IMD_rank": rank})


def write_mortality(folder: Path, zones: Zones, people: People, seed: int) -> None:
    """Deaths by MSOA and age band."""
    deaths = make_deaths(zones, people, seed)
    rows, bands = np.indices(deaths.shape)
    csv(
        folder / "deaths.csv",
        {
            "msoa11_code": zones.msoa_code[rows.ravel()],
            "age_band": AGE_BANDS[bands.ravel()],
            "first_year": FIRST_YEAR,
            "last_year": LAST_YEAR,
            "deaths": deaths.ravel(),
        },
    )


def write_people_groups(folder: Path, zones: Zones, people: People) -> None:
    """Residents by sex and disability, and how those go together with age."""
    groups = make_groups(people)
    rows = [
        (code, name, category, persons[a, k])
        for name, persons in groups.persons.items()
        for a, code in enumerate(zones.code)
        for k, category in enumerate(CATEGORIES[name])
    ]
    columns = zip(*rows, strict=True)
    csv(
        folder / "margins.csv",
        dict(zip(("lsoa11_code", "characteristic", "category", "persons"), columns, strict=True)),
    )
    csv(
        folder / "sample.csv",
        {
            "age_from": [age for age, _, _ in groups.sample],
            **{name: [c[k] for _, c, _ in groups.sample] for k, name in enumerate(CATEGORIES)},
            "persons": [persons for _, _, persons in groups.sample],
        },
    )


def write_network(folder: Path, city: City) -> None:
    """GMNS: node.csv, link.csv and the units in config.csv."""
    roads = city.roads
    zone = np.full(len(roads.x), "", dtype=object)
    zone[: roads.zones] = [*city.zones.code, *roads.gate_code]
    kind_of_node = np.full(len(roads.x), "", dtype=object)
    kind_of_node[roads.areas : roads.zones] = GATE
    csv(folder / "config.csv", {"short_length": ["m"], "long_length": ["km"], "speed": ["kph"], "crs": ["EPSG:27700"]})
    csv(
        folder / "node.csv",
        {
            "node_id": np.arange(1, len(roads.x) + 1),
            "x_coord": roads.x,
            "y_coord": roads.y,
            "zone_id": zone,
            "node_type": kind_of_node,
        },
    )
    kind = roads.road_class
    csv(
        folder / "link.csv",
        {
            "link_id": np.arange(1, len(roads.start) + 1),
            "from_node_id": roads.start + 1,
            "to_node_id": roads.end + 1,
            "directed": 1,
            "length": np.round(roads.length_m / 1000, 4),
            "facility_type": np.array(ROAD_CLASSES, dtype=object)[kind],
            "capacity": LANE_CAPACITY[kind],
            "free_speed": FREE_SPEED[kind],
            "lanes": roads.lanes,
            "vdf_alpha": BPR_B[kind],
            "vdf_beta": BPR_POWER[kind],
        }
        | ({"name": roads.name} if roads.name.astype(bool).any() else {}),
    )


def write_demand(folder: Path, city: City) -> None:
    """Origin-destination pairs in Parquet, hourly profile in CSV."""
    trips, code = city.trips, np.array([*city.zones.code, *city.roads.gate_code], dtype=object)
    origin = np.repeat(np.arange(len(code)), np.diff(trips.offset))
    table = pa.table(
        {
            "origin": pa.array(code[origin]).dictionary_encode(),
            "destination": pa.array(code[trips.destination]).dictionary_encode(),
            **{p: np.round(getattr(trips, p), 6) for p in PURPOSES},
        }
    )
    pq.write_table(table, folder / "od.parquet", compression="zstd")
    rows = [
        (d, p, h, round(float(s), 8)) for d in DAY_TYPES for p in PURPOSES for h, s in enumerate(hourly_profile(d, p))
    ]
    csv(
        folder / "profile.csv",
        dict(zip(("day_type", "purpose", "hour", "share"), zip(*rows, strict=True), strict=True)),
    )


def write_services(folder: Path, city: City) -> None:
    """Sites and their capacity."""
    csv(folder / "services.csv", {c: city.services[c] for c in city.services.columns})


def write_counts(folder: Path, city: City, hours: Hours, seed: int) -> None:
    """One wide CSV a UTC day: a column a detector; blank = silent, -1 = fault."""
    roads, links = city.roads, city.detectors
    names = [f"D{link + 1:06d}" for link in links]
    middle = [(v[roads.start[links]] + v[roads.end[links]]) / 2 for v in (roads.x, roads.y)]
    csv(
        folder / "detectors.csv",
        {
            "detector": names,
            "link_id": links + 1,
            "easting": np.round(middle[0], 1),
            "northing": np.round(middle[1], 1),
        },
    )
    cells = make_counts(hours, roads, city.loads, links, day_types(hours), seed)
    for day, rows in utc_days(hours):
        csv(
            folder / f"counts_{day}.csv",
            {"time_utc": _iso(hours, rows), **dict(zip(names, cells[rows].T, strict=True))},
        )


def write_weather(folder: Path, hours: Hours, seed: int) -> None:
    """One CSV a UTC day."""
    weather = make_weather(hours, seed)
    for day, rows in utc_days(hours):
        csv(
            folder / f"weather_{day}.csv",
            {
                "time_utc": _iso(hours, rows),
                "wind_speed": weather.wind_speed[rows],
                "wind_from": weather.wind_from[rows],
                "air_temperature": weather.temperature[rows],
                "pasquill_class": weather.stability[rows],
                "mixing_height": weather.mixing_height[rows],
            },
        )


def write_energy(folder: Path, city: City, hours: Hours, seed: int) -> None:
    """Half-hourly electricity, one wide CSV a local day as meters settle it: 48 rows, 46 or 50 at clock changes."""
    use = np.round(make_electricity(hours, city.zones, city.people, seed), 2)
    half = pd.date_range(hours.utc[0], periods=2 * hours.count, freq="30min")
    date = half.tz_convert("Europe/London").date
    for day in sorted(set(date)):
        rows = np.flatnonzero(date == day)
        if len(rows) < 2 * len(hours_of_day(day)):
            continue  # the hours begin or end within this day
        csv(
            folder / f"electricity_{day}.csv",
            {
                "time_utc": [f"{t:%Y-%m-%dT%H:%M:%SZ}" for t in half[rows]],
                **dict(zip(city.zones.msoa_code, use[rows].T, strict=True)),
            },
        )


def csv(path: Path, columns: dict[str, Any] | pd.DataFrame) -> None:
    """Write a table."""
    pd.DataFrame(columns).to_csv(path, index=False, lineterminator="\n")


def _iso(hours: Hours, rows: slice) -> list[str]:
    return [f"{t:%Y-%m-%dT%H:%M:%SZ}" for t in hours.utc[rows]]


def utc_days(hours: Hours) -> list[tuple[dt.date, slice]]:
    """Each UTC day, and its place among the hours."""
    return [(hours.utc[i].date(), slice(i, i + 24)) for i in range(0, hours.count, 24)]


def day_types(hours: Hours) -> np.ndarray:
    """Type of the local day of each hour."""
    types = {d: day_type(d) for d in set(hours.local.date)}
    return np.array([types[d] for d in hours.local.date], dtype=object)
