from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.carbon import clipped_speeds, hot_emission_factor
from lcr_hpc.carbon.emission_factor import COLUMNS
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


def test_a_row_that_begins_at_0_km_h():
    row = {"v_min_kmh": [0], "v_max_kmh": [60], "alpha": [0], "beta": [0.5], "gamma": [2], "delta": [0]}
    row |= {"epsilon": [0], "zeta": [0], "eta": [1], "rf": [0]}
    assert hot_emission_factor(row, [0.0, 4.0]).tolist() == [[2.0, 4.0]]
    with pytest.raises(InputError, match="1 rows lack 0 < v_min_kmh"):
        hot_emission_factor(row | {"delta": [1.0]}, 10.0)
    with pytest.raises(InputError, match="the denominator of 1 rows is 0 at a speed, first row 0 at 4 km/h"):
        hot_emission_factor(row | {"zeta": [-0.25]}, [2.0, 4.0])


def test_every_row_of_the_annex_at_odd_speeds(test_data):
    # motorways' and mopeds' rows too, with slopes and loads; against the formula in numpy
    table = pd.read_csv(test_data / "carbon" / "eea2019_hot_ef_all.csv.gz", low_memory=False)
    speed = np.array([0.0, 0.5, 7.3, 15.0, 33.3, 86.1, 130.0, 200.0])
    low, high, a, b, c, d, e, z, h, rf = table[list(COLUMNS)].to_numpy(dtype=float).T[:, :, None]
    v = np.clip(speed, low, high)
    over = np.divide(d, v, out=np.zeros_like(v), where=d != 0.0)
    wanted = np.maximum((a * v**2 + b * v + c + over) / (e * v**2 + z * v + h) * (1.0 - rf), 0.0)
    found = hot_emission_factor(table, speed)
    assert found.shape == (33_620, 8)
    assert np.allclose(found, wanted, rtol=1e-9, atol=1e-15)


def test_the_whole_annex(test_data):
    table = pd.read_csv(test_data / "carbon" / "eea2019_hot_ef_core_level_halfload.csv")
    found = hot_emission_factor(table, np.arange(1.0, 141.0))
    assert np.isfinite(found).all() and (found >= 0).all()
    assert (table["rf"] < 0).sum() == 36
