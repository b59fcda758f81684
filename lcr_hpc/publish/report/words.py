"""Figures and words as the report says them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from math import floor, isfinite, log10
from typing import Any

NONE = "–"
UNITS = {
    "ug m-3": "µg/m³",
    "1": "",
    "persons/year": "deaths a year",
    "km/h": "veh-km/h",
    "percentage points": "percentage points",
}


def figure(value: Any, digits: int | None = None, *, significant: int = 3) -> str:
    """A number with thousands separated; `digits` decimals, else so many significant figures. No value: a dash."""
    if value is None or not isfinite(value := float(value)):
        return NONE
    if digits is None:
        digits = 0 if value == 0 else significant - 1 - floor(log10(abs(value)))
        digits = digits if abs(value) < 10**significant else 0
    text = f"{round(value, digits) + 0.0:,.{max(digits, 0)}f}"
    return text.replace("-", "−")


def large(value: Any) -> str:
    """A headline figure: millions as millions."""
    if value is None or not isfinite(float(value)) or abs(float(value)) < 1e6:
        return figure(value)
    return f"{figure(float(value) / 1e6)} million"


def decimals(*values: Any) -> int:
    """Decimals that a value and its limits share: three figures of the largest, two where all are under 1."""
    known = [abs(float(v)) for v in values if v is not None and isfinite(float(v)) and float(v) != 0.0]
    if not known:
        return 0
    power = floor(log10(max(known)))
    return max(0, 2 - power if power >= 0 else 1 - power)


def mass(tonnes: Any) -> str:
    """Tonnes with their unit; kilograms below one."""
    small = tonnes is not None and abs(float(tonnes)) < 1.0
    return f"{figure(1000.0 * float(tonnes))} kg" if small else f"{figure(tonnes)} t"


def interval(lower: Any, upper: Any, digits: int | None = None) -> str:
    """`lower to upper`, or nothing without limits."""
    limits = [figure(v, digits) for v in (lower, upper)]
    return "" if NONE in limits else f"{limits[0]} to {limits[1]}"


def unit(name: str) -> str:
    """A unit of the data dictionary as people write it."""
    return UNITS.get(name, name)


def percent(share: Any) -> str:
    """A share as a percentage."""
    if share is None or not isfinite(float(share)):
        return NONE
    small = 0.0 < abs(float(share)) < 0.0005
    return "under 0.1 %" if small else f"{figure(100 * float(share), 1)} %"


def day(night: dt.date) -> str:
    """Wednesday 15 October 2025, in any locale."""
    weekdays = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    months = ("January", "February", "March", "April", "May", "June",
              "July", "August", "September", "October", "November", "December")  # fmt: skip
    return f"{weekdays[night.weekday()]} {night.day} {months[night.month - 1]} {night.year}"


def listing(words: Iterable[str]) -> str:
    """`a, b and c`."""
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else ""


def count(n: int, one: str, many: str = "") -> str:
    """`1 area`, `20 areas`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def made_of(natures: Sequence[str]) -> str:
    """What is printed at every map and table about the kinds of its inputs."""
    tally = [f"{natures.count(n):,} {n}" for n in ("real", "modelled", "synthetic") if n in natures]
    return f"Modelled from {listing(tally)} {'dataset' if len(natures) == 1 else 'datasets'}"
