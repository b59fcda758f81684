"""Real files of the city region, read by their contracts; values looked up by hand in the files."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.spine.areas import Zones, read_life_expectancy, read_people, read_zones
from lcr_hpc.spine.readers.boundaries import read_boundaries


@pytest.fixture(scope="module")
def zones(test_data) -> Zones:
    return read_zones(test_data / "lcr" / "lsoa11_lcr.gpkg", test_data / "lcr" / "lookup_lsoa11_msoa11.csv")


def test_areas_join_their_msoa_and_district(zones):
    assert (len(zones), len(zones.msoa_code), len(zones.district_code)) == (989, 200, 6)
    halton = list(zones.code).index("E01012383")
    assert zones.boundaries.name[halton] == "Halton 013A"
    assert zones.msoa_code[zones.msoa[halton]] == "E02002586"
    assert zones.msoa_name[zones.msoa[halton]] == "Halton 013"
    assert zones.district_code[zones.district[halton]] == "E06000006"


def test_residents_and_ranks_join_by_code(zones, test_data):
    lcr = test_data / "lcr"
    people = read_people(lcr / "population20_lsoa11.csv", lcr / "imd2019_england_lsoa11.csv", zones)
    assert people.n_ranked == 32_844
    assert people.rank[list(zones.code).index("E01006412")] == 264
    halton = list(zones.code).index("E01012367")
    assert people.population[halton].sum() == 1947 and people.population[halton, :3].tolist() == [31, 35, 40]


def test_life_expectancy_joins_by_msoa(zones, test_data):
    years = read_life_expectancy(test_data / "lcr" / "life_expectancy_msoa_2009_13.csv", zones)
    assert years[list(zones.msoa_code).index("E02001440")] == 88.19 and np.isfinite(years).sum() == 200


def test_the_same_areas_from_degrees_lie_where_they_lie_in_metres(zones, test_data, tmp_path):
    frame = gpd.read_file(test_data / "lcr" / "lsoa11_lcr.gpkg").head(40)
    frame.to_crs(4326).to_file(tmp_path / "degrees.geojson")
    frame.to_crs(27700).to_parquet(tmp_path / "metres.parquet")
    degrees, metres = (read_boundaries(tmp_path / f) for f in ("degrees.geojson", "metres.parquet"))
    assert list(degrees.code) == list(metres.code)
    assert np.hypot(degrees.x - metres.x, degrees.y - metres.y).max() < 1.0
    assert metres.x.min() > 318_000 and metres.x.max() < 365_000  # Wirral's west to St Helens' east


def test_other_places_codes_are_refused(zones, test_data, tmp_path):
    file = tmp_path / "life.csv"
    file.write_text("msoa11cd,simple_average_2009_2013\nE02001440,88.19\nE02000001,80.0\n")
    with pytest.raises(InputError, match="none of the MSOAs: E02000001; use the codes of the lookup"):
        read_life_expectancy(file, zones)
