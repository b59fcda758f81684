"""The restated coefficients: each says where it is from, and is what the source says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.carbon.tables import coefficient_table, columns
from lcr_hpc.config import coefficients_dir
from lcr_hpc.errors import InputError


def test_every_table_says_unit_source_year_and_licence():
    tables = sorted(coefficients_dir().glob("*.csv"))
    assert len(tables) >= 12
    for table in tables:
        text = table.read_text(encoding="utf-8").lower()
        for word in ("unit:", "source", "year:", "licence:"):
            assert word in text, f"{table.name} does not say its {word}"


def test_missing_tables_and_columns_are_named():
    with pytest.raises(InputError, match=r"no coefficient table .*hot_emission_eea2099"):
        coefficient_table("hot_emission_eea2099")
    with pytest.raises(InputError, match="no column b, c; it has a"):
        columns({"a": [1.0]}, ["a", "b", "c"], "table")
    with pytest.raises(InputError, match="different length"):
        columns({"a": [1.0], "b": [1.0, 2.0]}, ["a", "b"], "table")
    with pytest.raises(InputError, match="holds no numbers"):
        columns({"a": ["x"]}, ["a"], "table")


def test_tables_are_what_their_sources_say(test_data):
    folder = test_data / "carbon"
    exhaust = coefficient_table("fleet_average_exhaust_naei2014").melt(
        ["year", "vehicle", "pollutant"], value_name="mine"
    )
    exhaust["speed_kmh"] = exhaust["variable"].str[1:].astype(int)
    naei = pd.read_csv(folder / "uk_naei2014_urban_fleet_avg_ef_by_axle.csv")
    both = exhaust.merge(naei, on=["year", "vehicle", "pollutant", "speed_kmh"])
    assert len(both) == len(exhaust) == 6 * 9 * 2 * 16
    assert (both["mine"] == both["ef_g_per_km_per_veh"]).all()

    keys = ["category", "fuel", "segment", "euro", "technology", "pollutant"]
    mine = coefficient_table("hot_emission_eea2019")
    both = mine.merge(pd.read_csv(folder / "eea2019_hot_ef_core_level_halfload.csv"), on=keys, suffixes=("", "_source"))
    assert len(both) == len(mine)
    for name in ("v_min_kmh", "v_max_kmh", "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "rf"):
        np.testing.assert_allclose(both[name], both[f"{name}_source"], rtol=1e-15)

    fuel = coefficient_table("fuel_consumption_tag")
    tag = pd.read_csv(folder / "tag_fuel_consumption_parameters.csv")
    assert len(fuel.merge(tag, on=["vehicle", "fuel", "a", "b", "c", "d"])) == len(fuel)


def test_carbon_dioxide_by_litre_is_most_of_the_published_equivalent(test_data):
    published = pd.read_csv(test_data / "carbon" / "desnz_2023_flatfile_selected.csv")
    litres = published[(published["scope"] == "Scope 1") & (published["uom"] == "litres")].set_index("level3")["factor"]
    mine = coefficient_table("fuel_co2_desnz2023").set_index("fuel")["co2_kg_per_litre"]
    for fuel in ("petrol", "diesel"):
        share = mine[fuel] / litres[f"{fuel.capitalize()} (average biofuel blend)"]
        assert 0.98 < share < 1.0  # the rest is methane and nitrous oxide
