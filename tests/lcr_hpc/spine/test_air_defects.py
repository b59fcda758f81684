"""Every defect that the twin plants in its air feed comes out of the ingest as docs/twin.md says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from lcr_hpc.config import Config
from lcr_hpc.errors import InputError
from lcr_hpc.spine.feeds import observed_hours
from lcr_hpc.spine.stage import run_ingest
from lcr_hpc.spine.twin import air_feed
from lcr_hpc.spine.twin.series import AirSites
from lcr_hpc.store.layout import Layout, layout_of
from lcr_hpc.store.slabs import open_store
from lcr_hpc.store.variables import QUALITY_FLAGS

KINDS = ["background"] * 3 + ["roadside"] * 6 + ["low_cost"] * 16
SITES = AirSites(
    [f"{k}_{i:03d}" for i, k in enumerate(KINDS)], KINDS,
    334_500.0 + 500 * np.arange(25), 390_500.0 + 300 * np.arange(25),
)  # fmt: skip
"""As many as the default region has"""


@pytest.fixture(scope="module")
def measured(landed: tuple[Config, Layout], tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Layout]:
    """A town with the default region's stations and sensors."""
    config, town = landed
    layout = layout_of(config, tmp_path_factory.mktemp("measured"))
    shutil.copytree(town.incoming, layout.incoming)
    for file in (layout.incoming / "air").glob("*.csv"):
        file.unlink()
    hours = observed_hours(config.night, 1)
    air_feed.write_air(layout.incoming / "air", SimpleNamespace(sites=SITES), hours, 2040)  # type: ignore[arg-type]
    run_ingest(config, layout)
    return config, layout


def _air(measured: tuple[Config, Layout]) -> xr.Dataset:
    air = open_store(measured[1].store("air"), "air").load()
    first = observed_hours(measured[0].night, 1).utc[0].tz_localize(None)
    return air.sel(time=slice(first, first + pd.Timedelta(hours=47)))


def _days_of(air: xr.Dataset, kinds: tuple[str, ...], turn: int, turns: int) -> xr.DataArray:
    """Flags of the days with that turn, [day and site, hour, pollutant]."""
    day = air["time"].to_numpy()[::24].astype("datetime64[D]").astype(int)
    flags = air["concentration_flag"].sel(sensor=SITES.name).to_numpy().reshape(2, 24, 25, 2)
    chosen = [(d, s) for d in (0, 1) for s in range(25) if KINDS[s] in kinds and (day[d] + s) % turns == turn]
    assert chosen
    return xr.DataArray([flags[d, :, s] for d, s in chosen], dims=("day", "hour", "pollutant"))


@pytest.mark.parametrize(
    ("kinds", "turn", "turns", "pollutant", "hours", "flag"),
    [
        (("low_cost",), air_feed.STUCK, 16, 1, slice(7, 15), "stuck"),
        (("low_cost",), air_feed.SPIKE, 16, 1, slice(11, 14), "spike"),
        (("low_cost",), air_feed.CLOCK_SET_BACK, 16, 1, slice(10, 12), "clock_jump"),
        (("low_cost",), air_feed.BELOW_ZERO, 16, 1, slice(18, 20), "out_of_range"),
        (("background", "roadside"), air_feed.NOISE_BELOW_ZERO, 8, 1, slice(2, 5), "out_of_range"),
        (("background", "roadside"), air_feed.STATION_STUCK, 8, 0, slice(9, 18), "stuck"),
    ],
)
def test_each_bad_day_has_its_flag(measured, kinds, turn, turns, pollutant, hours, flag):
    flags = _days_of(_air(measured), kinds, turn, turns)[:, hours, pollutant].to_numpy()
    assert (flags == QUALITY_FLAGS.index(flag)).any(), flags


def test_every_flag_stands_in_the_default_night(measured):
    flags = _air(measured)["concentration_flag"].to_numpy()
    assert {QUALITY_FLAGS[k] for k in np.unique(flags)} == set(QUALITY_FLAGS)
    assert (flags == 0).mean() > 0.5  # sensors have no NOx, a third of all cells


def test_rows_that_stand_twice_change_nothing_and_dates_of_zeros_go_to_quarantine(measured):
    layout = measured[1]
    rows = {f: pd.read_csv(f, dtype=str) for f in sorted((layout.incoming / "air").glob("sensor_*.csv"))}
    doubled = [f for f, t in rows.items() if t.duplicated().sum() > 10]
    assert len(doubled) == 2  # one sensor a day
    flags = _days_of(_air(measured), ("low_cost",), air_feed.DOUBLED, 16)
    assert not (flags == QUALITY_FLAGS.index("clock_jump")).any()
    zeros = sum((t["Date & Time"] == "0000-00-00 00:00:00").sum() for t in rows.values())
    rejected = pd.read_csv(layout.root / "spine" / "quarantine" / "air.csv")
    assert zeros > 0 and (rejected["value"] == "0000-00-00 00:00:00").sum() == zeros


def test_sensors_with_swapped_headers_stand_where_they_are_because_it_is_declared(measured):
    air = _air(measured).sel(sensor=SITES.name)
    assert np.hypot(air["sensor_x"] - SITES.x, air["sensor_y"] - SITES.y).max() < 1.0
    listed = pd.read_csv(measured[1].incoming / "air" / "sensors.csv")
    assert (listed["latitude"] < 0).all() and (listed["longitude"] > 53).all()


@pytest.mark.parametrize(
    ("options", "swap_back", "said"),
    [
        ({"id": "sensor"}, False, r"sensors\.csv: latitude and longitude are swapped \(found latitude -.*`swapped_coo"),
        ({"id": "sensor", "swapped_coordinates": "yes"}, True, r"but they are not \(found .*take the option away"),
        ({"id": "sensor", "swapped_coordinates": "true"}, False, r"is 'true', wanted yes or no"),
    ],
    ids=["undeclared", "untrue", "neither-yes-nor-no"],
)
def test_a_swap_is_never_guessed(measured, tmp_path, options, swap_back, said):
    config, layout = measured[0], layout_of(measured[0], tmp_path)
    shutil.copytree(measured[1].root, layout.root, dirs_exist_ok=True)
    folder: Path = layout.incoming / "air"
    entry = json.loads((folder / "dataset.json").read_text())
    entry["formats"][0]["options"] = options
    (folder / "dataset.json").write_text(json.dumps(entry))
    if swap_back:
        text = (folder / "sensors.csv").read_text()
        (folder / "sensors.csv").write_text(text.replace("longitude,latitude", "latitude,longitude"))
    with pytest.raises(InputError, match=said):
        run_ingest(config, layout)


def test_a_sensor_in_two_lists_is_named(measured, tmp_path):
    config, layout = measured[0], layout_of(measured[0], tmp_path)
    shutil.copytree(measured[1].root, layout.root, dirs_exist_ok=True)
    with (layout.incoming / "air" / "sites.csv").open("a") as file:
        file.write("low_cost_009,Again,low_cost,53.4,-2.9\n")
    with pytest.raises(InputError, match=r"sensors\.csv: low_cost_009 stand in another list too; name each once"):
        run_ingest(config, layout)
