"""The generated city keeps its own accounts, and its margins are the region's."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from lcr_hpc.health.expectancy import life_expectancy
from lcr_hpc.spine.areas import People, Zones
from lcr_hpc.spine.readers.boundaries import Boundaries
from lcr_hpc.spine.twin.demand import COMMUTE_SHARE, DESTINATIONS, hourly_profile, make_jobs, make_trips
from lcr_hpc.spine.twin.geography import CENTRE, MEAN_AREA_M2, make_geography
from lcr_hpc.spine.twin.mortality import AGE_BANDS, FIRST_YEAR, LAST_YEAR, make_deaths, persons_by_band
from lcr_hpc.spine.twin.outside import (
    A_ROAD_GATE_VEH_DAY,
    A_ROAD_THROUGH,
    AREAS_PER_GATE,
    MOTORWAY_GATE_VEH_DAY,
    MOTORWAY_THROUGH,
)  # fmt: skip
from lcr_hpc.spine.twin.people import RANK_QUANTILES, make_population, make_ranks, whole_shares
from lcr_hpc.spine.twin.road_web import A_ROAD, CONNECTOR, LANDWARD_DEG, MOTORWAY
from lcr_hpc.spine.twin.roads import Roads, make_roads
from lcr_hpc.spine.twin.series import Hours, make_electricity, make_weather

SEED = 11


def _zones(areas: int) -> Zones:
    made = make_geography(areas, SEED, "generated")
    frame = made.frame
    code, name = (frame[c].to_numpy(dtype=object) for c in ("lsoa11_code", "lsoa11_name"))
    x, y = (frame[c].to_numpy(dtype=float) for c in ("BNG_E", "BNG_N"))
    shapes = Boundaries(code, name, frame.geometry.to_numpy(), x, y, "given", "generated")
    msoa_code, msoa = np.unique(np.array(made.msoa_code), return_inverse=True)
    district_code, district = np.unique([str(n)[:-5] for n in name], return_inverse=True)
    return Zones(shapes, msoa, msoa_code, msoa_code, district, district_code, district_code)


@pytest.fixture(scope="module")
def zones() -> Zones:
    return _zones(400)


@pytest.fixture(scope="module")
def people(zones: Zones) -> People:
    return People(make_population(zones, SEED), make_ranks(zones, SEED), 32_844)


@pytest.fixture(scope="module")
def roads(zones: Zones) -> Roads:
    return make_roads(zones, SEED)


def test_what_enters_at_a_gate_leaves_there_and_some_of_it_drives_through(zones, people, roads):
    trips = make_trips(zones, people, make_jobs(zones, people, SEED), roads, SEED, 1.1)
    origin = np.repeat(np.arange(roads.zones), np.diff(trips.offset))
    every = trips.home_to_work + trips.work_to_home + trips.other
    gates = np.arange(roads.areas, roads.zones)
    entering = np.bincount(origin, every, roads.zones)[gates]
    leaving = np.bincount(trips.destination, every, roads.zones)[gates]
    motorway = np.array([code.startswith("GATE_M") for code in roads.gate_code])
    assert entering == pytest.approx(leaving)
    assert entering == pytest.approx(np.where(motorway, MOTORWAY_GATE_VEH_DAY, A_ROAD_GATE_VEH_DAY) / 2, rel=0.01)
    through = (origin >= roads.areas) & (trips.destination >= roads.areas)
    assert not (origin[through] == trips.destination[through]).any()
    share = np.bincount(origin[through], every[through], roads.zones)[gates] / entering
    assert share == pytest.approx(np.where(motorway, MOTORWAY_THROUGH, A_ROAD_THROUGH), rel=0.05)


def test_gates_lie_beyond_the_land_border_at_the_end_of_a_road_of_their_kind(zones, roads):
    gates = np.arange(roads.areas, roads.zones)
    assert len(gates) >= 8
    region = shapely.union_all(zones.boundaries.polygon)
    assert not shapely.contains_xy(region, roads.x[gates], roads.y[gates]).any()
    bearing = np.rad2deg(np.arctan2(roads.x[gates] - CENTRE[0], roads.y[gates] - CENTRE[1])) % 360
    assert ((bearing < LANDWARD_DEG[1] + 30) | (bearing > 360 - 30)).all()
    for gate, code in zip(gates, roads.gate_code, strict=True):
        (end,) = roads.end[roads.start == gate]
        inward = (roads.start == end) & (roads.end != gate)
        assert roads.road_class[inward].tolist() == [MOTORWAY if code.startswith("GATE_M") else A_ROAD]


@pytest.mark.parametrize("areas", [20, 53, 400])
def test_areas_tile_the_disc_without_overlap(areas):
    frame = make_geography(areas, SEED, "generated").frame
    polygons = frame.geometry.to_numpy()
    assert len(frame) == areas and frame["lsoa11_name"].is_unique
    assert shapely.is_valid(polygons).all() and not shapely.is_empty(polygons).any()
    whole = shapely.area(shapely.union_all(polygons))
    assert shapely.area(polygons).sum() == pytest.approx(whole, rel=1e-6)
    assert whole == pytest.approx(areas * MEAN_AREA_M2, rel=0.15)
    assert shapely.contains_xy(polygons, frame["BNG_E"], frame["BNG_N"]).all()


def test_msoas_lie_within_one_district_and_hold_about_five_areas(zones):
    sizes = np.bincount(zones.msoa)
    assert sizes.min() >= 3 and sizes.max() <= 8 and sizes.mean() == pytest.approx(4.945, abs=0.5)
    assert len({(m, d) for m, d in zip(zones.msoa, zones.district, strict=True)}) == len(sizes)


def test_residents_by_age_add_up_and_follow_the_regions_pyramid(zones, people):
    assert (people.population >= 0).all()
    assert people.population.sum(axis=1).mean() == pytest.approx(1581, rel=0.05)
    over_65 = people.population[:, 65:].sum() / people.population.sum()
    assert over_65 == pytest.approx(0.1909, abs=0.015)  # bands 65-69 to 90+ of mid-2020


def test_half_the_areas_rank_among_the_regions_most_deprived_and_they_cluster_at_the_centre(zones, people):
    quantiles = np.quantile(people.rank, np.linspace(0.1, 0.9, 9))
    assert quantiles == pytest.approx(RANK_QUANTILES[2:-1:2], rel=0.05)
    away = np.hypot(zones.x - zones.x.mean(), zones.y - zones.y.mean())
    nearest = np.argsort(away)[:100]
    assert np.median(people.rank[nearest]) < 0.6 * np.median(people.rank)


def test_life_expectancy_falls_along_deprivation_as_in_the_region(zones, people):
    deaths = make_deaths(zones, people, SEED)
    years = LAST_YEAR - FIRST_YEAR + 1
    value = life_expectancy(deaths, persons_by_band(zones, people) * years, AGE_BANDS).value[:, 0]
    weight = people.population.sum(axis=1)
    size = np.bincount(zones.msoa, weight)
    rank = np.bincount(zones.msoa, weight * people.rank) / size
    order = np.argsort(rank)
    ridit = np.empty(len(rank))
    ridit[order] = (np.cumsum(size[order]) - size[order] / 2) / size.sum()
    ok = np.isfinite(value)
    slope = np.polyfit(ridit[ok], value[ok], 1, w=np.sqrt(size[ok]))[0]
    # Published for the 200 MSOAs, 2009-13: mean 79.5, from 72 to 88, slope index 9.1 along IMD 2019.
    assert ok.mean() > 0.9
    assert np.nanmean(value) == pytest.approx(79.5, abs=1.0)
    assert slope == pytest.approx(9.1, abs=2.0)
    assert np.nanmin(value) > 67 and np.nanmax(value) < 92


def test_every_node_reaches_every_other_and_no_link_stands_twice(zones, roads):
    nodes = len(roads.x)
    graph = csr_array((np.ones(len(roads.start)), (roads.start, roads.end)), shape=(nodes, nodes))
    assert connected_components(graph, directed=True, connection="strong")[0] == 1
    assert len(np.unique(roads.start * nodes + roads.end)) == len(roads.start)
    assert (roads.start != roads.end).all()
    # Without centroids too: no road may need to pass through one.
    kept = (roads.start >= roads.zones) & (roads.end >= roads.zones)
    inner = csr_array((np.ones(kept.sum()), (roads.start[kept], roads.end[kept])), shape=(nodes, nodes))
    assert connected_components(inner, directed=True, connection="strong")[0] == 1 + roads.zones


def test_centroids_have_connectors_alone_and_motorways_none(roads):
    touches = (roads.start < roads.zones) | (roads.end < roads.zones)
    assert np.array_equal(touches, roads.road_class == CONNECTOR)
    assert (np.bincount(roads.start[touches], minlength=roads.zones)[: roads.zones] >= 1).all()
    motorway = roads.road_class == MOTORWAY
    on_motorway = np.union1d(roads.start[motorway], roads.end[motorway])
    of_area = touches & (roads.end < roads.areas)
    assert motorway.any() and not np.isin(on_motorway, roads.start[of_area]).any()
    straight = np.hypot(roads.x[roads.start] - roads.x[roads.end], roads.y[roads.start] - roads.y[roads.end])
    assert (roads.length_m >= straight - 0.1).all()


def test_trips_sum_to_the_residents_wishes_and_return_home(zones, people, roads):
    trips = make_trips(zones, people, make_jobs(zones, people, SEED), roads, SEED, 1.1)
    residents = people.population.sum(axis=1)
    n = len(zones)
    origin = np.repeat(np.arange(roads.zones), np.diff(trips.offset))
    local = (origin < n) & (trips.destination < n)
    out = np.bincount(origin[local], trips.home_to_work[local])
    assert out == pytest.approx(residents * 1.1 * COMMUTE_SHARE / 2)
    back = np.bincount(trips.destination[local], trips.work_to_home[local])
    assert back == pytest.approx(out)
    every = trips.home_to_work + trips.work_to_home + trips.other
    assert every[local].sum() == pytest.approx(1.1 * residents.sum())
    # No more pairs than drawn destinations, there and back, for the two kinds of trip.
    assert local.sum() <= 4 * DESTINATIONS * n
    for row in range(roads.zones):
        assert (np.diff(trips.destination[trips.offset[row] : trips.offset[row + 1]]) > 0).all()


def test_weekday_profiles_sum_to_one_with_a_morning_out_and_an_evening_back():
    for purpose in ("home_to_work", "work_to_home", "other"):
        assert hourly_profile("weekday", purpose).sum() == pytest.approx(1)
        assert hourly_profile("sunday", purpose).sum() < 1
    assert np.argmax(hourly_profile("weekday", "home_to_work")) in (7, 8)
    assert np.argmax(hourly_profile("weekday", "work_to_home")) in (16, 17)


def test_a_year_of_electricity_is_what_the_region_drew(zones, people):
    # 1,422 kWh of domestic electricity a resident in 2019, by the six districts' MSOA figures.
    year = make_electricity(Hours(482_136, 365 * 24), zones, people, SEED).sum()
    assert year / people.population.sum() == pytest.approx(1422, rel=0.04)


def test_the_weather_is_the_westerlies_and_stable_nights_have_shallow_air():
    hours = Hours(482_136, 365 * 24)
    weather = make_weather(hours, SEED)
    assert 4.0 < weather.wind_speed.mean() < 5.5 and weather.wind_speed.min() > 0
    assert ((weather.wind_from > 180) & (weather.wind_from < 310)).mean() > 0.5
    assert 9 < weather.temperature.mean() < 13
    night = (weather.stability == "F") | (weather.stability == "E")
    assert 0.1 < night.mean() < 0.5 and weather.mixing_height[night].mean() < 300
    assert not (night & (hours.local.hour.to_numpy() == 13)).any()


def test_whole_shares_add_up_and_stay_within_one_of_the_exact_share():
    weight = np.array([[1.0, 2.0, 3.0], [5.0, 0.0, 5.0]])
    shares = whole_shares(weight, np.array([7, 3]), np.array([0.5, 0.2]))
    assert shares.sum(axis=1).tolist() == [7, 3]
    exact = weight / weight.sum(axis=1, keepdims=True) * np.array([[7], [3]])
    assert np.abs(shares - exact).max() <= 1 and shares[1, 1] == 0


def test_a_bigger_city_costs_memory_by_its_size_not_its_square():
    z = _zones(3000)
    p = People(make_population(z, SEED), make_ranks(z, SEED), 32_844)
    jobs = make_jobs(z, p, SEED)
    streets = make_roads(z, SEED)
    tracemalloc.start()
    try:
        trips = make_trips(z, p, jobs, streets, SEED, 1.1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # 9 million pairs are possible; a row has at most the draws of two purposes, there and back.
    assert len(trips.destination) <= 4 * DESTINATIONS * 3000 + 2 * AREAS_PER_GATE * streets.zones
    assert np.diff(trips.offset[:3001]).min() > DESTINATIONS / 2
    assert peak < 300e6  # 147 MB were measured
