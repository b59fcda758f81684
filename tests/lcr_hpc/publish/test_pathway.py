"""The pathway's part of the report: drawn from its tables, and said to rest on assumptions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lcr_hpc.publish.report.charts import BOTTOM, TOP
from lcr_hpc.publish.report.pathway import BAR_LEFT, BAR_RIGHT, pathway_section

YEARS = np.arange(2025, 2041)
FALL = np.linspace(100.0, 40.0, 16)
TABLES = {
    "pathway": pd.DataFrame(
        {"year": YEARS} | {f"kt_q{q:02d}": FALL + (YEARS - 2025) * d for q, d in
                           ((5, -1.0), (25, -0.5), (50, 0.0), (75, 0.5), (95, 1.0))}
    ),
    "pathway_sensitivity": pd.DataFrame(
        {
            "result": ["cumulative"] * 3 + ["residual"] * 3,
            "factor": ["bev", "grid", "hgv"] * 2,
            "first_order": [0.25, 0.7, 0.001] + [np.nan] * 3,
            "total_order": [0.3, 0.75, 0.002] + [np.nan] * 3,
        }
    ),
}  # fmt: skip
SAID = {
    "base_year": 2025,
    "cumulative_kt": {"q05": 900.0, "q50": 1000.0, "q95": 1100.0},
    "residual_2040_kt": {"q05": 25.0, "q50": 40.0, "q95": 55.0},
    "avoided_value_gbp_m_2022": {"central": {"q05": 1.0, "q50": 2.0, "q95": 3.0}},
    "untouched_sectors": ["road bus", "industry gas"],
    "budget_kt": 600.0,
    "probability_budget_exceeded": 1.0,
    "probability_standard_error": 0.0,
}


def test_the_fan_is_to_scale():
    fan = pathway_section(TABLES, SAID)["fan"]
    labels = {label: y for y, label in fan.ticks}
    assert labels["0"] == BOTTOM and labels["100"] == TOP
    assert fan.dots[0][1] == TOP
    assert fan.dots[-1][1] == pytest.approx(BOTTOM - 0.4 * (BOTTOM - TOP), abs=0.1)
    assert fan.dots[-1][2] == "2040: 40.0 kt, 90 % of the ensemble 25.0 to 55.0"
    assert fan.budget == pytest.approx(BOTTOM - 0.4 * (BOTTOM - TOP), abs=0.1)  # 600 kt over 15 years
    assert "budget, 40.0 kt in each year" in fan.budget_label
    corners = [tuple(map(float, p.split(","))) for p in fan.outer.split()]
    assert len(corners) == 32 and corners[0] == corners[-1]  # all members are the base in the base year
    assert [label for _, label in fan.years] == ["2025", "2030", "2035", "2040"]


def test_bars_are_shares_of_the_variance_largest_first():
    (bars,) = pathway_section(TABLES, SAID)["bars"]  # the residual does not vary here
    assert [r[1] for r in bars.rows] == ["Cleaner electricity", "Electric cars, vans"]  # hgv: under half a percent
    assert bars.rows[0][2:4] == pytest.approx((0.7 * (BAR_RIGHT - BAR_LEFT), 0.75 * (BAR_RIGHT - BAR_LEFT)), abs=0.1)


def test_assumptions_and_the_budget_are_said():
    found = pathway_section(TABLES, SAID)
    assert "assumptions of the configuration" in found["assumptions"][0]
    assert "No lever reaches road bus and industry gas: these stay as they are." in found["assumptions"]
    assert ("Probability that 600 kt are exceeded", "100.0 %", "standard error 0.0 %", "of the ensemble") in found[
        "rows"
    ]
    without = {k: v for k, v in SAID.items() if "budget" not in k and "probability" not in k}
    found = pathway_section(TABLES, without)
    assert found["fan"].budget is None
    assert "No carbon budget is set, and none is assumed (carbon.pathway.budget_kt)." in found["assumptions"]
    scenario = {"scenario": "buses", "road_kt_year": 100.0, "road_kt_year_in_scenario": 90.0}
    (said,) = (
        a for a in pathway_section(TABLES, without | {"traffic_scenario": scenario})["assumptions"] if "buses" in a
    )
    assert "−10.0 kt a year on the roads of the base year" in said


def test_a_night_without_a_pathway_shows_none():
    assert pathway_section({}, "none: carbon.pathway.end_year 2025 is not after the night's year") is None
