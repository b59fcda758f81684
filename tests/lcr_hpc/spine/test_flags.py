"""Flags and clock changes, each rule against cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lcr_hpc.spine.ingest.air import hourly_means
from lcr_hpc.spine.ingest.flags import RULES, flag_day
from lcr_hpc.store.variables import QUALITY_FLAGS
from tests.lcr_hpc.spine.feed_of_counts import ingest, land, make_root, stored

GOOD, MISSING, SENTINEL, OUT, STUCK, SPIKE, JUMP = range(7)
RULE = RULES["flow_veh_h"]  # 0 to 12,000; -1; stuck 6 hours; spike 600 + 1 × the lower


def test_the_kernel_counts_flags_as_the_dictionary_names_them():
    assert QUALITY_FLAGS == ("good", "missing", "sentinel", "out_of_range", "stuck", "spike", "clock_jump")


def _flags(values, jump=None) -> list[int]:
    day = np.array(values, dtype=np.float32)[:, None]
    marks = np.zeros(day.shape, dtype=bool) if jump is None else np.array(jump)[:, None]
    return flag_day(RULE, None, day, None, marks)[:, 0].tolist()


def test_six_equal_hours_are_stuck_five_and_zeros_are_not():
    assert _flags([1, 5, 5, 5, 5, 5, 5, 2]) == [0, 4, 4, 4, 4, 4, 4, 0]
    assert _flags([1, 5, 5, 5, 5, 5, 2]) == [0] * 7
    assert _flags([0] * 8) == [0] * 8
    assert _flags([5, 5, 5, np.nan, 5, 5, 5]) == [0, 0, 0, 1, 0, 0, 0]  # a gap ends a run


def test_a_spike_stands_off_both_neighbours_by_600_and_the_lower_value():
    assert _flags([100, 801, 90]) == [0, SPIKE, 0]  # median 100: 801 - 100 = 701 > 600 + 100
    assert _flags([100, 800, 90]) == [0, 0, 0]  # 700 is not more than 700
    assert _flags([900, 100, 850]) == [0, SPIKE, 0]  # median 850: 850 - 100 = 750 > 600 + 100
    assert _flags([800, 100, 850]) == [0, 0, 0]  # 700 is not more than 700
    assert _flags([100, 900, 950]) == [0, 0, 0]  # a step is no spike
    assert _flags([-1, 5000, 90]) == [SENTINEL, 0, 0]  # a neighbour that is a fault says nothing
    assert _flags([5000, 90]) == [0, 0]  # nor does the end of what is known


def test_the_first_rule_that_holds_is_the_flag():
    flags = _flags([np.nan, -1, -2, 12_001, 12_000, 7], [True] * 6)
    assert flags == [MISSING, SENTINEL, OUT, OUT, JUMP, JUMP]


def test_flags_read_across_midnight():
    before, day, after = np.full((24, 1), 9.0), np.full((24, 1), 1.0), np.full((24, 1), 8.0)
    day[:, 0] = np.arange(24) % 3 + 1
    day[:2], before[-4:] = 70, 70  # six in a row over midnight
    day[23], after[0] = 5000, 60
    marks = np.zeros((24, 1), dtype=bool)
    both = flag_day(RULE, before, day, after, marks)[:, 0]
    assert both[:3].tolist() == [STUCK, STUCK, 0] and both[23] == SPIKE
    alone = flag_day(RULE, None, day, None, marks)[:, 0]
    assert alone.tolist() == [0] * 24


def test_one_instant_with_two_values_marks_the_hour_of_a_sensor():
    second = np.array([0, 1800, 1800, 3600, 3600])
    value = np.array([[1.0, np.nan], [3.0, np.nan], [5.0, np.nan], [4.0, np.nan], [4.0, np.nan]])
    hour, mean, jump = hourly_means([(second, value)])
    assert hour.tolist() == [0, 1] and mean[:, 0].tolist() == [3.0, 4.0]
    assert jump.tolist() == [[True, False], [False, False]]


LOCAL = [f"2025-10-26T{h:02d}:00" for h in (0, 1, 1, 2, 3)]


def _local(tmp_path, stamps, name="counts_a.csv", layout=None):
    layout = layout or make_root(tmp_path, ("D1",), "Europe/London")
    rows = [(s, str(100 + i)) for i, s in enumerate(stamps)]
    land(layout, name, rows, ("D1",), time="time_local")
    ingest(layout)
    return layout


def test_the_hour_that_comes_twice_is_told_by_order(tmp_path):
    layout = _local(tmp_path, LOCAL)
    hours = [f"2025-10-{d}" for d in ("25T23", "26T00", "26T01", "26T02", "26T03")]
    assert stored(layout, "flow_veh_h", hours)[:, 0].tolist() == [100, 101, 102, 103, 104]
    assert stored(layout, "flow_flag", hours)[:, 0].tolist() == [0] * 5


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_local_file_may_be_cut_within_that_hour(tmp_path, cut):
    layout = make_root(tmp_path, ("D1",), "Europe/London")
    rows = [(s, str(100 + i)) for i, s in enumerate(LOCAL)]
    land(layout, "counts_b.csv", rows[:cut], ("D1",), time="time_local")
    land(layout, "counts_a.csv", rows[cut:], ("D1",), time="time_local")
    ingest(layout)
    hours = [f"2025-10-{d}" for d in ("25T23", "26T00", "26T01", "26T02", "26T03")]
    assert stored(layout, "flow_veh_h", hours)[:, 0].tolist() == [100, 101, 102, 103, 104]


def test_an_hour_that_could_be_either_is_flagged_and_one_that_is_none_is_quarantined(tmp_path):
    layout = _local(tmp_path, ["2025-10-26T00:00", "2025-10-26T01:00", "2025-10-26T02:00"])
    assert stored(layout, "flow_flag", ["2025-10-26T00", "2025-10-26T01"])[:, 0].tolist() == [JUMP, MISSING]
    _local(tmp_path, ["2025-03-30T00:00", "2025-03-30T01:00", "2025-03-30T02:00"], "counts_b.csv", layout)
    hours = ["2025-03-30T00", "2025-03-30T01", "2025-03-30T02"]
    assert np.array_equal(stored(layout, "flow_veh_h", hours)[:, 0], [100, 102, np.nan], equal_nan=True)
    said = (layout.root / "spine" / "quarantine" / "counts.csv").read_text().splitlines()
    assert said[1:] == ["counts_b.csv,3,time_local,2025-03-30T01:00:00,no such time"]
