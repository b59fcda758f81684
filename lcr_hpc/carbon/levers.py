"""Levers of the way to net zero: how far each is pulled in each year, and how sure that is."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.errors import InputError, raise_all

FloatArray = NDArray[np.float64]
Range = tuple[float, float, float]
"""Low, central (the likeliest) and high value of a triangular distribution."""

LEVERS = {
    "bev": "share of the car and van kilometres that burn fuel in the base year and are electric by then",
    "mode_shift": "share of the way from the base's traffic to that of the mode-shift scenario",
    "retrofit": "share of the gas that homes burn in the base year and that insulation saves",
    "heat_pumps": "share of the heat of homes that still is from gas after retrofit and comes from heat pumps",
    "grid": "cut of the CO2e of a kWh of electricity against the base year",
    "hgv": "share of the goods-vehicle kilometres that burn fuel in the base year and are electric by then",
}
"""Every lever is a share: 0 in the base year, at most 1."""

ASSUMED: dict[str, Range] = {
    "heat_pump_performance": (2.4, 2.8, 3.4),
    "boiler_efficiency": (0.80, 0.85, 0.90),
    "electric_drive_ratio": (0.33, 0.40, 0.50),
    "road_base": (1.0, 1.0, 1.0),
    "energy_base": (1.0, 1.0, 1.0),
}
"""Heat by kWh of electricity over a year; heat by kWh of gas; electricity by kWh of the fuel that it replaces; and
factors on the base's roads and on its gas and electricity. Assumptions, all of them; the central electric drive is
an average car of TAG's table A1.3.8 at 50 km/h, 0.22 kWh electric for 0.55 kWh of fuel a km."""

FACTORS = (*LEVERS, *ASSUMED)
"""Uncertain inputs, in the order of the design's columns."""


@dataclass(frozen=True)
class PathwaySettings:
    """What an ensemble of pathways is about.

    Attributes
    ----------
    base_year, end_year : int
        The base's year, in which no lever is pulled, and the last year.
    levers : mapping of str to mapping of int to (low, central, high)
        By name (`LEVERS`) and year; straight lines between the years, from 0 in the base year; level after the last. A
        lever that is left out is not pulled.
    parameters : mapping of str to (low, central, high)
        In place of those in `ASSUMED`.
    budget_kt : float or None
        Carbon budget of the years after the base year up to the last; None = none is set.
    members : int
        Rows of the design; each is computed once for every factor and twice more.
    seed : int
        Of the design.
    """

    base_year: int
    end_year: int = 2040
    levers: Mapping[str, Mapping[int, Range]] = field(default_factory=dict)
    parameters: Mapping[str, Range] = field(default_factory=dict)
    budget_kt: float | None = None
    members: int = 10_000
    seed: int = 2040

    def __post_init__(self) -> None:
        raise_all(_problems(self), InputError, title="pathway settings cannot be used")

    @property
    def years(self) -> NDArray[np.int64]:
        """Base year to end year."""
        return np.arange(self.base_year, self.end_year + 1, dtype=np.int64)


def lever_paths(settings: PathwaySettings, uniform: FloatArray | None = None) -> dict[str, FloatArray]:
    """Value of every factor in every year, for rows of the design.

    Parameters
    ----------
    settings : PathwaySettings
    uniform : float64[row, factor], optional
        In [0, 1]: how high each factor lies in its range, the same height in all years. None = all central.

    Returns
    -------
    dict of str to float64[row, year]
        By the names in `FACTORS`; [row, 1] for those that do not change with the year. One row where all is central.
    """
    out = {}
    for k, name in enumerate(FACTORS):
        if name in LEVERS:
            knots = {settings.base_year: (0.0, 0.0, 0.0), **settings.levers.get(name, {})}
            at = sorted(knots)
            low, central, high = (
                np.interp(settings.years, at, [float(knots[year][side]) for year in at]) for side in range(3)
            )
        else:
            given = settings.parameters.get(name, ASSUMED[name])
            low, central, high = (np.array([float(value)]) for value in given)
        out[name] = central[None, :] if uniform is None else _triangular(uniform[:, k, None], low, central, high)
    return out


def _triangular(u: FloatArray, low: FloatArray, central: FloatArray, high: FloatArray) -> FloatArray:
    """Quantile of the triangular distribution; exactly `low` where the range is a single value."""
    width = high - low
    left = central - low
    # u < left/width without the division, which a range of no width would not bear
    rising = low + np.sqrt(u * width * left)
    falling = high - np.sqrt((1.0 - u) * width * (high - central))
    found: FloatArray = np.clip(np.where(u * width < left, rising, falling), low, high)
    return found


def _problems(settings: PathwaySettings) -> list[str]:
    found = []
    if settings.end_year <= settings.base_year:
        found.append(f"end_year {settings.end_year}: wanted a year after the base year {settings.base_year}")
    if settings.members < 2:
        found.append(f"members {settings.members}: wanted 2 or more")
    if settings.budget_kt is not None and not np.isfinite(settings.budget_kt):
        found.append(f"budget_kt {settings.budget_kt}: wanted a number of kt, or None")
    for name in settings.levers.keys() - LEVERS.keys():
        found.append(f"`{name}` is no lever; {_nearest(name, list(LEVERS))}")
    for name in settings.parameters.keys() - ASSUMED.keys():
        found.append(f"`{name}` is no parameter; {_nearest(name, list(ASSUMED))}")
    for name, knots in settings.levers.items():
        for year, given in knots.items():
            if not settings.base_year < year <= settings.end_year:
                found.append(f"{name}: year {year} is not within {settings.base_year + 1} to {settings.end_year}")
            found += _range_problems(f"{name} in {year}", given, 0.0, 1.0)
    for name, given in settings.parameters.items():
        lowest = 0.0 if name.endswith("_base") else 0.01
        found += _range_problems(name, given, lowest, 1.0 if name == "boiler_efficiency" else 20.0)
    return found


def _range_problems(where: str, given: Sequence[float], lowest: float, highest: float) -> list[str]:
    if len(given) != 3:
        return [f"{where}: found {len(given)} values; wanted low, central and high"]
    low, central, high = given
    if not lowest <= low <= central <= high <= highest:
        return [
            f"{where}: found {low:g}, {central:g}, {high:g}; wanted {lowest:g} <= low <= central <= high <= {highest:g}"
        ]
    return []


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"did you mean `{close[0]}`?" if close else f"choose among {', '.join(known)}"
