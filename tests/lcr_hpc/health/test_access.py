from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from lcr_hpc.errors import InputError
from lcr_hpc.health import floating_catchment, nearest_service

DRAW = np.random.default_rng(5)
PEOPLE = DRAW.integers(100, 2000, 30).astype(float)
BEDS = DRAW.integers(1, 20, 6).astype(float)
MINUTES = sp.csr_matrix(DRAW.uniform(1.0, 60.0, (30, 6)))
STEP = ("step", [10, 20, 30], [1.0, 0.68, 0.22])


def test_all_that_is_offered_within_reach_is_shared_out():
    for settings in (
        {"threshold": 60},
        {"threshold": 60, "method": "e2sfca", "decay": ("gaussian", 15.0)},
        {"threshold": 60, "method": "3sfca", "decay": ("gaussian", 15.0)},
    ):
        access = floating_catchment(PEOPLE, BEDS, MINUTES, **settings)
        assert np.sum(access * PEOPLE) == pytest.approx(BEDS.sum())
        assert floating_catchment(PEOPLE, 3 * BEDS, MINUTES, **settings) == pytest.approx(3 * access)
        assert floating_catchment(10 * PEOPLE, BEDS, MINUTES, **settings) == pytest.approx(access / 10)
        order = DRAW.permutation(30)
        assert floating_catchment(PEOPLE[order], BEDS, MINUTES[order], **settings) == pytest.approx(access[order])


def test_the_decay_in_three_forms_is_one():
    bounds, levels = np.array(STEP[1]), np.array([*STEP[2], 0.0])
    as_function = floating_catchment(
        PEOPLE, BEDS, MINUTES, method="e2sfca", threshold=60, decay=lambda t: levels[np.searchsorted(bounds, t)]
    )
    as_steps = floating_catchment(PEOPLE, BEDS, MINUTES, method="e2sfca", threshold=60, decay=STEP)
    assert as_function == pytest.approx(as_steps)
    flat = floating_catchment(PEOPLE, BEDS, MINUTES, method="e2sfca", threshold=25, decay=("step", [25], [1]))
    assert flat == pytest.approx(floating_catchment(PEOPLE, BEDS, MINUTES, threshold=25))


def test_an_explicit_zero_is_no_time_and_an_absent_pair_is_out_of_reach():
    zero = (np.array([0, 1, 1]), np.array([0]), np.array([0.0]))
    assert floating_catchment([10, 10], [5], zero, threshold=1).tolist() == [0.5, 0.0]
    assert nearest_service(zero).time.tolist() == [0.0, np.inf]


def test_precision_and_index_width_are_taken_as_they_come():
    narrow = (MINUTES.indptr.astype(np.int64), MINUTES.indices.astype(np.int32), MINUTES.data.astype(np.float32))
    whole = (narrow[0], narrow[1], np.round(MINUTES.data).astype(np.int64))
    wanted = floating_catchment(PEOPLE, BEDS, MINUTES, threshold=60, method="e2sfca", decay=("gaussian", 15))
    found = floating_catchment(PEOPLE, BEDS, narrow, threshold=60, method="e2sfca", decay=("gaussian", 15))
    assert found == pytest.approx(wanted, rel=1e-5)
    assert floating_catchment(PEOPLE, BEDS, whole, threshold=60) == pytest.approx(
        floating_catchment(PEOPLE, BEDS, MINUTES, threshold=60)
    )


def test_crowding_costs_agents_at_least_the_trip_and_more_beds_help():
    cost = floating_catchment(PEOPLE, BEDS, MINUTES, method="raam", threshold=30)
    assert (cost > nearest_service(MINUTES).time / 30).all()
    # Twice the people and beds, twice the persons to a step: nothing else changes but the rounding to persons.
    assert floating_catchment(2 * PEOPLE, 2 * BEDS, MINUTES, method="raam", threshold=30) == pytest.approx(
        cost, rel=0.02
    )


def test_nearest_service_says_why_there_is_none():
    found = nearest_service(MINUTES, [0, 0, 1, 0, 0, 0])
    assert found.time == pytest.approx(MINUTES.toarray()[:, 2])
    closed = nearest_service(MINUTES, np.zeros(6))
    assert np.isinf(closed.time).all()
    assert closed.service[0] == -1
    assert closed.reason[0] == "no open service in reach"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"demand": PEOPLE[1:]}, "want 29 areas and 6 services"),
        ({"demand": -PEOPLE, "supply": np.full(6, np.nan)}, "demand: 0, 1.*\n.*supply: 0, 1"),
        ({"travel_time": -MINUTES}, "area 0 has a time that is negative"),
        ({"travel_time": (np.arange(31), np.full(30, 6), np.ones(30))}, "outside 0 … 5"),
        ({"travel_time": (np.arange(31) * 2, np.ones(60, int), np.ones(60))}, "two times to one service"),
        ({"travel_time": (np.arange(31), np.ones(3, int), np.ones(3))}, "valid CSR"),
        ({"travel_time": [[1.0]]}, "give a scipy.sparse matrix"),
        ({"method": "4sfca"}, "one of 2sfca"),
        ({"method": "e2sfca"}, "e2sfca wants decay"),
        ({"decay": STEP}, "2sfca takes no decay"),
        ({"threshold": 0}, "above 0"),
        ({"method": "e2sfca", "decay": ("step", [10, 5], [1, 2])}, "rising bounds"),
        ({"method": "e2sfca", "decay": ("gaussian", -3)}, "sigma above 0"),
        ({"method": "e2sfca", "decay": ("cosine", 3)}, "give .*step"),
        ({"method": "e2sfca", "decay": lambda t: -t}, "negative or unknown weights"),
        ({"method": "raam", "supply": np.zeros(6)}, "0 everywhere"),
    ],
)
def test_bad_input_says_what_was_found(changes, words):
    arguments = {"demand": PEOPLE, "supply": BEDS, "travel_time": MINUTES, "threshold": 30.0, **changes}
    demand, supply, travel_time = (arguments.pop(name) for name in ("demand", "supply", "travel_time"))
    with pytest.raises(InputError, match=words):
        floating_catchment(demand, supply, travel_time, **arguments)


def test_reference(test_data):
    folder = test_data / "health/access"
    demand, supply, costs = (pd.read_csv(folder / f"{name}.csv") for name in ("demand", "supply", "costs"))
    wanted = pd.read_csv(folder / "expected.csv").set_index("geoid").loc[demand["geoid"]]
    minutes = sp.csr_matrix((costs["cost"], (costs["origin"], costs["dest"])), shape=(60, 12))
    cases = [
        ("two_stage_max20", {"threshold": 20}),
        ("e2sfca_step_max30", {"method": "e2sfca", "threshold": 30, "decay": STEP}),
        ("e2sfca_gauss10_max30", {"method": "e2sfca", "threshold": 30, "decay": ("gaussian", 10)}),
        ("three_stage_step_max30", {"method": "3sfca", "threshold": 30, "decay": STEP}),
        ("raam_tau20", {"method": "raam", "threshold": 20}),
    ]
    for column, settings in cases:
        found = floating_catchment(demand["pop"], supply["gps"], minutes, **settings)
        # Nothing in reach is 0 here, not a missing number.
        np.testing.assert_allclose(found, wanted[column].fillna(0.0), rtol=1e-12, err_msg=column)
