"""The audit of the feeds as a table of a release: of the datasets at its tier, and of no other."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lcr_hpc.errors import StoreError
from lcr_hpc.publish.columns import Column
from lcr_hpc.publish.inputs import Inputs
from lcr_hpc.spine.audit.feeds import AREAS_USE, FEEDS
from lcr_hpc.spine.audit.measure import audit
from lcr_hpc.spine.audit.window import window_of
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import read_manifest
from lcr_hpc.store.variables import TIERS

FEEDS_USE: Mapping[str, tuple[str, ...]] = {"areas": AREAS_USE, **{f.store: f.uses for f in FEEDS}}
C = Column
FEED_AUDIT = (
    C("feed", "str", "", "Dataset"),
    C("quantity", "str", "", "What it observes"),
    C("units", "str", "", "Units of the mean"),
    C("district", "str", "", "ONS code; all = the whole region, beyond = over 2 km from every area"),
    C("district_name", "str", "", "Name of the district"),
    C("sites", "int64", "1", "Sites that are to report it"),
    C("sites_reporting", "int64", "1", "Sites with a number on the day"),
    C("days_promised", "Int64", "1", "Days of the eight weeks to the night that the catalogue promises; empty = none"),
    C("days_there", "int64", "1", "Days of those with a number"),
    C("expected_values", "int64", "1", "Every hour of the local day of every site"),
    C("good_share", "float64", "1", "Share of those that is there without a flag"),
    C("flagged_share", "float64", "1", "Share that is there with a flag"),
    C("missing_share", "float64", "1", "Share that is not there"),
    C("newest_utc", "str", "", "Start of the newest hour with a number, to the end of the day; empty = none"),
    C("age_h", "float64", "h", "From the end of that hour to the end of the day; empty = none"),
    C("earlier_days", "int64", "1", "Complete days of the night's type in the eight weeks before"),
    C("mean", "float64", "", "Mean of the day's good values"),
    C("usual_mean", "float64", "", "Median of the earlier days' means; empty = fewer than 7 days"),
    C("mean_shift_sd", "float64", "1", "How far the mean is from it, in robust standard deviations of earlier days"),
    C("distance", "float64", "1", "Kolmogorov-Smirnov distance of the day's good values from the earlier days'"),
    C("usual_distance", "float64", "1", "Median of the earlier days' distances, each from the others"),
    C("distance_shift_sd", "float64", "1", "How far the distance is from it, in the same way"),
    C("drift", "str", "", "usual, drift (a shift beyond 3.5), no value, not enough days, not judged"),
    C("verdict", "str", "", "good, or what is wrong: no site, late, incomplete, days missing …"),
)


def uses_at(layout: Layout, tier: str) -> dict[str, tuple[str, ...]]:
    """Stores of observations that a release at a tier may speak of, with the areas; nothing without one of them."""
    found = {n: u for n, u in FEEDS_USE.items() if _may_use(layout, n, u, tier)}
    return found if "areas" in found and len(found) > 1 else {}


def feed_audit(inputs: Inputs) -> pd.DataFrame:
    """Audit of the feeds that the release may speak of; see `lcr_hpc.spine.audit.measure.audit`."""
    stores = {f.store: inputs.lazy(f.store) for f in FEEDS if inputs.has(f.store)}
    firsts = {name: inputs.promised(name) for name in stores}
    return audit(window_of(inputs.night), inputs["areas"], stores, firsts)


def _may_use(layout: Layout, store: str, uses: tuple[str, ...], tier: str) -> bool:
    try:
        manifest = read_manifest(layout.manifest(store))
    except StoreError:
        return False  # who needs the store is told so by the gate; the audit of the others goes on
    known = all(s.tier in TIERS for s in manifest.sources.values())
    return known and TIERS.index(manifest.tier) <= TIERS.index(tier) and set(uses) <= set(manifest.variables)
