"""`lcr spine audit`: the audit of a root's night on a terminal, or as JSON."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.audit.drift import LEAST_DAYS, LIMIT_SD
from lcr_hpc.spine.audit.feeds import AREAS_USE, FEEDS
from lcr_hpc.spine.audit.measure import REGION, audit
from lcr_hpc.spine.audit.places import places_covered
from lcr_hpc.spine.audit.window import WEEKS, window_of
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import CLOSED, Manifest, read_manifest
from lcr_hpc.store.slabs import open_store


@dataclass(frozen=True)
class Audit:
    """What an audit found, and what it could not or may not look at."""

    feeds: pd.DataFrame
    """See `lcr_hpc.spine.audit.measure.audit`"""
    places: pd.DataFrame
    """See `lcr_hpc.spine.audit.places.places_covered`"""
    unseen: dict[str, str]
    """Why a feed is in neither: it is closed, or has no store"""


def audit_night(layout: Layout) -> Audit:
    """Audit a night's feeds from their stores alone; nothing of a closed dataset is read.

    Raises
    ------
    InputError
        No areas: nothing has been ingested.
    """
    if not layout.manifest("areas").is_file():
        raise InputError(f"nothing to audit in {layout.root / 'spine'}; read some feeds with `lcr spine ingest`")
    manifests, unseen = dict[str, Manifest](), dict[str, str]()
    for name in ("areas", "mortality", *(f.store for f in FEEDS)):
        if not layout.manifest(name).is_file():
            unseen[name] = "no whole store; run `lcr spine ingest`"
        elif (manifest := read_manifest(layout.manifest(name))).tier == CLOSED:
            unseen[name] = "closed: nothing of it is shown"
        else:
            manifests[name] = manifest
    if "areas" in unseen:
        raise InputError(f"the areas are {unseen['areas'].partition(':')[0]}, and every feed is audited by district")
    areas = open_store(layout.store("areas"), "areas", AREAS_USE).load()
    stores = {f.store: open_store(layout.store(f.store), f.store, f.uses) for f in FEEDS if f.store in manifests}
    firsts = {name: manifest.sources[name].first for name, manifest in manifests.items() if name in manifest.sources}
    deaths = (
        open_store(layout.store("mortality"), "mortality", ["msoa", "deaths"]) if "mortality" in manifests else None
    )
    return Audit(audit(window_of(layout.night), areas, stores, firsts), places_covered(areas, deaths), unseen)


def describe(found: Audit, night: dt.date, *, as_json: bool = False) -> str:
    """The audit as lines for a person, or as one JSON object."""
    if as_json:
        told = {"night": night.isoformat(), "feeds": _records(found.feeds), "places": _records(found.places)}
        return json.dumps(told | {"not_audited": found.unseen}, ensure_ascii=False)
    lines = [
        f"Feeds on {night:%A} {night.day} {night:%B %Y}, the local day; days there of those promised in {WEEKS} weeks"
    ]
    lines += _table(found.feeds)
    lines += ["", "Places with figures, of those that there are", *_places(found.places)]
    lines += [f"{name}: {why}" for name, why in found.unseen.items()]
    lines += [
        "",
        "good: of the values that are expected (every hour of every site) those without a flag. age: from the end of",
        "the newest observation to the end of the day. mean, shape: how far the day's mean, and its Kolmogorov-Smirnov",
        "distance from earlier days of its type, lie from what is usual, in robust standard deviations of those days;",
        f"beyond {LIMIT_SD} is drift, fewer than {LEAST_DAYS} days are not enough to say. docs/spine.md has the rules.",
    ]  # fmt: skip
    return "\n".join(lines)


def _table(feeds: pd.DataFrame) -> list[str]:
    head = ("feed", "district", "sites", "days", "good", "flagged", "missing", "age", "mean", "shape", "verdict")
    rows: list[tuple[str, ...]] = [head]
    last = ""
    for _, r in feeds.iterrows():
        label = quantity_name(r["feed"], r["quantity"])
        promised = "" if np.isnan(r["days_promised"]) else f"/{int(r['days_promised'])}"
        verdict = r["verdict"]
        if r["drift"].startswith("not enough") and r["district"] == REGION:
            verdict += f"; drift: {r['drift']}"
        rows.append((
            label if label != last else "", r["district_name"], f"{r['sites_reporting']}/{r['sites']}",
            f"{r['days_there']}{promised}", _percent(r["good_share"]), _percent(r["flagged_share"]),
            _percent(r["missing_share"]), _number(r["age_h"], "{:.0f} h"), _number(r["mean_shift_sd"], "{:+.1f}"),
            _number(r["distance_shift_sd"], "{:+.1f}"), verdict,
        ))  # fmt: skip
        last = label
    return _aligned(rows, left=(0, 1, 10))


def quantity_name(feed: str, quantity: str) -> str:
    """Name of a row: of a feed of one quantity the feed's own."""
    return feed if quantity in ("flow", "electricity") else f"{feed}: {quantity}"


def _places(places: pd.DataFrame) -> list[str]:
    names = list(dict.fromkeys(places["district_name"]))
    rows = [("", *names)]
    for what, part in places.groupby("what", sort=False):
        cells = {r["district_name"]: f"{r['places_there']}/{r['places']}" for _, r in part.iterrows()}
        rows.append((str(what), *(cells.get(n, "") for n in names)))
    return _aligned(rows, left=(0,))


def _aligned(rows: list[tuple[str, ...]], left: tuple[int, ...]) -> list[str]:
    widths = [max(len(r[k]) for r in rows) for k in range(len(rows[0]))]
    return ["  ".join(c.ljust(w) if k in left else c.rjust(w) for k, (c, w) in enumerate(zip(r, widths, strict=True)))
            .rstrip() for r in rows]  # fmt: skip


def _percent(share: float) -> str:
    """Per cent that never say all or nothing of what is not."""
    if np.isnan(share):
        return ""
    return "<0.1 %" if 0 < share < 0.0005 else ">99.9 %" if 0.9995 <= share < 1 else f"{100 * share:.1f} %"


def _number(value: float, form: str) -> str:
    return "" if np.isnan(value) else form.format(value)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(k): None if isinstance(v, float) and not np.isfinite(v) else v for k, v in row.items()}
        for row in table.to_dict("records")
    ]
