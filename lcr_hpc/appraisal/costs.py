"""Costs and benefits of a scenario against the base: one table, discounted, each row with its source."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lcr_hpc.carbon.carbon_value import (
    CARBON_VALUE_PRICE_YEAR,
    CARBON_VALUE_SOURCE,
    DISCOUNT_SOURCE,
    SERIES,
    carbon_values,
    discount_factors,
)
from lcr_hpc.errors import InputError, raise_all

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Price:
    """What one unit is worth: always given, never assumed.

    Attributes
    ----------
    gbp : float or float64[year]
        £ a unit, the same in all years or year by year (with real growth, where the source has it).
    price_year : int
        Year of these pounds.
    source : str
        Where it is published; printed with the result.
    """

    gbp: float | FloatArray
    price_year: int
    source: str


@dataclass(frozen=True)
class Outcomes:
    """What a scenario, or the base, comes to, year by year; 2-D arrays are [year, area] and are added up over areas.

    Attributes
    ----------
    travel_time_h : float64[year] or [year, area]
        Person-hours (or vehicle-hours: whichever the value of time is of) travelled in a year.
    co2e_t : float64[year] or [year, area]
        Tonnes emitted.
    life_years_lost : float64[year] or [year, area]
        From the burden model.
    cost_gbp : float64[year] or [year, area]
        What it costs to build and to run, £ of the prices' year.
    """

    travel_time_h: FloatArray
    co2e_t: FloatArray
    life_years_lost: FloatArray
    cost_gbp: FloatArray


@dataclass(frozen=True)
class Appraisal:
    """Costs and benefits, £ of the price year, discounted to the present year.

    Attributes
    ----------
    table : pandas.DataFrame
        A row an item: `item`, `kind` (benefit or cost), `change` (scenario less base over all years, undiscounted),
        `unit`, `present_value_low_gbp`, `present_value_central_gbp`, `present_value_high_gbp` (above 0 = society is
        better off), `price`, `source`. Low and high differ in the carbon values alone.
    benefit_gbp, cost_gbp, net_present_value_gbp, benefit_cost_ratio : float64[series]
        At low, central and high carbon values.
    reason : str
        Why the ratio is NaN; empty where it is not.
    price_year, present_year : int
    discounting : str
        Source of the discount rates.
    """

    table: pd.DataFrame
    benefit_gbp: FloatArray
    cost_gbp: FloatArray
    net_present_value_gbp: FloatArray
    benefit_cost_ratio: FloatArray
    reason: str
    price_year: int
    present_year: int
    discounting: str


def appraise(
    base: Outcomes,
    scenario: Outcomes,
    years: NDArray[np.int64],
    *,
    value_of_time: Price,
    value_of_life_year: Price,
    cost_source: str,
    present_year: int,
) -> Appraisal:
    """Set the costs of a scenario against what it saves in time, carbon and health.

    Parameters
    ----------
    base, scenario : Outcomes
        Of the same years and areas, from the models' stores.
    years : int[year]
        Years of the outcomes, from the present year on; 2020 to 2050, where carbon has a value.
    value_of_time, value_of_life_year : Price
        £ an hour and £ a life year at `CARBON_VALUE_PRICE_YEAR` prices: the carbon values cannot be restated, since no
        deflator is at hand.
    cost_source : str
        Who says what the scenario costs; printed with the result.
    present_year : int
        Whose pounds count in full.

    Returns
    -------
    Appraisal

    Raises
    ------
    InputError
        Outcomes that do not fit the years or each other or are not numbers, prices of different years, years without a
        carbon value or a discount rate.

    Notes
    -----
    Present value = Σ_y change_y · price_y · factor_y. Ratio: present value of the benefits over that of the costs.
    Everything is discounted at the Green Book's standard rate, life years too.
    """
    when = np.atleast_1d(np.asarray(years, dtype=np.int64))
    change = _changes(base, scenario, when)
    hour, life = (
        _per_year("value_of_time", value_of_time, when),
        _per_year("value_of_life_year", value_of_life_year, when),
    )
    factor = discount_factors(when, present_year)
    tonne = carbon_values(when)
    pound = np.ones_like(factor)
    spread = f"{tonne[1].min():.2f} to {tonne[1].max():.2f} GBP/t CO2e (central)"
    rows = [
        _row("travel time", "benefit", change["travel_time_h"], "h", [hour] * 3, factor, value_of_time.source, hour),
        _row("carbon", "benefit", change["co2e_t"], "t CO2e", list(tonne), factor, CARBON_VALUE_SOURCE, spread),
        _row("health", "benefit", change["life_years_lost"], "life years", [life] * 3, factor,
             value_of_life_year.source, life),
        _row("building and running", "cost", change["cost_gbp"], "GBP", [pound] * 3, factor, cost_source, "as given"),
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    worth = table[[f"present_value_{s}_gbp" for s in SERIES]].to_numpy(dtype=np.float64)
    is_cost = (table["kind"] == "cost").to_numpy()
    benefit, cost = worth[~is_cost].sum(axis=0), -worth[is_cost].sum(axis=0)
    costly = bool((cost > 0.0).all())
    return Appraisal(
        table=table,
        benefit_gbp=benefit,
        cost_gbp=cost,
        net_present_value_gbp=benefit - cost,
        benefit_cost_ratio=benefit / cost if costly else np.full(len(SERIES), np.nan),
        reason="" if costly else "the scenario costs no more than the base: no ratio",
        price_year=CARBON_VALUE_PRICE_YEAR,
        present_year=present_year,
        discounting=DISCOUNT_SOURCE,
    )


def _changes(base: Outcomes, scenario: Outcomes, years: NDArray[np.int64]) -> dict[str, FloatArray]:
    """Scenario less base by year, added up over areas."""
    out, problems = {}, []
    for name in (f.name for f in fields(Outcomes)):
        before, after = (np.asarray(getattr(o, name), dtype=np.float64) for o in (base, scenario))
        if before.shape != after.shape or before.ndim not in (1, 2) or before.shape[0] != years.size:
            problems.append(
                f"{name}: base {before.shape}, scenario {after.shape}; wanted both [year] or [year, area], "
                f"{years.size} years"
            )
            continue
        for whose, values in (("base", before), ("scenario", after)):
            if not np.isfinite(values).all():
                bad = years[np.unique(np.argwhere(~np.isfinite(values))[:, 0])]
                problems.append(f"{name} of the {whose}: no number in {', '.join(map(str, bad[:5]))}")
        difference = after - before
        out[name] = difference.sum(axis=1) if difference.ndim == 2 else difference
    if years.size == 0 or (np.diff(years) <= 0).any():
        problems.append(f"years: found {', '.join(map(str, years))}; wanted each once, rising")
    raise_all(problems, InputError, title="outcomes that cannot be compared")
    return out


def _per_year(name: str, price: Price, years: NDArray[np.int64]) -> FloatArray:
    problems = []
    try:
        gbp = np.broadcast_to(np.asarray(price.gbp, dtype=np.float64), years.shape)
    except ValueError:
        raise InputError(f"{name}: found {np.size(price.gbp)} prices for {years.size} years", field=name) from None
    if not (np.isfinite(gbp) & (gbp >= 0.0)).all():
        problems.append(f"{name}: found {gbp.min():g}; wanted £ a unit, 0 or more")
    if price.price_year != CARBON_VALUE_PRICE_YEAR:
        problems.append(
            f"{name}: £ of {price.price_year}; wanted £ of {CARBON_VALUE_PRICE_YEAR}, as the carbon values are: "
            "restate it"
        )
    if not price.source.strip():
        problems.append(f"{name}: no source; say where the price is published")
    raise_all(problems, InputError)
    return gbp


def _row(
    item: str, kind: str, change: FloatArray, unit: str, prices: list[FloatArray], factor: FloatArray, source: str,
    shown: FloatArray | str,
) -> dict[str, Any]:  # fmt: skip
    # All changes are of something that people want less of. Less 0.0 turns -0.0 into 0.0.
    worth = {
        f"present_value_{s}_gbp": 0.0 - float((change * p * factor).sum()) for s, p in zip(SERIES, prices, strict=True)
    }
    if not isinstance(shown, str):
        low, high = float(shown.min()), float(shown.max())
        shown = f"{low:.2f} GBP/{unit}" if low == high else f"{low:.2f} to {high:.2f} GBP/{unit}"
    total = float(change.sum())
    return {
        "item": item,
        "kind": kind,
        "change": total,
        "unit": unit,
        **worth,
        "price": shown,
        "source": source,
    }
