from __future__ import annotations

import subprocess
import sys

import lcr_kernels.permutation as compiled
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lcr_kernels.philox import STREAM_PERMUTATION
from lcr_kernels.slope import rank_slopes

from lcr_hpc.health import _order_counts as plain
from lcr_hpc.health._rank_slopes import plain_rank_slopes


def test_both_ways_take_their_numbers_from_one_stream():
    assert plain.STREAM_PERMUTATION == STREAM_PERMUTATION


@pytest.mark.parametrize(("places", "size", "seed"), [(9, 9, 0), (40, 7, 2**63 + 5), (3, 1, 11), (1000, 20, 2**32)])
def test_samples_are_those_of_the_kernel(places, size, seed):
    wanted = compiled.draw_others(places, size, 5, 65, np.uint64(seed))
    np.testing.assert_array_equal(plain.draw_others(places, size, 5, 65, seed), wanted)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    values=st.lists(st.integers(-5, 5), min_size=3, max_size=9),
    degrees=st.lists(st.integers(0, 4), min_size=9, max_size=9),
    seed=st.integers(0, 2**64 - 1),
)
def test_counts_are_those_of_the_kernel_ties_and_all(values, degrees, seed):
    # Whole numbers from a short range, so that many sums tie.
    value = np.array(values, dtype=float)
    size = np.minimum(degrees[: value.size], value.size - 1)
    first = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    weight = np.repeat(1.0 / np.maximum(size, 1), size)
    observed = np.linspace(-3.0, 3.0, value.size)
    slack = np.full(value.size, 1e-12)
    wanted = compiled.lag_counts(
        value, observed, slack, first, weight, np.ones(value.size, bool), 0, 50, np.uint64(seed)
    )
    np.testing.assert_array_equal(plain.equal_lag_counts(value, observed, slack, first, weight, 0, 50, seed), wanted)


def test_a_new_process_maps_equal_weights_without_numba_and_gets_the_same():
    program = """if True:
        import sys
        import numpy as np
        if "compiled" in sys.argv:
            import numba
        from lcr_hpc.health import getis_ord, local_moran
        side = np.arange(30)
        ring = np.stack([side - 1, side + 1], axis=1) % 30
        links = (2 * np.arange(31), ring.ravel(), np.full(60, 0.5))
        value = np.random.default_rng(3).gamma(2.0, size=30)
        found = [local_moran(value, links, 499).p_value, getis_ord(value, links, permutations=499).p_value]
        print(np.concatenate(found).tobytes().hex(), "numba" in sys.modules, "pandas" in sys.modules)
    """
    said = [
        subprocess.run([sys.executable, "-c", program, *way], check=True, capture_output=True, text=True).stdout.split()
        for way in ([], ["compiled"])
    ]
    assert said[0][0] == said[1][0]
    assert said[0][1:] == ["False", "False"]
    assert said[1][1] == "True"


def test_slopes_without_numba_are_the_kernel_s_to_the_last_bit():
    draw = np.random.default_rng(5)
    value, people, error = draw.gamma(2.0, size=(50, 7)), draw.gamma(2.0, size=(50, 7)), draw.gamma(1.0, size=(50, 7))
    people[::3, 2], people[4], people[5, 1:] = 0.0, 0.0, 0.0
    value[0, 2], value[1, 3], error[7, 0] = np.nan, np.nan, np.nan
    np.testing.assert_array_equal(plain_rank_slopes(value, people, error), rank_slopes(value, people, error))
