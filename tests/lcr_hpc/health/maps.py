"""Maps that the tests of spatial statistics share."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp


def queen(rows: int, columns: int, *, standardise: bool = True) -> sp.csr_matrix:
    """Neighbours on a lattice, corners included."""
    y, x = np.divmod(np.arange(rows * columns), columns)
    near = (np.abs(y[:, None] - y) <= 1) & (np.abs(x[:, None] - x) <= 1) & ~np.eye(rows * columns, dtype=bool)
    weight = near / near.sum(axis=1, keepdims=True) if standardise else near.astype(float)
    return sp.csr_matrix(weight)
