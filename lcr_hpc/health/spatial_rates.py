"""BYM2: relative rates of small areas, steadied by their neighbours, without a single random number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from lcr_kernels.spatial_poisson import SpatialModel, laplace_mode, laplace_moments
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError, ModelError, raise_all
from lcr_hpc.health._adjacency import Adjacency, read_adjacency
from lcr_hpc.health._arrays import FloatArray, as_float

_SHARES = 16
_STEP = 0.125
_LOWEST, _HIGHEST = math.log(1e-3), math.log(8.0)
_DEPTH = 9.0


@dataclass(frozen=True, slots=True)
class SpatialRates:
    """Posterior of the BYM2 model.

    Attributes
    ----------
    mean, sd : float64[area]
        Effect of each area on the logarithm of its relative rate, beyond covariates.
    relative_rate : float64[area]
        Mean of observed over expected events, covariates included.
    sigma, sigma_sd : float
        Standard deviation of the effects.
    rho, rho_sd : float
        Share of their variance that is spatial.
    beta, beta_sd : float64[term]
        Intercept, then the covariates.
    scaling : float or float64[part]
        Geometric mean of the variances of the unscaled spatial part; one for each connected part of several areas.
    reason : object[area]
        What was assumed for an area: without neighbours it has no spatial part to share.
    """

    mean: FloatArray
    sd: FloatArray
    relative_rate: FloatArray
    sigma: float
    sigma_sd: float
    rho: float
    rho_sd: float
    beta: FloatArray
    beta_sd: FloatArray
    scaling: Any
    reason: NDArray[np.object_]


def bym2(
    observed: ArrayLike, expected: ArrayLike, edges: ArrayLike, covariates: ArrayLike | None = None
) -> SpatialRates:
    """Fit the BYM2 model of counts by Laplace's approximation on a grid of its spread and spatial share.

    Parameters
    ----------
    observed : array_like, [area]
        Events.
    expected : array_like, [area]
        Events at the reference's rates, above 0.
    edges : array_like of int, [edge, 2]
        Pairs of neighbours, numbered from 0, each pair once and in any order.
    covariates : array_like, [area] or [area, covariate], optional
        On a scale where an effect of 1 is large: their effects have a standard normal prior, as has the intercept.

    Returns
    -------
    SpatialRates

    Raises
    ------
    InputError
        Counts that are negative or not known, nothing expected, edges to areas that do not exist, of an area with
        itself or given twice, covariates that do not fit; areas are named.
    ModelError
        A mode that is not found.

    Notes
    -----
    log relative rate = X β + σ (√(1 - ρ) θ + √(ρ/s) φ). Priors: β ~ N(0, 1), σ ~ N(0, 1) above 0, ρ ~ Beta(½, ½):
    Morris and others 2019, Spat Spatiotemporal Epidemiol 31:100301. Riebler and others 2016, Stat Methods Med Res
    25:1145-1165; each connected part is scaled on its own and an area without neighbours has a standard normal φ
    (Freni-Sterrantino and others 2018, Spat Spatiotemporal Epidemiol 26:25-34).
    """
    counts, offsets, design = _read(observed, expected, covariates)
    graph = read_adjacency(edges, counts.size)
    order = graph.order
    model = SpatialModel(
        counts[order], offsets[order], np.ascontiguousarray(design[order]), graph.structure, graph.sums
    )
    points, log_density = _explore(model, graph)
    weight = np.exp(log_density - log_density.max())
    weight /= weight.sum()

    areas, terms = design.shape
    moments = np.zeros((areas, 5))
    beta, beta_square = np.zeros(terms), np.zeros(terms)
    kept = weight > 1e-5 * weight.max()
    share = weight[kept] / weight[kept].sum()
    for w, (log_sigma, angle, theta, phi, effects) in zip(
        share, (p for p, k in zip(points, kept, strict=True) if k), strict=True
    ):
        own, shared = _scales(math.exp(log_sigma), angle, graph)
        of_area, mean, covariance = laplace_moments(model, own, shared, theta, phi, effects)
        moments[:, 0] += w * of_area[:, 0]
        moments[:, 1] += w * (of_area[:, 1] + of_area[:, 0] ** 2)
        moments[:, 2] += w * np.exp(of_area[:, 2] + 0.5 * of_area[:, 3])
        beta += w * mean
        beta_square += w * (np.diag(covariance) + mean**2)
    found = np.empty_like(moments)
    found[order] = moments
    sigma, sigma_sd = _mean_sd(np.exp([p[0] for p in points]), weight)
    rho, rho_sd = _mean_sd(np.sin([p[1] for p in points]) ** 2, weight)
    return SpatialRates(
        mean=found[:, 0],
        sd=np.sqrt(found[:, 1] - found[:, 0] ** 2),
        relative_rate=found[:, 2],
        sigma=sigma,
        sigma_sd=sigma_sd,
        rho=rho,
        rho_sd=rho_sd,
        beta=beta,
        beta_sd=np.sqrt(beta_square - beta**2),
        scaling=graph.scaling,
        reason=graph.reason,
    )


Point = tuple[float, float, FloatArray, FloatArray, FloatArray]
State = tuple[FloatArray, FloatArray, FloatArray]


def _explore(model: SpatialModel, graph: Adjacency) -> tuple[list[Point], FloatArray]:
    """Modes on the grid, and the density of each: along each share from the likeliest spread out, both ways.

    With ρ = sin² of an angle the prior Beta(½, ½) is flat, and so is a grid of angles; neither end of the share is on
    it.
    """
    points: list[Point] = []
    density: list[float] = []
    best, middle = -np.inf, math.log(0.5)
    areas, terms = model.design.shape
    start: State = (np.zeros(areas), np.zeros(areas), np.zeros(terms))
    start[2][0] = math.log(max(model.observed.sum(), 0.5) / model.expected.sum())
    for angle in (np.arange(_SHARES) + 0.5) * (0.5 * math.pi / _SHARES):
        row: list[tuple[float, float]] = []
        centre = start
        for direction in (1, -1):
            state = centre
            log_sigma = middle if direction > 0 else middle - _STEP
            while _LOWEST <= log_sigma <= _HIGHEST:
                state = (state[0].copy(), state[1].copy(), state[2].copy())
                own, shared = _scales(math.exp(log_sigma), angle, graph)
                value = laplace_mode(model, own, shared, *state)
                if not np.isfinite(value):
                    raise ModelError(
                        f"bym2: no mode at sigma {math.exp(log_sigma):.3g}, rho {math.sin(angle) ** 2:.3g}"
                    )
                # The prior of sigma, and the step's width in sigma.
                value += log_sigma - 0.5 * math.exp(2.0 * log_sigma)
                points.append((log_sigma, angle, *state))
                density.append(value)
                row.append((value, log_sigma))
                if direction > 0 and len(row) == 1:
                    centre = state
                best = max(best, value)
                falling = len(row) > 1 and value < row[-2][0]
                if falling and value < max(max(row)[0], best) - _DEPTH:
                    break
                log_sigma += direction * _STEP
        # The next share begins where this one was likeliest; on the same grid.
        middle = max(row)[1]
        start = centre
    return points, np.array(density)


def _scales(sigma: float, angle: float, graph: Adjacency) -> tuple[float, FloatArray]:
    """Standard deviation of an area's own part, and the scale of the spatial part in each area."""
    return sigma * math.cos(angle), sigma * math.sin(angle) / np.sqrt(graph.scale)


def _mean_sd(value: FloatArray, weight: FloatArray) -> tuple[float, float]:
    mean = float(np.sum(weight * value))
    return mean, math.sqrt(max(float(np.sum(weight * value**2)) - mean**2, 0.0))


def _read(
    observed: ArrayLike, expected: ArrayLike, covariates: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    counts, offsets = as_float("observed", observed), as_float("expected", expected)
    if counts.ndim != 1 or offsets.shape != counts.shape or counts.size < 3:
        raise InputError(
            f"observed {counts.shape}, expected {offsets.shape}: want one number each of three areas or more"
        )
    terms = np.empty((counts.size, 0)) if covariates is None else as_float("covariates", covariates)
    terms = terms[:, None] if terms.ndim == 1 else terms
    problems = [
        f"{name}: areas {', '.join(str(a) for a in np.flatnonzero(bad)[:5])} {what}"
        for name, bad, what in (
            ("observed", ~(counts >= 0.0) | np.isinf(counts), "have a negative or unknown count; want 0 or more"),
            (
                "expected",
                ~(offsets > 0.0) | np.isinf(offsets),
                "have nothing expected; want more than 0",
            ),
        )
        if bad.any()
    ]
    if terms.ndim != 2 or terms.shape[0] != counts.size:
        problems.append(f"covariates: found shape {terms.shape}; want ({counts.size}, covariates)")
    elif not np.isfinite(terms).all():
        where = np.flatnonzero(~np.isfinite(terms).all(axis=1))[:5]
        problems.append(f"covariates: areas {', '.join(str(a) for a in where)} have one that is not known")
    raise_all(problems, InputError)
    return counts, offsets, np.column_stack([np.ones(counts.size), terms])
