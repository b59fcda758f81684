"""Gravity models: by hand, against a plain twin, and with the parameters that made the data."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from lcr_hpc.errors import InputError, ModelError
from lcr_hpc.traffic import (
    BinnedDeterrence,
    Deterrence,
    fit_mean_cost,
    fit_trip_lengths,
    gravity_trips,
    mean_costs,
    trip_lengths,
)
from tests.reference import gravity as twin

TWO = np.array([[0.0, 1.0], [1.0, 0.0]])


def city(n=12, seed=2):
    rng = np.random.default_rng(seed)
    place = rng.random((n, 2)) * 20.0
    cost = np.linalg.norm(place[:, None] - place, axis=2) + 1.0
    rows, columns = rng.random(n) * 1000.0, rng.random(n) * 1000.0
    return cost, rows, columns * rows.sum() / columns.sum()


def test_two_zones_by_hand():
    # Two zones of 1 trip each: stay / go = e^rate where going costs 1, since the odds are the square root of
    # (f11 f22) / (f12 f21) = e^(2 rate). With ln 3: three quarters stay.
    done = gravity_trips(TWO, [1.0, 1.0], [1.0, 1.0], Deterrence(rate=math.log(3.0)))
    assert done.trips.tolist() == [pytest.approx([0.75, 0.25]), pytest.approx([0.25, 0.75])]
    assert done.mean_cost == pytest.approx(0.25)
    assert fit_mean_cost(TWO, [1, 1], [1, 1], 0.25).deterrence.rate == pytest.approx(math.log(3.0), rel=1e-9)
    # Of costs 1 and 2: stay / go = 2^power.
    power = fit_mean_cost(TWO + 1.0, [1, 1], [1, 1], 1.25, family="power").deterrence
    assert power.power == pytest.approx(math.log2(3.0), rel=1e-9)
    assert power.rate == 0.0
    bins = fit_trip_lengths(TWO, [1, 1], [1, 1], [0.0, 0.5, np.inf], [30.0, 10.0]).deterrence
    assert bins.factor == pytest.approx([1.0, 1.0 / 3.0])


def test_trips_are_those_of_the_twin():
    cost, rows, columns = city()
    done = gravity_trips(cost, rows, columns, Deterrence(power=0.7, rate=0.1))
    wanted = twin.gravity(cost.tolist(), rows.tolist(), columns.tolist(), 0.7, 0.1)
    assert done.trips == pytest.approx(np.array(wanted), rel=1e-8)
    assert done.mean_cost == pytest.approx(twin.mean_cost(wanted, cost.tolist()), rel=1e-9)


def test_the_rate_is_that_of_bisection():
    cost, rows, columns = city(5)
    found = fit_mean_cost(cost, rows, columns, 6.0)
    wanted = twin.rate_by_bisection(cost.tolist(), rows.tolist(), columns.tolist(), 6.0)
    assert found.deterrence.rate == pytest.approx(wanted, rel=1e-8)
    assert found.mean_cost == pytest.approx(6.0, rel=1e-8)


@pytest.mark.parametrize(
    ("family", "made"),
    [
        ("exponential", Deterrence(rate=0.13)),
        ("power", Deterrence(power=1.7)),
        ("combined", Deterrence(power=-0.8, rate=0.2)),
        ("combined", Deterrence(power=0.8, rate=0.05)),
    ],
)
def test_what_made_the_data_is_found_again(family, made):
    cost, rows, columns = city(30)
    data = gravity_trips(cost, rows, columns, made).trips
    mean, mean_log = mean_costs(data, cost)
    found = fit_mean_cost(
        cost, rows, columns, mean, family=family, mean_log_cost=mean_log if family == "combined" else None
    )
    edges = [0.0, 2.0, 4.0, 6.0, 9.0, 12.0, 16.0, np.inf]
    by_bins = fit_trip_lengths(cost, rows, columns, edges, trip_lengths(data, cost, edges), family=family)
    for done in (found, by_bins):
        assert (done.deterrence.power, done.deterrence.rate) == pytest.approx((made.power, made.rate), rel=1e-6)
        assert done.trips == pytest.approx(data, rel=1e-6)


def test_a_distribution_of_trip_lengths_is_met_bin_by_bin():
    cost, rows, columns = city(30)
    edges = np.array([0.0, 3.0, 6.0, 10.0, np.inf])
    wanted = np.array([0.35, 0.3, 0.25, 0.1]) * rows.sum()
    done = fit_trip_lengths(cost, rows, columns, edges, wanted)
    assert trip_lengths(done.trips, cost, edges) == pytest.approx(wanted, rel=1e-6)
    assert done.trips.sum(axis=1) == pytest.approx(rows, rel=1e-9)
    assert done.trips.sum(axis=0) == pytest.approx(columns, rel=1e-9)
    assert done.deterrence.factor.max() == 1.0
    # A bin without trips keeps none.
    some = fit_trip_lengths(cost, rows, columns, [0.0, 15.0, np.inf], [1.0, 0.0])
    assert (some.trips[cost >= 15.0] == 0.0).all()


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 999), st.floats(0.0, 0.4), st.floats(-0.5, 2.0))
def test_totals_hold_and_nothing_else_depends_on_the_scale_or_an_added_cost(seed, rate, power):
    cost, rows, columns = city(8, seed)
    done = gravity_trips(cost, rows, columns, Deterrence(power, rate))
    assert done.trips.sum(axis=1) == pytest.approx(rows, rel=1e-9)
    assert done.trips.sum(axis=0) == pytest.approx(columns, rel=1e-9)
    twice = gravity_trips(2.0 * cost, rows, columns, Deterrence(power, rate / 2.0)).trips
    assert twice == pytest.approx(done.trips, rel=1e-7)
    # What each origin pays on top, whatever it does, an exponential does not see.
    plain = gravity_trips(cost, rows, columns, Deterrence(rate=rate)).trips
    dearer = gravity_trips(cost + 5.0 * np.arange(8)[:, None], rows, columns, Deterrence(rate=rate)).trips
    assert dearer == pytest.approx(plain, rel=1e-6)
    again = gravity_trips(cost, rows, columns, Deterrence(power, rate)).trips
    assert again.tobytes() == done.trips.tobytes()


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 999), st.floats(0.0, 0.5), st.floats(1e-3, 0.5))
def test_the_mean_cost_falls_as_the_rate_grows(seed, rate, more):
    cost, rows, columns = city(8, seed)
    near, far = (gravity_trips(cost, rows, columns, Deterrence(rate=r)).mean_cost for r in (rate + more, rate))
    assert near < far


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 999), st.integers(0, 63), st.floats(0.1, 10.0))
def test_a_pair_that_becomes_dearer_loses_trips(seed, pair, more):
    cost, rows, columns = city(8, seed)
    dearer = cost.copy()
    dearer.flat[pair] += more
    model = Deterrence(0.5, 0.1)
    before, after = (gravity_trips(c, rows, columns, model).trips for c in (cost, dearer))
    assert after.flat[pair] < before.flat[pair]


def test_without_deterrence_trips_are_the_product_of_their_ends():
    cost, rows, columns = city()
    done = gravity_trips(cost, rows, columns, Deterrence())
    assert done.trips == pytest.approx(np.outer(rows, columns) / rows.sum())
    assert fit_mean_cost(cost, rows, columns, done.mean_cost).deterrence == Deterrence()


def test_pairs_without_a_path_get_no_trips_dense_or_sparse():
    cost, rows, columns = city()
    cost[2, 5] = np.nan
    cost[3, 1] = np.inf
    dense = gravity_trips(cost, rows, columns, Deterrence(rate=0.2)).trips
    assert (dense[2, 5], dense[3, 1]) == (0.0, 0.0)
    path = np.isfinite(cost)
    row, column = np.nonzero(path)
    sparse = gravity_trips(sp.csr_array((cost[path], (row, column))), rows, columns, Deterrence(rate=0.2)).trips
    assert sparse.nnz == path.sum()
    assert sparse.toarray() == pytest.approx(dense, rel=1e-9)


def test_a_steep_rate_does_not_lose_whole_rows():
    # e^−2000 is 0: only differences within a row and a column matter.
    done = gravity_trips(TWO + 1000.0, [1.0, 1.0], [1.0, 1.0], Deterrence(rate=2.0))
    assert done.trips[0, 0] == pytest.approx(math.e**2 / (1 + math.e**2))


def test_what_cannot_be_is_said():
    cost, rows, columns = city(5)
    free = gravity_trips(cost, rows, columns, Deterrence()).mean_cost
    with pytest.raises(ModelError, match=f"above {free:.5g}"):
        fit_mean_cost(cost, rows, columns, 1000.0)
    with pytest.raises(ModelError, match="the least that could be balanced for these totals"):
        fit_mean_cost(cost, rows, columns, 0.5)
    for call, message in (
        (lambda: gravity_trips(-TWO, [1, 1], [1, 1], Deterrence()), r"from 0 up; .* 0 → 1 \(-1\), 1 → 0 \(-1\)"),
        (lambda: gravity_trips(TWO, [1, 1], [1, 1], Deterrence(power=1.0)), r"cost of 0 is infinite; .*0 → 0 \(0\)"),
        (lambda: gravity_trips(TWO[0], [1, 1], [1, 1], Deterrence()), "wanted .origin, destination."),
        (lambda: gravity_trips(TWO, [1, 1], [1, 2], Deterrence()), "rows sum to 2, columns to 3"),
        (lambda: fit_mean_cost(TWO, [1, 1], [1, 1], -1.0), "mean_cost is -1.0"),
        (lambda: fit_mean_cost(TWO, [1, 1], [1, 1], 0.2, family="tanner"), "there is exponential, power, combined"),
        (lambda: fit_mean_cost(TWO, [1, 1], [1, 1], 0.2, family="combined"), "mean_log_cost goes with the combined"),
        (lambda: fit_trip_lengths(TWO, [1, 1], [1, 1], [0.0, 0.0], [1]), "numbers that rise"),
        (lambda: fit_trip_lengths(TWO, [1, 1], [1, 1], [0.0, 2.0], [-1]), "1 numbers from 0 up"),
        (lambda: fit_trip_lengths(TWO, [1, 1], [1, 1], [0.5, 2.0], [1]), "2 costs from 0 to 0 lie outside"),
        (lambda: fit_trip_lengths(TWO, [1, 1], [1, 1], [0, 0.5, 0.7, 2], [1, 1, 1]), r"0.5 to 0.7 \(1\); join them"),
        (lambda: fit_trip_lengths(TWO[:, :1], [1, 1], [2], [0, 0.5, 2], [0, 1]), "all pairs from zone 0 are in bins"),
        (lambda: mean_costs(np.ones((3, 2)), TWO), r"trips are \(3, 2\), costs \(2, 2\)"),
        (lambda: mean_costs(np.zeros((2, 2)), TWO), "no trips between zones with a cost"),
    ):
        with pytest.raises(InputError, match=message):
            call()


def test_binned_deterrence_takes_the_lower_edge_and_the_last_both():
    done = BinnedDeterrence(np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.5])).log(np.array([0.0, 1.0, 2.0]))
    assert np.exp(done).tolist() == [1.0, 0.5, 0.5]
