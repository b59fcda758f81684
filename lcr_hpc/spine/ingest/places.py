"""What does not change from hour to hour: areas, deaths, roads, trips, services. Each reads and checks, then writes.

Every function returns the act of writing, so that all feeds are checked before the first store changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import shapely

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.areas import People, Zones, only_file, read_people, read_zones
from lcr_hpc.spine.catalogue import ENTRY_FILE, read_entry
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.tables import read_reference
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Source, begin_stage, fingerprint_file, finish_store
from lcr_hpc.store.slabs import create_store, write_slab
from lcr_hpc.store.variables import DAY_TYPES, PURPOSES, ROAD_CLASSES, SERVICE_KINDS

Write = Callable[[], None]


@dataclass(frozen=True)
class Areas:
    """Zones and people, which the other feeds refer to."""

    zones: Zones
    people: People

    def index(self, codes: pd.Series, path: Path, column: str) -> np.ndarray:
        """Index of each area code.

        Raises
        ------
        InputError
            Codes that no boundary has.
        """
        return _index(self.zones.code, codes, path, column, "areas")


def ingest_areas(layout: Layout) -> tuple[Areas, Write]:
    """Boundaries, lookup, population and deprivation into the store `areas`."""
    names = ("boundaries", "lookup", "population", "deprivation")
    paths = {n: only_file(layout.incoming / n) for n in names}
    zones = read_zones(paths["boundaries"], paths["lookup"])
    people = read_people(paths["population"], paths["deprivation"], zones)
    b = zones.boundaries
    _, coordinates, (ring, polygon, area) = shapely.to_ragged_array(list(b.polygon))
    values: dict[str, Any] = {
        "area": b.code,
        "area_name": b.name,
        "area_x": b.x,
        "area_y": b.y,
        "area_msoa": zones.msoa,
        "area_district": zones.district,
        "msoa": zones.msoa_code,
        "msoa_name": zones.msoa_name,
        "district": zones.district_code,
        "district_name": zones.district_name,
        "age": np.arange(people.population.shape[1]),
        "population": people.population,
        "deprivation_rank": people.rank,
        "boundary_x": coordinates[:, 0],
        "boundary_y": coordinates[:, 1],
        "boundary_ring_offset": ring.astype(np.int64),
        "boundary_polygon_offset": polygon.astype(np.int64),
        "boundary_area_offset": area.astype(np.int64),
    }
    sizes = {
        "area": len(b.code), "msoa": len(zones.msoa_code), "district": len(zones.district_code),
        "age": people.population.shape[1], "vertex": len(coordinates), "ring_edge": len(ring),
        "polygon_edge": len(polygon), "area_edge": len(area),
    }  # fmt: skip
    vintage = read_entry(layout.incoming / "boundaries").attributes.get("vintage", b.vintage)
    attrs = {"vintage": vintage, "n_ranked": people.n_ranked, "population_point": b.point, "crs": "EPSG:27700"}
    return Areas(zones, people), lambda: write_whole(layout, "areas", names, sizes, values, attrs)


def ingest_mortality(layout: Layout, areas: Areas) -> Write:
    """Deaths by MSOA and age band, and published life expectancy where there is any."""
    path = only_file(layout.incoming / "mortality")
    table = read_reference(path, "mortality", "*.csv")
    msoas = areas.zones.msoa_code
    bands = np.unique(table["age_band"])
    row = _index(msoas, table["msoa11_code"], path, "msoa11_code", "MSOAs")
    column = np.searchsorted(bands, table["age_band"])
    problems = []
    if (table["deaths"] < 0).any():
        problems.append(f"{path}: deaths below 0 on line {_lines(table['deaths'] < 0)}")
    if len(table) != len(msoas) * len(bands) or len(np.unique(row * len(bands) + column)) != len(table):
        problems.append(f"{path}: wanted one row an MSOA and age band, {len(msoas)} × {len(bands)}; found {len(table)}")
    spans = table[["first_year", "last_year"]].drop_duplicates()
    if len(spans) != 1 or (spans["last_year"] < spans["first_year"]).any():
        problems.append(f"{path}: wanted the same first_year ≤ last_year on every row")
    raise_all(problems, InputError)
    deaths = np.zeros((len(msoas), len(bands)), dtype=np.int64)
    deaths[row, column] = table["deaths"]
    published, names = _published(layout, areas)
    years = int(spans["last_year"].iloc[0] - spans["first_year"].iloc[0] + 1)
    values = {"msoa": msoas, "age_band": bands, "deaths": deaths, "published_life_expectancy": published}
    sizes = {"msoa": len(msoas), "age_band": len(bands)}
    return lambda: write_whole(layout, "mortality", ("mortality", *names), sizes, values, {"observation_years": years})


def _published(layout: Layout, areas: Areas) -> tuple[np.ndarray, tuple[str, ...]]:
    values = np.full(len(areas.zones.msoa_code), np.nan)
    folder = layout.incoming / "life_expectancy"
    if not (folder / ENTRY_FILE).is_file():
        return values, ()
    path = only_file(folder)
    table = read_reference(path, "life_expectancy", "*.csv", key="msoa11cd")
    years = table["simple_average_2009_2013"]
    if ((years < 30) | (years > 110)).any():
        raise InputError(
            f"{path}: life expectancy outside 30 to 110 years on line {_lines((years < 30) | (years > 110))}"
        )
    values[_index(areas.zones.msoa_code, table["msoa11cd"], path, "msoa11cd", "MSOAs")] = years
    return values, ("life_expectancy",)


def ingest_network(layout: Layout, areas: Areas) -> Write:
    """GMNS nodes and links; zone centroids come first, in area order."""
    folder = layout.incoming / "network"
    node = read_reference(folder / "node.csv", "network", "node.csv", key="node_id")
    link = read_reference(folder / "link.csv", "network", "link.csv", key="link_id")
    raise_all(_network_problems(folder, node, link, areas), InputError)
    zone = node["zone_id"].map({c: i for i, c in enumerate(areas.zones.code)})
    node = node.iloc[np.lexsort((node["node_id"], zone.fillna(len(areas.zones))))].reset_index(drop=True)
    link = link.sort_values("link_id", ignore_index=True)
    place = pd.Series(np.arange(len(node)), index=node["node_id"])
    start, end = (place[link[c]].to_numpy() for c in ("from_node_id", "to_node_id"))
    x, y = node["x_coord"].to_numpy(), node["y_coord"].to_numpy()
    values = {
        "node": node["node_id"],
        "node_x": x,
        "node_y": y,
        "link": link["link_id"],
        "from_node": start,
        "to_node": end,
        "length_m": link["length"] * 1000.0,
        "free_flow_time_min": link["length"] / link["free_speed"] * 60.0,
        "capacity_veh_h": link["capacity"] * link["lanes"],
        "bpr_b": link["vdf_alpha"],
        "bpr_power": link["vdf_beta"],
        "lanes": link["lanes"],
        "road_class": link["facility_type"].map({c: i for i, c in enumerate(ROAD_CLASSES)}),
        "link_district": _district_at(areas.zones, (x[start] + x[end]) / 2, (y[start] + y[end]) / 2),
    }
    sizes = {"node": len(node), "link": len(link)}
    attrs = {"n_zones": len(areas.zones), "first_through_node": len(areas.zones), "crs": "EPSG:27700"}
    return lambda: write_whole(layout, "network", ("network",), sizes, values, attrs)


def _network_problems(folder: Path, node: pd.DataFrame, link: pd.DataFrame, areas: Areas) -> Iterable[str]:
    file = folder / "link.csv"
    known = set(node["node_id"])
    zones = node["zone_id"][node["zone_id"] != ""]
    if set(zones) != set(areas.zones.code) or zones.duplicated().any():
        lost = sorted(set(areas.zones.code) - set(zones))
        found = f"none for {few(lost)}" if lost else "some repeat, or are no area's"
        yield f"{folder / 'node.csv'}: wanted one centroid an area; {found}"
    for column in ("from_node_id", "to_node_id"):
        if (bad := ~link[column].isin(known)).any():
            yield f"{file}: `{column}` names no node of node.csv on line {_lines(bad)}"
    for column in ("capacity", "free_speed", "lanes"):
        if (bad := link[column] <= 0).any():
            yield f"{file}: `{column}` must be above 0; it is not on line {_lines(bad)}"
    for column in ("length", "vdf_alpha", "vdf_beta"):
        if (bad := link[column] < 0).any():
            yield f"{file}: `{column}` is below 0 on line {_lines(bad)}"
    if (bad := ~link["facility_type"].isin(ROAD_CLASSES)).any():
        yield f"{file}: `facility_type` wants {', '.join(ROAD_CLASSES)}; found another on line {_lines(bad)}"
    centroid = set(node["node_id"][node["zone_id"] != ""])
    joined = set(link["from_node_id"]) & set(link["to_node_id"])
    if lost := sorted(centroid - joined):
        yield f"{file}: no road to or from the centroid of node {few(lost)}; add connectors"


def ingest_demand(layout: Layout, areas: Areas) -> Write:
    """Origin-destination pairs and the profile of the day."""
    folder = layout.incoming / "demand"
    path = folder / "od.parquet"
    try:
        od = pq.read_table(path).to_pandas()
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no readable Parquet file ({error})") from None
    lacking = [c for c in ("origin", "destination", *PURPOSES) if c not in od.columns]
    if lacking:
        raise InputError(f"{path}: no column {', '.join(lacking)}; the file has {', '.join(od.columns)}")
    trips = od[list(PURPOSES)].to_numpy(dtype=np.float64)
    if (bad := ~(np.isfinite(trips) & (trips >= 0)).all(axis=1)).any():
        raise InputError(
            f"{path}: trips must be numbers of 0 or more; they are not in row {few(np.flatnonzero(bad) + 1)}"
        )
    origin = areas.index(od["origin"].astype(str), path, "origin")
    destination = areas.index(od["destination"].astype(str), path, "destination")
    order = np.lexsort((destination, origin))
    origin, destination, trips = origin[order], destination[order], trips[order]
    if len(origin) and ((np.diff(origin) == 0) & (np.diff(destination) == 0)).any():
        raise InputError(f"{path}: an origin and destination stand twice; add their trips up")
    offset = np.searchsorted(origin, np.arange(len(areas.zones) + 1)).astype(np.int64)
    values = {
        "origin_offset": offset,
        "destination": destination,
        "trips_veh_day": trips.T,
        "purpose": list(PURPOSES),
        "day_type": list(DAY_TYPES),
        "hourly_share": _profile(folder / "profile.csv"),
    }
    sizes = {"origin_edge": len(offset), "od": len(origin), "purpose": 3, "day_type": 3, "hour_of_day": 24}
    return lambda: write_whole(layout, "demand", ("demand",), sizes, values, {})


def _profile(path: Path) -> np.ndarray:
    table = read_reference(path, "demand", "profile.csv")
    shares = np.full((len(DAY_TYPES), len(PURPOSES), 24), np.nan)
    day, purpose = (
        table[c].map({n: i for i, n in enumerate(names)})
        for c, names in (("day_type", DAY_TYPES), ("purpose", PURPOSES))
    )
    good = day.notna() & purpose.notna() & table["hour"].between(0, 23) & (table["share"] >= 0)
    if not good.all():
        raise InputError(f"{path}: unknown day type, purpose or hour, or a share below 0, on line {_lines(~good)}")
    shares[day.astype(int), purpose.astype(int), table["hour"]] = table["share"]
    if np.isnan(shares).any():
        raise InputError(
            f"{path}: wanted a share for each day type, purpose and hour; {np.isnan(shares).sum()} are missing"
        )
    return shares


def ingest_services(layout: Layout, areas: Areas) -> Write:
    """Surgeries, hospitals and places of work."""
    path = only_file(layout.incoming / "services")
    table = read_reference(path, "services", "*.csv", key="service").sort_values("service", kind="stable")
    if (bad := ~table["kind"].isin(SERVICE_KINDS)).any():
        raise InputError(f"{path}: `kind` wants {', '.join(SERVICE_KINDS)}; found another on line {_lines(bad)}")
    values = {
        "service": table["service"],
        "service_name": table["name"],
        "service_kind": table["kind"].map({k: i for i, k in enumerate(SERVICE_KINDS)}),
        "service_x": table["easting"],
        "service_y": table["northing"],
        "capacity": table["capacity"],
    }
    return lambda: write_whole(layout, "services", ("services",), {"service": len(table)}, values, {})


def write_whole(
    layout: Layout,
    store: str,
    datasets: Iterable[str],
    sizes: Mapping[str, int],
    values: Mapping[str, Any],
    attrs: Mapping[str, Any],
) -> None:
    """Write a store that is one slab, and its manifest."""
    begin_stage(layout.manifest(store))
    create_store(layout.store(store), store, sizes, attrs=attrs)
    write_slab(layout.store(store), store, {}, {k: np.asarray(v) for k, v in values.items()})
    finish_spine_store(layout, store, datasets)


def finish_spine_store(
    layout: Layout, store: str, datasets: Iterable[str], results: Mapping[str, Any] | None = None
) -> None:
    """Write the manifest of a spine store from the datasets it was read from."""
    sources: dict[str, Source] = {}
    files: dict[str, str] = {}
    for name in datasets:
        folder = layout.incoming / name
        sources[name] = read_entry(folder).source
        for file in sorted(folder.iterdir()):
            if file.is_file() and file.name != ENTRY_FILE:
                files[f"{name}/{file.name}"] = fingerprint_file(file)
    finish_store(layout.store(store), layout.manifest(store), store, files=files, sources=sources, results=results)


def _index(known: np.ndarray, codes: pd.Series, path: Path, column: str, what: str) -> np.ndarray:
    place = codes.map({c: i for i, c in enumerate(known)})
    if place.isna().any():
        strangers = sorted(set(codes[place.isna()]))
        raise InputError(f"{path}: `{column}` has {len(strangers)} codes that are none of the {what}: {few(strangers)}")
    return place.to_numpy(dtype=np.int64)


def _district_at(zones: Zones, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """District of the area that holds each point, else of the nearest within 2 km, else −1."""
    tree = shapely.STRtree(zones.boundaries.polygon)
    points = shapely.points(x, y)
    found = np.full(len(x), -1, dtype=np.int64)
    point, area = tree.query_nearest(points, max_distance=2000.0, all_matches=False)
    found[point] = zones.district[area]
    return found


def _lines(bad: pd.Series) -> str:
    return few(np.flatnonzero(np.asarray(bad)) + 2)
