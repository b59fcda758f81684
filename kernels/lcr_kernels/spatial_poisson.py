"""Laplace's approximation of the BYM2 model at one spread and one share of the spatial part.

observed ~ Poisson(expected · exp(η)), η = X β + a θ + b φ, θ ~ N(0, 1) for each area, φ an intrinsic autoregression that
adds to 0 over each connected part of the map, β ~ N(0, 1): Riebler, Sørbye, Simpson and Rue 2016, Stat Methods Med Res
25:1145-1165. θ is eliminated by hand, which leaves one band matrix of the map's own pattern, whatever the share, and a few
dense rows for β and for the sums.
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
    value = _log_joint(model, own, shared, theta, phi, beta)
    for _ in range(50):
        weight = _rates(model, own, shared, theta, phi, beta)
        factor, border, schur, _ = _factorise(model, own, shared, weight)
        left = model.observed - weight
        by_theta = own * left - theta
        by_phi = shared * left - _times_structure(model.structure, phi)
        by_beta = _gather(model.design, left) - beta
        d_theta, d_phi, d_beta = _solve(model, own, shared, weight, factor, border, schur, by_theta, by_phi, by_beta)
        step = 1.0
        for _ in range(30):
            new = _log_joint(model, own, shared, theta + step * d_theta, phi + step * d_phi, beta + step * d_beta)
            if new >= value - 1e-9 * abs(value):
                break
            step *= 0.5
        theta += step * d_theta
        phi += step * d_phi
        beta += step * d_beta
        gain = new - value
        value = new
        if abs(gain) < 1e-9 * (1.0 + abs(value)) and step == 1.0:
            weight = _rates(model, own, shared, theta, phi, beta)
            _, _, schur, log_determinant = _factorise(model, own, shared, weight)
            log_determinant += eliminate(schur, np.zeros((schur.shape[0], 0)))
            for i in range(weight.size):
                log_determinant += math.log1p(own * own * weight[i])
            return value - 0.5 * log_determinant
    return np.nan


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
    pull = -0.5 * weight * out[:, 3]
    d_theta, d_phi, d_beta = _solve(
        model, own, shared, weight, factor, border, schur, own * pull, shared * pull, _gather(model.design, pull)
    )
    out[:, 0] = own * (theta + d_theta) + shared * (phi + d_phi)
    mean = beta + d_beta
    out[:, 2] = out[:, 0] + _spread(model.design, mean)
    return out, mean, covariance


@kernel
def _rates(model, own, shared, theta, phi, beta):
    """Events that the model gives, which are the likelihood's curvature too."""
    return model.expected * np.exp(own * theta + shared * phi + _spread(model.design, beta))


@kernel
def _log_joint(model, own, shared, theta, phi, beta):
    eta = own * theta + shared * phi + _spread(model.design, beta)
    value = 0.0
    for i in range(eta.size):
        value += model.observed[i] * eta[i] - model.expected[i] * math.exp(min(eta[i], 300.0))
        value -= 0.5 * theta[i] * theta[i]
    rough = _times_structure(model.structure, phi)
    for i in range(eta.size):
        value -= 0.5 * phi[i] * rough[i]
    for t in range(beta.size):
        value -= 0.5 * beta[t] * beta[t]
    return value


@kernel
def _times_structure(structure, phi):
    areas, width = structure.shape
    out = structure[:, 0] * phi
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
    damped = weight / (1.0 + own * own * weight)
    factor = model.structure.copy()
    dense = np.zeros((areas, terms + parts))
    for i in range(areas):
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
    tame = 1.0 + own * own * weight
    carried = weight * own * by_theta / tame
    side = np.empty((areas, 1))
    side[:, 0] = by_phi - shared * carried
    rest = np.zeros((schur.shape[0], 1))
    rest[:terms, 0] = by_beta - _gather(model.design, carried)
    for t in range(schur.shape[0]):
        for i in range(areas):
            rest[t, 0] -= border[i, t] * side[i, 0]
    eliminate(schur.copy(), rest)
    band_solve(factor, side)
    d_beta = rest[:terms, 0].copy()
    d_phi = side[:, 0] - _spread(border, rest[:, 0])
    d_theta = (by_theta - own * weight * (shared * d_phi + _spread(model.design, d_beta))) / tame
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
