"""Stores of observations in CF timeSeries form (CF-1.11, chapter 9), and their snapshot by months."""

from __future__ import annotations

import json

import numpy as np
import pytest
import zarr
from pyproj import CRS

from lcr_hpc.errors import InputError
from lcr_hpc.spine.compact import DAY_STORES, compact
from lcr_hpc.store.manifest import fingerprint_store
from lcr_hpc.store.shards import open_series
from lcr_hpc.store.slabs import create_store, open_store, write_slab


@pytest.mark.parametrize("store", DAY_STORES)
def test_a_day_store_is_a_cf_time_series(landed, store):
    group = zarr.open_group(landed[1].store(store), mode="r")
    arrays = dict(group.arrays())
    attrs = {name: dict(a.attrs) for name, a in arrays.items()}
    dims = {name: a.metadata.dimension_names or () for name, a in arrays.items()}
    assert group.attrs["Conventions"] == "CF-1.11" and group.attrs["featureType"] == "timeSeries"
    # 9.5: one variable with cf_role timeseries_id, with the instance dimension alone, or none for a single series
    roles = [n for n, a in attrs.items() if a.get("cf_role") == "timeseries_id"]
    assert len(roles) == 1 and len(dims[roles[0]]) <= 1
    instance = dims[roles[0]]
    assert len(set(np.ravel(arrays[roles[0]][...]).tolist())) == arrays[roles[0]].size
    # 4.4: a time coordinate with units and calendar, strictly rising
    assert attrs["time"]["standard_name"] == "time" and attrs["time"]["units"].startswith("hours since 1970-01-01T00")
    assert (np.diff(arrays["time"][...]) == 1).all()
    data = [n for n, d in dims.items() if "time" in d and n != "time"]
    assert data
    for name in data:
        # 9.2: every data variable has the instance and the time dimension, and its auxiliary coordinates are there
        assert set(dims[name]) >= {"time", *instance}, name
        named = attrs[name]["coordinates"].split()
        assert all(set(dims[c]) <= set(dims[name]) for c in named), name
        assert {attrs[c].get("standard_name") for c in named} >= {"projection_x_coordinate", "projection_y_coordinate"}
        assert attrs[attrs[name]["grid_mapping"]]["grid_mapping_name"] == "transverse_mercator"
        assert all(other in arrays for other in attrs[name].get("ancillary_variables", "").split())
        assert attrs[name]["long_name"] and attrs[name]["units"]
        if "flag_values" in attrs[name]:
            assert len(attrs[name]["flag_values"]) == len(attrs[name]["flag_meanings"].split())
        # a shard is a block of sites by one day
        assert arrays[name].shards[0] == 24 and arrays[name].shards[1:2] <= (4096,)


def test_the_grid_mapping_is_british_national_grid(landed):
    attrs = dict(zarr.open_group(landed[1].store("counts"), mode="r")["crs"].attrs)
    wanted = CRS.from_epsg(27700).to_cf()
    for name in (
        "grid_mapping_name", "longitude_of_central_meridian", "latitude_of_projection_origin", "false_easting",
        "false_northing", "scale_factor_at_central_meridian", "semi_major_axis", "inverse_flattening",
    ):  # fmt: skip
        assert (
            attrs[name] == pytest.approx(wanted[name]) if name != "grid_mapping_name" else attrs[name] == wanted[name]
        )


@pytest.mark.parametrize("name", ["flow_veh_h", "flow_flag"])
def test_a_shard_has_the_bytes_that_zarr_writes(tmp_path, name):
    random = np.random.default_rng(7)
    values = {
        "flow_veh_h": random.integers(0, 900, (24, 5000)).astype(np.float32),
        "flow_flag": random.integers(0, 7, (24, 5000)).astype(np.int8),
    }
    values["flow_veh_h"][:, 4096:] = np.nan  # a block with nothing but fill has no file
    values["flow_flag"][:, :4096] = 1
    for path in (tmp_path / "zarr", tmp_path / "ours"):
        create_store(path, "counts", {"time": 48, "detector": 5000}, only=["time", "detector", name])
    write_slab(tmp_path / "zarr", "counts", {"time": slice(24, 48)}, {name: values[name]})
    ours = open_series(tmp_path / "ours", "counts", name)
    assert ours.write(1, values[name]) and not ours.write(1, values[name])
    assert fingerprint_store(tmp_path / "ours") == fingerprint_store(tmp_path / "zarr")
    assert np.array_equal(ours.read(1), values[name], equal_nan=name == "flow_veh_h")
    assert not ours.holds(0) and ours.erase(1) and not ours.holds(1)


def test_a_snapshot_by_months_holds_the_same_values_in_fewer_files(town):
    layout = town[1]
    before = fingerprint_store(layout.store("counts"))
    path = compact(layout, "counts")
    assert compact(layout, "counts") == path  # the same content is one snapshot
    assert fingerprint_store(layout.store("counts")) == before
    days, months = open_store(layout.store("counts"), "counts").load(), open_store(path, "counts").load()
    assert months.equals(days)
    assert zarr.open_group(path, mode="r")["flow_veh_h"].shards[0] == 31 * 24
    told = json.loads(path.with_suffix(".json").read_text())
    assert told["tier"] == "open" and told["variables"] == fingerprint_store(path)
    with pytest.raises(InputError, match="`areas` is no store of days; these are: counts, air, weather, energy"):
        compact(layout, "areas")
