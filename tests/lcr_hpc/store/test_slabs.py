"""Stores: whole shards by one writer, and nothing that the dictionary does not know."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lcr_hpc.errors import StoreError
from lcr_hpc.store.manifest import fingerprint_store
from lcr_hpc.store.slabs import create_store, open_store, shard_of, slabs, write_slab

SITES = {"detector": ["a", "b", "c"], "detector_link": [1, 2, 3], "detector_x": np.zeros(3), "detector_y": np.zeros(3)}


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    path = tmp_path / "counts.zarr"
    create_store(path, "counts", {"time": 72, "detector": 3})
    write_slab(path, "counts", {}, {"time": np.arange(490_000, 490_072), **SITES})
    return path


def _day(value: float) -> dict[str, np.ndarray]:
    return {"flow_veh_h": np.full((24, 3), value), "flow_flag": np.zeros((24, 3), np.int8)}


def test_what_is_written_is_read_with_units_and_times(counts: Path):
    write_slab(counts, "counts", {"time": slice(24, 48)}, _day(7))
    read = open_store(counts, "counts")
    assert read["flow_veh_h"].attrs["units"] == "veh/h"
    assert read["time"].to_numpy()[0] == np.datetime64("2025-11-24T16", "ns")
    assert read["detector"].to_numpy().tolist() == ["a", "b", "c"]
    assert (read["flow_veh_h"][24:48] == 7).all()
    assert read["flow_veh_h"][:24].isnull().all()
    assert (read["flow_flag"][:24] == 1).all()  # missing


def test_variables_that_are_asked_for_bring_the_coordinates_that_they_have_in_the_whole(counts: Path):
    write_slab(counts, "counts", {"time": slice(24, 48)}, _day(7))
    whole = open_store(counts, "counts").load()
    for wanted in ([], *([str(name)] for name in whole.variables), ["flow_veh_h", "detector_x"]):
        part = open_store(counts, "counts", wanted).load()
        assert part.identical(whole[wanted]), wanted
        assert set(part.coords) == set(whole[wanted].coords), wanted
    assert set(open_store(counts, "counts", ["detector"]).coords) == {"detector", "detector_x", "detector_y"}


def test_a_slab_that_cuts_a_shard_is_refused(counts: Path):
    before = fingerprint_store(counts)
    with pytest.raises(StoreError, match="time 20:44 cuts a shard of 24"):
        write_slab(counts, "counts", {"time": slice(20, 44)}, _day(1))
    assert fingerprint_store(counts) == before


def test_the_last_slab_may_be_short(tmp_path: Path):
    path = tmp_path / "carbon.zarr"
    create_store(path, "carbon", {"area": 300, "air_pollutant": 2})
    assert slabs(300, shard_of("carbon", "concentration_ug_m3", "area")) == [slice(0, 256), slice(256, 300)]
    write_slab(path, "carbon", {"area": slice(256, 300)}, {"concentration_ug_m3": np.ones((44, 2))})
    assert np.isfinite(open_store(path, "carbon")["concentration_ug_m3"].to_numpy()).sum() == 88


def test_nothing_is_written_when_one_variable_does_not_fit(counts: Path):
    before = fingerprint_store(counts)
    with pytest.raises(StoreError, match=r"`flow_flag` has shape \(23, 3\), wanted \(24, 3\)"):
        write_slab(counts, "counts", {"time": slice(0, 24)}, _day(1) | {"flow_flag": np.zeros((23, 3), np.int8)})
    with pytest.raises(StoreError, match="holds int8, got float64"):
        write_slab(counts, "counts", {"time": slice(0, 24)}, _day(1) | {"flow_flag": np.zeros((24, 3))})
    with pytest.raises(StoreError, match="got values from 300 to 300"):
        write_slab(counts, "counts", {"time": slice(0, 24)}, _day(1) | {"flow_flag": np.full((24, 3), 300)})
    assert fingerprint_store(counts) == before


def test_a_repeated_slab_gives_the_same_bytes(counts: Path):
    write_slab(counts, "counts", {"time": slice(0, 24)}, _day(3))
    before = fingerprint_store(counts)
    write_slab(counts, "counts", {"time": slice(0, 24)}, _day(3))
    assert fingerprint_store(counts) == before


def test_another_day_touches_no_other_shard(counts: Path):
    write_slab(counts, "counts", {"time": slice(0, 24)}, _day(3))
    shard = counts / "flow_veh_h" / "c" / "0" / "0"
    before = (shard.stat().st_mtime_ns, shard.read_bytes())
    write_slab(counts, "counts", {"time": slice(24, 48)}, _day(4))
    assert (shard.stat().st_mtime_ns, shard.read_bytes()) == before


def test_creating_again_keeps_what_is_there_unless_the_shape_differs(counts: Path):
    write_slab(counts, "counts", {"time": slice(0, 24)}, _day(3))
    create_store(counts, "counts", {"time": 72, "detector": 3})
    assert (open_store(counts, "counts")["flow_veh_h"][:24] == 3).all()
    create_store(counts, "counts", {"time": 96, "detector": 3})
    assert open_store(counts, "counts")["flow_veh_h"].isnull().all()


def _change(path: Path, variable: str, **changes: object) -> None:
    file = path / variable / "zarr.json"
    meta = json.loads(file.read_text())
    for key, value in changes.items():
        if key == "units":
            meta["attributes"]["units"] = value
        else:
            meta[key] = value
    file.write_text(json.dumps(meta))


def test_a_reader_refuses_a_wrong_unit(counts: Path):
    _change(counts, "flow_veh_h", units="veh/day")
    with pytest.raises(StoreError, match="`flow_veh_h` is in `veh/day`, wanted `veh/h`"):
        open_store(counts, "counts", ["flow_veh_h"])


def test_a_reader_refuses_wrong_dimensions(counts: Path):
    _change(counts, "flow_veh_h", dimension_names=["detector", "time"])
    with pytest.raises(StoreError, match=r"`flow_veh_h` has dimensions .* wanted .'time', 'detector'."):
        open_store(counts, "counts", ["flow_veh_h"])


def test_what_is_missing_is_named(tmp_path: Path, counts: Path):
    with pytest.raises(StoreError, match="no store at"):
        open_store(tmp_path / "none.zarr", "counts")
    with pytest.raises(StoreError, match="no variable `flow_veh_h`"):
        open_store_without = tmp_path / "part.zarr"
        create_store(open_store_without, "counts", {"detector": 3})
        open_store(open_store_without, "counts", ["flow_veh_h"])
    with pytest.raises(StoreError, match="no variable `speed` in the data dictionary"):
        open_store(counts, "counts", ["speed"])
