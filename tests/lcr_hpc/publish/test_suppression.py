from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lcr_hpc.errors import InputError, ReleaseError
from lcr_hpc.publish import SuppressionPolicy, suppress

FIVE = SuppressionPolicy(threshold=5, protection=3)


def table(counts, names="abcdefgh"):
    counts = np.asarray(counts)
    return pd.DataFrame(counts, index=list(names[: len(counts)]), columns=[f"c{k}" for k in range(counts.shape[1])])


def test_one_small_count_takes_three_others_with_it():
    # In a table with margins a cell is safe in a rectangle of suppressed ones.
    shown, audit = suppress(table([[3, 20, 30], [40, 50, 60], [70, 80, 90]]), None, FIVE)
    assert np.isnan(shown.loc["a", "c0"])
    assert audit.cells["kind"].tolist().count("primary") == 1
    assert len(audit.cells) == 4
    assert audit.narrowest >= 3
    assert shown.loc["total", "total"] == 443


def test_a_table_without_small_counts_is_shown_whole_with_its_totals():
    shown, audit = suppress(table([[10, 20], [30, 0]]), {"msoa": ["m", "m"]}, FIVE)
    assert shown.loc["m"].tolist() == [40.0, 20.0, 60.0]
    assert shown.notna().all().all()
    assert len(audit.cells) == 0
    assert audit.narrowest == np.inf


def test_totals_of_larger_areas_are_guarded_too():
    counts = [[2, 30], [25, 35], [45, 55], [65, 75]]
    levels = {"msoa": ["m", "m", "n", "n"], "district": ["d", "d", "d", "d"]}
    with pytest.raises(InputError, match="total name two areas"):
        suppress(table(counts), levels | {"region": ["total"] * 4}, FIVE)
    shown, audit = suppress(table(counts), {"msoa": levels["msoa"]}, FIVE)
    assert np.isnan(shown.loc["a", "c0"])
    assert np.isnan(shown.loc[["b", "m"], "c0"]).any()
    assert (audit.cells["high"] - audit.cells["low"]).min() >= 3


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 12), min_size=8, max_size=8))
def test_whatever_the_counts_no_interval_is_narrow_and_each_holds_the_truth(numbers):
    counts = table(np.array(numbers).reshape(4, 2))
    try:
        shown, audit = suppress(counts, {"msoa": ["m", "m", "n", "n"]}, FIVE)
    except ReleaseError:
        return
    full = counts.assign(total=counts.sum(axis=1))
    full = pd.concat([full, full.iloc[:2].sum().to_frame("m").T, full.iloc[2:].sum().to_frame("n").T])
    full.loc["total"] = full.loc[["m", "n"]].sum()
    pd.testing.assert_frame_equal(shown.where(shown.notna(), full), full.astype(float))
    hidden = shown.isna()
    assert hidden[(full > 0) & (full < 5)].to_numpy()[((full > 0) & (full < 5)).to_numpy()].all()
    for _, cell in audit.cells.iterrows():
        assert cell["low"] - 1e-6 <= full.loc[cell["name"], cell["column"]] <= cell["high"] + 1e-6
        assert cell["high"] - cell["low"] >= 3 - 1e-6


def test_the_attack_finds_what_trying_every_table_finds():
    counts = table([[1, 6], [7, 9]])
    shown, audit = suppress(counts, None, SuppressionPolicy(threshold=3, protection=2))
    hidden = shown.isna().to_numpy()
    inside = np.stack(np.meshgrid(*[np.arange(24)] * 4, indexing="ij")).reshape(2, 2, -1)
    every = np.concatenate([inside, inside.sum(axis=0, keepdims=True)])
    every = np.concatenate([every, every.sum(axis=1, keepdims=True)], axis=1)
    fits = every[:, :, (every[~hidden] == shown.to_numpy()[~hidden][:, None]).all(axis=0)]
    assert fits.shape[2] > 1
    for _, cell in audit.cells.iterrows():
        seen = fits[shown.index.get_loc(cell["name"]), shown.columns.get_loc(cell["column"])]
        assert (seen.min(), seen.max()) == pytest.approx((cell["low"], cell["high"]))


@pytest.mark.parametrize(
    ("counts", "levels", "said"),
    [
        ([[1.5, 2]], None, "a have numbers that are no counts"),
        ([[-1, 2]], None, "a have numbers that are no counts"),
        ([[1, 2], [3, 4]], {"msoa": ["a", "m"]}, "a name two areas"),
        ([[1, 2], [3, 4]], {"msoa": ["m", "m"], "district": ["d", "e"]}, "m lies in 2 larger areas"),
    ],
)
def test_what_cannot_be_judged_is_named(counts, levels, said):
    with pytest.raises(InputError, match=said):
        suppress(table(counts), levels, FIVE)


def test_what_cannot_be_protected_is_not_released():
    # All parts are small; the whole, 8, bounds each of them, and is in no sum with them.
    counts, levels = table([[1], [3], [1], [3]]), {"msoa": ["m", "m", "n", "n"]}
    with pytest.raises(ReleaseError, match="release a coarser table"):
        suppress(counts, levels, SuppressionPolicy(threshold=5, protection=10))


def test_one_category_s_total_is_that_category():
    # Area b is suppressed for a's sake; its total is the same number.
    shown, _ = suppress(table([[2], [20], [30]]), None, FIVE)
    assert shown.loc[["a", "b"]].isna().all().all()
    assert shown.loc["total"].tolist() == [52.0, 52.0]
