"""Slope index of a measure without standard errors of its own: the interval comes from the scatter about the line."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import as_float, standard_normal_quantile, text_array
from lcr_hpc.health._rank_slopes import fit_rank_slopes
from lcr_hpc.health.slope import SlopeIndex, slope_with_limits


def slope_index_from_scatter(
    value: ArrayLike, population: ArrayLike, cluster: ArrayLike | None = None, *, confidence: float = 0.95
) -> SlopeIndex:
    """Slope and relative index of inequality of many areas, whose scatter about the line says how sure the slope is.

    Parameters
    ----------
    value : array_like, [area]
        Areas in order, most deprived first; NaN leaves an area out.
    population : array_like, [area]
        Persons.
    cluster : array_like of int, [area], optional
        Larger area that each belongs to. Neighbours are alike: areas of one cluster count as one observation.
    confidence : float
        Of the limits.

    Returns
    -------
    SlopeIndex
        Point estimates as `slope_index` gives them. NaN with a reason below two areas; limits NaN below three clusters.

    Raises
    ------
    InputError
        Shapes that do not fit, a confidence outside (0, 1).

    Notes
    -----
    The cluster-robust (sandwich) variance of weighted least squares with its small-sample factor, and Student's t with
    one degree of freedom less than clusters: Cameron and Miller 2015, J Human Resources 50:317-372. Likeness beyond the
    cluster is not allowed for, so over a smooth field of air quality the interval is still on the narrow side.
    """
    standard_normal_quantile(confidence)
    y, people = as_float("value", value), as_float("population", population)
    groups = np.arange(y.size) if cluster is None else np.asarray(cluster)
    if y.ndim != 1 or people.shape != y.shape or groups.shape != y.shape:
        raise InputError(f"value {y.shape}, population {people.shape}, cluster {groups.shape}: want one each an area")

    kept = np.isfinite(y) & np.isfinite(people) & (people > 0.0)
    y, people, groups = y[kept], people[kept], groups[kept]
    reason = text_array(1)
    if y.size < 2:
        reason[0] = "fewer than two usable areas"
        return slope_with_limits(np.full((1, 3), np.nan), 0.0, np.positive, 1.0, reason, ())

    fit = fit_rank_slopes(y[None], people[None], np.zeros((1, y.size)))
    share = people / people.sum()
    from_middle = np.cumsum(share) - 0.5 * share - 0.5
    left_over = y - (fit[0, 0] + (from_middle + 0.5) * fit[0, 1])
    _, member = np.unique(groups, return_inverse=True)
    score = np.bincount(member, weights=share * from_middle * left_over)
    clusters, areas = score.size, y.size
    if clusters < 3:
        reason[0] = f"{clusters} clusters of areas: too few for an interval"
        fit[0, 2] = np.nan
        return slope_with_limits(fit, 0.0, np.positive, 1.0, reason, ())
    factor = clusters / (clusters - 1) * (areas - 1) / (areas - 2)
    fit[0, 2] = np.sqrt(factor * np.sum(score**2)) / np.sum(share * from_middle**2)
    quantile = float(stdtrit(clusters - 1, 0.5 + 0.5 * confidence))
    return slope_with_limits(fit, quantile, np.positive, 1.0, reason, ())
