"""The twin's city: everything that does not change from hour to hour, made once from zones, people and a seed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lcr_hpc.spine.areas import People, Zones
from lcr_hpc.spine.twin.buses import BusRoute, make_buses
from lcr_hpc.spine.twin.demand import Trips, make_jobs, make_trips
from lcr_hpc.spine.twin.loading import load_roads
from lcr_hpc.spine.twin.random import Floats
from lcr_hpc.spine.twin.roads import Roads, make_roads
from lcr_hpc.spine.twin.series import AirSites, Ints, air_sites, detector_links
from lcr_hpc.spine.twin.services import make_services


@dataclass(frozen=True)
class City:
    """What the feeds are written from."""

    zones: Zones
    people: People
    roads: Roads
    trips: Trips
    loads: Floats
    """float64[purpose, link]: vehicles of a weekday, a rough loading"""
    detectors: Ints
    sites: AirSites
    services: pd.DataFrame
    buses: list[BusRoute]


def make_city(zones: Zones, people: People, seed: int, daily_trips_per_person: float) -> City:
    """Build roads, demand, sites and services on given areas and people."""
    roads = make_roads(zones, seed)
    jobs = make_jobs(zones, people, seed)
    trips = make_trips(zones, people, jobs, roads, seed, daily_trips_per_person)
    loads = load_roads(roads, trips, seed)
    return City(
        zones,
        people,
        roads,
        trips,
        loads,
        detector_links(roads, len(zones), seed),
        air_sites(zones, roads, loads, seed),
        make_services(zones, people, jobs, seed),
        make_buses(zones, roads),
    )
