"""Vehicle-kilometres by district."""

from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.errors import InputError
from lcr_hpc.traffic import compare_district_km
from lcr_hpc.traffic.district_km import KM_A_MILE


def test_two_districts_by_hand():
    # 100 veh/h for 3 h and 10 veh/h for 21 h on 2 km of district 0: 1,020 km; 50 and 5 on 1 km of district 1: 255.
    done = compare_district_km(
        [[100.0, 50.0, 7.0], [10.0, 5.0, 7.0]], [3.0, 21.0], [2.0, 1.0, 0.5], [0, 1, -1], [1000.0, 100.0 * KM_A_MILE]
    )
    assert done.modelled_km.tolist() == pytest.approx([1020.0, 255.0])
    assert done.ratio.tolist() == pytest.approx([1.02, 255.0 / 160.9344])
    assert done.total_ratio == pytest.approx(1275.0 / 1160.9344)
    assert done.outside_km == pytest.approx(24 * 7.0 * 0.5)


def test_what_is_not_known_has_no_ratio_and_is_left_out_of_the_total():
    done = compare_district_km([4.0, 2.0, 1.0], 1.0, [1.0, 1.0, 1.0], [0, 1, 2], [np.nan, 4.0, 0.0])
    assert np.isnan(done.ratio).tolist() == [True, False, True]
    assert done.total_ratio == 0.5
    assert np.isnan(compare_district_km([1.0], 1.0, [1.0], [0], [np.nan]).total_ratio)


def test_everything_wrong_is_one_error():
    with pytest.raises(InputError) as error:
        compare_district_km([-1.0], np.inf, [np.nan], [3], [-1.0])
    for part in ("flow has", "period_hours has", "length has", "observed has", "links of district 3; they are 0 to 0"):
        assert part in str(error.value)
    with pytest.raises(InputError, match=r"flow is \(1, 2\), hours \(2,\)"):
        compare_district_km([1.0, 2.0], [1.0, 2.0], [1.0, 1.0], [0, 0], [1.0])
