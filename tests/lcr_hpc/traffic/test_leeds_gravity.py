"""Gravity models of real commuting: census 2011, 107 zones of Leeds, Office for National Statistics (OGL)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from lcr_hpc.traffic import Deterrence, fit_mean_cost, fit_trip_lengths, gravity_trips, mean_costs, trip_lengths

EDGES = np.array([0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, np.inf])


@pytest.fixture(scope="module")
def leeds(test_data):
    folder = test_data / "leeds_od"
    if not folder.is_dir():
        pytest.skip(f"no commuting flows at {folder}")
    zones = gpd.read_file(folder / "si_zones.gpkg").to_crs(27700)
    pairs = pd.read_csv(folder / "si_od_census.csv")
    code, size = pd.Index(zones.geo_code), len(zones)
    trips = np.zeros((size, size))
    np.add.at(trips, (code.get_indexer(pairs.O), code.get_indexer(pairs.D)), pairs["all"].to_numpy())
    centre = zones.geometry.centroid
    place = np.column_stack([centre.x, centre.y]) / 1000.0
    km = np.linalg.norm(place[:, None] - place, axis=2)
    km[np.diag_indices(size)] = 0.5 * np.where(km > 0.0, km, np.inf).min(axis=1)
    return trips, km


def likelihood(model, trips):
    some = trips > 0.0
    return (trips[some] * np.log(model[some] / model.sum())).sum() / trips.sum()


def fits(trips, km):
    ends = trips.sum(axis=1), trips.sum(axis=0)
    mean, mean_log = mean_costs(trips, km)
    return (
        fit_mean_cost(km, *ends, mean),
        fit_mean_cost(km, *ends, mean, family="power"),
        fit_mean_cost(km, *ends, mean, family="combined", mean_log_cost=mean_log),
    )


def test_all_three_families_keep_ends_and_mean_distance_and_two_parameters_fit_best(leeds):
    trips, km = leeds
    found = fits(trips, km)
    for done in found:
        assert done.mean_cost == pytest.approx(mean_costs(trips, km)[0], rel=1e-8)
        assert done.trips.sum(axis=1) == pytest.approx(trips.sum(axis=1), rel=1e-9)
        assert done.trips.sum(axis=0) == pytest.approx(trips.sum(axis=0), rel=1e-9)
    exponential, power, combined = (likelihood(done.trips, trips) for done in found)
    free = likelihood(gravity_trips(km, trips.sum(axis=1), trips.sum(axis=0), Deterrence()).trips, trips)
    assert free < exponential < power < combined
    # Commuters common to model and census, of all: 82, 84 and 85 %.
    common = [np.minimum(done.trips, trips).sum() / trips.sum() for done in found]
    assert common == pytest.approx([0.817, 0.839, 0.852], abs=1e-3)


def test_both_means_are_what_most_likely_parameters_meet(leeds):
    trips, km = leeds
    best = fits(trips, km)[2].deterrence
    most = likelihood(gravity_trips(km, trips.sum(axis=1), trips.sum(axis=0), best).trips, trips)
    for power, rate in ((0.01, 0.0), (-0.01, 0.0), (0.0, 0.002), (0.0, -0.002)):
        near = Deterrence(best.power + power, best.rate + rate)
        assert likelihood(gravity_trips(km, trips.sum(axis=1), trips.sum(axis=0), near).trips, trips) < most


def test_the_distribution_of_distances_gives_nearly_the_same_model_and_bins_give_it_exactly(leeds):
    trips, km = leeds
    ends, held = (trips.sum(axis=1), trips.sum(axis=0)), trip_lengths(trips, km, EDGES)
    by_bins = fit_trip_lengths(km, *ends, EDGES, held, family="combined").deterrence
    by_means = fits(trips, km)[2].deterrence
    assert (by_bins.power, by_bins.rate) == pytest.approx((by_means.power, by_means.rate), rel=0.01)
    exact = fit_trip_lengths(km, *ends, EDGES, held)
    assert trip_lengths(exact.trips, km, EDGES) == pytest.approx(held, abs=1e-8 * trips.sum())
