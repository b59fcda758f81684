"""The way to net zero as the report draws it: a fan of yearly emissions, and what their uncertainty comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lcr_hpc.publish.report.charts import BOTTOM, LEFT, RIGHT, TOP, nice_ticks, tick_decimals
from lcr_hpc.publish.report.words import figure, interval, listing, percent

BAR_LEFT, BAR_RIGHT, BAR_STEP, BAR_TOP = 186, 468, 34, 8
LEAST = 0.005
"""A share of the variance below this is not drawn: it is told as a number in the table."""
FAR = 1.5
"""A budget beyond this of the highest yearly emission is not drawn."""
NAMES = {
    "bev": "Electric cars, vans",
    "mode_shift": "Traffic scenario",
    "retrofit": "Insulation of homes",
    "heat_pumps": "Heat pumps",
    "grid": "Cleaner electricity",
    "hgv": "Electric lorries",
    "heat_pump_performance": "Heat pumps’ yield",
    "boiler_efficiency": "Boilers’ yield",
    "electric_drive_ratio": "Draw of electric km",
    "road_base": "Roads in base year",
    "energy_base": "Energy in base year",
}
RESULTS = {"cumulative": "Emissions of all years together", "residual": "Emissions of the last year"}


@dataclass(frozen=True)
class Fan:
    """Yearly emissions, in pixels of the drawing."""

    sentence: str
    outer: str
    inner: str
    median: str
    dots: tuple[tuple[float, float, str], ...]
    ticks: tuple[tuple[float, str], ...]
    years: tuple[tuple[float, str], ...]
    budget: float | None
    budget_label: str


@dataclass(frozen=True)
class Bars:
    """Shares of one result's variance, largest first."""

    title: str
    height: int
    rows: tuple[tuple[float, str, float, float, str, str], ...]
    """y of the bar's top, name, widths of first and total order, the label, and what is said."""


def pathway_section(tables: Mapping[str, pd.DataFrame], said: Any) -> dict[str, Any] | None:
    """Everything that the report shows of the pathway; None where the night has none.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        `pathway` and `pathway_sensitivity`.
    said : Any
        `pathway` of the carbon manifest's results.
    """
    if "pathway" not in tables or not isinstance(said, Mapping):
        return None
    table = tables["pathway"]
    return {
        "fan": _fan(table, said),
        "bars": [b for r in RESULTS if (b := _bars(tables["pathway_sensitivity"], r)) is not None],
        "bar": {"left": BAR_LEFT, "right": BAR_RIGHT, "step": BAR_STEP},
        "rows": _rows(said, int(table["year"].iloc[-1])),
        "assumptions": _assumptions(said),
    }


def _fan(table: pd.DataFrame, said: Mapping[str, Any]) -> Fan:
    year = table["year"].to_numpy(np.float64)
    kt = {q: table[f"kt_q{q:02d}"].to_numpy(np.float64) for q in (5, 25, 50, 75, 95)}
    budget = said.get("budget_kt")
    even = None if budget is None else float(budget) / max(year.size - 1, 1)
    highest = float(kt[95].max())
    if even is not None and even > FAR * highest:  # drawn to scale it would flatten the fan; the table has it
        even = None
    ticks = nice_ticks(min(0.0, float(kt[5].min())), max(highest, even or 0.0))
    low, high = ticks[0], ticks[-1]

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low), 1)

    start, span = float(year[0]), max(float(year[-1] - year[0]), 1.0)

    def x(when: float) -> float:
        return round(LEFT + 12 + (RIGHT - LEFT - 30) * (when - start) / span, 1)

    def line(q: int, order: int = 1) -> str:
        return " ".join(f"{x(w)},{y(v)}" for w, v in list(zip(year, kt[q], strict=True))[::order])

    dots = tuple(
        (x(w), y(m), f"{int(w)}: {figure(m)} kt, 90 % of the ensemble {interval(a, b)}")
        for w, a, m, b in zip(year, kt[5], kt[50], kt[95], strict=True)
    )
    marked = [w for w in year if w % 5 == 0 or w == year[0]]
    return Fan(
        f"From {figure(kt[50][0])} kt in {int(year[0])} to {figure(kt[50][-1])} kt in {int(year[-1])} at the median "
        f"(90 % of the ensemble: {interval(kt[5][-1], kt[95][-1])}).",
        f"{line(5)} {line(95, -1)}",
        f"{line(25)} {line(75, -1)}",
        line(50),
        dots,
        tuple((y(t), figure(t, tick_decimals(ticks))) for t in ticks),
        tuple((x(w), str(int(w))) for w in marked if w == year[0] or w - year[0] >= 2),
        None if even is None else y(even),
        "" if even is None else f"budget, {figure(even)} kt in each year",
    )


def _bars(table: pd.DataFrame, result: str) -> Bars | None:
    mine = table[(table["result"] == result) & table["total_order"].notna()]
    mine = mine[(mine["total_order"] >= LEAST) | (mine["first_order"] >= LEAST)].sort_values(
        "total_order", ascending=False, kind="stable"
    )
    if mine.empty:
        return None

    def width(share: float) -> float:
        return round((BAR_RIGHT - BAR_LEFT) * min(max(float(share), 0.0), 1.0), 1)

    rows = []
    for k, (factor, first, total) in enumerate(mine[["factor", "first_order", "total_order"]].itertuples(index=False)):
        name = NAMES.get(str(factor), str(factor))
        both = f"{name}: {percent(max(first, 0.0))} alone, {percent(total)} with what it shares with others"
        rows.append((BAR_TOP + BAR_STEP * k, name, width(first), width(total), percent(total), both))
    return Bars(RESULTS[result], BAR_TOP + BAR_STEP * len(rows) + 8, tuple(rows))


def _rows(said: Mapping[str, Any], last: int) -> list[tuple[str, str, str, str]]:
    """Quantity, median, 90 % of the ensemble, unit."""
    found = [
        _row(f"Emissions after {said['base_year']}, together", said["cumulative_kt"], "kt"),
        _row(f"Emissions of {last}", said[f"residual_{last}_kt"], "kt a year"),
    ]
    (worth,) = (k for k in said if k.startswith("avoided_value_gbp_m_"))
    price_year = worth.rsplit("_", 1)[1]
    for series in (s for s in ("low", "central", "high") if s in said[worth]):
        name = f"Worth of what is avoided, {series} carbon values"
        found.append(_row(name, said[worth][series], f"£ million of {price_year}"))
    if "probability_budget_exceeded" in said:
        error = said["probability_standard_error"]
        found.append(
            (
                f"Probability that {figure(said['budget_kt'])} kt are exceeded",
                percent(said["probability_budget_exceeded"]),
                f"standard error {percent(error)}",
                "of the ensemble",
            )
        )
    return found


def _row(name: str, values: Mapping[str, float], units: str) -> tuple[str, str, str, str]:
    return name, figure(values["q50"]), interval(values["q05"], values["q95"]), units


def _assumptions(said: Mapping[str, Any]) -> list[str]:
    found = [
        "The levers, how far each is pulled and how sure that is, are assumptions of the configuration "
        "(carbon.pathway): judgement, not a plan and not a forecast. Probabilities are of the ensemble’s members.",
    ]
    if untouched := said.get("untouched_sectors"):
        found.append(f"No lever reaches {_list(untouched)}: these stay as they are.")
    if "budget_kt" not in said:
        found.append("No carbon budget is set, and none is assumed (carbon.pathway.budget_kt).")
    if scenario := said.get("traffic_scenario"):
        change = scenario["road_kt_year_in_scenario"] - scenario["road_kt_year"]
        found.append(
            f"Traffic goes towards the scenario {scenario['scenario']}, which the traffic model ran: "
            f"{figure(change)} kt a year on the roads of the base year."
        )
    return [f for f in found if f]


def _list(names: Sequence[str]) -> str:
    return listing([str(n) for n in names])
