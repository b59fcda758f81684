"""A number of the twin depends on its name alone."""

from __future__ import annotations

import numpy as np

from lcr_hpc.spine.twin.random import Stream, memory, normal, uniform


def test_an_item_has_the_same_numbers_alone_and_among_many():
    many = uniform(7, Stream.COUNT, 1000, 3)
    assert np.array_equal(uniform(7, Stream.COUNT, 5, 3, first=300), many[300:305])


def test_seed_and_stream_name_different_numbers():
    here = uniform(7, Stream.COUNT, 50, 4)
    assert not np.intersect1d(here, uniform(8, Stream.COUNT, 50, 4)).size
    assert not np.intersect1d(here, uniform(7, Stream.ENERGY, 50, 4)).size


def test_numbers_are_even_and_inside_the_open_interval():
    u = uniform(1, Stream.AIR, 40_000, 1)[:, 0]
    assert u.min() > 0 and u.max() < 1
    # The largest gap to the even distribution stays below the Kolmogorov-Smirnov limit at one in a million.
    assert np.abs(np.sort(u) - (np.arange(len(u)) + 0.5) / len(u)).max() < 2.7 / np.sqrt(len(u))
    z = normal(1, Stream.AIR, 40_000, 1)[:, 0]
    assert abs(z.mean()) < 0.03 and abs(z.std() - 1) < 0.03


def test_slow_noise_of_an_hour_does_not_depend_on_where_the_series_starts():
    long = memory(3, Stream.WIND, 480_000, 200, hours=12)
    assert np.allclose(memory(3, Stream.WIND, 480_150, 20, hours=12), long[150:170], rtol=0, atol=1e-12)
    series = memory(3, Stream.WIND, 480_000, 60_000, hours=12)
    assert abs(series.std() - 1) < 0.05
    lag_12 = np.corrcoef(series[:-12], series[12:])[0, 1]
    assert abs(lag_12 - np.exp(-1)) < 0.05
