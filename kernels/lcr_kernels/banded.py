"""Symmetric band matrices: factor, solve, and the inverse within the band.

A band is stored by rows of its upper triangle: band[i, d] = A[i, i + d]. Maps of areas have narrow bands once their
areas are numbered well: a thousand areas take about fifty. The inner loops run along rows and leave out what is zero.
"""

import math

import numpy as np

from lcr_kernels._jit import kernel


@kernel
def band_factor(band):
    """Cholesky factor U, A = UᵀU, in place of A.

    band     float64[row, width]  positive definite
    returns  float64              logarithm of the determinant of A; NaN if A is not positive definite
    """
    rows, width = band.shape
    log_determinant = 0.0
    for i in range(rows):
        if not band[i, 0] > 0.0:
            return np.nan
        pivot = math.sqrt(band[i, 0])
        log_determinant += 2.0 * math.log(pivot)
        for d in range(width):
            band[i, d] /= pivot
        for d in range(1, min(width, rows - i)):
            lever = band[i, d]
            if lever != 0.0:
                for e in range(d, width):
                    band[i + d, e - d] -= lever * band[i, e]
    return log_determinant


@kernel
def band_solve(factor, sides):
    """Solve A X = B in place of B.

    factor  float64[row, width]   from `band_factor`
    sides   float64[row, column]
    """
    rows, width = factor.shape
    for i in range(rows):
        for c in range(sides.shape[1]):
            sides[i, c] /= factor[i, 0]
        for d in range(1, min(width, rows - i)):
            if factor[i, d] != 0.0:
                for c in range(sides.shape[1]):
                    sides[i + d, c] -= factor[i, d] * sides[i, c]
    for i in range(rows - 1, -1, -1):
        for d in range(1, min(width, rows - i)):
            if factor[i, d] != 0.0:
                for c in range(sides.shape[1]):
                    sides[i, c] -= factor[i, d] * sides[i + d, c]
        for c in range(sides.shape[1]):
            sides[i, c] /= factor[i, 0]


@kernel
def band_inverse(factor):
    """Entries of the inverse of A that lie within the band (Takahashi, Fagan and Chen 1973).

    factor   float64[row, width]  from `band_factor`
    returns  float64[row, width]
    """
    rows, width = factor.shape
    inverse = np.zeros((rows, width))
    for i in range(rows - 1, -1, -1):
        reach = min(width, rows - i)
        pivot = factor[i, 0]
        for k in range(1, reach):
            lever = factor[i, k] / pivot
            if lever == 0.0:
                continue
            # Row k of the inverse, left and right of its diagonal.
            for j in range(1, k):
                inverse[i, j] -= lever * inverse[i + j, k - j]
            for j in range(k, reach):
                inverse[i, j] -= lever * inverse[i + k, j - k]
        own = 1.0 / (pivot * pivot)
        for k in range(1, reach):
            own -= factor[i, k] / pivot * inverse[i, k]
        inverse[i, 0] = own
    return inverse
