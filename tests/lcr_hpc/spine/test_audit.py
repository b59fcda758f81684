"""The audit: numbers worked by hand, what counts as expected, and what is never shown."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from lcr_hpc.config import parse_config
from lcr_hpc.errors import InputError
from lcr_hpc.spine.audit.command import Audit, audit_night, describe
from lcr_hpc.spine.audit.drift import drift_of, robust_sd
from lcr_hpc.spine.audit.window import window_of
from lcr_hpc.spine.stage import run_ingest, run_twin
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import read_manifest, write_text
from lcr_hpc.store.slabs import open_store


def test_a_shift_of_the_mean_by_hand():
    # Means of 9 … 11: median 10, deviations 1, 1, 0, 1, 1, 0, 0 with median 1, so a robust SD of 1.4826.
    means = [9.0, 11.0, 10.0, 9.0, 11.0, 10.0, 10.0]
    assert robust_sd(np.array(means)) == pytest.approx(1.4826)
    values = [v for m in means for v in (m - 1.0, m + 1.0)] + [19.0, 21.0]
    found = drift_of(np.array(values), np.repeat(np.arange(8), 2), 8)
    assert (found.mean, found.usual_mean) == (20.0, 10.0)
    assert found.mean_shift_sd == pytest.approx(10.0 / 1.4826) and found.beyond
    assert found.distance == 1.0  # all of tonight lies above all of the earlier days


def test_a_day_like_the_others_is_usual_and_six_days_are_too_few():
    draw = np.random.default_rng(5)
    value, day = draw.normal(50.0, 5.0, 8 * 240), np.repeat(np.arange(8), 240)
    usual = drift_of(value, day, 8)
    assert usual.known and not usual.beyond
    # The same mean, but five times the spread: the distance tells, the mean does not.
    wild = np.where(day == 7, 50.0 + 5.0 * (value - value[day == 7].mean()), value)
    found = drift_of(wild, day, 8)
    assert abs(found.mean_shift_sd) < 3.5 < found.distance_shift_sd and found.beyond
    few = drift_of(value[day < 7], day[day < 7], 7)
    assert few.earlier_days == 6 and not few.known and np.isnan(few.distance)


def test_the_window_is_whole_local_days():
    autumn = window_of(dt.date(2025, 10, 26))  # 25 hours, a Sunday
    assert autumn.tonight.sum() == 25 and len(autumn.days) == 57 and autumn.same_type.sum() == 9
    spring = window_of(dt.date(2025, 3, 30))
    assert spring.tonight.sum() == 23


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    twin = {"areas": 24, "days": 12, "geography": "generated"}
    config = parse_config({"name": "n", "twin": twin}, where="a test")
    layout = Layout(tmp_path_factory.mktemp("audit"), config.night)
    run_twin(config, layout)
    # Of the first detector: a fault at every hour of the night, and counts tenfold of the second.
    for day in ("2025-10-14", "2025-10-15"):
        file = layout.incoming / "counts" / f"counts_{day}.csv"
        rows = [line.split(",") for line in file.read_text().splitlines()]
        for row in rows[1:]:
            if "2025-10-14T23" <= row[0] < "2025-10-15T23":
                row[1], row[2] = "-1", row[2] and f"{10 * float(row[2]) + 400}"
        file.write_text("".join(",".join(r) + "\n" for r in rows))
    for file in (layout.incoming / "air").glob("sensor_*_2025-10-1[345].csv"):
        file.unlink()
    run_ingest(config, layout)
    return layout


@pytest.fixture(scope="module")
def found(night: Layout) -> Audit:
    return audit_night(night)


def test_completeness_of_the_values_that_are_stored(night: Layout, found: Audit):
    counts = open_store(night.store("counts"), "counts").isel(time=slice(None)).load()
    start = np.datetime64("2025-10-14T23")
    day = counts.sel(time=slice(start, start + np.timedelta64(23, "h")))
    flag = day["flow_flag"].to_numpy()
    row = found.feeds.query("feed == 'counts' and district == 'all'").iloc[0]
    assert row["expected_values"] == flag.size
    assert row["good_share"] == (flag == 0).mean() and row["missing_share"] == (flag == 1).mean()
    assert row["flagged_share"] == pytest.approx(1 - row["good_share"] - row["missing_share"])
    by_district = found.feeds.query("feed == 'counts' and district != 'all'")
    assert len(by_district) == 6 and set(by_district[by_district["sites"] == 0]["verdict"]) <= {"no site"}
    assert by_district["sites"].sum() == row["sites"] == counts.sizes["detector"]
    assert (by_district["good_share"] * by_district["expected_values"]).sum() == pytest.approx((flag == 0).sum())


def test_what_was_planted_is_found(found: Audit):
    feeds = found.feeds
    counts = feeds[feeds["feed"] == "counts"]
    assert counts["good_share"].min() < 0.75 and (counts["verdict"].str.contains("incomplete")).any()
    assert (counts["drift"] == "drift").any()
    assert counts.iloc[0]["earlier_days"] >= 7
    # Three days of the low-cost sensors never came: their districts are late, and 3 of the days are missing.
    pm = feeds.query("quantity == 'PM2.5'")
    late = pm[pm["verdict"].str.contains("late")]
    assert len(late) and (late["age_h"] > 24).all() and (late["days_there"] < late["days_promised"]).all()
    assert pm.iloc[0]["verdict"].startswith("days missing") is False and "sites silent" in pm.iloc[0]["verdict"]
    # Low-cost sensors have no NOx to give, and are not expected to.
    nox = feeds.query("quantity == 'NOx' and district == 'all'").iloc[0]
    assert nox["sites"] < pm.iloc[0]["sites"] and nox["sites_reporting"] == nox["sites"]
    wind = feeds.query("quantity == 'wind from'").iloc[0]
    assert np.isnan(wind["mean"]) and wind["drift"].startswith("not judged")
    assert (found.places["places"] == found.places["places_there"]).all()


def test_as_people_and_programs_read_it(night: Layout, found: Audit):
    text = describe(found, night.night)
    assert "Wednesday 15 October 2025" in text and "not enough days" not in text.splitlines()[2]
    told = json.loads(describe(found, night.night, as_json=True))
    assert len(told["feeds"]) == len(found.feeds) and told["not_audited"] == {}
    assert "NaN" not in describe(found, night.night, as_json=True)


def test_nothing_of_a_closed_feed_is_shown(night: Layout):
    file = night.manifest("energy")
    whole = file.read_text()
    try:
        write_text(file, whole.replace('"tier": "shared"', '"tier": "closed"'))
        assert read_manifest(file).tier == "closed"
        found = audit_night(night)
        assert "energy" not in set(found.feeds["feed"]) and found.unseen == {"energy": "closed: nothing of it is shown"}
        assert "energy: closed" in describe(found, night.night)
    finally:
        write_text(file, whole)


def test_a_root_without_stores_says_what_to_do(tmp_path: Path):
    with pytest.raises(InputError, match=r"nothing to audit in .*; read some feeds with `lcr spine ingest`"):
        audit_night(Layout(tmp_path, dt.date(2025, 10, 15)))
