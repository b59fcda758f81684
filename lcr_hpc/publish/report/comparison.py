"""The comparison as people read it: in the report, and on a terminal at the end of a night."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcr_hpc.publish.report.words import decimals, figure, interval, unit

if TYPE_CHECKING:
    import pandas as pd

FILE = "comparison.csv"


def comparison_sections(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Sections in order, each with rows and with what is said of all of them.

    Returns
    -------
    list of dict
        title; rows, dicts of text as they are shown; why, common to all rows, or empty.
    """
    sections = []
    for title, part in table.groupby("section", sort=False):
        whys = set(part["why"])
        common = whys.pop() if len(whys) == 1 else ""
        rows = [_row(r, "" if common else str(r["why"])) for _, r in part.iterrows()]
        for before, row in zip([None, *rows], rows, strict=False):
            # A reason that stands on the line above is not said again.
            row["said_above"] = before is not None and before["why"] == row["why"]
        sections.append({"title": str(title), "rows": rows, "why": common})
    return sections


def read_comparison(snapshot: Path) -> pd.DataFrame | None:
    """Read the comparison of a release, or None where it has none."""
    file = snapshot / FILE
    if not file.is_file():
        return None
    import pandas as pd

    text = ("section", "place", "measure", "units", "modelled_year", "published_year", "verdict", "why")
    return pd.read_csv(file, dtype=dict.fromkeys(text, str), keep_default_na=False, na_values={
        c: [""] for c in ("modelled", "lower", "upper", "published", "difference_percent")
    })  # fmt: skip


def comparison_text(table: pd.DataFrame, width: int | None = None) -> str:
    """Lines for a terminal: numbers in columns, reasons under them."""
    width = width or shutil.get_terminal_size((120, 24)).columns
    lines = ["", "The night against published figures (ours, year | published, year | difference)"]
    for section in comparison_sections(table):
        lines += ["", section["title"]]
        lines += _lines(section["rows"], width)
        if section["why"]:
            lines += textwrap.wrap(section["why"], width, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def _lines(rows: list[dict[str, Any]], width: int) -> Iterator[str]:
    cells = [[r["label"], r["modelled"], r["modelled_year"], r["published"], r["published_year"], r["units"],
              r["difference"], r["verdict"]] for r in rows]  # fmt: skip
    wide = [max(len(c[k]) for c in cells) for k in range(len(cells[0]))]
    for row, c in zip(rows, cells, strict=True):
        yield (
            f"  {c[0]:<{wide[0]}}  {c[1]:>{wide[1]}} {c[2]:<{wide[2]}} | {c[3]:>{wide[3]}} {c[4]:<{wide[4]}} "
            f"{c[5]:<{wide[5]}} | {c[6]:>{wide[6]}}  {c[7]}"
        ).rstrip()
        if row["why"] and not row["said_above"]:
            yield from textwrap.wrap(row["why"], width, initial_indent="    ", subsequent_indent="    ")


def _row(row: pd.Series, why: str) -> dict[str, Any]:
    import pandas as pd

    known = [row["modelled"], row["published"], row["lower"], row["upper"]]
    digits = max(decimals(*known), 2) if row["units"] == "1" else decimals(*known)
    limits = interval(row["lower"], row["upper"], digits)
    off = row["difference_percent"]
    difference = "" if pd.isna(off) else f"{'+' if off >= 0 else ''}{figure(off, 0)} %".replace("+−", "−")
    units = unit(str(row["units"]))
    return {
        "label": f"{row['place']}: {row['measure']}",
        "place": str(row["place"]),
        "measure": str(row["measure"]),
        "units": units,
        "modelled": figure(row["modelled"], digits) + (f" ({limits})" if limits else ""),
        "value": figure(row["modelled"], digits),
        "limits": limits,
        "modelled_year": str(row["modelled_year"]),
        "published": figure(row["published"], digits) if pd.notna(row["published"]) else "–",
        "published_year": str(row["published_year"]) if pd.notna(row["published"]) else "",
        "difference": difference,
        "verdict": str(row["verdict"]),
        "far": row["verdict"] == "far off",
        "why": why,
    }
