"""Deaths or cases that an exposure accounts for, area by area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from lcr_kernels.burden import attributable_fractions
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray, as_float
from lcr_hpc.health.risk_table import RelativeRisk


@dataclass(frozen=True, slots=True)
class AttributableBurden:
    """Burden of one pollutant; burdens of two pollutants are never added, since they stand for much the same people.

    Attributes
    ----------
    fraction : float or float64[...]
        Attributable share of the baseline.
    burden : float or float64[...]
        Unit of the baseline.
    fraction_lower, fraction_upper, burden_lower, burden_upper : float or float64[...]
        At the limits of the relative risk; NaN where it was given without.
    evidence : str
        Grade and source of the relative risk.
    reason : str or object[...]
        Why a number is NaN; empty where it is not.
    """

    fraction: Any
    burden: Any
    fraction_lower: Any
    fraction_upper: Any
    burden_lower: Any
    burden_upper: Any
    evidence: str
    reason: Any


def attributable_burden(
    exposure: ArrayLike,
    baseline: ArrayLike,
    relative_risk: ArrayLike | RelativeRisk,
    *,
    cutoff: float = 0.0,
    per: float = 10.0,
) -> AttributableBurden:
    """Attributable fraction 1 - RR^(-max(x - cutoff, 0)/per) of each area, and its share of the area's baseline.

    Parameters
    ----------
    exposure : array_like, [...]
        Concentration of each area, µg/m³. Never the mean of many areas: the fraction is not linear in exposure.
    baseline : array_like, [...]
        Deaths or cases of each area, at the ages of the relative risk.
    relative_risk : array_like or RelativeRisk
        Of `per` more exposure: a number, numbers that broadcast with the areas, or a row of the table, whose limits
        and grade then come with the result (and whose own step replaces `per`).
    cutoff : float
        Exposure below which no effect is counted, µg/m³.
    per : float
        Exposure step of the relative risk, µg/m³.

    Returns
    -------
    AttributableBurden

    Raises
    ------
    InputError
        Negative exposure or baseline, a risk or step of 0 or less, shapes that do not fit.

    Notes
    -----
    Log-linear function of WHO's AirQ+. The limits take the relative risk at its own limits in all areas at once, so a
    total's limits are the sums of the areas'.
    """
    if isinstance(relative_risk, RelativeRisk):
        risks = [
            as_float("relative_risk", r) for r in (relative_risk.central, relative_risk.lower, relative_risk.upper)
        ]
        per = relative_risk.per
        evidence = f"{relative_risk.evidence}: {relative_risk.source}"
    else:
        risks = [as_float("relative_risk", relative_risk)]
        evidence = "given by the caller"
    level, cases = as_float("exposure", exposure), as_float("baseline", baseline)
    _check(level, cases, risks[0], cutoff, per)
    fractions = [attributable_fraction(level, r, cutoff=cutoff, per=per) for r in risks]
    burdens = [_times(f, cases) for f in fractions]
    if len(risks) == 1:
        fractions += [np.full_like(fractions[0], np.nan)[()]] * 2
        burdens += [np.full_like(burdens[0], np.nan)[()]] * 2
    return AttributableBurden(
        fraction=fractions[0],
        burden=burdens[0],
        fraction_lower=fractions[1],
        fraction_upper=fractions[2],
        burden_lower=burdens[1],
        burden_upper=burdens[2],
        evidence=evidence,
        reason=_reasons(np.shape(burdens[0]), level, cases, risks[0]),
    )


def attributable_fraction(
    exposure: ArrayLike, relative_risk: ArrayLike, *, cutoff: float = 0.0, per: float = 10.0
) -> Any:
    """Share of the cases at one exposure that it accounts for.

    Parameters
    ----------
    exposure : array_like, [...]
        µg/m³; NaN = not known.
    relative_risk : array_like, [...]
        Of `per` more exposure; broadcasts with `exposure`.
    cutoff, per : float
        µg/m³.

    Returns
    -------
    float or float64[...]
    """
    level, risk = np.broadcast_arrays(as_float("exposure", exposure), as_float("relative_risk", relative_risk))
    log_risk = np.log(risk) / per
    return attributable_fractions(level.ravel(), log_risk.ravel(), float(cutoff)).reshape(level.shape)[()]


def population_attributable_fraction(
    exposure: ArrayLike, share: ArrayLike, relative_risk: ArrayLike, *, cutoff: float = 0.0, per: float = 10.0
) -> float:
    """Share of a whole population's cases, from the distribution of its exposure.

    Parameters
    ----------
    exposure, share : array_like, [class]
        Concentration of each class, µg/m³, and the share of the population in it; what is missing to 1 has no risk.
    relative_risk : float
        Of `per` more exposure.
    cutoff, per : float
        µg/m³.

    Returns
    -------
    float
        Σp(RR - 1)/(1 + Σp(RR - 1)); Levin 1953 for many classes.

    Raises
    ------
    InputError
        Shares below 0 or above 1 in all.
    """
    part = as_float("share", share)
    if np.any(part < 0.0) or part.sum() > 1.0 + 1e-6:
        raise InputError(
            f"share: found {part.min():g} to a sum of {part.sum():g}; shares add to 1 or less", field="share"
        )
    fraction = attributable_fraction(exposure, relative_risk, cutoff=cutoff, per=per)
    excess = float(np.sum(part * fraction / (1.0 - fraction)))
    return excess / (1.0 + excess)


def _check(level: FloatArray, cases: FloatArray, risk: FloatArray, cutoff: float, per: float) -> None:
    for name, values in (("exposure", level), ("baseline", cases)):
        if np.any(values < 0.0):
            raise InputError(f"{name}: found {np.nanmin(values):g}; wants 0 or more", field=name)
    if np.any(risk <= 0.0):
        raise InputError(f"relative_risk: found {risk.min():g}; a ratio is above 0", field="relative_risk")
    if not per > 0.0 or not np.isfinite(cutoff):
        raise InputError(f"found per={per}, cutoff={cutoff}; wants a step above 0 and a known cutoff", field="per")
    try:
        np.broadcast_shapes(level.shape, cases.shape, risk.shape)
    except ValueError:
        raise InputError(
            f"exposure {level.shape}, baseline {cases.shape}, relative_risk {risk.shape} do not fit; one value an area",
            field="baseline",
        ) from None


def _times(fraction: Any, cases: FloatArray) -> Any:
    return (np.asarray(fraction) * cases)[()]


def _reasons(
    shape: tuple[int, ...], level: FloatArray, cases: FloatArray, risk: FloatArray
) -> NDArray[np.object_] | str:
    reason = np.full(shape, "", dtype=object)
    for name, values in (("relative risk", risk), ("baseline", cases), ("exposure", level)):
        reason[np.broadcast_to(~np.isfinite(values), shape)] = f"{name} not known"
    unwrapped: NDArray[np.object_] | str = reason[()]
    return unwrapped
