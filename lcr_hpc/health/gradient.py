"""How one attribute of places falls or rises along deprivation: its slope index and its deciles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health.concentration import concentration_index
from lcr_hpc.health.rankings import DEPRIVATION
from lcr_hpc.health.slope import SlopeIndex, slope_index
from lcr_hpc.health.slope_scatter import slope_index_from_scatter

DECILES = 10


@dataclass(frozen=True)
class Attribute:
    """Something that places have more or less of.

    Attributes
    ----------
    name, units : str
        What it is, and in which unit.
    value, population : float64[place]
        NaN = not known; persons.
    deprivation : float64[place]
        What places are ranked by, lowest first, in the place of the most deprived; NaN = not known.
    standard_error : float64[place] or None
        Of `value`. None = it has none, and the interval comes from the scatter of the places.
    cluster : int[place] or None
        Larger area of each place, for that scatter.
    drawn_error : str
        What its draws vary; empty = nothing, so that all of them are `value`.
    column : int
        Pollutant or cause, in the order of the stores, whose draws are the attribute's; -1 = it has its own.
    ranked_by : str
        Name of the ranking.
    """

    name: str
    units: str
    value: FloatArray
    population: FloatArray
    deprivation: FloatArray
    standard_error: FloatArray | None = None
    cluster: NDArray[np.integer] | None = None
    drawn_error: str = ""
    column: int = -1
    ranked_by: str = DEPRIVATION


@dataclass(frozen=True)
class Gradient:
    """Inequality of one attribute.

    Attributes
    ----------
    slope : SlopeIndex
        Most to least deprived end.
    concentration, concentration_lower, concentration_upper : float
        Concentration index along deprivation, above 0 where the least deprived have more.
    decile_mean : float64[decile]
        Population-weighted means, most deprived tenth of the people first; NaN where no place falls into a tenth.
    places, left_out : int
        Places used, and places without value, population or deprivation.
    interval : str
        What the interval stands for.
    """

    slope: SlopeIndex
    concentration: float
    concentration_lower: float
    concentration_upper: float
    decile_mean: FloatArray
    places: int
    left_out: int
    interval: str


def deprivation_gradient(attribute: Attribute, confidence: float) -> Gradient:
    """Order places from the most to the least deprived and measure the gradient of an attribute.

    Parameters
    ----------
    attribute : Attribute
        Places in any order; equal ranks keep the order given.
    confidence : float
        Of the limits.

    Returns
    -------
    Gradient
        All NaN, with a reason in `slope`, where fewer than two places can be used.
    """
    usable = np.isfinite(attribute.value) & (attribute.population > 0.0) & np.isfinite(attribute.deprivation)
    kept = np.flatnonzero(usable)
    order = kept[np.argsort(attribute.deprivation[kept], kind="stable")]
    value, people = attribute.value[order], attribute.population[order]
    if attribute.standard_error is None or order.size < 2:
        cluster = None if attribute.cluster is None else attribute.cluster[order]
        slope = slope_index_from_scatter(value, people, cluster, confidence=confidence)
        interval = "scatter of the places about the line"
    else:
        slope = slope_index(value, people, attribute.standard_error[order], confidence=confidence)
        interval = "standard errors of the places' values"
    left_out = attribute.value.size - order.size
    index = _concentration(value, attribute.deprivation[order], people, confidence)
    return Gradient(slope, *index, decile_means(value, people), order.size, left_out, interval)


def _concentration(
    value: FloatArray, deprivation: FloatArray, people: FloatArray, confidence: float
) -> tuple[float, float, float]:
    if value.size < 3 or np.ptp(deprivation) == 0.0 or not np.sum(people * value) > 0.0:
        return (np.nan, np.nan, np.nan)
    found = concentration_index(value, deprivation, people, confidence=confidence)
    return float(found.value), float(found.lower), float(found.upper)


def decile_means(value: FloatArray, population: FloatArray) -> FloatArray:
    """Population-weighted means of tenths of the people, most deprived tenth first.

    Parameters
    ----------
    value, population : float64[place]
        Places in order, most deprived first.

    Returns
    -------
    float64[decile]
        A place belongs to the tenth that the middle of its people falls into. NaN where none does.
    """
    share = population / population.sum() if population.size else population
    middle = np.cumsum(share) - 0.5 * share
    decile = np.minimum((DECILES * middle).astype(np.int64), DECILES - 1)
    people = np.bincount(decile, weights=population, minlength=DECILES)
    total = np.bincount(decile, weights=population * value, minlength=DECILES)
    mean: FloatArray = np.divide(total, people, out=np.full(DECILES, np.nan), where=people > 0.0)
    return mean
