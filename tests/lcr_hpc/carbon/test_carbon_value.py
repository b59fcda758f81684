from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.carbon.carbon_value import carbon_values, discount_factors
from lcr_hpc.errors import InputError


def test_published_values():
    # DESNZ 2023, £2022: central 273.06 in 2025, 294.50 in 2030, 342.55 in 2040
    assert carbon_values(np.array([2025, 2030, 2040]))[1] == pytest.approx([273.06, 294.50, 342.55])


def test_every_value_is_the_published_one(test_data):
    published = pd.read_csv(test_data / "carbon" / "uk_carbon_values_desnz2023.csv")
    years = np.unique(published["year"])
    theirs = published.pivot_table(index="scenario", columns="year", values="value_gbp_per_tco2e")
    assert np.array_equal(carbon_values(years), theirs.loc[["low", "central", "high"], years].to_numpy())
    assert set(published["base_year"]) == {2022}


def test_discount_factors_by_hand():
    # 1/1.035, 1.035^-30, then one year at 3.0 %
    found = discount_factors(np.array([2025, 2026, 2055, 2056, 2100]), 2025)
    assert found == pytest.approx([1.0, 0.9661836, 0.3562784, 0.3562784 / 1.03, 0.3562784 / 1.03**45], rel=1e-6)
    assert found[0] == 1.0


def test_years_without_a_published_number_are_refused():
    with pytest.raises(InputError, match=r"2051 to 2051 have no carbon value: .* 2020 to 2050"):
        carbon_values(np.array([2050, 2051]))
    with pytest.raises(InputError, match="wanted 2025, the present, to 2100"):
        discount_factors(np.array([2024]), 2025)
    with pytest.raises(InputError, match="wanted 2025"):
        discount_factors(np.array([2101]), 2025)
