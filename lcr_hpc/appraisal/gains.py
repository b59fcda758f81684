"""Who gains and who loses in a scenario against the base, and whether the gap between poor and rich narrows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health.gradient import DECILES, decile_means
from lcr_hpc.health.slope import slope_index

FloatArray = NDArray[np.float64]
_SHOWN = 5
_ROUNDING = 1e-12


@dataclass(frozen=True)
class GainsAndLosses:
    """What a scenario changes for people, by area and by tenth of deprivation.

    Attributes
    ----------
    change : float64[area]
        Scenario less base, mean over the draws; NaN where an area is left out.
    probability_gains, probability_loses : float64[area]
        Shares of the draws in which the area is better and worse off by more than the tolerance.
    decile_base, decile_scenario : float64[decile]
        Population-weighted means, mean over the draws, the most deprived tenth of the people first.
    people_gain, people_lose, people_same : float64[decile]
        Expected persons, mean over the draws, by tenth of deprivation: together all persons.
    slope_base, slope_scenario : float64[draw]
        Slope index of inequality: fitted value at the least deprived end less that at the most deprived.
    probability_narrows, probability_widens : float
        Shares of the draws in which the slope index is closer to, and further from, 0 than in the base.
    mean_change : float
        Population-weighted, over areas and draws.
    left_out : int
        Areas that have no number or nobody.
    reason : object[area]
        Why an area is left out; empty where it is not.
    """

    change: FloatArray
    probability_gains: FloatArray
    probability_loses: FloatArray
    decile_base: FloatArray
    decile_scenario: FloatArray
    people_gain: FloatArray
    people_lose: FloatArray
    people_same: FloatArray
    slope_base: FloatArray
    slope_scenario: FloatArray
    probability_narrows: float
    probability_widens: float
    mean_change: float
    left_out: int
    reason: NDArray[np.object_]


def gains_and_losses(
    base: ArrayLike,
    scenario: ArrayLike,
    population: ArrayLike,
    deprivation: ArrayLike,
    *,
    better: Literal["lower", "higher"],
    tolerance: float = 0.0,
) -> GainsAndLosses:
    """Compare one measure of a scenario with the base: exposure, burden a head, access or travel time.

    Parameters
    ----------
    base, scenario : array_like, [draw, area] or [area]
        The measure, in one unit, per person or as each person meets it. Draw n of the one belongs to draw n of the
        other: both with the same relative risks, so that what they share does not blur their difference.
    population : array_like, [area]
        Persons.
    deprivation : array_like, [area]
        Rank, lowest = most deprived.
    better : {"lower", "higher"}
        Whether people are better off with less of it (exposure, burden, travel time) or with more (access).
    tolerance : float
        A change of this much or less, either way, is none.

    Returns
    -------
    GainsAndLosses

    Raises
    ------
    InputError
        Shapes that do not fit, negative populations, fewer than two areas that can be compared.

    Notes
    -----
    Slope index as in `lcr_hpc.health.slope_index`, of each draw's values over the same areas in both. A draw in which
    the slope index is as far from 0 as before counts neither as narrower nor as wider.
    """
    before, after = _draws("base", base), _draws("scenario", scenario)
    people = np.asarray(population, dtype=np.float64)
    rank = np.asarray(deprivation, dtype=np.float64)
    before, after = _check(before, after, people, rank, better, tolerance)
    reason = _reasons(before, after, people, rank)
    kept = np.flatnonzero(reason == "")
    if kept.size < 2:
        raise InputError(
            f"{kept.size} of {people.size} areas can be compared, two or more are wanted; area "
            + "; area ".join(f"{a}: {reason[a]}" for a in np.flatnonzero(reason != "")[:_SHOWN])
        )
    order = kept[np.argsort(rank[kept], kind="stable")]
    x, y, weight = before[:, order], after[:, order], people[order]

    gain = (y - x) if better == "higher" else (x - y)
    gains, loses = (gain > tolerance).mean(axis=0), (gain < -tolerance).mean(axis=0)
    change = (y - x).mean(axis=0)
    slope_x, slope_y = (np.atleast_1d(slope_index(v, weight).sii) for v in (x, y))
    # Rounding in the fits must not decide whether a gap that stayed as it was has narrowed.
    rounding = _ROUNDING * max(np.abs(x).max(), np.abs(y).max())
    wider = np.abs(slope_y) - np.abs(slope_x)
    tenth = _tenths(weight)
    return GainsAndLosses(
        change=_spread(change, order, people.size),
        probability_gains=_spread(gains, order, people.size),
        probability_loses=_spread(loses, order, people.size),
        decile_base=decile_means(x.mean(axis=0), weight),
        decile_scenario=decile_means(y.mean(axis=0), weight),
        people_gain=_by_tenth(tenth, weight * gains),
        people_lose=_by_tenth(tenth, weight * loses),
        people_same=_by_tenth(tenth, weight * (1.0 - gains - loses)),
        slope_base=slope_x,
        slope_scenario=slope_y,
        probability_narrows=float(np.mean(wider < -rounding)),
        probability_widens=float(np.mean(wider > rounding)),
        mean_change=float((weight * change).sum() / weight.sum()),
        left_out=int(people.size - kept.size),
        reason=reason,
    )


def _draws(name: str, values: ArrayLike) -> FloatArray:
    try:
        found = np.atleast_2d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError) as problem:
        raise InputError(f"{name}: found values that are not numbers ({problem})", field=name) from None
    return found


def _check(
    before: FloatArray, after: FloatArray, people: FloatArray, rank: FloatArray, better: str, tolerance: float
) -> tuple[FloatArray, FloatArray]:
    problems = []
    if better not in ("lower", "higher"):
        problems.append(f'better: found {better!r}; give "lower" or "higher"')
    if not tolerance >= 0.0:
        problems.append(f"tolerance: found {tolerance}; wanted 0 or more")
    if people.ndim != 1 or rank.shape != people.shape:
        problems.append(f"population {people.shape} and deprivation {rank.shape}: wanted one number an area")
    for name, values in (("base", before), ("scenario", after)):
        if values.ndim != 2 or values.shape[1:] != people.shape:
            problems.append(f"{name}: found {values.shape}; wanted [draw, area] with {people.size} areas")
    if before.shape[0] != after.shape[0] and 1 not in (before.shape[0], after.shape[0]):
        problems.append(f"base has {before.shape[0]} draws, scenario {after.shape[0]}: each draw needs its pair")
    if (people < 0.0).any():
        problems.append(
            f"population: area {', '.join(map(str, np.flatnonzero(people < 0.0)[:_SHOWN]))} has less than 0"
        )
    raise_all(problems, InputError)
    paired: Any = np.broadcast_arrays(before, after)
    return paired[0], paired[1]


def _reasons(before: FloatArray, after: FloatArray, people: FloatArray, rank: FloatArray) -> NDArray[np.object_]:
    reason = np.full(people.size, "", dtype=object)
    for text, where in (
        ("deprivation not known", ~np.isfinite(rank)),
        ("nobody lives there", ~(np.isfinite(people) & (people > 0.0))),
        ("no value in the scenario", ~np.isfinite(after).all(axis=0)),
        ("no value in the base", ~np.isfinite(before).all(axis=0)),
    ):
        reason[where] = text
    return reason


def _tenths(weight: FloatArray) -> NDArray[np.int64]:
    """Tenth of the people that the middle of each area's people falls into, as `decile_means` has it."""
    share = weight / weight.sum()
    middle = np.cumsum(share) - 0.5 * share
    tenth: NDArray[np.int64] = np.minimum((DECILES * middle).astype(np.int64), DECILES - 1)
    return tenth


def _by_tenth(tenth: NDArray[np.int64], persons: FloatArray) -> FloatArray:
    out = np.zeros(DECILES)
    np.add.at(out, tenth, persons)
    return out


def _spread(values: FloatArray, order: NDArray[np.intp], size: int) -> FloatArray:
    out = np.full(size, np.nan)
    out[order] = values
    return out
