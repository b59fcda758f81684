"""Burden and access as the report tabulates them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lcr_hpc.publish.report.words import count, decimals, figure, interval, unit

SERVICES = {"gp": "Surgery", "hospital": "Hospital", "emergency": "Emergency department", "employment": "Place of work"}


def burden_rows(table: pd.DataFrame, confidence: float | None) -> dict[str, Any]:
    """Rows of the table `burden`, with the grade of the evidence apart from its source."""
    rows = []
    for _, row in table.iterrows():
        grade, _, source = str(row["evidence"]).partition(": ")
        rows.append(
            {
                "name": f"{str(row['quantity']).capitalize()}, {row['cause']}",
                "median": figure(row["median"], 0),
                "limits": interval(row["lower"], row["upper"], 0) or "none",
                "grade": grade,
                "source": source,
                "overlap": str(row["overlap"]),
            }
        )
    return {"rows": rows, "confidence": f"{figure(100 * confidence, 0)} % interval" if confidence else "Interval"}


def ranking_rows(table: pd.DataFrame) -> dict[str, Any]:
    """Slope, ratio and concentration index of each attribute along the rankings that have no charts."""
    first = str(table["ranked_by"].iloc[0])
    rows = []
    for _, row in table[table["ranked_by"] != first].iterrows():
        digits = decimals(row["sii"], row["sii_lower"], row["sii_upper"])
        limits = interval(row["sii_lower"], row["sii_upper"], digits)
        rows.append(
            {
                "name": str(row["attribute"]),
                "by": ranking_words(str(row["ranked_by"])),
                "sii": f"{figure(row['sii'], digits)} {unit(str(row['units']))}" + (f" ({limits})" if limits else ""),
                "rii": figure(row["rii"], 2),
                "index": figure(row["concentration_index"], 3),
            }
        )
    return {"first": ranking_words(first), "rows": rows}


def ranking_words(name: str) -> str:
    """Name of a ranking for people."""
    words = name.removeprefix("-").replace("_", " ")
    return f"{words}, {'highest' if name.startswith('-') else 'lowest'} first"


def access_rows(table: pd.DataFrame) -> dict[str, Any]:
    """Minutes to the nearest service of each kind by period: the median area, and nine in ten areas."""
    periods = list(dict.fromkeys(str(p) for p in table["period"]))
    rows = []
    for kind in dict.fromkeys(str(s) for s in table["service"]):
        cells = []
        for period in periods:
            there = table[(table["service"] == kind) & (table["period"] == period)]
            known = there["nearest_service_min"].dropna()
            said = f"{figure(known.median(), 1)}, {figure(known.quantile(0.9), 1)}" if len(known) else "none"
            lost = len(there) - len(known)
            cells.append(f"{said} min" + (f" ({count(lost, 'area reaches', 'areas reach')} none)" if lost else ""))
        rows.append((SERVICES.get(kind, kind.capitalize()), cells))
    return {"periods": periods, "rows": rows}
