"""Gradients along deprivation: decile means, the slope and its interval, drawn to scale."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

import numpy as np
import pandas as pd

from lcr_hpc.publish.report.words import decimals, figure, interval, unit

WIDTH, HEIGHT = 520, 250
LEFT, RIGHT, TOP, BOTTOM = 56, 510, 14, 200
DECILES = 10


@dataclass(frozen=True)
class Chart:
    """One gradient, in pixels of its drawing."""

    title: str
    units: str
    sentence: str
    dots: tuple[tuple[float, float, str], ...]
    bars: tuple[tuple[float, float, float], ...]
    line: tuple[float, float, float, float] | None
    band: str
    ticks: tuple[tuple[float, str], ...]
    sii: str
    rii: str
    concentration: str
    drawn: str


def gradient_charts(inequality: pd.DataFrame, confidence: float | None) -> list[Chart]:
    """One chart an attribute along the first ranking, in the table's order.

    Parameters
    ----------
    inequality : DataFrame
        The table `inequality`.
    confidence : float or None
        Of the limits; None = not said.
    """
    first = inequality[inequality["ranked_by"] == inequality["ranked_by"].iloc[0]]
    return [_chart(row, confidence) for _, row in first.iterrows()]


def _chart(row: pd.Series, confidence: float | None) -> Chart:
    means = np.array([row[f"decile_{d}_mean"] for d in range(1, DECILES + 1)], np.float64)
    limits = np.array([[row[f"decile_{d}_{e}"] for e in ("lower", "upper")] for d in range(1, DECILES + 1)], np.float64)
    slope, lower, upper = (float(row[n]) for n in ("sii", "sii_lower", "sii_upper"))
    centre = float(np.nanmean(means)) if np.isfinite(means).any() else float("nan")
    ends = [centre + sign * s / 2 for s in (slope, lower, upper) for sign in (-1, 1)]
    known = [v for v in [*means.tolist(), *ends, *limits.ravel().tolist()] if isfinite(v)]
    ticks = nice_ticks(min(known), max(known)) if known else [0.0, 1.0]
    digits = tick_decimals(ticks)
    low, high = ticks[0], ticks[-1]

    def y(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low), 1)

    def x(position: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * position, 1)

    units, name = unit(str(row["units"])), str(row["attribute"])
    drawn = str(row["drawn_error"])
    dots, bars = [], []
    for d, (mean, (low_end, high_end)) in enumerate(zip(means.tolist(), limits.tolist(), strict=True)):
        if not isfinite(mean):
            continue
        said = f"Decile {d + 1}: {figure(mean, digits + 1)} {units}"
        if drawn and isfinite(low_end) and isfinite(high_end):
            bars.append((x((d + 0.5) / DECILES), y(low_end), y(high_end)))
            said += f" ({interval(low_end, high_end, digits + 1)})"
        dots.append((x((d + 0.5) / DECILES), y(mean), said))
    line = (x(0), y(ends[0]), x(1), y(ends[1])) if isfinite(slope) and isfinite(centre) else None
    band = ""
    if line and isfinite(lower) and isfinite(upper):
        corners = [(0, ends[2]), (1, ends[3]), (1, ends[5]), (0, ends[4])]
        middle = f"{x(0.5)},{y(centre)}"
        left, right = (" ".join(f"{x(p)},{y(v)}" for p, v in corners if p == side) for side in (0, 1))
        band = f"{left} {middle} {right} {middle}"
    return Chart(
        name,
        units,
        _sentence(name, units, slope, lower, upper, confidence),
        tuple(dots),
        tuple(bars),
        line,
        band,
        tuple((y(t), figure(t, digits)) for t in ticks),
        _with_limits(slope, lower, upper, units),
        _with_limits(float(row["rii"]), float(row["rii_lower"]), float(row["rii_upper"]), ""),
        _with_limits(
            float(row["concentration_index"]),
            float(row["concentration_index_lower"]),
            float(row["concentration_index_upper"]),
            "",
        ),
        _drawn(drawn, float(row["sii_draws_lower"]), float(row["sii_draws_upper"]), units),
    )


def _sentence(name: str, units: str, slope: float, lower: float, upper: float, confidence: float | None) -> str:
    if not isfinite(slope):
        return f"There is no slope index for {name}: too few places have a value and a deprivation rank."
    way = "rises" if slope > 0 else "falls" if slope < 0 else "changes"
    digits = decimals(slope, lower, upper)
    # Told as "falls by", a negative interval is said without its signs.
    low, high = sorted((abs(lower), abs(upper))) if lower * upper > 0 else (lower, upper)
    limits = interval(low, high, digits)
    share = f"{figure(100 * confidence, 0)} % interval " if confidence else "interval "
    sure = "" if not limits else f" ({share}{limits})"
    clear = ", an interval that spans zero" if limits and lower * upper <= 0 else ""
    return (
        f"From the most to the least deprived end, {_lower_first(name)} {way} by "
        f"{figure(abs(slope), digits)} {units}{sure}{clear}."
    )


def _with_limits(value: float, lower: float, upper: float, units: str) -> str:
    if not isfinite(value):
        return "none"
    digits = decimals(value, lower, upper)
    limits = interval(lower, upper, digits)
    return f"{figure(value, digits)} {units}".strip() + (f" ({limits})" if limits else "")


def _drawn(what: str, lower: float, upper: float, units: str) -> str:
    """What the draws vary, and how far the slope index goes with them."""
    if not what:
        return ""
    limits = interval(lower, upper, decimals(lower, upper))
    return f"Bars: limits over draws of {what}" + (f"; SII over the same draws {limits} {units}." if limits else ".")


def _lower_first(name: str) -> str:
    """Keep acronyms such as NOx and PM2.5."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def tick_decimals(ticks: list[float]) -> int:
    """Decimals at which every tick is what it says."""
    step = ticks[1] - ticks[0]
    return next(d for d in range(12) if abs(step * 10**d - round(step * 10**d)) < 1e-6 and round(step * 10**d) > 0)


def nice_ticks(low: float, high: float) -> list[float]:
    """Return 4 to 7 round values that span a range."""
    span = (high - low) or abs(high) or 1.0
    raw = span / 4
    power = 10.0 ** floor(log10(raw))
    step = next(s * power for s in (1, 2, 2.5, 5, 10) if s * power >= raw * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [k * step for k in range(first, max(last, first + 1) + 1)]
