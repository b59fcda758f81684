"""Stores of days: any order or split of the same rows, a growing site list, a kill while growing."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lcr_hpc.spine.ingest.air import hourly_means
from lcr_hpc.spine.ingest.counts import ingest_counts
from lcr_hpc.spine.stage import run_ingest
from lcr_hpc.spine.twin.people import whole_shares
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import fingerprint_store
from lcr_hpc.store.slabs import open_store

DAY = "2025-10-15"


def _store(layout: Layout) -> dict[str, str]:
    return fingerprint_store(layout.store("counts"))


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_or_split_of_the_same_rows_gives_the_same_bytes(landed, tmp_path_factory, data):
    _, layout = landed
    tables = [pd.read_csv(f, dtype=str, keep_default_na=False) for f in sorted(layout.incoming.glob("counts/counts_*"))]
    rows = pd.concat(tables, ignore_index=True)
    order = data.draw(st.permutations(range(len(rows))))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(rows) - 1), max_size=3)))
    copy = Layout(tmp_path_factory.mktemp("split"), layout.night)
    shutil.copytree(layout.incoming / "counts", copy.incoming / "counts", ignore=shutil.ignore_patterns("counts_*"))
    for i, part in enumerate(np.split(np.array(order), cuts)):
        rows.iloc[part].to_csv(copy.incoming / "counts" / f"counts_{i}.csv", index=False)
    ingest_counts(copy, None)()
    assert _store(copy) == _store(layout)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda w: sum(w) > 1e-6),
    total=st.integers(0, 100_000),
    offset=st.floats(0.001, 0.999),
)
def test_whole_shares_add_up(weights, total, offset):
    shares = whole_shares(np.array([weights]), np.array([total]), np.array([offset]))[0]
    assert shares.sum() == total and (shares >= 0).all()
    exact = np.array(weights) / sum(weights) * total
    assert np.abs(shares - exact).max() < 1 + 1e-6 * total


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_hourly_means_do_not_depend_on_files_order_or_repetition(data):
    second = np.array(data.draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=30)))
    pm = [data.draw(st.sampled_from([np.nan, -1.40986488597765e31, -4.0, 7.3, 8.1, 5000.0])) for _ in second]
    value = np.column_stack([np.full(len(second), np.nan), pm])
    once = hourly_means([(second, value)])
    order = data.draw(st.permutations(range(len(second))))
    cut = data.draw(st.integers(0, len(second)))
    parts = [(second[list(p)], value[list(p)]) for p in (order[:cut], order[cut:], order[:cut])]
    for a, b in zip(once, hourly_means(parts), strict=True):
        assert a.tobytes() == b.tobytes()


def _drop_detector(layout: Layout, name: str) -> None:
    folder = layout.incoming / "counts"
    sites = pd.read_csv(folder / "detectors.csv")
    sites[sites["detector"] != name].to_csv(folder / "detectors.csv", index=False)
    for file in folder.glob("counts_*.csv"):
        pd.read_csv(file, dtype=str, keep_default_na=False).drop(columns=name).to_csv(file, index=False)


def test_a_new_detector_keeps_the_days_of_the_others(town):
    config, layout = town
    folder = layout.incoming / "counts"
    before = open_store(layout.store("counts"), "counts").load()
    (folder / "counts_2025-10-14.csv").unlink()  # a day that only the store still has
    sites = pd.read_csv(folder / "detectors.csv")
    sites = pd.concat([sites, sites.tail(1).assign(detector="A-first")])
    sites.to_csv(folder / "detectors.csv", index=False)
    table = pd.read_csv(folder / f"counts_{DAY}.csv", dtype=str, keep_default_na=False)
    table.assign(**{"A-first": "7"}).to_csv(folder / f"counts_{DAY}.csv", index=False)
    run_ingest(config, layout)
    after = open_store(layout.store("counts"), "counts").load()
    assert after["detector"].to_numpy().tolist() == ["A-first", *before["detector"].to_numpy()]
    for name in ("flow_veh_h", "flow_flag"):
        assert np.array_equal(after[name][:, 1:], before[name], equal_nan=name == "flow_veh_h")
    day = after["time"].to_numpy().astype("datetime64[D]").astype(str)
    assert (after["flow_veh_h"][day == DAY, 0] == 7).all()
    assert (after["flow_flag"][day == "2025-10-14", 0] == 1).all()


def test_a_detector_that_left_the_feed_stays_in_the_store_without_new_counts(town):
    config, layout = town
    before = open_store(layout.store("counts"), "counts").load()
    gone = str(before["detector"].to_numpy()[1])
    _drop_detector(layout, gone)
    (layout.incoming / "counts" / "counts_2025-10-14.csv").unlink()
    run_ingest(config, layout)
    after = open_store(layout.store("counts"), "counts").load()
    assert after["detector"].to_numpy().tolist() == before["detector"].to_numpy().tolist()
    day = after["time"].to_numpy().astype("datetime64[D]").astype(str)
    assert np.isnan(after["flow_veh_h"][day == DAY, 1]).all() and (after["flow_flag"][day == DAY, 1] == 1).all()
    assert np.array_equal(
        after["flow_veh_h"][day == "2025-10-14"], before["flow_veh_h"][day == "2025-10-14"], equal_nan=True
    )


@pytest.mark.parametrize("left", ["grown", "ready"])
def test_a_kill_while_a_store_grows_loses_no_day(town, left):
    config, layout = town
    store, wanted = layout.store("counts"), _store(layout)
    (layout.incoming / "counts" / "counts_2025-10-14.csv").unlink()
    if left == "grown":  # not whole yet: a folder that only looks like a store
        (store.with_name("counts.zarr.grown")).mkdir()
        (store.with_name("counts.zarr.grown") / "zarr.json").write_text("{")
    else:
        shutil.copytree(store, store.with_name("counts.zarr.ready"))
        layout.manifest("counts").unlink()
        shutil.rmtree(store / "flow_flag")
    run_ingest(config, layout)
    assert _store(layout) == wanted and layout.manifest("counts").is_file()
    assert not list(Path(layout.root / "spine").glob("*.zarr.*"))


def test_a_manifest_does_not_grow_with_the_days(town, make_config):
    config, layout = town
    size = layout.manifest("air").stat().st_size
    files = list(layout.incoming.glob("air/sensor_*"))
    for file in files:
        shutil.copyfile(file, file.with_name(file.name.replace("2025-10", "2025-09")))
    run_ingest(config, layout)
    assert abs(layout.manifest("air").stat().st_size - size) < 10
