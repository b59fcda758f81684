"""Laplace's approximation of the BYM2 model at one spread and one share of the spatial part.

observed ~ Poisson(expected · exp(η)), η = X β + a θ + b φ, θ ~ N(0, 1) for each area, φ an intrinsic autoregression
that adds to 0 over each connected part of the map, β ~ N(0, 1): Riebler, Sørbye, Simpson and Rue 2016, Stat Methods Med
Res 25:1145-1165. θ is eliminated by hand, which leaves one band matrix of the map's own pattern, whatever the share,
and a few dense rows for β and for the sums.
"""

import math
from typing import NamedTuple

import numpy as np

from lcr_kernels._jit import kernel
from lcr_kernels.banded import band_factor, band_inverse, band_solve


class SpatialModel(NamedTuple):
    """Data of the model, areas numbered so that the band is narrow.

    observed    float64[area]         events
    expected    float64[area]         events expected, > 0
    design      float64[area, term]   covariates, an intercept among them
    structure   float64[area, width]  band of the autoregression's precision; 1 for an area without neighbours
    sums        float64[area, part]   1 where an area is in a connected part of two or more
    """

    observed: np.ndarray
    expected: np.ndarray
    design: np.ndarray
    structure: np.ndarray
    sums: np.ndarray


@kernel
def laplace_mode(model, own, shared, theta, phi, beta):
    """Move θ, φ and β to their most probable values.

    Parameters
    ----------
    model : SpatialModel
    own : float64
        a, the standard deviation of an area's own part.
    shared : float64[area]
        b, above 0: scale of the spatial part.
    theta, phi : float64[area]
        Where to begin; out: the mode.
    beta : float64[term]
        Likewise.

    Returns
    -------
    float64
        Logarithm of the marginal likelihood, but for a constant that is the same for all a and b; NaN if the search
        did not settle.
    """
    value, settled = 0.0, False
    for _ in range(50):
        weight = _rates(model, own, shared, theta, phi, beta)
        factor, border, schur, log_determinant = _factorise(model, own, shared, weight)
        if settled:
            log_determinant += eliminate(schur, np.zeros((schur.shape[0], 0)))
            for i in range(weight.size):
                log_determinant += math.log1p(own * own * weight[i])
            return value - 0.5 * log_determinant
        step_theta, step_phi, step_beta = _newton(model, own, shared, weight, factor, border, schur, theta, phi, beta)
        # Length 0 first, for the value to be bettered; then a whole step, halved until it is no worse.
        length, new = 0.0, 0.0
        for attempt in range(32):
            new = _log_joint(
                model,
                own,
                shared,
                _moved(theta, step_theta, length),
                _moved(phi, step_phi, length),
                _moved(beta, step_beta, length),
            )
            if attempt == 0:
                value, length = new, 1.0
            elif new >= value - 1e-9 * abs(value):
                break
            else:
                length *= 0.5
        theta[:] = _moved(theta, step_theta, length)
        phi[:] = _moved(phi, step_phi, length)
        beta[:] = _moved(beta, step_beta, length)
        settled = abs(new - value) < 1e-9 * (1.0 + abs(value)) and length == 1.0
        value = new
    return np.nan


@kernel
def _moved(start, step, length):
    out = np.empty(start.size)
    for i in range(start.size):
        out[i] = start[i] + length * step[i]
    return out


@kernel
def _newton(model, own, shared, weight, factor, border, schur, theta, phi, beta):
    """Newton's step from where θ, φ and β are."""
    left = np.empty(weight.size)
    by_theta = np.empty(weight.size)
    by_phi = _times_structure(model.structure, phi)
    for i in range(weight.size):
        left[i] = model.observed[i] - weight[i]
        by_theta[i] = own * left[i] - theta[i]
        by_phi[i] = shared[i] * left[i] - by_phi[i]
    by_beta = _gather(model.design, left)
    for t in range(beta.size):
        by_beta[t] -= beta[t]
    return _solve(model, own, shared, weight, factor, border, schur, by_theta, by_phi, by_beta)


@kernel
def laplace_moments(model, own, shared, theta, phi, beta):
    """Means and variances about the mode.

    Parameters
    ----------
    model, own, shared, theta, phi, beta
        At the mode, from `laplace_mode`.

    Returns
    -------
    float64[area, 4]
        Mean and variance of the area's effect a θ + b φ, and of the logarithm of its relative rate η.
    float64[term]
        Mean of β.
    float64[term, term]
        Covariance of β.

    Notes
    -----
    The means are carried to second order: the likelihood's third derivative draws them away from the mode (Tierney and
    Kadane 1986, J Am Stat Assoc 81:82-86), which matters where events are few.
    """
    areas, terms = model.design.shape
    weight = _rates(model, own, shared, theta, phi, beta)
    factor, border, schur, _ = _factorise(model, own, shared, weight)
    of_phi = band_inverse(factor)[:, 0]
    inverse = np.eye(schur.shape[0])
    eliminate(schur.copy(), inverse)
    covariance = inverse[:terms, :terms].copy()
    through = np.zeros(border.shape)
    for i in range(areas):
        for t in range(through.shape[1]):
            for u in range(through.shape[1]):
                through[i, t] += border[i, u] * inverse[u, t]
    out = np.empty((areas, 4))
    for i in range(areas):
        spatial = of_phi[i]
        for t in range(through.shape[1]):
            spatial += through[i, t] * border[i, t]
        both, plain = 0.0, 0.0
        for t in range(terms):
            both -= through[i, t] * model.design[i, t]
            for u in range(terms):
                plain += model.design[i, t] * covariance[t, u] * model.design[i, u]
        tame = 1.0 + own * own * weight[i]
        b = shared[i]
        alone = own * own / tame
        out[i, 3] = (b * b * spatial + 2.0 * b * both + plain) / (tame * tame) + alone
        back = 1.0 / tame - 1.0
        out[i, 1] = b * b * spatial / (tame * tame) + 2.0 * b * both * back / tame + plain * back * back + alone
    by_theta, by_phi, pull = np.empty(areas), np.empty(areas), np.empty(areas)
    for i in range(areas):
        pull[i] = -0.5 * weight[i] * out[i, 3]
        by_theta[i] = own * pull[i]
        by_phi[i] = shared[i] * pull[i]
    d_theta, d_phi, mean = _solve(
        model, own, shared, weight, factor, border, schur, by_theta, by_phi, _gather(model.design, pull)
    )
    for t in range(terms):
        mean[t] += beta[t]
    linear = _spread(model.design, mean)
    for i in range(areas):
        out[i, 0] = own * (theta[i] + d_theta[i]) + shared[i] * (phi[i] + d_phi[i])
        out[i, 2] = out[i, 0] + linear[i]
    return out, mean, covariance


@kernel
def _rates(model, own, shared, theta, phi, beta):
    """Events that the model gives, which are the likelihood's curvature too."""
    linear = _spread(model.design, beta)
    for i in range(linear.size):
        linear[i] = model.expected[i] * math.exp(min(own * theta[i] + shared[i] * phi[i] + linear[i], 300.0))
    return linear


@kernel
def _log_joint(model, own, shared, theta, phi, beta):
    linear = _spread(model.design, beta)
    rough = _times_structure(model.structure, phi)
    value = 0.0
    for i in range(linear.size):
        eta = min(own * theta[i] + shared[i] * phi[i] + linear[i], 300.0)
        value += model.observed[i] * eta - model.expected[i] * math.exp(eta)
        value -= 0.5 * (theta[i] * theta[i] + phi[i] * rough[i])
    for t in range(beta.size):
        value -= 0.5 * beta[t] * beta[t]
    return value


@kernel
def _times_structure(structure, phi):
    areas, width = structure.shape
    out = np.empty(areas)
    for i in range(areas):
        out[i] = structure[i, 0] * phi[i]
    for i in range(areas):
        for d in range(1, min(width, areas - i)):
            if structure[i, d] != 0.0:
                out[i] += structure[i, d] * phi[i + d]
                out[i + d] += structure[i, d] * phi[i]
    return out


@kernel
def _factorise(model, own, shared, weight):
    """Factor of the band, the dense rows carried through it, and what they leave: β and the sums alone."""
    areas, terms = model.design.shape
    parts = model.sums.shape[1]
    damped = np.empty(areas)
    factor = model.structure.copy()
    dense = np.zeros((areas, terms + parts))
    for i in range(areas):
        damped[i] = weight[i] / (1.0 + own * own * weight[i])
        factor[i, 0] += shared[i] * shared[i] * damped[i]
        for t in range(terms):
            dense[i, t] = shared[i] * damped[i] * model.design[i, t]
        for p in range(parts):
            dense[i, terms + p] = model.sums[i, p]
    log_determinant = band_factor(factor)
    border = dense.copy()
    band_solve(factor, border)
    schur = np.zeros((terms + parts, terms + parts))
    for i in range(areas):
        for t in range(terms + parts):
            for u in range(terms + parts):
                schur[t, u] -= dense[i, t] * border[i, u]
    for t in range(terms):
        schur[t, t] += 1.0
        for u in range(terms):
            for i in range(areas):
                schur[t, u] += model.design[i, t] * damped[i] * model.design[i, u]
    return factor, border, schur, log_determinant


@kernel
def _solve(model, own, shared, weight, factor, border, schur, by_theta, by_phi, by_beta):
    """Newton's step for a gradient, with the spatial part's sums held at 0."""
    areas, terms = model.design.shape
    carried, side = np.empty(areas), np.empty((areas, 1))
    for i in range(areas):
        carried[i] = weight[i] * own * by_theta[i] / (1.0 + own * own * weight[i])
        side[i, 0] = by_phi[i] - shared[i] * carried[i]
    rest = np.zeros((schur.shape[0], 1))
    gathered = _gather(model.design, carried)
    for t in range(schur.shape[0]):
        if t < terms:
            rest[t, 0] = by_beta[t] - gathered[t]
        for i in range(areas):
            rest[t, 0] -= border[i, t] * side[i, 0]
    eliminate(schur.copy(), rest)
    band_solve(factor, side)
    d_theta, d_phi, d_beta = np.empty(areas), np.empty(areas), rest[:terms, 0].copy()
    for i in range(areas):
        d_phi[i] = side[i, 0]
        linear = 0.0
        for t in range(schur.shape[0]):
            d_phi[i] -= border[i, t] * rest[t, 0]
        for t in range(terms):
            linear += model.design[i, t] * d_beta[t]
        pulled = by_theta[i] - own * weight[i] * (shared[i] * d_phi[i] + linear)
        d_theta[i] = pulled / (1.0 + own * own * weight[i])
    return d_theta, d_phi, d_beta


@kernel
def _spread(design, beta):
    """float64[area]: design times beta."""
    out = np.zeros(design.shape[0])
    for i in range(design.shape[0]):
        for t in range(design.shape[1]):
            out[i] += design[i, t] * beta[t]
    return out


@kernel
def _gather(design, value):
    """float64[term]: transposed design times value."""
    out = np.zeros(design.shape[1])
    for i in range(design.shape[0]):
        for t in range(design.shape[1]):
            out[t] += design[i, t] * value[i]
    return out


@kernel
def eliminate(matrix, sides):
    """Solve a small dense system by Gauss and Jordan's elimination, in place of both.

    matrix   float64[row, row]
    sides    float64[row, column]  out: the solution
    returns  float64               logarithm of the determinant's absolute value
    """
    rows = matrix.shape[0]
    log_determinant = 0.0
    for k in range(rows):
        best = k
        for r in range(k + 1, rows):
            if abs(matrix[r, k]) > abs(matrix[best, k]):
                best = r
        if best != k:
            for c in range(rows):
                matrix[k, c], matrix[best, c] = matrix[best, c], matrix[k, c]
            for c in range(sides.shape[1]):
                sides[k, c], sides[best, c] = sides[best, c], sides[k, c]
        pivot = matrix[k, k]
        log_determinant += math.log(abs(pivot))
        for c in range(rows):
            matrix[k, c] /= pivot
        for c in range(sides.shape[1]):
            sides[k, c] /= pivot
        for r in range(rows):
            lever = matrix[r, k]
            if r != k and lever != 0.0:
                for c in range(rows):
                    matrix[r, c] -= lever * matrix[k, c]
                for c in range(sides.shape[1]):
                    sides[r, c] -= lever * sides[k, c]
    return log_determinant
