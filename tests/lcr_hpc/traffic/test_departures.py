"""A day's trips by period."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcr_hpc.errors import InputError
from lcr_hpc.traffic import demand_from_pairs, departure_rates, split_day
from lcr_hpc.traffic.periods import period_demand

PERIODS = [(7.0, 10.0), (10.0, 16.5), (16.5, 19.0), (19.0, 7.0)]


def day(*trips):
    return demand_from_pairs(
        np.arange(len(trips), dtype=np.int32) % 2, np.arange(len(trips), dtype=np.int32) // 2, np.array(trips), 2
    )


def test_a_morning_by_hand():
    # 10 % leave from 7 to 8, 30 % from 8 to 9, and the rest from 23 to 24.
    profile = np.zeros(24)
    profile[[7, 8, 23]] = 1.0, 3.0, 6.0
    rates = departure_rates(profile, [(7.0, 9.0), (7.5, 8.25), (23.5, 0.5), (9.0, 9.0)])
    assert rates[0].tolist() == pytest.approx([0.4 / 2, (0.05 + 0.075) / 0.75, 0.3, 1.0 / 24])
    assert split_day(day(100.0), profile, [(7.0, 9.0)])[0].trips.tolist() == pytest.approx([20.0])


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(0, 999), st.sampled_from([1, 24, 96, 1440]))
def test_periods_that_make_up_the_day_hold_all_its_trips(seed, steps):
    rng = np.random.default_rng(seed)
    profile, whole = rng.random(steps) + 0.01, day(*(1000.0 * rng.random(4)))
    parts = split_day(whole, profile, PERIODS)
    hours = [(end - start) % 24 for start, end in PERIODS]
    assert sum(h * part.trips for h, part in zip(hours, parts, strict=True)) == pytest.approx(whole.trips, rel=1e-12)
    more, again = split_day(whole, 7.0 * profile, PERIODS), split_day(whole, profile, PERIODS)
    for one, other, same in zip(parts, more, again, strict=True):
        assert one.trips == pytest.approx(other.trips, rel=1e-12)
        assert one.trips.tobytes() == same.trips.tobytes()


def test_purposes_have_profiles_of_their_own_and_hours_are_those_of_the_night():
    rng = np.random.default_rng(4)
    work, other = day(10.0, 20.0, 30.0, 40.0), day(5.0, 5.0, 5.0, 5.0)
    profile = rng.random((2, 24))
    profile /= profile.sum(axis=1, keepdims=True)
    found = split_day([work, other], profile, [(7.0, 10.0)])[0]
    trips = np.stack([work.trips, other.trips])
    wanted = period_demand(work.indptr, work.destination, trips, profile, [7, 8, 9], "am")
    assert found.trips == pytest.approx(wanted.trips, rel=1e-12)


def test_what_cannot_be_used_is_said():
    shops, two = dataclasses.replace(day(1.0, 1.0), source="shops"), np.ones((2, 4))
    for call, message in (
        (lambda: departure_rates([1.0, -1.0], [(0.0, 25.0)]), "profile 0 has negative(.|\n)*period 0 to 25 h is not"),
        (lambda: departure_rates(np.zeros(24), [(0.0, 1.0)]), "is all 0"),
        (lambda: departure_rates(np.zeros((2, 2, 2)), [(0.0, 1.0)]), "wanted .step. or .purpose, step."),
        (lambda: split_day([day(1.0)], two, PERIODS), "1 purposes, 2 profiles"),
        (lambda: split_day([day(1.0), shops], two, PERIODS), "pairs of shops are not"),
    ):
        with pytest.raises(InputError, match=message):
            call()
