"""Costs and benefits of a scenario of a night, with the prices of its config: `lcr appraise`."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lcr_hpc.appraisal.from_stores import YearlyChange, yearly_change
from lcr_hpc.appraisal.worth import Appraisal, Changes, Price, value_changes
from lcr_hpc.carbon.carbon_value import CARBON_VALUE_PRICE_YEAR, SERIES
from lcr_hpc.config import AppraisalConfig, Config, CostConfig, PriceConfig
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.store.layout import Layout


def assess_scenario(config: Config, layout: Layout, base: str, scenario: str) -> tuple[Appraisal, YearlyChange]:
    """Value what a scenario changes against the base, each year from its opening to the last like the night's.

    Parameters
    ----------
    config : Config
        Section `appraisal`, the night, and the confidence of `health`.
    layout, base, scenario
        As for `compare_scenarios`.

    Returns
    -------
    (Appraisal, YearlyChange)
        What it is worth, and the change in a year that it rests on.

    Raises
    ------
    InputError
        As of `yearly_change` and `value_changes`; costs in years that are not appraised.
    """
    settings = config.appraisal
    years = _years(settings, config.night.year)
    cost = _cost(settings.cost, years)
    year = yearly_change(layout, base, scenario, settings.cause)
    alike = np.ones(years.size)
    changes = Changes(
        travel_time_h=year.travel_time_h * alike,
        co2e_t=year.co2e_t * alike,
        life_years_lost=float(year.life_years_lost.mean()) * alike,
        cost_gbp=cost,
        life_years_draws=year.life_years_lost[:, None] * alike,
    )
    found = value_changes(
        changes,
        years,
        value_of_time=_price(settings.value_of_time),
        value_of_life_year=_price(settings.value_of_life_year),
        cost_source="" if settings.cost is None else settings.cost.source,
        present_year=int(years[0]),
        confidence=config.health.confidence,
    )
    return found, year


def describe_worth(found: Appraisal, year: YearlyChange, scenario: str, base: str, last_year: int) -> str:
    """Return the table and what it rests on as text for a person."""
    shown = found.table.set_index("item")[["change", "unit", *(f"present_value_{s}_gbp" for s in SERIES), "price"]]
    shown.columns = pd.Index(["change", "unit", *(f"{s}, GBP" for s in SERIES), "price"])
    lines = [
        f"{scenario} against {base}: costs and benefits of {found.present_year} to {last_year}, GBP of "
        f"{found.price_year}, discounted to {found.present_year}, at low, central and high carbon values",
        shown.to_string(
            float_format=lambda v: "not valued" if np.isnan(v) else f"{v:,.0f}" if abs(v) >= 100 else f"{v:,.3g}"
        ),
        "net present value: "
        + ", ".join(f"{s} {v:,.0f}" for s, v in zip(SERIES, found.net_present_value_gbp, strict=True)),
    ]
    if np.isfinite(found.net_present_value_limits_gbp).all():
        low, high = found.net_present_value_limits_gbp
        lines.append(f"  of the draws of the burden, {100 * found.confidence:g} %: {low:,.0f} to {high:,.0f} (central)")
    ratio = ", ".join(f"{s} {v:.2f}" for s, v in zip(SERIES, found.benefit_cost_ratio, strict=True))
    lines.append(f"benefit-cost ratio: {found.reason or ratio}")
    lines += [f"missing: {m}" for m in found.missing]
    lines += [f"note: {n}" for n in notes(found, year)]
    named = zip(found.table["item"], found.table["source"], strict=True)
    lines += [f"source of {item}: {source}" for item, source in named if source]
    lines.append(f"source of the discounting: {found.discounting}")
    return "\n".join(lines)


def notes(found: Appraisal, year: YearlyChange) -> list[str]:
    """Return what a reader must know of how the changes were found."""
    said = [
        "each year of the appraisal changes as much as the year of the night's traffic: no growth, no other fleet",
        f"travel time: {year.travel_time_rule}",
        "carbon: roads in the districts and the electricity of plug-in cars",
        f"health: {year.cause}" + (f"; not added: {', '.join(year.other_causes)}" if year.other_causes else ""),
    ]
    if not year.annual_exposure:
        said.append("health: the exposure is of the night's day, as if every day were like it: an illustration")
    return said


def as_json(found: Appraisal, year: YearlyChange, gains: pd.DataFrame, scenario: str, base: str) -> str:
    """One object: the table, its sums, what is missing, and who gains and loses; a number that is none is null."""
    return json.dumps(
        {
            "scenario": scenario,
            "base": base,
            "present_year": found.present_year,
            "price_year": found.price_year,
            "discounting": found.discounting,
            "costs_and_benefits": _records(found.table),
            **{
                name: dict(zip(SERIES, map(_number, getattr(found, name)), strict=True))
                for name in ("benefit_gbp", "cost_gbp", "net_present_value_gbp", "benefit_cost_ratio")
            },
            "net_present_value_limits_gbp": [_number(v) for v in found.net_present_value_limits_gbp],
            "confidence": found.confidence,
            "no_ratio_because": found.reason or None,
            "missing": list(found.missing),
            "notes": notes(found, year),
            "gains_and_losses": _records(gains),
        },
        indent=1,
        ensure_ascii=False,
    )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): _number(v) for k, v in row.items()} for row in table.to_dict("records")]


def _number(value: Any) -> Any:
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value


def _price(given: PriceConfig | None) -> Price | None:
    return None if given is None else Price(given.gbp, given.price_year, given.source)


def _years(settings: AppraisalConfig, night_year: int) -> NDArray[np.int64]:
    first = night_year if settings.first_year is None else settings.first_year
    if settings.last_year < first:
        raise InputError(
            f"appraisal.last_year {settings.last_year} is before {first}, the first; set it or `first_year`",
            field="last_year",
        )
    return np.arange(first, settings.last_year + 1, dtype=np.int64)


def _cost(given: CostConfig | None, years: NDArray[np.int64]) -> NDArray[np.float64] | None:
    if given is None:
        return None
    problems = [
        f"appraisal.cost.once_gbp: {y} is not among the years {years[0]} to {years[-1]}"
        for y in sorted(set(given.once_gbp) - set(years.tolist()))
    ]
    if given.price_year != CARBON_VALUE_PRICE_YEAR:
        problems.append(
            f"appraisal.cost: £ of {given.price_year}; wanted £ of {CARBON_VALUE_PRICE_YEAR}, as the carbon "
            "values are: restate it"
        )
    raise_all(problems, InputError)
    return np.array([given.once_gbp.get(int(y), 0.0) + given.every_year_gbp for y in years])
