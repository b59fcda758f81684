from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from lcr_hpc.errors import InputError
from lcr_hpc.health.access_times import access_periods, area_times, shortest_times, skim_row, with_own
from lcr_hpc.health.service_access import Services, mean_trip_minutes, service_access


def test_nobody_drives_through_a_zone():
    # Zones 0, 1, 2; the quick way from 0 to 2 leads through zone 1's own node, the allowed one over node 3.
    start, end = np.array([0, 1, 0, 3, 3, 0]), np.array([1, 2, 3, 2, 1, 3])
    minutes = shortest_times(start, end, np.array([1.0, 1.0, 5.0, 5.0, 0.0, 4.0]), 4, 3)
    assert minutes[0] == pytest.approx([0.0, 1.0, 9.0])  # of two links from 0 to 3 the quicker
    assert minutes[1] == pytest.approx([np.inf, 0.0, 1.0])
    assert np.isinf(minutes[2, :2]).all()


def test_skims_are_taken_where_the_traffic_model_gives_them():
    skim = np.array([[[[0.0, 4.0, 9.0], [6.0, 0.0, np.nan], [8.0, 8.0, 0.0]]]])
    traffic = xr.Dataset(
        {
            "skim_time_min": (("skim_period", "vehicle_class", "origin", "destination"), skim),
            "skim_period": ("skim_period", ["08"]),
            "period": ("period", ["07", "08"]),
        }
    )
    assert (skim_row(traffic, 0), skim_row(traffic, 1)) == (None, 0)
    found = area_times(traffic, xr.Dataset(), 1, 2)  # the third zone is a gate
    assert found.tolist() == [[2.0, 4.0], [6.0, 3.0]]
    with pytest.raises(InputError, match="3 zones"):
        area_times(traffic, xr.Dataset(), 1, 4)


def test_an_area_that_reaches_no_other_is_at_its_own_services_at_once():
    assert with_own(np.array([[0.0, np.inf], [3.0, 0.0]])).tolist() == [[0.0, np.inf], [3.0, 1.5]]


def test_periods_are_those_of_the_hours_each_once():
    assert access_periods(np.repeat([0, 1, 2], 8), [8, 13, 18, 3]) == [1, 2, 0]


def test_access_by_hand_and_an_area_in_reach_of_nothing():
    minutes = np.array([[1.0, 5.0, np.inf], [5.0, 1.0, np.inf], [np.inf, np.inf, 0.0]])
    surgeries = Services("gp", np.array([0, 0, 1]), np.array([2.0, 1.0, 0.0]))
    found = service_access(surgeries, [100.0, 200.0, 50.0], minutes, method="2sfca", reach_min=10.0)
    assert found.access == pytest.approx([10.0, 10.0, 0.0])  # three doctors for 300 people
    assert found.nearest_min[:2] == pytest.approx([1.0, 5.0])  # the surgery in area 1 is closed
    assert np.isnan(found.nearest_min[2])
    shut = Services("gp", np.array([0]), np.array([0.0]))
    with pytest.raises(InputError, match="no gp has any capacity"):
        service_access(shut, [100.0, 200.0, 50.0], minutes, reach_min=10.0)


def test_mean_time_of_trips_leaves_gates_and_the_unreachable_out():
    minutes = np.array([[1.0, 5.0], [np.inf, 1.0]])
    # From area 0: one trip within, three to area 1, nine to a gate; from area 1 one that cannot get there.
    found = mean_trip_minutes(
        np.array([0, 3, 4, 5]), np.array([0, 1, 2, 0, 0]), np.array([1.0, 3.0, 9.0, 2.0, 7.0]), minutes
    )
    assert found[0] == pytest.approx(4.0)
    assert np.isnan(found[1])
