"""Landing the feeds: killed half-way, run again, another night, another twin."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import numpy as np
import pytest

from lcr_hpc.spine import landing
from lcr_hpc.spine.catalogue import read_entry
from lcr_hpc.spine.feeds import observed_hours
from lcr_hpc.spine.stage import run_ingest, run_twin
from lcr_hpc.store.calendar import clock_hours, hours_of_day
from lcr_hpc.store.layout import layout_of
from lcr_hpc.store.slabs import open_store


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in _files(folder)}


def _times(folder: Path) -> dict[str, int]:
    return {str(f.relative_to(folder)): f.stat().st_mtime_ns for f in _files(folder)}


def _files(folder: Path) -> list[Path]:
    """All but run/, where hashes of files are remembered with their times."""
    return sorted(f for f in folder.rglob("*") if f.is_file() and f.relative_to(folder).parts[0] != "run")


@pytest.mark.parametrize("moves", [0, 9])
def test_a_kill_between_two_files_is_put_right_by_running_again(town, make_config, monkeypatch, moves):
    config, layout = town
    wanted = _bytes(layout.incoming)
    run_twin(make_config(seed=5), layout)
    assert _bytes(layout.incoming) != wanted
    done = []

    def replace(source, target):
        if ".landing-" not in str(target):  # what is made first lies beside
            if len(done) == moves:
                raise KeyboardInterrupt
            done.append(target)
        os.rename(source, target)  # noqa: PTH104

    with monkeypatch.context() as patch:
        patch.setattr(landing.os, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            run_twin(config, layout)
    assert not (layout.incoming / "feeds.json").exists()
    run_twin(config, layout)
    assert _bytes(layout.incoming) == wanted


def test_what_a_killed_run_left_is_taken_away(town):
    config, layout = town
    (layout.incoming / ".landing-old" / "counts").mkdir(parents=True)
    run_twin(config, layout)
    assert not list(layout.incoming.glob(".landing-*"))


def test_landing_and_reading_the_same_again_touches_no_file(town):
    config, layout = town
    before = _times(layout.root)
    run_twin(config, layout)
    run_ingest(config, layout)
    assert _times(layout.root) == before


def test_a_dataset_that_is_no_longer_named_goes(town):
    config, layout = town
    folder = layout.incoming / "life_expectancy"
    folder.mkdir()
    (folder / "dataset.json").write_bytes((layout.incoming / "mortality" / "dataset.json").read_bytes())
    run_twin(config, layout)
    assert not folder.exists()
    assert "life_expectancy" not in json.loads((layout.incoming / "feeds.json").read_text())


def test_another_night_adds_its_days_and_the_entry_keeps_the_first(town):
    config, layout = town
    later = config.model_copy(update={"night": dt.date(2025, 10, 17)})
    run_twin(later, layout_of(later, layout.root))
    days = sorted(f.stem[-10:] for f in (layout.incoming / "counts").glob("counts_*.csv"))
    assert days == ["2025-10-14", "2025-10-15", "2025-10-16", "2025-10-17"]
    assert read_entry(layout.incoming / "counts").coverage.first == "2025-10-14"


@pytest.mark.parametrize("change", [{"seed": 9}, {"daily_trips_per_person": 5}])
def test_days_of_another_twin_stay_neither_among_the_files_nor_in_the_store(town, make_config, change):
    _, layout = town
    other = make_config(**change).model_copy(update={"night": dt.date(2025, 10, 20)})
    run_twin(other, layout_of(other, layout.root))
    assert {f.stem[-10:] for f in (layout.incoming / "counts").glob("counts_*.csv")} == {"2025-10-19", "2025-10-20"}
    run_ingest(other, layout_of(other, layout.root))
    counts = open_store(layout.store("counts"), "counts")
    seen = np.isfinite(counts["flow_veh_h"].to_numpy()).any(axis=1)
    assert np.unique(counts["time"].to_numpy()[seen].astype("datetime64[D]")).astype(str).tolist() == [
        "2025-10-19",
        "2025-10-20",
    ]


@pytest.mark.parametrize(("night", "hours"), [("2025-10-26", 25), ("2025-03-30", 23), ("2024-02-29", 24)])
def test_every_hour_of_a_local_day_is_observed(make_config, tmp_path, night, hours):
    config = make_config(areas=20).model_copy(update={"night": dt.date.fromisoformat(night)})
    layout = layout_of(config, tmp_path)
    run_twin(config, layout)
    run_ingest(config, layout)
    weather = open_store(layout.store("weather"), "weather")
    assert weather.sizes["time"] == (366 if night[:4] == "2024" else 365) * 24
    start = weather["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    local = hours_of_day(config.night)
    wind = weather["wind_speed_m_s"].to_numpy()[np.isin(start, local)]
    assert len(wind) == hours and np.isfinite(wind).all()
    assert len(set(clock_hours(local))) == min(hours, 24)


def test_days_before_the_night_are_covered_across_a_clock_change():
    # The day that ends on Sunday 26 October 2025 has 25 hours; the Saturday before begins at 23:00 UTC on Friday.
    hours = observed_hours(dt.date(2025, 10, 26), 2)
    assert str(hours.utc[0]) == "2025-10-24 00:00:00+00:00" and hours.count == 72
    assert np.isin(hours_of_day(dt.date(2025, 10, 25)), np.arange(hours.first, hours.first + hours.count)).all()
