"""Demand from counts: by hand, against a plain twin, and on networks whose demand is known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from lcr_hpc.errors import InputError
from lcr_hpc.traffic import (
    EstimationSettings,
    TrafficSettings,
    VehicleClass,
    assign,
    estimate_demand,
    geh,
    measure_movement,
)
from lcr_hpc.traffic.od_cells import fit_cells
from lcr_hpc.traffic.od_estimation import link_proportions
from tests.lcr_hpc.traffic.sioux_falls import sioux_falls
from tests.lcr_hpc.traffic.test_equilibrium import trips, two_zones
from tests.reference import od_cells as twin

GAP = TrafficSettings(relative_gap=1e-7)


def one_pair(count, prior, bound, weight):
    """Estimate of one pair on one counted road."""
    share, ones = sp.csr_array(np.ones((1, 1))), np.ones(1)
    found = fit_cells(
        share,
        count * ones,
        count * ones,
        prior * ones,
        prior / weight * ones,
        prior / bound * ones,
        prior * bound * ones,
    )
    return found.trips[0]


def test_a_pair_and_a_count_by_hand():
    # (x − 150)² / 150 + (x − 100)² / 100 is least where x / 150 + x / 100 = 2, at 120; a bound of 1.1 stops it at 110.
    assert one_pair(150.0, 100.0, 2.0, 1.0) == pytest.approx(120.0)
    assert one_pair(150.0, 100.0, 1.1, 1.0) == pytest.approx(110.0)
    assert one_pair(50.0, 100.0, 1.1, 1.0) == pytest.approx(100.0 / 1.1)
    assert one_pair(100.0, 100.0, 2.0, 1.0) == 100.0


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 999), st.sampled_from([1.01, 1.2, 2.0, 10.0]))
def test_cells_are_those_of_the_twin_and_between_their_bounds(seed, bound):
    rng = np.random.default_rng(seed)
    share = rng.random((3, 6)) * (rng.random((3, 6)) < 0.6)
    prior = 100.0 * rng.random(6)
    prior[0] = 0.0
    counted = share @ prior * np.exp(rng.normal(0.0, 0.5, 3)) + 1.0
    arguments = counted, np.maximum(counted, 1.0), prior, prior / 0.2, prior / bound, prior * bound
    found = fit_cells(sp.csr_array(share), *arguments).trips
    wanted = twin.fit_cells(share.tolist(), *(a.tolist() for a in arguments))
    assert found.tolist() == pytest.approx(wanted, rel=1e-6, abs=1e-6)
    assert ((found >= prior / bound) & (found <= prior * bound)).all()
    assert fit_cells(sp.csr_array(share), *arguments).trips.tobytes() == found.tobytes()


@settings(deadline=None, derandomize=True, max_examples=25)
@given(st.integers(0, 999), st.sampled_from([1.2, 5.0]), st.sampled_from([1e-8, 1e-4, 10.0]))
def test_no_neighbour_between_the_bounds_fits_better(seed, bound, weight):
    """At the least of a convex function, no direction that stays within the bounds goes down."""
    rng = np.random.default_rng(seed)
    share = rng.random((20, 200)) * (rng.random((20, 200)) < 0.2)
    prior = 100.0 * rng.random(200) + 1.0
    counted = 1.3 * (share @ prior) * rng.uniform(0.7, 1.3, 20)
    low, high = prior / bound, prior * bound
    found = fit_cells(sp.csr_array(share), counted, counted, prior, prior / weight, low, high).trips
    slope = share.T @ ((share @ found - counted) / counted) + weight * (found - prior) / prior
    allowed = np.clip(found - slope, low, high) - found
    assert np.abs(allowed).max() < 1e-6


def test_two_roads_and_one_count():
    # 10 + x and 5 + 2 y minutes: ten trips part evenly. Eight counted on the first: 18 minutes, so 6.5 on the other.
    prior = trips((0, 1, 10.0))
    done = estimate_demand(two_zones(), prior, [0], [8.0], GAP, EstimationSettings(prior_weight=1e-6, tolerance=0.0))
    assert done.demand.trips.tolist() == pytest.approx([14.5], rel=1e-3)
    assert done.geh_before.tolist() == pytest.approx(geh([5.0], [8.0]).tolist())
    assert done.geh_after.tolist() == pytest.approx([0.0], abs=1e-2)
    assert done.movement.largest_ratio == pytest.approx(1.45, rel=1e-3)


@pytest.fixture(scope="module")
def disturbed():
    """Return Sioux Falls, a prior whose cells are up to 1.5 times off, and counts of the undisturbed demand."""
    network, demand = sioux_falls()
    factor = np.clip(np.exp(np.random.default_rng(5).normal(0.0, 0.25, demand.trips.size)), 1 / 1.5, 1.5)
    links = np.arange(0, 76, 4)
    truth = assign(network, demand, GAP).link_flow
    return network, demand, dataclasses.replace(demand, trips=demand.trips * factor), links, truth


def test_counts_of_a_known_demand_bring_flows_near_to_it_everywhere(disturbed):
    network, truth, prior, links, flow = disturbed
    done = estimate_demand(network, prior, links, flow[links], GAP, EstimationSettings(rounds=4))
    assert (np.diff(done.objective) < 0.0).all()
    assert done.geh_after.mean() < 0.4 * done.geh_before.mean()
    assert (done.geh_after < 5.0).all()
    assert done.unseen.size == 0
    # Links that were not counted come nearer too, and so does the demand.
    others = np.setdiff1d(np.arange(76), links)
    before = geh(assign(network, prior, GAP).link_flow[others], flow[others])
    assert geh(done.assignment.link_flow[others], flow[others]).mean() < before.mean()
    assert np.abs(done.demand.trips - truth.trips).sum() < np.abs(prior.trips - truth.trips).sum()
    ratio = done.demand.trips / prior.trips
    assert ((ratio >= 0.5) & (ratio <= 2.0)).all()
    assert done.movement.largest_ratio == pytest.approx(max(ratio.max(), 1.0 / ratio.min()))
    assert done.movement.total_after == pytest.approx(done.demand.trips.sum())
    assert all(isinstance(said, str) for said in done.movement.beyond())
    np.testing.assert_allclose(
        done.assignment.link_flow[links], assign(network, done.demand, GAP).link_flow[links], rtol=1e-3
    )


def test_counts_that_are_met_move_nothing_and_a_bound_of_one_neither(disturbed):
    network, truth, prior, links, flow = disturbed
    same = estimate_demand(network, truth, links, flow[links], GAP)
    assert same.demand.trips.tobytes() == truth.trips.tobytes()
    assert same.movement.largest_ratio == 1.0
    assert same.movement.beyond() == ()
    fixed = estimate_demand(network, prior, links, flow[links], GAP, EstimationSettings(bound=1.0))
    assert fixed.demand.trips.tobytes() == prior.trips.tobytes()
    tight = estimate_demand(network, prior, links, flow[links], GAP, EstimationSettings(bound=1.1, rounds=1))
    assert tight.movement.largest_ratio == pytest.approx(1.1)
    assert tight.movement.at_bound > 0
    again = estimate_demand(network, prior, links, flow[links], GAP, EstimationSettings(bound=1.1, rounds=1))
    assert again.demand.trips.tobytes() == tight.demand.trips.tobytes()


def test_threads_do_not_change_a_byte(disturbed):
    network, _, prior, links, flow = disturbed
    three = TrafficSettings(relative_gap=1e-5, origin_blocks=3)
    one, two = (
        estimate_demand(network, prior, links, flow[links], three, EstimationSettings(rounds=2), threads=threads)
        for threads in (1, 2)
    )
    assert one.demand.trips.tobytes() == two.demand.trips.tobytes()
    assert one.objective.tobytes() == two.objective.tobytes()


def test_one_class_moves_the_others_stay():
    classes = [VehicleClass("cars", trips((0, 1, 6.0))), VehicleClass("lorries", trips((0, 1, 2.0)), pcu=2.0)]
    done = estimate_demand(
        two_zones(),
        classes,
        [0],
        [8.0],
        GAP,
        EstimationSettings(prior_weight=1e-6, tolerance=0.0, bound=4.0),
        vehicle_class=1,
    )
    # 14.5 PCU in all, as with one class: 6 of cars, so 4.25 lorries.
    assert done.demand.trips.tolist() == pytest.approx([4.25], rel=1e-3)
    assert done.assignment.class_flow.sum(axis=1)[0] == pytest.approx(12.0)


def test_proportions_times_trips_of_all_classes_are_the_flow(disturbed):
    network, demand, _, links, _ = disturbed
    classes = [
        VehicleClass("cars", demand),
        VehicleClass("lorries", dataclasses.replace(demand, trips=0.1 * demand.trips), pcu=2.0),
    ]
    result = assign(network, classes, TrafficSettings(relative_gap=1e-4))
    flow = sum(link_proportions(result, links, k) @ c.demand.trips for k, c in enumerate(classes))
    assert flow == pytest.approx(result.link_flow[links], rel=1e-10)


def test_pairs_that_no_count_sees_stay_and_a_link_that_nobody_passes_is_named():
    done = estimate_demand(two_zones(), trips((0, 0, 3.0), (0, 1, 10.0), (1, 0, 4.0)), [0, 2], [6.0, 6.0], GAP)
    assert done.unseen.size == 0
    assert done.demand.trips[1] > 10.0
    assert done.demand.trips[[0, 2]].tolist() == [3.0, 4.0]
    lone = estimate_demand(two_zones(), trips((1, 0, 4.0)), [0], [6.0], GAP)
    assert lone.unseen.tolist() == [0]
    assert lone.demand.trips.tolist() == [4.0]


def test_movement_by_hand():
    before, after = trips((0, 1, 1.0), (1, 0, 3.0)), trips((0, 1, 2.0), (1, 0, 2.0))
    found = measure_movement(before, after, 2.0, np.array([10.0, 20.0]))
    assert (found.total_before, found.total_after, found.largest_ratio, found.at_bound) == (4.0, 4.0, 2.0, 1)
    assert (found.cell_slope, found.cell_intercept, found.cell_r2) == (0.0, 2.0, 0.0)
    # Means 17.5 and 15; standard deviations √18.75 and 5.
    assert found.mean_length_ratio == pytest.approx(15.0 / 17.5)
    assert found.sd_length_ratio == pytest.approx(5.0 / 18.75**0.5)
    assert len(found.beyond()) == 6
    assert "cells: slope 0.000, wanted 0.98 to 1.02" in found.beyond()


def test_what_cannot_be_used_is_one_error():
    with pytest.raises(InputError) as error:
        estimate_demand(two_zones(), trips((0, 1, 1.0)), [0, 0, 9], [-1.0, 2.0, np.nan], GAP, vehicle_class=1)
    for part in ("no class 1", "counted links are 0 to 3; link 9 (nan)", "link 0 (-1), 9 (nan)", "twice"):
        assert part in str(error.value)
    with pytest.raises(InputError, match=r"\(0,\) links, \(0,\) counts"):
        estimate_demand(two_zones(), trips((0, 1, 1.0)), [], [], GAP)
    with pytest.raises(InputError) as error:
        EstimationSettings(0.5, 0.0, 0, -1.0)
    for part in ("bound is 0.5", "prior_weight is 0.0", "rounds is 0", "tolerance is -1.0"):
        assert part in str(error.value)
