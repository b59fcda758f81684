"""The audit of the feeds as people read it: how complete each is in each district, and what is wrong."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lcr_hpc.publish.report.words import listing
from lcr_hpc.spine.audit.command import quantity_name
from lcr_hpc.spine.audit.drift import LEAST_DAYS
from lcr_hpc.spine.audit.measure import COMPLETE, REGION


def feed_section(table: pd.DataFrame) -> dict[str, Any]:
    """Cells of the grid of feeds and districts, and sentences on what is not good.

    Returns
    -------
    dict
        districts (names); rows of name, sites, age, drift and cells (text, bar in %, low, said); problems; quiet: what
        could not be judged; shifts: whether any mean was held against earlier days.
    """
    names = {r["district"]: r["district_name"] for _, r in table.iterrows() if r["district"] != REGION}
    codes = sorted(names, key=lambda c: (c == "beyond", names[c]))
    rows = []
    for (feed, quantity), part in table.groupby(["feed", "quantity"], sort=False):
        by_code = {r["district"]: r for _, r in part.iterrows()}
        whole = by_code[REGION]
        rows.append({
            "name": quantity_name(str(feed), str(quantity)),
            "sites": f"{whole['sites_reporting']:,} of {whole['sites']:,}",
            "age": "none" if pd.isna(whole["age_h"]) else f"{whole['age_h']:.0f} h",
            "shift": "" if pd.isna(whole["mean_shift_sd"]) else f"{whole['mean_shift_sd']:+.1f}",
            "drift": whole["drift"] == "drift",
            "cells": [_cell(by_code.get(c)) for c in (REGION, *codes)],
        })  # fmt: skip
    bad = table[table["verdict"] != "good"]
    problems = [
        f"{quantity_name(str(f), str(q))}: {v} in {listing([_where(n) for n in part['district_name']])}"
        for (f, q, v), part in bad.groupby(["feed", "quantity", "verdict"], sort=False)
    ]
    region = table[table["district"] == REGION]
    unknown = int(region["drift"].str.startswith("not enough").sum())
    quiet = ""
    if unknown:
        nowhere = unknown == (~region["drift"].str.startswith("not judged")).sum()
        quiet = f"Drift is judged from {LEAST_DAYS} earlier days of the same type on; "
        quiet += "no feed has as many" if nowhere else f"{unknown} of {len(rows)} rows have fewer"
    return {
        "districts": [names[c] for c in codes],
        "rows": rows,
        "problems": problems,
        "quiet": quiet,
        "shifts": any(r["shift"] for r in rows),
    }


def _cell(row: Any) -> dict[str, Any] | None:
    if row is None or not row["sites"]:
        return None
    share = float(row["good_share"])
    percent = 100.0 * share
    text = f"{percent:.0f}" if share in (0.0, 1.0) else f"{min(max(percent, 0.1), 99.9):.1f}"
    return {"text": text, "bar": round(percent, 1), "low": share < COMPLETE, "drift": row["drift"] == "drift"}


def _where(name: str) -> str:
    return "the whole region" if name == "All" else name
