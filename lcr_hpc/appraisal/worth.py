"""What the changes that a scenario makes are worth: one table, discounted, each row with its source."""

from __future__ import annotations

from dataclasses import dataclass
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
_WORTH = [f"present_value_{s}_gbp" for s in SERIES]
NOT_COUNTED = (
    "accidents, noise, comfort, reliability, physical activity, wider economic benefits, taxes, and charges that "
    "drivers pay and the public receives: no model here computes them"
)


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
class Changes:
    """What a scenario changes, scenario less base, year by year.

    Attributes
    ----------
    travel_time_h : float64[year]
        Hours, of persons or vehicles: whichever the value of time is of. By the rule of half where demand changes.
    co2e_t : float64[year]
        Tonnes.
    life_years_lost : float64[year]
        Mean over the draws, where there are any.
    cost_gbp : float64[year] or None
        £ of the prices' year; None = no cost is given.
    life_years_draws : float64[draw, year], optional
        Draws of `life_years_lost`.
    """

    travel_time_h: FloatArray
    co2e_t: FloatArray
    life_years_lost: FloatArray
    cost_gbp: FloatArray | None
    life_years_draws: FloatArray | None = None


@dataclass(frozen=True)
class Appraisal:
    """Costs and benefits, £ of the price year, discounted to the present year.

    Attributes
    ----------
    table : pandas.DataFrame
        A row an item: `item`, `kind` (benefit or cost), `change` (scenario less base over all years, undiscounted),
        `change_lower`, `change_upper`, `unit`, `present_value_low_gbp`, `present_value_central_gbp`,
        `present_value_high_gbp` (above 0 = society is better off), `present_value_lower_gbp`,
        `present_value_upper_gbp`, `price`, `source`. Low and high differ in the carbon values alone; lower and upper
        are limits of the draws, NaN where nothing is drawn. NaN also where no price is given.
    benefit_gbp, cost_gbp, net_present_value_gbp, benefit_cost_ratio : float64[series]
        At low, central and high carbon values, of what has a price.
    net_present_value_limits_gbp : (float, float)
        Limits of the draws at central carbon values; NaN without draws that have a price.
    confidence : float
        Of the limits.
    reason : str
        Why the ratio is NaN; empty where it is not.
    missing : tuple of str
        What is not in the sums, and why.
    price_year, present_year : int
    discounting : str
        Source of the discount rates.
    """

    table: pd.DataFrame
    benefit_gbp: FloatArray
    cost_gbp: FloatArray
    net_present_value_gbp: FloatArray
    benefit_cost_ratio: FloatArray
    net_present_value_limits_gbp: tuple[float, float]
    confidence: float
    reason: str
    missing: tuple[str, ...]
    price_year: int
    present_year: int
    discounting: str


def value_changes(
    changes: Changes,
    years: NDArray[np.int64],
    *,
    value_of_time: Price | None,
    value_of_life_year: Price | None,
    cost_source: str,
    present_year: int,
    confidence: float = 0.95,
) -> Appraisal:
    """Set the costs of a scenario against what it saves in time, carbon and health.

    Parameters
    ----------
    changes : Changes
        Scenario less base.
    years : int[year]
        Years of the changes, from the present year on; 2020 to 2050, where carbon has a value.
    value_of_time, value_of_life_year : Price or None
        £ an hour and £ a life year at `CARBON_VALUE_PRICE_YEAR` prices: the carbon values cannot be restated, since no
        deflator is at hand. None = not valued, and named among what is missing.
    cost_source : str
        Who says what the scenario costs; printed with the result.
    present_year : int
        Whose pounds count in full.
    confidence : float
        Of the limits of what is drawn.

    Returns
    -------
    Appraisal

    Raises
    ------
    InputError
        Changes that do not fit the years or are not numbers, prices of different years, years without a carbon value
        or a discount rate.

    Notes
    -----
    Present value = Σ_y change_y · price_y · factor_y. Ratio: present value of the benefits over that of the costs.
    Everything is discounted at the Green Book's standard rate, life years too.
    """
    when = np.atleast_1d(np.asarray(years, dtype=np.int64))
    _check(changes, when)
    hour, life = (
        None if price is None else _per_year(name, price, when)
        for name, price in (("value_of_time", value_of_time), ("value_of_life_year", value_of_life_year))
    )
    factor = discount_factors(when, present_year)
    tonne = carbon_values(when)
    spread = f"{tonne[1].min():.2f} to {tonne[1].max():.2f} GBP/t CO2e (central)"
    rows = [
        _row("travel time", "benefit", changes.travel_time_h, "h", hour, factor, _source(value_of_time)),
        _row("carbon", "benefit", changes.co2e_t, "t CO2e", tonne, factor, CARBON_VALUE_SOURCE, spread),
        _row("health", "benefit", changes.life_years_lost, "life years", life, factor, _source(value_of_life_year)),
    ]
    if changes.cost_gbp is not None:
        one = np.ones_like(factor)
        rows.append(_row("building and running", "cost", changes.cost_gbp, "GBP", one, factor, cost_source, "as given"))
    table = pd.DataFrame(rows)
    if changes.life_years_draws is not None:
        _add_limits(table, changes.life_years_draws, life, factor, confidence)
    return _totals(table, confidence, _missing(changes, hour, life), present_year)


def _totals(table: pd.DataFrame, confidence: float, missing: tuple[str, ...], present_year: int) -> Appraisal:
    worth = np.nan_to_num(table[_WORTH].to_numpy(dtype=np.float64), nan=0.0)
    is_cost = (table["kind"] == "cost").to_numpy()
    benefit, cost = worth[~is_cost].sum(axis=0), 0.0 - worth[is_cost].sum(axis=0)
    net = benefit - cost
    reason = ""
    if not is_cost.any():
        reason = "no cost is given: no ratio, and the net present value is of the benefits alone"
    elif not (cost > 0.0).all():
        reason = "the scenario costs no more than the base: no ratio"
    # what is drawn is one row's; the others shift both limits alike
    health = table.set_index("item").loc["health"]
    limits = health[["present_value_lower_gbp", "present_value_upper_gbp"]].to_numpy(dtype=np.float64)
    limits = net[1] + (limits - health["present_value_central_gbp"])
    return Appraisal(
        table=table,
        benefit_gbp=benefit,
        cost_gbp=cost,
        net_present_value_gbp=net,
        benefit_cost_ratio=np.full(len(SERIES), np.nan) if reason else benefit / cost,
        net_present_value_limits_gbp=(float(limits[0]), float(limits[1])),
        confidence=confidence,
        reason=reason,
        missing=missing,
        price_year=CARBON_VALUE_PRICE_YEAR,
        present_year=present_year,
        discounting=DISCOUNT_SOURCE,
    )


def _missing(changes: Changes, hour: FloatArray | None, life: FloatArray | None) -> tuple[str, ...]:
    found = []
    for name, price in (("travel time", hour), ("health", life)):
        if price is None:
            found.append(f"{name}: no price is given, so its change is counted and not valued")
    if changes.cost_gbp is None:
        found.append("building and running: no cost is given")
    return (*found, NOT_COUNTED)


def _add_limits(
    table: pd.DataFrame, draws: FloatArray, life: FloatArray | None, factor: FloatArray, confidence: float
) -> None:
    """Limits of the health row, quantity and worth; the worth is linear in the draws, so they may be drawn alone."""
    shares = [0.5 * (1.0 - confidence), 0.5 * (1.0 + confidence)]
    row = table.index[table["item"] == "health"][0]
    table.loc[row, ["change_lower", "change_upper"]] = np.quantile(draws.sum(axis=1), shares)
    if life is not None:
        limits = np.quantile(0.0 - draws @ (life * factor), shares)
        table.loc[row, ["present_value_lower_gbp", "present_value_upper_gbp"]] = limits


def _check(changes: Changes, years: NDArray[np.int64]) -> None:
    problems = []
    for name in ("travel_time_h", "co2e_t", "life_years_lost", "cost_gbp", "life_years_draws"):
        values = getattr(changes, name)
        if values is None:
            continue
        wanted = 2 if name == "life_years_draws" else 1
        if values.ndim != wanted or values.shape[-1] != years.size:
            problems.append(f"{name}: found shape {values.shape}; wanted one number a year, {years.size} years")
        elif not np.isfinite(values).all():
            problems.append(f"{name}: {int((~np.isfinite(values)).sum())} of {values.size} are no numbers")
    if years.size == 0 or (np.diff(years) <= 0).any():
        problems.append(f"years: found {', '.join(map(str, years))}; wanted each once, rising")
    raise_all(problems, InputError, title="changes that cannot be valued")


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


def _source(price: Price | None) -> str:
    return "" if price is None else price.source


def _row(
    item: str, kind: str, change: FloatArray, unit: str, price: FloatArray | None, factor: FloatArray, source: str,
    shown: str = "",
) -> dict[str, Any]:  # fmt: skip
    worth = dict.fromkeys(_WORTH, np.nan)
    if price is not None:
        prices = np.broadcast_to(price, (len(SERIES), factor.size))
        # All changes are of something that people want less of. Less 0.0 turns -0.0 into 0.0.
        worth = {name: 0.0 - float((change * p * factor).sum()) for name, p in zip(_WORTH, prices, strict=True)}
        low, high = float(price.min()), float(price.max())
        each = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
        shown = shown or f"{each} GBP/{unit}"
    nothing = dict.fromkeys(("present_value_lower_gbp", "present_value_upper_gbp"), np.nan)
    return {
        "item": item,
        "kind": kind,
        "change": float(change.sum()),
        "change_lower": np.nan,
        "change_upper": np.nan,
        "unit": unit,
        **worth,
        **nothing,
        "price": shown or "none given",
        "source": source,
    }
