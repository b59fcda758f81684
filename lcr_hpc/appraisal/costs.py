"""Outcomes of the base and of a scenario, year by year, set against each other and valued."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.appraisal.worth import Appraisal, Changes, Price, value_changes
from lcr_hpc.errors import InputError, raise_all

FloatArray = NDArray[np.float64]


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


def appraise(
    base: Outcomes,
    scenario: Outcomes,
    years: NDArray[np.int64],
    *,
    value_of_time: Price | None,
    value_of_life_year: Price | None,
    cost_source: str,
    present_year: int,
) -> Appraisal:
    """Value what a scenario changes, from its outcomes and the base's.

    Parameters
    ----------
    base, scenario : Outcomes
        Of the same years and areas.
    years, value_of_time, value_of_life_year, cost_source, present_year
        As for `value_changes`.

    Returns
    -------
    Appraisal

    Raises
    ------
    InputError
        Outcomes that do not fit the years or each other or are not numbers; else as for `value_changes`.
    """
    when = np.atleast_1d(np.asarray(years, dtype=np.int64))
    return value_changes(
        _changes(base, scenario, when),
        when,
        value_of_time=value_of_time,
        value_of_life_year=value_of_life_year,
        cost_source=cost_source,
        present_year=present_year,
    )


def _changes(base: Outcomes, scenario: Outcomes, years: NDArray[np.int64]) -> Changes:
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
    raise_all(problems, InputError, title="outcomes that cannot be compared")
    return Changes(**out)
