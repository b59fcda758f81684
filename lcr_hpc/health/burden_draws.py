"""Burden by joint Monte Carlo: what is not known of risk, exposure and baseline, carried to every area and total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.compute.backends import Backend, SerialBackend
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray, as_float, standard_normal_quantile
from lcr_hpc.health.burden_block import (
    BurdenBlock,
    area_blocks,
    draw_deaths,
    draw_exposure,
    pollutants_of,
    quantile_levels,
    quantiles_of,
)
from lcr_hpc.health.risk_table import RelativeRisk

AREAS_WITH_DRAWS = 1000
"""Above so many areas only quantiles are kept."""


@dataclass(frozen=True, slots=True)
class SimulatedBurden:
    """Draws of a burden and what they say.

    Attributes
    ----------
    quantile : float64[quantile]
        Lower limit, median and upper limit as shares of the draws.
    deaths, years_lost : float64[quantile, area, cause]
        A year; NaN with a reason.
    total_deaths, total_years_lost : float64[draw, cause]
        Over the areas without a reason.
    draws : float64[draw, area, cause] or None
        Attributable deaths; None above 1,000 areas.
    evidence : tuple of str
        Grade and source of each cause's relative risk.
    reason : object[area, cause]
        Why an area has no burden; empty where it has.
    """

    quantile: FloatArray
    deaths: FloatArray
    years_lost: FloatArray
    total_deaths: FloatArray
    total_years_lost: FloatArray
    draws: FloatArray | None
    evidence: tuple[str, ...]
    reason: NDArray[np.object_]


def simulate_burden(
    exposure: ArrayLike,
    baseline: ArrayLike,
    risks: RelativeRisk | Sequence[RelativeRisk],
    *,
    exposure_error: float = 0.1,
    events: ArrayLike | None = None,
    years_per_death: ArrayLike = np.nan,
    cutoff: float = 0.0,
    draws: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
    backend: Backend | None = None,
) -> SimulatedBurden:
    """Attributable deaths and years of life lost of each area and cause, with what is not known of them.

    Parameters
    ----------
    exposure : array_like, [area] or [cause, area]
        µg/m³ of each cause's pollutant. Never the mean of many areas.
    baseline : array_like, [area] or [cause, area]
        Deaths a year at the ages of the relative risk.
    risks : RelativeRisk or sequence of them
        A cause each; causes of different pollutants are never added.
    exposure_error : float
        Relative standard deviation of an area's exposure: lognormal of mean 1, one number an area and pollutant.
    events : array_like, [area] or [cause, area], optional
        Deaths that the baseline rests on: it is gamma-distributed with relative variance 1/events. By default the
        baseline itself, as of one year.
    years_per_death : array_like, [area] or [cause, area], optional
        Years lost by an attributable death; without it there are no years.
    cutoff : float
        Exposure below which no effect is counted, µg/m³.
    draws, seed : int
        The same seed gives the same draws, for any number of workers.
    confidence : float
        Of the limits.
    backend : Backend, optional
        Maps blocks of areas; by default one after the other here.

    Returns
    -------
    SimulatedBurden

    Raises
    ------
    InputError
        Negative numbers, shapes that do not fit, a relative risk without limits, no draws.

    Notes
    -----
    ln RR is normal with its 95 % limits at the published ones, and shared by all areas of a draw: areas are wrong about
    the risk together, so the interval of a total is not narrowed by their number. Memory: a block of areas.
    """
    chosen = (risks,) if isinstance(risks, RelativeRisk) else tuple(risks)
    level, cases, rests_on, years = _read(exposure, baseline, events, years_per_death, chosen)
    share = _check_settings(chosen, exposure_error, draws, seed, confidence)
    areas = level.shape[1]
    tasks = [
        BurdenBlock(
            first_area=part.start,
            exposure=level[:, part],
            baseline=cases[:, part],
            events=rests_on[:, part],
            years_each=years[:, part],
            risks=chosen,
            exposure_error=float(exposure_error),
            cutoff=float(cutoff),
            draws=draws,
            seed=seed,
        )
        for part in area_blocks(areas)
    ]
    keep = areas <= AREAS_WITH_DRAWS
    found = (backend or SerialBackend()).map(_summarise, [(task, share, keep) for task in tasks])
    totals: list[FloatArray] = []
    for part in found:  # in the areas' order, whoever computed it
        totals = [t + p for t, p in zip(totals, part.totals, strict=True)] if totals else list(part.totals)
    return SimulatedBurden(
        quantile=share,
        deaths=np.concatenate([p.deaths for p in found], axis=1),
        years_lost=np.concatenate([p.years for p in found], axis=1),
        total_deaths=totals[0],
        total_years_lost=totals[1],
        draws=np.concatenate([p.draws for p in found if p.draws is not None], axis=1) if keep else None,
        evidence=tuple(f"{r.evidence}: {r.source}" for r in chosen),
        reason=_reasons(level, cases),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    deaths: FloatArray
    years: FloatArray
    totals: tuple[FloatArray, FloatArray]
    draws: FloatArray | None


def _summarise(task: tuple[BurdenBlock, FloatArray, bool]) -> _Part:
    block, share, keep = task
    causes, areas = block.exposure.shape
    deaths = np.empty((share.size, areas, causes))
    totals = np.zeros((2, block.draws, causes))
    kept = np.empty((block.draws, areas, causes)) if keep else None
    for k, pollutant in enumerate(pollutants_of(block.risks)):
        exposure = draw_exposure(
            pollutant, block.first_area, block.exposure[k], block.exposure_error, block.draws, block.seed
        )
        drawn = draw_deaths(block, k, exposure)
        deaths[:, :, k] = quantiles_of(drawn, share)
        known = np.isfinite(block.exposure[k]) & np.isfinite(block.baseline[k])
        years = np.where(known, block.years_each[k], 0.0)
        for i in np.flatnonzero(known):
            totals[0, :, k] += drawn[i]
            totals[1, :, k] += years[i] * drawn[i]
        if kept is not None:
            kept[:, :, k] = drawn.T
    return _Part(deaths, deaths * block.years_each.T, (totals[0], totals[1]), kept)


def _read(
    exposure: ArrayLike,
    baseline: ArrayLike,
    events: ArrayLike | None,
    years: ArrayLike,
    risks: tuple[RelativeRisk, ...],
) -> list[FloatArray]:
    """Exposure, baseline, events and years of a death, each float64[cause, area]."""
    given = {"exposure": exposure, "baseline": baseline, "years_per_death": years}
    if events is not None:
        given["events"] = events
    read = {name: as_float(name, values) for name, values in given.items()}
    areas = max(r.shape[-1] if r.ndim else 1 for r in read.values())
    problems, full = [], {}
    for name, values in read.items():
        try:
            full[name] = np.broadcast_to(values, (len(risks), areas)).astype(np.float64)
        except ValueError:
            problems.append(
                f"{name}: found shape {values.shape}; give one value an area, or a row for each of {len(risks)} causes"
            )
            continue
        if np.any(full[name] < 0.0):
            worst = np.flatnonzero((full[name] < 0.0).any(axis=0))[:5]
            problems.append(f"{name}: negative in area {', '.join(str(a) for a in worst)}; want 0 or more")
    raise_all(problems, InputError)
    return [full["exposure"], full["baseline"], full.get("events", full["baseline"]), full["years_per_death"]]


def _check_settings(
    risks: tuple[RelativeRisk, ...], error: float, draws: int, seed: int, confidence: float
) -> FloatArray:
    standard_normal_quantile(confidence)
    problems = []
    if not risks:
        problems.append("risks: found none; give one relative risk a cause")
    problems += [
        f"risks: {r.name!r} has limits {r.lower:g} to {r.upper:g}; its error cannot be drawn"
        for r in risks
        if not 0.0 < r.lower <= r.central <= r.upper
    ]
    if not (np.isfinite(error) and error >= 0.0):
        problems.append(f"exposure_error: found {error}; want a share, 0 or more")
    if draws < 1 or draws >= 2**32:
        problems.append(f"draws: found {draws}; want 1 or more, such as 10000")
    if not 0 <= seed < 2**64:
        problems.append(f"seed: found {seed}; want a whole number from 0 to 2**64 - 1")
    raise_all(problems, InputError)
    return quantile_levels(confidence)


def _reasons(exposure: FloatArray, baseline: FloatArray) -> NDArray[np.object_]:
    reason = np.full(exposure.T.shape, "", dtype=object)
    reason[~np.isfinite(baseline.T)] = "baseline not known"
    reason[~np.isfinite(exposure.T)] = "exposure not known"
    return reason
