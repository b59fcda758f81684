from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.traffic.periods import period_demand, period_of_hour
from lcr_hpc.traffic.validation import detector_links, geh, period_counts


def test_demand_of_a_period_is_the_mean_of_its_hours():
    share = np.zeros((2, 24))
    share[0, [7, 8]] = 0.05, 0.15
    share[1, 8] = 0.5
    trips = np.array([[100.0, 200.0], [10.0, 0.0]])
    demand = period_demand(np.array([0, 1, 2]), np.array([1, 0], np.int32), trips, share, (7, 8), "am")
    assert demand.trips.tolist() == pytest.approx([0.1 * 100 + 0.25 * 10, 0.1 * 200])
    share[0, 0] = np.nan
    with pytest.raises(InputError, match="NaN"):
        period_demand(np.array([0, 1, 2]), np.array([1, 0], np.int32), trips, share, (7, 8), "am")


def test_every_hour_has_its_period():
    assert period_of_hour([range(7, 10), [*range(7), *range(10, 24)]]).tolist() == [1] * 7 + [0] * 3 + [1] * 14


def test_geh_of_600_modelled_against_400_counted():
    # √(2 · 200² / 1000) = √80
    assert geh([600.0, 0.0, np.nan], [400.0, 0.0, 10.0])[:2].tolist() == pytest.approx([np.sqrt(80), 0.0])
    assert np.isnan(geh(np.nan, 10.0)) and np.isnan(geh(10.0, np.nan))


def test_counts_are_the_mean_of_good_hours():
    flow = np.array([[10.0, 1.0], [20.0, 2.0], [90.0, np.nan]])
    good = np.array([[True, False], [True, False], [False, True]])
    assert period_counts(flow, good, np.array([0, 0, 0]), 2)[0].tolist() == pytest.approx([15.0, np.nan], nan_ok=True)
    assert np.isnan(period_counts(flow, good, np.array([0, 0, 0]), 2)[1]).all()


def test_detectors_find_their_links_by_source_id():
    assert detector_links(np.array([30, 7, 99]), np.array([7, 99, 5])).tolist() == [-1, 0, 1]
