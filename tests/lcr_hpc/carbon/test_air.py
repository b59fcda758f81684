from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.carbon import line_source_concentration, pasquill_class, plume_spread
from lcr_hpc.errors import InputError
from tests.reference import line_source

ROADS = {
    "x0": [0, 40],
    "y0": [-200, 0],
    "x1": [0, 90],
    "y1": [300, 10],
    "height_m": [1, 1],
    "width_m": [7, 7],
    "sigma_z0_m": [2, 2],
}
PEOPLE = {"x": [60.0, 300.0], "y": [10.0, -50.0], "z": [0.0, 1.5]}
WEATHER = pd.DataFrame(
    {
        "wind_speed_m_s": [3.0, 0.2],
        "wind_from_deg": [270.0, 200.0],
        "mixing_height_m": [500.0, 90.0],
        "stability_class": ["D", "F"],
    }
)


def test_class_d_at_500_m():
    # Pasquill-Gifford curves of ISC3, open country
    country = plume_spread("D", 500.0, "pasquill_gifford")
    assert country.sigma_y_m == pytest.approx(36.15, abs=0.005)
    assert country.sigma_z_m == pytest.approx(18.30, abs=0.005)
    # 10 g/s from 50 m in a wind of 6 m/s: 19.2 µg/m³ on the ground at 500 m
    plume = line_source.point_plume(500.0, 0.0, 0.0, 50.0, float(country.sigma_y_m), float(country.sigma_z_m))
    assert 10 / 6 * plume * 1e6 == pytest.approx(19.2, abs=0.05)
    town = plume_spread("D", [500.0])
    assert town.sigma_y_m[0] == pytest.approx(0.16 * 500 / math.sqrt(1.2))
    assert town.sigma_z_m[0] == pytest.approx(0.14 * 500 / math.sqrt(1.15))


def test_breaks_belong_to_the_nearer_range_and_high_plumes_are_capped():
    below, above = plume_spread("D", [300.0, 300.0001], "pasquill_gifford").sigma_z_m
    assert below == pytest.approx(34.459 * 0.3**0.86974)
    assert above == pytest.approx(32.093 * 0.3**0.81066, rel=1e-6)
    assert plume_spread("A", 50e3, "pasquill_gifford").sigma_z_m == 5000.0


def test_briggs_hours_and_gases():
    strength = np.array([[[1e-4, 2e-5], [3e-5, 0.0]], [[2e-4, 1e-5], [0.0, 4e-5]]])
    found = line_source_concentration(ROADS, PEOPLE, WEATHER, strength, "briggs")
    assert found.shape == (2, 2, 2)
    spread = {"D": ((0.16, 0.0004, -0.5), (0.14, 0.0003, -0.5)), "F": ((0.11, 0.0004, -0.5), (0.08, 0.0015, -0.5))}
    for hour, row in WEATHER.iterrows():
        for r in range(2):
            receptor = [PEOPLE[k][r] for k in ("x", "y", "z")]
            for gas in range(2):
                slow = sum(
                    strength[hour, i, gas]
                    * line_source.briggs_line(
                        [ROADS[k][i] for k in ROADS],
                        receptor,
                        max(row["wind_speed_m_s"], 1.0),
                        row["wind_from_deg"],
                        *spread[row["stability_class"]],
                        lid=row["mixing_height_m"],
                    )
                    for i in range(2)
                )
                assert found[hour, r, gas] == pytest.approx(slow, rel=5e-4, abs=1e-9)


def test_numbers_stand_for_classes_and_obukhov_length_for_both():
    letters = line_source_concentration(ROADS, PEOPLE, WEATHER, [1e-4, 1e-4], "briggs")
    numbers = WEATHER.assign(stability_class=[3, 5])
    assert (line_source_concentration(ROADS, PEOPLE, numbers, [1e-4, 1e-4], "briggs") == letters).all()
    lengths = WEATHER.drop(columns="stability_class").assign(obukhov_m=[1e6, 10.0], z0_m=0.5)
    assert (line_source_concentration(ROADS, PEOPLE, lengths, [1e-4, 1e-4], "briggs") == letters).all()


def test_classes_by_obukhov_length():
    assert pasquill_class([-5.0, -26.0, -123.0, np.inf, -1e5, 123.0, 20.0], np.ones(7)).tolist() == [
        0,
        1,
        2,
        3,
        3,
        4,
        5,
    ]
    with pytest.raises(InputError, match="must not be 0"):
        pasquill_class([0.0], [0.5])


def test_both_methods_are_of_the_same_size_across_a_neutral_wind():
    weather = {
        "ustar_m_s": [0.3],
        "obukhov_m": [1e5],
        "z0_m": [0.5],
        "mixing_height_m": [1000.0],
        "wind_speed_m_s": [3.0],
    }
    weather |= {"wind_from_deg": [270.0], "reference_height_m": [10.0], "sigma_v_m_s": [0.57]}
    road = {k: v[:1] for k, v in ROADS.items()}
    rline, briggs = (line_source_concentration(road, PEOPLE, weather, [1e-4], m)[0, 0] for m in ("rline", "briggs"))
    assert 0.3 < rline / briggs < 3


def test_an_unknown_method_and_bad_input_are_refused():
    with pytest.raises(InputError, match="wanted one of: rline, briggs"):
        line_source_concentration(ROADS, PEOPLE, WEATHER, [1.0, 1.0], "caline")
    with pytest.raises(InputError, match="no column ustar_m_s"):
        line_source_concentration(ROADS, PEOPLE, WEATHER, [1.0, 1.0], "rline")
    with pytest.raises(InputError, match="1 of 2 values are negative"):
        line_source_concentration(ROADS, PEOPLE, WEATHER, [1.0, -1.0], "briggs")
    with pytest.raises(InputError, match="wanted \\[line\\]"):
        line_source_concentration(ROADS, PEOPLE, WEATHER, [1.0], "briggs")
    with pytest.raises(InputError, match="must be A to F"):
        line_source_concentration(ROADS, PEOPLE, WEATHER.assign(stability_class="G"), [1.0, 1.0], "briggs")


def test_missing_hours_and_a_zero_obukhov_length_are_named():
    gone = WEATHER.assign(wind_from_deg=[270.0, np.nan])
    with pytest.raises(InputError, match=r"values are missing.*1 of 2 hours: rows 1"):
        line_source_concentration(ROADS, PEOPLE, gone, [1.0, 1.0], "briggs")
    neutral = {
        "ustar_m_s": [0.3],
        "obukhov_m": [0.0],
        "z0_m": [0.5],
        "mixing_height_m": [1000.0],
        "wind_speed_m_s": [3.0],
    }
    with pytest.raises(InputError, match=r"no direction: leave hours of variable .* \(1 of 2 hours: rows 0\)"):
        line_source_concentration(ROADS, PEOPLE, WEATHER.assign(wind_from_deg=[999.0, 10.0]), [1.0, 1.0], "briggs")
    neutral |= {"wind_from_deg": [270.0], "reference_height_m": [10.0], "sigma_v_m_s": [0.57]}
    with pytest.raises(InputError, match="obukhov_m is 0: neutral air is a large number"):
        line_source_concentration(ROADS, PEOPLE, neutral, [1.0, 1.0])


NEUTRAL = {
    "ustar_m_s": [0.3, 0.2],
    "obukhov_m": [1e5, 30.0],
    "z0_m": [0.5, 0.5],
    "mixing_height_m": [1000.0, 200.0],
    "wind_speed_m_s": [3.0, 1.5],
    "wind_from_deg": [270.0, 200.0],
    "reference_height_m": [10.0, 10.0],
    "sigma_v_m_s": [0.57, 0.4],
}


def test_tabulated_takes_lines_and_receptors_of_any_height_in_any_order():
    # heights and spreads that alternate, so that what shares a table must be gathered and put back
    rng = np.random.default_rng(8)
    roads = {k: rng.uniform(-400, 400, 6) for k in ("x0", "y0", "x1", "y1")}
    roads |= {"height_m": [1.0, 0.5] * 3, "width_m": np.full(6, 7.0), "sigma_z0_m": [2.0, 2.0, 1.5] * 2}
    people = {"x": rng.uniform(-600, 600, 5), "y": rng.uniform(-600, 600, 5), "z": [0.0, 1.5, 0.0, 1.5, 4.0]}
    strength = rng.uniform(0, 1e-4, (2, 6, 2))
    full, tabulated = (
        line_source_concentration(roads, people, NEUTRAL, strength, m) for m in ("rline", "rline-tabulated")
    )
    assert tabulated.shape == (2, 5, 2)
    assert tabulated == pytest.approx(full, rel=5e-3)
    other = rng.permutation(6)
    moved = line_source_concentration(
        {k: np.asarray(v)[other] for k, v in roads.items()}, people, NEUTRAL, strength[:, other], "rline-tabulated"
    )
    assert moved == pytest.approx(tabulated, rel=1e-12)


def test_a_cutoff_is_for_those_that_take_one():
    near = line_source_concentration(ROADS, PEOPLE, NEUTRAL, [1e-4, 1e-4], "rline-tabulated", cutoff_m=50.0)
    assert (near[:, 0] > 0).all() and (near[:, 1] == 0).all()
    with pytest.raises(InputError, match="rline takes none"):
        line_source_concentration(ROADS, PEOPLE, NEUTRAL, [1e-4, 1e-4], "rline", cutoff_m=50.0)
    with pytest.raises(InputError, match=r"cutoff_m 0.0: wanted above 0"):
        line_source_concentration(ROADS, PEOPLE, NEUTRAL, [1e-4, 1e-4], "rline-tabulated", cutoff_m=0.0)
    still = NEUTRAL | {"sigma_v_m_s": [0.5, 0.0]}
    with pytest.raises(InputError, match=r"sigma_v_m_s is not above 0.*rows 1"):
        line_source_concentration(ROADS, PEOPLE, still, [1e-4, 1e-4], "rline-tabulated")
