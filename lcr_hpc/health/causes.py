"""The causes of a night: relative risks, each with the deaths and the air that it may be applied to."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health.risk_table import USABLE_BY_DEFAULT, RelativeRisk, relative_risk, relative_risks

ALL_CAUSE = "all-cause"
LONG_TERM = "long-term"


def chosen_risks(names: Sequence[str]) -> tuple[RelativeRisk, ...]:
    """Rows of the table by name; all that cannot be used are told at once.

    Parameters
    ----------
    names : sequence of str
        As in configs/coefficients/relative_risk.csv.

    Returns
    -------
    tuple of RelativeRisk

    Raises
    ------
    InputError
        Unknown or repeated names, weak evidence, a risk of short-term exposure: the stage's is a mean of the year.
    """
    found, problems = [], []
    for name in names:
        try:
            found.append(relative_risk(name))
        except InputError as error:
            problems.append(str(error))
    problems += [
        f"relative risk {r.name!r} is of {r.exposure} exposure, and the night's is the mean of a year: choose a "
        f"{LONG_TERM} one"
        for r in found
        if r.exposure != LONG_TERM
    ]
    problems += [f"`health.relative_risk` names {n!r} twice" for n in dict.fromkeys(names) if list(names).count(n) > 1]
    raise_all(problems, InputError)
    return tuple(found)


def cause_labels(risks: Sequence[RelativeRisk]) -> list[str]:
    """`pollutant: endpoint` of each risk; with the row's name where two would be called the same."""
    plain = [f"{r.pollutant}: {r.endpoint}" for r in risks]
    return [p if plain.count(p) == 1 else f"{p} ({r.name})" for p, r in zip(plain, risks, strict=True)]


def overlap_notes(risks: Sequence[RelativeRisk]) -> list[str]:
    """What each cause must not be added to, since the same deaths are counted there; empty = it stands alone."""
    labels = cause_labels(risks)
    return [
        "" if len(labels) == 1 else f"not to be added to {'; '.join(x for x in labels if x != label)}: they overlap"
        for label in labels
    ]


def deaths_of(mortality: xr.Dataset, risk: RelativeRisk) -> FloatArray:
    """Deaths a year of a risk's endpoint.

    Parameters
    ----------
    mortality : xarray.Dataset
        Store of this name.
    risk : RelativeRisk

    Returns
    -------
    float64[msoa, band]

    Raises
    ------
    InputError
        An endpoint that the store has no deaths of: a risk of one cause must not be applied to deaths of all causes.
    """
    cause = death_cause(risk)
    if cause == ALL_CAUSE:
        deaths = mortality["deaths"].to_numpy()
    else:
        known = counted_causes(mortality)
        if cause not in known:
            fits = [
                r.name
                for r in relative_risks().values()
                if r.evidence in USABLE_BY_DEFAULT and r.exposure == LONG_TERM and death_cause(r) in (ALL_CAUSE, *known)
            ]
            raise InputError(
                f"relative risk {risk.name!r} is for {risk.endpoint}, and the deaths are of "
                f"{', '.join((ALL_CAUSE, *known))}; land the feed `deaths_by_cause` with {cause!r}, or choose one of: "
                f"{', '.join(fits)}",
                field="relative_risk",
            )
        deaths = mortality["deaths_by_cause"].to_numpy()[:, :, known.index(cause)]
    a_year: FloatArray = deaths / float(mortality.attrs["observation_years"])
    return a_year


def death_cause(risk: RelativeRisk) -> str:
    """Cause of death that a risk is of, as a feed names it: its endpoint without "mortality"."""
    return risk.endpoint.removesuffix(" mortality")


def counted_causes(mortality: xr.Dataset) -> list[str]:
    """Causes that the store has deaths of, beside all-cause."""
    return [str(c) for c in mortality["death_cause"].to_numpy()] if "death_cause" in mortality else []


def check_risks(risks: Sequence[RelativeRisk], mortality: xr.Dataset, air: Sequence[str]) -> list[str]:
    """Problems of applying some risks to the stores' deaths and air, a sentence each.

    Parameters
    ----------
    risks : sequence of RelativeRisk
    mortality : xarray.Dataset
        Store of this name, with `observation_years`.
    air : sequence of str
        Pollutants that the carbon store has concentrations of.
    """
    problems = []
    for risk in risks:
        if risk.pollutant not in air:
            problems.append(
                f"`health.relative_risk` {risk.name!r} is for {risk.pollutant}, the air model gives {', '.join(air)}"
                "; choose a row for one of them (NOx is not NO2)"
            )
        if risk.minimum_age not in mortality["age_band"].to_numpy():
            problems.append(
                f"relative risk {risk.name!r} begins at {risk.minimum_age}, which begins no age band of the deaths"
            )
        try:
            deaths_of(mortality, risk)
        except InputError as error:
            problems.append(str(error))
    return problems
