"""The twin's city: everything that does not change from hour to hour, made once from zones, people and a seed."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lcr_hpc.spine.areas import People, Zones
from lcr_hpc.spine.readers.srn import TrunkNetwork
from lcr_hpc.spine.twin.buses import BusRoute, make_buses
from lcr_hpc.spine.twin.demand import Trips, make_jobs, make_trips, scaled
from lcr_hpc.spine.twin.loading import load_roads, loaded_vehicle_km_year
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
    demand_factor: float
    """What the demand was multiplied with to meet the region's vehicle-km; 1 = it was not"""


def make_city(
    zones: Zones,
    people: People,
    seed: int,
    daily_trips_per_person: float,
    *,
    trunk: TrunkNetwork | None = None,
    vehicle_km_year: float | None = None,
    year: int = 0,
) -> City:
    """Build roads, demand, sites and services on given areas and people.

    Parameters
    ----------
    zones, people, seed
        What it is built on.
    daily_trips_per_person : float
        Vehicle trips of a resident on a weekday.
    trunk : TrunkNetwork, optional
        Real motorways and trunk roads, in the place of generated ones.
    vehicle_km_year : float, optional
        Vehicle-km of all districts in `year`: all demand, the outside's too, is multiplied with one factor so that
        the rough loading has them.
    year : int
        Calendar year, for its number of weekdays.
    """
    roads = make_roads(zones, seed, trunk)
    jobs = make_jobs(zones, people, seed)
    trips = make_trips(zones, people, jobs, roads, seed, daily_trips_per_person)
    loads = load_roads(roads, trips, seed)
    factor = 1.0
    if vehicle_km_year is not None:
        factor = vehicle_km_year / loaded_vehicle_km_year(zones, roads, loads, year)
        trips, loads = scaled(trips, factor), loads * factor
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
        factor,
    )
