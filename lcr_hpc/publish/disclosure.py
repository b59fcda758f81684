"""Disclosure control of the products: small counts, and what would give them away, leave no table.

A count table says which numbers of people its rows rest on; where one is suppressed, all that rests on it is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from lcr_hpc.errors import ReleaseError
from lcr_hpc.publish.inputs import Inputs
from lcr_hpc.publish.suppression import TOTAL, SuppressionAudit, SuppressionPolicy, suppress
from lcr_hpc.publish.tables_groups import EVERYBODY, REGION, Places, persons_of, places_of

Controlled = tuple[pd.DataFrame, list[SuppressionAudit]]
DEATHS = (
    "baseline_deaths_per_year",
    "attributable_fraction",
    *(f"attributable_deaths_per_year{e}" for e in ("", "_lower", "_upper", "_draws_lower", "_draws_upper")),
    "years_lost_per_year",
    "attributable_deaths_per_100000",
)
"""Columns that tell of deaths."""


def hide_few_deaths(inputs: Inputs, frame: pd.DataFrame, policy: SuppressionPolicy) -> Controlled:
    """Empty what tells of deaths in the areas of MSOAs that have too few, or that would give others away.

    An area's deaths are a modelled share of its MSOA's, but the areas of an MSOA add up to deaths that were counted:
    those are what must not be small, nor follow from their district's or the region's.
    """
    out, audits = frame.copy(), []
    causes = list(dict.fromkeys(frame["cause"])) if "cause" in frame else [""]
    for k, cause in enumerate(causes):
        shown, audit = _deaths_shown(inputs, k, policy)
        hidden = frame["msoa"].astype(str).isin(shown.index[shown["deaths"].isna()])
        rows = hidden & (frame["cause"] == cause) if cause else hidden
        out.loc[rows, [c for c in DEATHS if c in frame]] = np.nan
        audits.append(audit)
    return out, audits


def hide_few_people(inputs: Inputs, frame: pd.DataFrame, policy: SuppressionPolicy) -> Controlled:
    """Empty the synthetic people of a place, age and group that are too few, and what rests on them.

    Synthetic people meet published margins of real ones, so few of them may be few real ones. Deaths of a place are
    empty too where its deaths are: see `hide_few_deaths`. As deaths by age over persons by age are alike in all groups,
    the deaths of shown groups would tell the persons of others: where one is too small, none of them is shown.
    """
    areas, health = inputs["areas"], inputs["health"]
    places, persons = places_of(areas), persons_of(areas, health)
    flat = persons.reshape(persons.shape[0], -1)
    table = pd.DataFrame(flat, index=places.code[: flat.shape[0]]).rename(columns=str)
    shown, audit = suppress(table, {"district": _district_of(places)}, policy)
    names = dict.fromkeys(TOTAL if place == REGION else str(place) for place in frame["place"])
    counts = shown.loc[list(names)].to_numpy().ravel()
    out, audits = frame.copy(), [audit]
    out["persons"] = np.tile(counts, len(frame) // counts.size)
    hidden = out["persons"].isna()
    if "cause" not in frame:
        out.loc[hidden, [c for c in frame if str(c).endswith("_ug_m3")]] = np.nan
        return out, audits
    if hidden.any():
        out.loc[hidden | (frame["people_group"] != EVERYBODY), [c for c in DEATHS if c in frame]] = np.nan
    for k, cause in enumerate(dict.fromkeys(frame["cause"])):
        deaths, audit = _deaths_shown(inputs, k, policy)
        gone = deaths.index[deaths["deaths"].isna()].map(lambda n: REGION if n == TOTAL else n)
        out.loc[(frame["cause"] == cause) & frame["place"].isin(gone), [c for c in DEATHS if c in frame]] = np.nan
        audits.append(audit)
    return out, audits


def _deaths_shown(inputs: Inputs, cause: int, policy: SuppressionPolicy) -> tuple[pd.DataFrame, SuppressionAudit]:
    """Deaths of one cause that were counted in each MSOA and district, NaN where they are not shown."""
    areas, health = inputs["areas"], inputs["health"]
    years = inputs.attribute("health", "observation_years")
    if not isinstance(years, int | float):
        raise ReleaseError("health.zarr does not say `observation_years`, so no deaths can be judged; run health again")
    places = places_of(areas)
    counted = health["baseline_deaths"].to_numpy()[:, cause] * years
    counts = np.rint(np.bincount(areas["area_msoa"].to_numpy(), counted, minlength=areas.sizes["msoa"]))
    table = pd.DataFrame({"deaths": counts}, index=places.code[: counts.size])
    return suppress(table, {"district": _district_of(places)}, policy)


def _district_of(places: Places) -> list[str]:
    """District of each MSOA."""
    msoas = places.holds.shape[1]
    district = np.array(places.code[msoas:-1])
    return [str(name) for name in district[places.holds[msoas:-1].argmax(axis=0)]]


def disclosure_summary(policy: SuppressionPolicy, audits: Mapping[str, Iterable[SuppressionAudit]]) -> dict[str, Any]:
    """What a release says of its suppression: no true count, nor which cell is which.

    Parameters
    ----------
    policy : SuppressionPolicy
    audits : mapping of str to iterable of SuppressionAudit
        By table.
    """
    told: dict[str, Any] = {"counts_suppressed_below": policy.threshold, "least_interval": policy.protection}
    for table, found in audits.items():
        kinds = pd.concat([a.cells["kind"] for a in found]) if (found := list(found)) else pd.Series(dtype=object)
        narrowest = min((a.narrowest for a in found), default=np.inf)
        told[table] = {
            "primary": int((kinds == "primary").sum()),
            "secondary": int((kinds == "secondary").sum()),
            "narrowest_interval": float(narrowest) if np.isfinite(narrowest) else None,
        }
    return told
