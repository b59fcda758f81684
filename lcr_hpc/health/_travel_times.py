"""Travel times from areas to services, in compressed rows and in whatever precision they come."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from lcr_kernels.catchment import faulty_pairs
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray, as_float


class TravelTimes(NamedTuple):
    """Pairs of area i: first[i] … first[i + 1] − 1.

    Attributes
    ----------
    first : int[area + 1]
    place : int[pair]
        Service.
    time : float32 or float64[pair]
        Minutes.
    """

    first: NDArray[Any]
    place: NDArray[Any]
    time: NDArray[Any]


def read_travel_times(travel_time: Any, areas: int | None, services: int | None) -> tuple[TravelTimes, int]:
    """Check travel times without copying them: at 15 million pairs a copy is 180 MB.

    Parameters
    ----------
    travel_time : scipy.sparse matrix or (indptr, indices, data), [area, service]
        Absent = out of reach, an explicit zero = no time at all, infinity = out of reach.
    areas, services : int, optional
        Rows and columns wanted.

    Returns
    -------
    TravelTimes
    int
        Number of services.

    Raises
    ------
    InputError
        Another shape, services that do not exist or come twice, times that are negative or not numbers.
    """
    if isinstance(travel_time, tuple) and len(travel_time) == 3:
        first, place, time = (np.asarray(part) for part in travel_time)
        last = int(place.max()) + 1 if place.size else 0
        shape = (first.size - 1, last if services is None else services)
    elif hasattr(travel_time, "tocsr"):
        matrix = travel_time.tocsr()
        first, place, time, shape = matrix.indptr, matrix.indices, matrix.data, matrix.shape
    else:
        raise InputError(
            f"travel_time: found {type(travel_time).__name__}; give a scipy.sparse matrix or (indptr, indices, data)",
            field="travel_time",
        )
    wanted = (shape[0] if areas is None else areas, shape[1] if services is None else services)
    if shape != wanted:
        raise InputError(
            f"travel_time: found {shape[0]} rows and {shape[1]} columns; "
            f"want {wanted[0]} areas and {wanted[1]} services",
            field="travel_time",
        )
    steps = np.diff(first)
    if first[0] != 0 or np.any(steps < 0) or first[-1] != place.size or time.shape != place.shape:
        raise InputError("travel_time: indptr does not fit indices and data; give a valid CSR", field="travel_time")
    if time.dtype not in (np.float32, np.float64):
        time = time.astype(np.float64)
    missing, twice, bad = faulty_pairs(first, place, time, shape[1])
    raise_all(
        [
            f"travel_time: area {area} {what}"
            for area, what in (
                (missing, f"has a time to a service outside 0 … {shape[1] - 1}"),
                (twice, "has two times to one service; keep the shorter"),
                (bad, "has a time that is negative or not a number; leave pairs out of reach out"),
            )
            if area >= 0
        ]
    )
    return TravelTimes(first, place, time), shape[1]


def read_amounts(**amounts: ArrayLike) -> list[FloatArray]:
    """Numbers of persons or of what a service has to offer: 1-D, known, not negative; all problems at once."""
    problems, found = [], []
    for name, given in amounts.items():
        values = as_float(name, given)
        if values.ndim != 1 or not values.size:
            problems.append(f"{name}: found shape {values.shape}; give one number each")
        elif np.any(~np.isfinite(values) | (values < 0.0)):
            at = np.flatnonzero(~np.isfinite(values) | (values < 0.0))[:5]
            problems.append(f"{name}: {', '.join(str(a) for a in at)} negative or not known; want 0 or more")
        found.append(values)
    raise_all(problems, InputError)
    return found
