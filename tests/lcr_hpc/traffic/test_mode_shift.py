"""Mode shift by an incremental logit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcr_hpc.errors import InputError
from lcr_hpc.traffic import change_utility, shift_modes

BASE = {"car": [60.0, 10.0, 0.0], "bus": [40.0, 0.0, 0.0]}
TRIPS = st.lists(st.floats(0.0, 1e4).map(lambda x: 0.0 if x < 1e-3 else x), min_size=3, max_size=3)
UTILITY = st.lists(st.floats(-5.0, 5.0), min_size=3, max_size=3)


def test_odds_of_a_better_bus_by_hand():
    # Odds of 60 : 40 become 60 : 80 when the bus gains ln 2.
    done = shift_modes(BASE, {"bus": math.log(2.0)})
    assert done.trips["car"].tolist() == pytest.approx([100 * 60 / 140, 10.0, 0.0])
    assert done.trips["bus"].tolist() == pytest.approx([100 * 80 / 140, 0.0, 0.0])
    assert done.logsum.tolist() == pytest.approx([math.log(1.4), 0.0, 0.0])


def test_utilities_are_named_attributes_times_coefficients():
    found = change_utility({"bus": {"wait_min": [-4.0, 0.0], "fare": 0.5}, "car": {}}, {"wait_min": -0.1, "fare": -0.2})
    assert found["bus"].tolist() == pytest.approx([0.3, -0.1])
    assert found["car"] == 0.0


def test_the_pivot_is_the_logit_that_made_the_base():
    utility, change = np.array([-1.0, -1.4, -2.0]), np.array([0.0, 0.7, -0.3])
    base, after = (1000.0 * np.exp(u) / np.exp(u).sum() for u in (utility, utility + change))
    names = ("car", "bus", "rail")
    done = shift_modes({m: base[[i]] for i, m in enumerate(names)}, dict(zip(names, change, strict=True)))
    assert [done.trips[m][0] for m in names] == pytest.approx(after)
    assert done.logsum[0] == pytest.approx(np.log(np.exp(utility + change).sum() / np.exp(utility).sum()))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(TRIPS, TRIPS, UTILITY, UTILITY, st.floats(0.01, 3.0))
def test_travellers_stay_as_many_and_go_where_it_gets_better(car, bus, first, second, more):
    base = {"car": car, "bus": bus}
    done = shift_modes(base, {"car": first, "bus": second})
    assert done.trips["car"] + done.trips["bus"] == pytest.approx(np.add(car, bus), rel=1e-12)
    better = shift_modes(base, {"car": first, "bus": np.add(second, more)})
    assert (better.trips["bus"] >= done.trips["bus"] * (1 - 1e-12)).all()
    assert (better.logsum >= done.logsum - 1e-12).all()
    # The same for all, and nothing at all, change nothing: to the last bit.
    for same in ({}, {"car": more, "bus": more}, {"car": first, "bus": first}):
        for mode, trips in shift_modes(base, same).trips.items():
            assert trips.tobytes() == np.array(base[mode]).tobytes()


def test_a_closed_mode_loses_everybody():
    done = shift_modes({"car": [3.0], "bus": [1.0]}, {"car": -np.inf})
    assert (done.trips["car"].tolist(), done.trips["bus"].tolist()) == ([0.0], [4.0])
    assert done.logsum.tolist() == pytest.approx([math.log(0.25)])


def test_what_cannot_be_used_is_one_error():
    with pytest.raises(InputError) as error:
        shift_modes({"car": [1.0, -1.0], "bus": [1.0]}, {"tram": 1.0, "car": [1.0], "bus": np.nan})
    for part in ("no trips of mode `tram`", "car have negative", "bus have shape", "car has shape (1,)", "bus has NaN"):
        assert part in str(error.value)
    for call, message in (
        (lambda: shift_modes({}, {}), "no modes"),
        (lambda: shift_modes({"car": [0.0, 2.0]}, {"car": -np.inf}), "all modes in use are closed; pairs 1"),
        (lambda: change_utility({"bus": {"comfort": 1.0}}, {"fare": -1.0}), "no coefficient for bus: comfort"),
        (lambda: change_utility({}, {"fare": np.nan}), "coefficient of fare is nan"),
    ):
        with pytest.raises(InputError, match=message):
            call()
