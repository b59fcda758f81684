"""The real city region: figures that a change of method must explain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.health import composite_index, concentration_index
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
