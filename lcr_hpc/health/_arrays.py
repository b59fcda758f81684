"""What every statistic here does to its input before it computes, and to its numbers afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError

FloatArray = NDArray[np.float64]


def as_float(name: str, values: ArrayLike) -> FloatArray:
    """Return `values` (a number, sequence, NumPy or xarray array) as float64; say which argument cannot be."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as problem:
        message = f"{name}: found values that are not numbers ({problem}); give an array of numbers, NaN where unknown"
        raise InputError(message, field=name) from None


def broadcast_rows(**arrays: FloatArray) -> tuple[list[FloatArray], tuple[int, ...]]:
    """Broadcast named arrays against each other; return them as contiguous [row, group] with the leading shape."""
    try:
        shape = np.broadcast_shapes(*(a.shape for a in arrays.values()))
    except ValueError:
        found = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
        raise InputError(
            f"shapes that do not fit together: {found}; give one value a group or age band to each"
        ) from None
    if not shape:
        found = ", ".join(arrays)
        raise InputError(f"{found}: found single numbers; give arrays with one value a group or age band")
    rows = int(np.prod(shape[:-1], dtype=np.int64))
    flat = [np.ascontiguousarray(np.broadcast_to(a, shape)).reshape(rows, shape[-1]) for a in arrays.values()]
    return flat, shape[:-1]


def standard_normal_quantile(confidence: float) -> float:
    """Two-sided normal quantile of a confidence such as 0.95."""
    if not 0.0 < confidence < 1.0:
        raise InputError(
            f"confidence: found {confidence}; give a share between 0 and 1, such as 0.95", field="confidence"
        )
    from statistics import NormalDist  # as exact as SciPy's, which takes half a second to import

    return NormalDist().inv_cdf(0.5 + 0.5 * confidence)


def unrow(values: NDArray[Any], shape: tuple[int, ...]) -> Any:
    """Give rows back their leading shape; a single row becomes a plain scalar."""
    return values.reshape(shape)[()]


def text_array(size: int) -> NDArray[np.object_]:
    """`size` empty strings, as objects so that a reason may be of any length."""
    return np.full(size, "", dtype=object)
