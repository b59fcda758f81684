"""A scenario beside its base, as the report tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lcr_hpc.publish.report.words import decimals, figure, unit

CHANGES = "what changes"


def scenario_section(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any] | None:
    """Sentences and tables of a scenario; None of a night without `traffic.changes`.

    Returns
    -------
    dict or None
        changes, sentences; sections, each with title, and rows of measure, base, scenario, change as text.
    """
    if "scenario" not in tables:
        return None
    table = tables["scenario"]
    sections = []
    for title, part in table[table["section"] != CHANGES].groupby("section", sort=False):
        rows = []
        for _, row in part.iterrows():
            digits = max(decimals(row["base"], row["scenario"]), 2 if row["units"] == "min" else 0)
            change = figure(row["change"], digits)
            sign = "+" if row["change"] > 0 and change.strip("0.,") else ""
            name = f"{row['measure']}, {unit(str(row['units']))}"
            rows.append([name, figure(row["base"], digits), figure(row["scenario"], digits), f"{sign}{change}"])
        sections.append({"title": str(title)[:1].upper() + str(title)[1:], "rows": rows})
    return {"changes": [str(t) for t in table.loc[table["section"] == CHANGES, "measure"]], "sections": sections}
