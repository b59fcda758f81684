from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.carbon import EmissionCurves, grid_lines, road_emissions
from lcr_hpc.carbon.grid import regular_edges
from lcr_hpc.carbon.units import co2_g_km, g_m_s
from lcr_hpc.errors import InputError

CURVES = EmissionCurves(("x",), ("NOx",), np.full((1, 1, 140), 0.5), (10.0, 100.0))


def test_units():
    # 3,600 g/h over 100 m are 0.01 g/m/s; 0.05 litres of 2 kg are 100 g
    assert g_m_s(np.array([3600.0]), np.array([100.0]))[0] == pytest.approx(0.01)
    assert co2_g_km(np.array([0.05]), 2.0)[0] == pytest.approx(100.0)


def test_a_road_by_hand():
    # 1,000 veh/h on 2 km at half a gram per kilometre
    assert road_emissions([1000.0], [50.0], [2000.0], [0], CURVES) == pytest.approx(np.array([[1000.0]]))


def test_traffic_without_a_speed_is_refused_and_an_empty_link_is_not():
    assert road_emissions([0.0], [np.nan], [2000.0], [0], CURVES)[0, 0] == 0.0
    with pytest.raises(InputError) as caught:
        road_emissions([[10.0, -1.0, 1.0]], [50.0, 50.0, np.nan], [1.0, 1.0, 1.0], [[0, 0, 3]], CURVES)
    for part in ("1 of 3 values are negative", "1 links with traffic have no speed", "indices 0 to 3, wanted 0 to 0"):
        assert part in str(caught.value)
    with pytest.raises(InputError, match="wanted"):
        road_emissions([1.0, 2.0], [50.0], [1.0], [0], CURVES)


def test_the_grid_takes_lists_and_accounts_for_the_outside():
    found = grid_lines([0.0], [0.5], [4.0], [0.5], [8.0], [1.0, 2.0, 3.0], [0.0, 1.0])
    assert found.mass == pytest.approx(np.array([[2.0, 2.0]]))
    assert found.outside == pytest.approx([4.0])


def test_bad_grids_and_lines_are_said_all_at_once():
    with pytest.raises(InputError) as caught:
        grid_lines([0.0, np.nan], [0.0, 0.0], [1.0, 1.0], [1.0, 1.0], [1.0], [0.0, 0.0, 1.0], [0.0])
    for part in ("x0: 1 of 2", "lines of different number", "x_edges: wanted", "y_edges: wanted"):
        assert part in str(caught.value)


def test_edges_lie_on_whole_cells():
    assert regular_edges(330_120.0, 331_000.0, 500.0).tolist() == [330_000.0, 330_500.0, 331_000.0]
    assert regular_edges(5.0, 5.0, 10.0).tolist() == [0.0, 10.0]
