"""Inequality of every draw: slope, relative and concentration index are sums of the places' values with fixed weights.

Population and deprivation are the same in each draw, so the weights are too. A block of places adds its part, and no
draw is ever held for all places at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from lcr_kernels.concentration import fractional_ranks
from lcr_kernels.draws import weighted_sums
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray, as_float

MEASURES = ("sii", "rii", "concentration_index")
"""Slope index, most to least deprived end; relative index, the ratio of those ends; concentration index, above 0 where
the least deprived have more."""
_SUMS = 3


@dataclass(frozen=True, slots=True)
class DrawnInequality:
    """Inequality of each draw.

    Attributes
    ----------
    measure : float64[draw, measure]
        In the order of `MEASURES`; NaN where a fitted end or the mean is not above 0.
    decile_mean : float64[draw, tenth]
        Most deprived tenth of the people first; NaN where no place falls into a tenth.
    reason : str
        Why all is NaN; empty where it is not.
    """

    measure: FloatArray
    decile_mean: FloatArray
    reason: str


def inequality_draws(
    values: ArrayLike, population: ArrayLike, ranking: ArrayLike, *, tenths: int = 10
) -> DrawnInequality:
    """Slope index, relative index and concentration index of every draw of a measure.

    Parameters
    ----------
    values : array_like, [draw, place] or [place]
        A place that is NaN in any draw is left out of all.
    population : array_like, [place]
        Persons; a place without any is left out.
    ranking : array_like, [place]
        Any attribute of the places, lowest = most deprived (a rank of deprivation, an income); NaN leaves a place out.
    tenths : int
        Groups of equal population for the means.

    Returns
    -------
    DrawnInequality

    Raises
    ------
    InputError
        Shapes that do not fit, a negative population.
    """
    drawn = np.atleast_2d(as_float("values", values))
    people, by = as_float("population", population), as_float("ranking", ranking)
    problems = []
    if drawn.ndim != 2 or people.shape != (drawn.shape[1],) or by.shape != people.shape:
        problems.append(
            f"values {drawn.shape}, population {people.shape}, ranking {by.shape}: want one number a place, and values "
            "one row a draw"
        )
    if np.any(people < 0.0):
        problems.append(f"population: negative in place {', '.join(map(str, np.flatnonzero(people < 0.0)[:5]))}")
    raise_all(problems, InputError)
    known: NDArray[np.bool_] = np.asarray(np.isfinite(drawn).all(axis=0))
    weight = gradient_weights(people, by, known, tenths)
    return inequality_of(weighted_sums(weight, np.ascontiguousarray(drawn.T)))


def gradient_weights(population: FloatArray, ranking: FloatArray, known: NDArray[np.bool_], tenths: int) -> FloatArray:
    """Weights whose sums with the places' values say how unequal they are.

    Parameters
    ----------
    population, ranking : float64[place]
    known : bool[place]
        Places that have a value.
    tenths : int

    Returns
    -------
    float64[3 + tenth, place]
        Of the mean, the slope, the concentration index times the mean, and the mean of each tenth: what `inequality_of`
        takes. Rows of 0 where fewer than two places can be used; a tenth without places is 0 too.
    """
    out = np.zeros((_SUMS + tenths, population.size))
    usable = np.flatnonzero(known & (population > 0.0) & np.isfinite(ranking))
    order = usable[np.argsort(ranking[usable], kind="stable")]
    if order.size < 2:
        return out
    share = population[order] / population[order].sum()
    middle = np.cumsum(share) - 0.5 * share
    out[0, order] = share
    out[1, order] = share * (middle - 0.5) / np.sum(share * (middle - 0.5) ** 2)
    # 2 σ² β with β = Σ w (R − ½) h/Σ w (R − ½)² and σ² = Σ w (R − ½)²/(1 − Σ w²).
    rank = fractional_ranks(ranking[order], share)
    out[2, order] = 2.0 * share * (rank - 0.5) / (1.0 - np.sum(share**2))
    tenth = np.minimum((tenths * middle).astype(np.int64), tenths - 1)
    held = np.bincount(tenth, weights=share, minlength=tenths)
    out[_SUMS + tenth, order] = share / held[tenth]
    return out


def inequality_of(sums: FloatArray) -> DrawnInequality:
    """Measures of every draw from sums with `gradient_weights`.

    Parameters
    ----------
    sums : float64[3 + tenth, draw]

    Returns
    -------
    DrawnInequality
    """
    mean, slope, concentration = sums[:_SUMS]
    start, end = mean - 0.5 * slope, mean + 0.5 * slope
    nothing = np.full_like(mean, np.nan)
    measure = np.stack(
        [
            slope,
            np.divide(end, start, out=nothing.copy(), where=start > 0.0),
            np.divide(concentration, mean, out=nothing.copy(), where=mean > 0.0),
        ],
        axis=1,
    )
    if not sums.any():
        return DrawnInequality(
            np.full_like(measure, np.nan),
            np.full_like(sums[_SUMS:].T, np.nan),
            "fewer than two usable places, or all 0",
        )
    return DrawnInequality(measure, sums[_SUMS:].T.copy(), "")
