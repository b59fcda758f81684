from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.config import PeriodConfig
from lcr_hpc.errors import InputError
from lcr_hpc.traffic.periods import counted_period, period_demand, period_of_hour
from lcr_hpc.traffic.validation import detector_links, geh, period_counts

PERIODS = (
    PeriodConfig(label="peak", day_types=("weekday",), hours=(7, 8, 9)),
    PeriodConfig(label="rest", day_types=("weekday",), hours=(*range(7), *range(10, 24))),
    PeriodConfig(label="weekend", day_types=("sunday", "saturday"), hours=tuple(range(24))),
)


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
    found = period_of_hour(PERIODS)
    assert found[0].tolist() == [1] * 7 + [0] * 3 + [1] * 14
    assert found[1].tolist() == found[2].tolist() == [2] * 24


def test_counts_are_compared_with_a_forecast_of_their_own_type_of_day_alone():
    assert counted_period(PERIODS, "weekday").tolist() == [1] * 7 + [0] * 3 + [1] * 14
    assert counted_period(PERIODS, "sunday").tolist() == [2] * 24
    # Saturdays borrow Sunday's traffic: it says nothing of a Saturday's counts.
    assert counted_period(PERIODS, "saturday").tolist() == [-1] * 24


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
