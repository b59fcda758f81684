from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.carbon import clipped_speeds, hot_emission_factor
from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.errors import InputError
from tests.reference import emission as reference

# EMEP/EEA guidebook 2019: factors worked out from the annex's own coefficients
PUBLISHED = [
    (("PC", "D", "Medium", "VI A/B/C", "DPF+SCR", "NOx"), 50.0, 0.442159),
    (("LCV", "D", "N1-III", "V", "DPF", "NOx"), 50.0, 1.118150),
    (("TRUCKS", "D", "Articulated 34 - 40 t", "VI A/B/C", "DPF+SCR", "EC"), 80.0, 9.515839),
]


@pytest.mark.parametrize(("key", "speed", "expected"), PUBLISHED)
def test_published_factors(key: tuple[str, ...], speed: float, expected: float):
    table = coefficient_table("hot_emission_eea2019")
    names = ["category", "fuel", "segment", "euro", "technology", "pollutant"]
    row = table[(table[names] == list(key)).all(axis=1)]
    assert len(row) == 1
    assert hot_emission_factor(row, speed)[0, 0] == pytest.approx(expected, abs=1e-6)


def test_the_selection_is_the_formula_at_every_speed():
    table = coefficient_table("hot_emission_eea2019")
    speeds = np.array([0.0, 3.0, 15.0, 50.5, 85.0, 140.0])
    found = hot_emission_factor(table, speeds)
    assert found.shape == (len(table), 6)
    for k, row in enumerate(table.to_dict("records")):
        assert found[k] == pytest.approx([reference.hot_factor(row, v) for v in speeds], rel=1e-12, abs=1e-15)


def test_columns_may_be_a_mapping_and_speeds_one_number():
    row = {"v_min_kmh": [5], "v_max_kmh": [130], "alpha": [0], "beta": [0], "gamma": [2], "delta": [0]}
    row |= {"epsilon": [0], "zeta": [0], "eta": [4], "rf": [-1.0]}
    assert hot_emission_factor(row, 30.0) == pytest.approx(np.array([[1.0]]))


def test_speeds_outside_a_range_are_counted():
    table = coefficient_table("hot_emission_eea2019").iloc[:1]  # 5 to 130 km/h
    assert clipped_speeds(table, [0.0, 5.0, 130.0, 131.0, 200.0]).tolist() == [3]


def test_bad_input_is_said_all_at_once():
    table = coefficient_table("hot_emission_eea2019").iloc[:2].assign(v_min_kmh=[0.0, 5.0])
    with pytest.raises(InputError) as caught:
        hot_emission_factor(table, [-1.0, np.nan, 50.0])
    assert "2 of 3 values are negative or not finite" in str(caught.value)
    assert "1 rows lack 0 < v_min_kmh" in str(caught.value)
    with pytest.raises(InputError, match="no column rf"):
        hot_emission_factor(table.drop(columns="rf"), 50.0)


def test_the_whole_annex(test_data):
    table = pd.read_csv(test_data / "carbon" / "eea2019_hot_ef_core_level_halfload.csv")
    found = hot_emission_factor(table, np.arange(1.0, 141.0))
    assert np.isfinite(found).all() and (found >= 0).all()
    assert (table["rf"] < 0).sum() == 36
