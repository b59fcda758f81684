"""Which uncertain input makes a result uncertain: Saltelli's design on a Sobol' sequence, and Sobol' indices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class SobolIndices:
    """Shares of a result's variance.

    Attributes
    ----------
    first : float64[factor]
        Share that goes when the factor alone is known.
    total : float64[factor]
        Share that is left when all but the factor are known.
    first_error, total_error : float64[factor]
        Standard errors, as if the rows were drawn at random; on a Sobol' sequence the true ones are smaller.
    variance : float
        Of the result.
    reason : str
        Why the shares are NaN (a result that does not vary has none); empty where they are not.
    """

    first: FloatArray
    total: FloatArray
    first_error: FloatArray
    total_error: FloatArray
    variance: float
    reason: str


def saltelli_rows(factors: int, start: int, rows: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Rows of the two independent samples A and B of Saltelli's design.

    Parameters
    ----------
    factors : int
        Uncertain inputs.
    start, rows : int
        First row and number of rows: any cut of the rows into blocks gives the same rows.
    seed : int
        Of the scrambling (Philox).

    Returns
    -------
    A, B : float64[row, factor]
        In [0, 1): the first and the last `factors` dimensions of one scrambled Sobol' sequence.
    """
    # Here, since scipy.stats takes as long to import as all the rest of the carbon model.
    from scipy.stats import qmc

    # The whole sequence is started and run forward in every block: its scrambling then is the same in all.
    sequence = qmc.Sobol(2 * factors, scramble=True, rng=np.random.Generator(np.random.Philox(seed)))
    if start:
        sequence.fast_forward(start)
    # Rows are asked for by whole powers of two, which the sequence wants at its start, and cut to size.
    points = sequence.random(1 << max(rows - 1, 0).bit_length())[:rows]
    return points[:, :factors], points[:, factors:]


def sobol_indices(of_a: ArrayLike, of_b: ArrayLike, of_ab: ArrayLike) -> SobolIndices:
    """First- and total-order indices of one result.

    Parameters
    ----------
    of_a, of_b : array_like, [row]
        The result on the rows of A and of B.
    of_ab : array_like, [factor, row]
        The result on the rows of A with one factor's column from B.

    Returns
    -------
    SobolIndices

    Raises
    ------
    InputError
        Shapes that do not fit, fewer than two rows, results that are not finite.

    Notes
    -----
    First order: mean of f_B (f_AB - f_A), after f is centred, over the variance (Saltelli et al. 2010, Comput. Phys.
    Commun. 181:259-270). Total order: half the mean of (f_A - f_AB)² over the variance (Jansen 1999). Standard
    errors by the delta method on the rows' terms: no resampling.
    """
    a, b, ab = (np.asarray(x, dtype=np.float64) for x in (of_a, of_b, of_ab))
    if a.ndim != 1 or a.size < 2 or b.shape != a.shape or ab.ndim != 2 or ab.shape[1:] != a.shape:
        raise InputError(
            f"found A {a.shape}, B {b.shape}, AB {ab.shape}; wanted [row], [row] and [factor, row], 2 rows"
        )
    if not (np.isfinite(a).all() and np.isfinite(b).all() and np.isfinite(ab).all()):
        raise InputError("the model gave results that are not finite: an index needs a number for every row")
    centre = 0.5 * (a.mean() + b.mean())
    a, b, ab = a - centre, b - centre, ab - centre
    spread = 0.5 * (a * a + b * b)
    variance = float(spread.mean())
    # A result that never varies leaves rounding of its mean alone.
    if variance <= (1e-12 * abs(centre)) ** 2:
        unknown = np.full(ab.shape[0], np.nan)
        return SobolIndices(unknown, unknown, unknown, unknown, 0.0, "the result does not vary")
    first, first_error = _ratio(b * (ab - a), spread)
    total, total_error = _ratio(0.5 * (a - ab) ** 2, spread)
    return SobolIndices(first, total, first_error, total_error, variance, "")


def _ratio(terms: FloatArray, spread: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Ratio of two means over the rows, and its standard error."""
    mean = spread.mean()
    ratio = terms.mean(axis=1) / mean
    left = terms - ratio[:, None] * spread
    return ratio, left.std(axis=1, ddof=1) / np.sqrt(spread.size) / mean
