"""The standard that directly standardised rates of this region are stated for."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lcr_hpc.config import coefficients_dir
from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray, as_float


def standard_population(age_start: ArrayLike) -> FloatArray:
    """European Standard Population 2013 in the bands given, from configs/coefficients/european_standard_population.csv.

    Parameters
    ----------
    age_start : array_like, [age]
        First age of each band, rising; the last is open-ended. Only ages that begin a band of the standard.

    Returns
    -------
    float64[age]
        Persons of a standard of 100,000; ages below the first band are left out.

    Raises
    ------
    InputError
        A band that begins inside a band of the standard.
    """
    table = pd.read_csv(coefficients_dir() / "european_standard_population.csv", comment="#")
    first = table["age_start"].to_numpy(np.float64)
    starts = as_float("age_start", age_start)
    unknown = starts[~np.isin(starts, first)]
    if unknown.size or np.any(np.diff(starts) <= 0.0):
        raise InputError(
            f"age_start: {unknown[:5]} begin no band of the European Standard Population; rising ages out of {first}",
            field="age_start",
        )
    edges = np.searchsorted(first, starts)
    return np.add.reduceat(table["persons"].to_numpy(np.float64), edges)
