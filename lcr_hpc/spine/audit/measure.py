"""The audit of a night: coverage, completeness, freshness and drift by feed, quantity and district."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from lcr_hpc.spine.audit.drift import LEAST_DAYS, Drift, drift_of
from lcr_hpc.spine.audit.feeds import FEEDS, Feed, Quantity, district_of_sites, quantities
from lcr_hpc.spine.audit.window import Window

COMPLETE = 0.75
"""A day with three quarters of its hourly values stands for the day (Directive 2008/50/EC, Annex XI)"""
LATE_H = 24.0
"""A feed that lands every day has something of the last 24 hours"""
REGION, BEYOND = "all", "beyond"
UNJUDGED = Drift(0, *[float("nan")] * 6)
COLUMNS = (
    "feed", "quantity", "units", "district", "district_name", "sites", "sites_reporting", "days_promised", "days_there",
    "expected_values", "good_share", "flagged_share", "missing_share", "newest_utc", "age_h", "earlier_days", "mean",
    "usual_mean", "mean_shift_sd", "distance", "usual_distance", "distance_shift_sd", "drift", "verdict",
)  # fmt: skip


def audit(
    window: Window, areas: xr.Dataset, stores: Mapping[str, xr.Dataset], firsts: Mapping[str, str]
) -> pd.DataFrame:
    """Audit the stores of a night.

    Parameters
    ----------
    window : Window
        Night and the weeks before it.
    areas : Dataset
        The store of areas, `AREAS_USE`.
    stores : mapping of str to Dataset
        Stores of observations by name, with what `Feed.uses` names; those that are not there are not audited.
    firsts : mapping of str to str
        First day that the catalogue promises of each store, ISO 8601; "" = none.

    Returns
    -------
    DataFrame
        `COLUMNS`; a row a feed, quantity and district, after one of the whole region. Shares are of
        the values that are expected of the night: each site's every hour. NaN and "" where there is nothing to say.
    """
    rows: list[dict[str, Any]] = []
    for feed in (f for f in FEEDS if f.store in stores):
        part = window.cut(stores[feed.store]).load()
        place = district_of_sites(feed, part, areas)
        for quantity in quantities(feed, part):
            rows += _rows(feed, _widen(quantity, window, part), place, areas, window, firsts.get(feed.store, ""))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _widen(quantity: Quantity, window: Window, part: xr.Dataset) -> Quantity:
    """Hours of the window that the store does not have are missing."""
    shape = (window.hours, quantity.value.shape[1])
    value, good = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    value[window.place(part)], good[window.place(part)] = quantity.value, quantity.good
    return Quantity(quantity.name, quantity.units, value, good, quantity.expected)


def _rows(
    feed: Feed, quantity: Quantity, place: npt.NDArray[np.int64], areas: xr.Dataset, window: Window, first: str
) -> Iterator[dict[str, Any]]:
    codes, names = (areas[n].to_numpy().astype(object) for n in ("district", "district_name"))
    chosen = quantity.expected
    yield _row(feed, quantity, chosen, REGION, "All", window, first)
    if not feed.site:
        return
    for k in (*range(len(codes)), *([-1] if (place[chosen] < 0).any() else [])):
        code, name = (codes[k], names[k]) if k >= 0 else (BEYOND, "Beyond the region")
        yield _row(feed, quantity, chosen & (place == k), str(code), str(name), window, first)


def _row(
    feed: Feed, quantity: Quantity, sites: npt.NDArray[np.bool_], district: str, name: str, window: Window, first: str
) -> dict[str, Any]:
    value, good = quantity.value[:, sites], quantity.good[:, sites]
    number = ~np.isnan(value)
    tonight, expected = window.tonight, int(window.tonight.sum()) * int(sites.sum())
    hours = np.flatnonzero(number.any(axis=1))
    newest = window.first + int(hours[-1]) if len(hours) else None
    # A feed of UTC days promises no local day that begins before its first.
    promised = window.begins >= np.datetime64(first, "h").astype(np.int64) if first else None
    there = np.bincount(window.day, number.any(axis=1), len(window.days)) > 0
    drift = UNJUDGED if quantity.circular else _drift(value, good, window)
    row = {
        "feed": feed.store, "quantity": quantity.name, "units": quantity.units, "district": district,
        "district_name": name, "sites": int(sites.sum()), "sites_reporting": int(number[tonight].any(axis=0).sum()),
        "days_promised": np.nan if promised is None else int(promised.sum()),
        "days_there": int((there if promised is None else there & promised).sum()),
        "expected_values": expected,
        "good_share": _share(good[tonight].sum(), expected),
        "flagged_share": _share((number & ~good)[tonight].sum(), expected),
        "missing_share": _share((~number)[tonight].sum(), expected),
        "newest_utc": "" if newest is None else f"{np.datetime64(newest, 'h')}:00Z",
        "age_h": np.nan if newest is None else float(window.first + window.hours - newest - 1),
        "earlier_days": drift.earlier_days, "mean": drift.mean, "usual_mean": drift.usual_mean,
        "mean_shift_sd": drift.mean_shift_sd, "distance": drift.distance, "usual_distance": drift.usual_distance,
        "distance_shift_sd": drift.distance_shift_sd,
        "drift": "not judged: a direction" if quantity.circular else _drift_word(drift),
    }  # fmt: skip
    return row | {"verdict": _verdict(row, drift)}


def _drift(value: npt.NDArray[np.float64], good: npt.NDArray[np.bool_], window: Window) -> Drift:
    """Tonight's good values against those of the earlier days of its type that are complete enough to be days."""
    hours = np.bincount(window.day)
    filled = np.bincount(window.day, good.sum(axis=1), len(hours)) >= COMPLETE * hours * max(value.shape[1], 1)
    taken = filled & window.same_type
    taken[-1] = True
    number = np.where(taken, np.cumsum(taken) - 1, -1)[window.day]
    chosen = good & (number >= 0)[:, None]
    day = np.broadcast_to(number[:, None], chosen.shape)[chosen]
    return drift_of(value[chosen], day.astype(np.int64), int(taken.sum()))


def _drift_word(drift: Drift) -> str:
    if drift.known:
        return "drift" if drift.beyond else "usual"
    return f"not enough days ({drift.earlier_days} of {LEAST_DAYS})" if np.isfinite(drift.mean) else "no value"


def _verdict(row: Mapping[str, Any], drift: Drift) -> str:
    found = []
    if not row["sites"]:
        return "no site"
    if np.isnan(row["age_h"]):
        return "nothing in eight weeks"
    if row["age_h"] > LATE_H:
        found.append("late")
    elif row["good_share"] < COMPLETE:
        found.append("incomplete")
    if row["days_promised"] == row["days_promised"] and row["days_there"] < row["days_promised"]:
        found.append("days missing")
    if 0 < row["sites_reporting"] < row["sites"]:
        found.append("sites silent")
    if drift.beyond:
        found.append("drift")
    return ", ".join(found) or "good"


def _share(part: Any, whole: int) -> float:
    return float(part) / whole if whole else np.nan
