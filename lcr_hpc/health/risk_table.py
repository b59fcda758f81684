"""Relative risks of air pollution, each with its source and the grade of its evidence."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache

import pandas as pd

from lcr_hpc.config import coefficients_dir
from lcr_hpc.errors import InputError

GRADES = ("quoted", "consistent", "unclear", "unverified", "test")
"""Of evidence, from best to worst; configs/coefficients/relative_risk.csv says what each means."""
USABLE_BY_DEFAULT = ("quoted", "consistent")


@dataclass(frozen=True, slots=True)
class RelativeRisk:
    """Concentration-response function: log-linear in exposure.

    Attributes
    ----------
    name, pollutant, endpoint : str
        Name of the row, what is breathed in and what it causes.
    central, lower, upper : float
        Risk of `per` units more exposure relative to none more, and its 95 % limits.
    per : float
        Exposure step in µg/m³.
    minimum_age : int
        First age in years that it applies to.
    source, evidence : str
        Where the number was read, and the grade of that.
    exposure : str
        "long-term", or what else the exposure is a mean of.
    """

    name: str
    pollutant: str
    endpoint: str
    central: float
    lower: float
    upper: float
    per: float
    minimum_age: int
    source: str
    evidence: str
    exposure: str = "long-term"


def relative_risk(name: str, *, allow_unverified: bool = False) -> RelativeRisk:
    """Look up a relative risk by its name in configs/coefficients/relative_risk.csv.

    Parameters
    ----------
    name : str
        Such as "PM2.5 all-cause 30+".
    allow_unverified : bool
        Let rows pass whose evidence is not settled; their grade still travels with every result.

    Returns
    -------
    RelativeRisk

    Raises
    ------
    InputError
        An unknown name (the nearest is said), or evidence too weak for a result that somebody may act on.
    """
    known = relative_risks()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "the table has: " + ", ".join(known)
        raise InputError(f"no relative risk is called {name!r}; {hint}", field="relative_risk")
    found = known[name]
    if found.evidence not in USABLE_BY_DEFAULT and not allow_unverified:
        fit = ", ".join(r.name for r in known.values() if r.evidence in USABLE_BY_DEFAULT)
        raise InputError(
            f"relative risk {name!r} has evidence {found.evidence!r} ({found.source}); choose one of: {fit}",
            field="relative_risk",
        )
    return found


@cache
def relative_risks() -> dict[str, RelativeRisk]:
    """Every row of the table, by name.

    Returns
    -------
    dict of str to RelativeRisk

    Raises
    ------
    InputError
        A table with a risk outside its limits or a grade that does not exist.
    """
    path = coefficients_dir() / "relative_risk.csv"
    table = pd.read_csv(path, comment="#")
    found: dict[str, RelativeRisk] = {}
    for row in table.to_dict("records"):
        risk = RelativeRisk(
            name=str(row["name"]),
            pollutant=str(row["pollutant"]),
            endpoint=str(row["endpoint"]),
            central=float(row["rr"]),
            lower=float(row["lower"]),
            upper=float(row["upper"]),
            per=float(row["per_ug_m3"]),
            minimum_age=int(row["minimum_age"]),
            source=str(row["source"]),
            evidence=str(row["evidence"]),
            exposure=str(row["exposure"]),
        )
        if not 0.0 < risk.lower <= risk.central <= risk.upper or risk.per <= 0.0 or risk.evidence not in GRADES:
            raise InputError(
                f"{path.name}: row {risk.name!r} is not a risk within its limits, with a grade of {GRADES}"
            )
        found[risk.name] = risk
    return found
