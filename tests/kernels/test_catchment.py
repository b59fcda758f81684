from __future__ import annotations

import math

import numpy as np
import pytest
from lcr_kernels.catchment import GAUSSIAN, GIVEN, STEP, WITHIN, faulty_pairs, floating_catchments, nearest
from lcr_kernels.raam import rational_agents

from tests.reference import catchment as by_table

DRAW = np.random.default_rng(4)
DEMAND = np.array([300.0, 0.0, 120.0, 80.0, 500.0])
SUPPLY = np.array([4.0, 0.0, 9.0, 2.0])
MINUTES = [
    [0.0, 12.0, None, 31.0],
    [5.0, None, 18.0, 20.0],
    [None, None, 10.0, None],
    [None, None, None, None],
    [25.0, 3.0, 30.0, 9.0],
]
FIRST = np.cumsum([0] + [sum(t is not None for t in row) for row in MINUTES])
PLACE = np.array([j for row in MINUTES for j, t in enumerate(row) if t is not None], dtype=np.int32)
TIME = np.array([t for row in MINUTES for t in row if t is not None])
BOUNDS, LEVELS, NONE = np.array([10.0, 20.0, 30.0]), np.array([1.0, 0.68, 0.22]), np.empty(0)


def step(minutes):
    return next((level for bound, level in zip(BOUNDS, LEVELS, strict=True) if minutes <= bound), 0.0)


def gauss(minutes):
    return math.exp(-0.5 * (minutes / 10) ** 2) if minutes <= 25 else 0.0


def test_two_areas_share_one_service():
    # 10 beds for 100 + 300 people: 0.025 each.
    found = floating_catchments(
        np.array([100.0, 300.0]),
        np.array([10.0]),
        np.array([0, 1, 2]),
        np.zeros(2, np.int64),
        np.array([5.0, 20.0]),
        20.0,
        WITHIN,
        NONE,
        NONE,
        NONE,
        False,
    )
    assert found == pytest.approx([0.025, 0.025])


@pytest.mark.parametrize("three_stages", [False, True])
@pytest.mark.parametrize(
    ("form", "bounds", "levels", "given", "threshold", "weight"),
    [
        (WITHIN, NONE, NONE, NONE, 18.0, lambda t: float(t <= 18)),
        (STEP, BOUNDS, LEVELS, NONE, 30.0, step),
        (STEP, BOUNDS, LEVELS, NONE, 15.0, lambda t: step(t) if t <= 15 else 0.0),
        (GAUSSIAN, BOUNDS[:1], NONE, NONE, 25.0, gauss),
        (GIVEN, NONE, NONE, 1 / (1 + TIME), 40.0, lambda t: 1 / (1 + t)),
    ],
)
def test_matches_the_full_table(form, bounds, levels, given, threshold, weight, three_stages):
    found = floating_catchments(
        DEMAND, SUPPLY, FIRST, PLACE, TIME, threshold, form, bounds, levels, given, three_stages
    )
    assert found == pytest.approx(by_table.floating_catchment(DEMAND, SUPPLY, MINUTES, weight, three_stages), rel=1e-12)
    assert found[3] == 0.0


def test_unknown_and_infinite_times_are_out_of_reach():
    time = TIME.copy()
    time[0], time[1] = np.nan, np.inf
    found = floating_catchments(DEMAND, SUPPLY, FIRST, PLACE, time, 30.0, STEP, BOUNDS, LEVELS, NONE, False)
    lost = [[None, None, None, 31.0], *MINUTES[1:]]
    assert found == pytest.approx(by_table.floating_catchment(DEMAND, SUPPLY, lost, step))


def test_nearest_open_service():
    time, service = nearest(FIRST, PLACE, TIME, SUPPLY > 0)
    assert time.tolist() == [0.0, 5.0, 10.0, math.inf, 9.0]
    assert service.tolist() == [0, 0, 2, -1, 3]


def test_faults_name_the_first_area():
    assert faulty_pairs(FIRST, PLACE, TIME, 4).tolist() == [-1, -1, -1]
    assert faulty_pairs(FIRST, PLACE, TIME, 3).tolist() == [0, -1, -1]
    place, time = PLACE.copy(), TIME.copy()
    place[4], time[6] = place[3], -1.0
    assert faulty_pairs(FIRST, place, time, 4).tolist() == [-1, 1, 2]
    time[2] = np.nan
    assert faulty_pairs(FIRST, place, time, 4).tolist() == [-1, 1, 0]


def test_agents_match_the_full_table():
    demand = np.array([40.0, 25.0, 60.0, 33.0])
    capacity = np.array([70.0, 50.0, 38.0])
    cost = DRAW.uniform(0.0, 2.0, (4, 3))
    found = rational_agents(demand, capacity, np.arange(0, 13, 3), np.tile(np.arange(3), 4), cost.ravel())
    wanted = by_table.rational_agents([int(d) for d in demand], capacity, cost)
    assert found == pytest.approx(wanted, rel=1e-12)


def test_agents_split_where_crowding_equals_travel():
    # 100 people, two services that take 50 each, half a unit of crowding further: x/50 = (100 - x)/50 + 0.5 at
    # x = 62.5; whole persons stop within one of it.
    args = np.array([100.0]), np.array([50.0, 50.0]), np.array([0, 2]), np.array([0, 1]), np.array([0.0, 0.5])
    assert rational_agents(*args)[0] == pytest.approx(1.25, abs=0.02)


def test_agents_without_choice_people_or_service():
    first, place = np.array([0, 1, 2, 2, 3]), np.array([0, 0, 1])
    found = rational_agents(
        np.array([100.0, 0.0, 10.0, 5.0]), np.array([80.0, 0.0]), first, place, np.array([0.25, 0.5, 0.1])
    )
    # The second area has nobody: what one would bear. The third has no service, the fourth a closed one.
    assert found.tolist() == [100 / 80 + 0.25, 100 / 80 + 0.5, math.inf, math.inf]
