"""Access to hospitals, practices and jobs: what can be reached, and with how many others it is shared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from lcr_kernels.catchment import GAUSSIAN, GIVEN, STEP, WITHIN, floating_catchments, nearest
from lcr_kernels.raam import rational_agents
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError
from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health._travel_times import TravelTimes, read_amounts, read_travel_times

Method = Literal["2sfca", "e2sfca", "3sfca", "raam"]
METHODS = ("2sfca", "e2sfca", "3sfca", "raam")
DecayFunction = Callable[[FloatArray], ArrayLike]
Decay = tuple[str, Sequence[float], Sequence[float]] | tuple[str, float] | DecayFunction | None
_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class NearestService:
    """The service that each area reaches soonest.

    Attributes
    ----------
    time : float64[area]
        Minutes; infinity with nothing in reach.
    service : int64[area]
        -1 with nothing in reach.
    reason : object[area]
        Why there is none; empty where there is one.
    """

    time: FloatArray
    service: NDArray[np.int64]
    reason: NDArray[np.object_]


def floating_catchment(
    demand: ArrayLike,
    supply: ArrayLike,
    travel_time: Any,
    *,
    method: Method = "2sfca",
    threshold: float,
    decay: Decay = None,
) -> FloatArray:
    """Access of each area to services that are shared.

    Parameters
    ----------
    demand : array_like, [area]
        Persons.
    supply : array_like, [service]
        What a service has to offer: beds, doctors, jobs.
    travel_time : scipy.sparse matrix or (indptr, indices, data), [area, service]
        Minutes. Absent = out of reach, an explicit zero = no time at all.
    method : {"2sfca", "e2sfca", "3sfca", "raam"}
        Two-step floating catchment; the same with access that falls with time; three steps, in which an area's services
        share its people first; the rational-agent model.
    threshold : float
        Minutes beyond which nothing is in reach. For "raam": minutes that people would travel to avoid the mean
        crowding; nothing is out of reach but what is absent.
    decay : None, ("step", bounds, weights), ("gaussian", sigma) or callable
        Weight by travel time: `weights[k]` up to and with `bounds[k]` minutes and 0 beyond the last; exp(-½(t/sigma)²);
        or a function of an array of times in minutes. Wanted by "e2sfca", refused by "2sfca" and "raam".

    Returns
    -------
    float64[area]
        Supply per person, 0 with nothing in reach. For "raam" a cost in units of the mean crowding, low = good,
        infinity with nothing in reach.

    Raises
    ------
    InputError
        Shapes that do not fit, amounts or times that are negative or not known, an unknown method, a decay that is
        missing, unknown, or gives negative weights.

    Notes
    -----
    R_j = S_j/Σ_i P_i W_ij, A_i = Σ_j R_j W_ij. Luo and Wang 2003, Environ Plann B 30:865-884; Luo and Qi 2009, Health &
    Place 15:1100-1107; Wan, Zou and Sternberg 2012, Int J Geogr Inf Sci 26:1073-1089; Saxon and Snow 2020, Ann Am Assoc
    Geogr 110:205-222.
    """
    people, offer = read_amounts(demand=demand, supply=supply)
    if method not in METHODS:
        raise InputError(f"method: found {method!r}; give one of {', '.join(METHODS)}", field="method")
    if not (np.isfinite(threshold) and threshold > 0.0):
        raise InputError(f"threshold: found {threshold}; want minutes, above 0", field="threshold")
    if (decay is None) != (method in ("2sfca", "raam")) and not (method == "3sfca" and decay is None):
        wanted = "wants" if method == "e2sfca" else "takes no"
        raise InputError(f"decay: {method} {wanted} decay", field="decay")
    times, _ = read_travel_times(travel_time, people.size, offer.size)
    if method == "raam":
        return _rational_agents(people, offer, times, threshold)
    form, bounds, levels, given = _decay_form(decay, times)
    found: FloatArray = floating_catchments(
        people, offer, *times, float(threshold), form, bounds, levels, given, method == "3sfca"
    )
    return found


def nearest_service(travel_time: Any, supply: ArrayLike | None = None) -> NearestService:
    """Time to the nearest service that has anything to offer.

    Parameters
    ----------
    travel_time : scipy.sparse matrix or (indptr, indices, data), [area, service]
        Minutes. Absent = out of reach, an explicit zero = no time at all.
    supply : array_like, [service], optional
        A service with 0 is closed; by default all are open.

    Returns
    -------
    NearestService

    Raises
    ------
    InputError
        Shapes that do not fit, amounts or times that are negative or not known.
    """
    offer = None if supply is None else read_amounts(supply=supply)[0]
    times, services = read_travel_times(travel_time, None, None if offer is None else offer.size)
    opened = np.ones(services, dtype=bool) if offer is None else offer > 0.0
    time, service = nearest(*times, opened)
    reason = np.where(service < 0, "no open service in reach", "").astype(object)
    return NearestService(time, service, reason)


def _rational_agents(people: FloatArray, offer: FloatArray, times: TravelTimes, patience: float) -> FloatArray:
    if not (people.sum() > 0.0 and offer.sum() > 0.0):
        raise InputError("demand and supply: one of them is 0 everywhere; there is no crowding to share out")
    capacity = offer * (people.sum() / offer.sum())
    cost = times.time.astype(np.float64) / patience
    found: FloatArray = rational_agents(people, capacity, times.first, times.place, cost)
    return found


def _decay_form(decay: Decay, times: TravelTimes) -> tuple[int, FloatArray, FloatArray, FloatArray]:
    """The decay as the kernel takes it."""
    none = np.empty(0)
    if decay is None:
        return WITHIN, none, none, none
    if callable(decay):
        return GIVEN, none, none, _weights_of(decay, times.time)
    try:
        if decay[0] == "gaussian" and len(decay) == 2:
            sigma = float(decay[1])
            if sigma > 0.0:
                return GAUSSIAN, np.array([sigma]), none, none
        if decay[0] == "step" and len(decay) == 3:
            bounds, levels = (np.array(part, dtype=np.float64) for part in decay[1:])
            fits = bounds.ndim == 1 and bounds.shape == levels.shape and bounds.size > 0
            if fits and np.all(levels >= 0.0) and np.all(np.diff(bounds) > 0.0):
                return STEP, bounds, levels, none
    except (TypeError, ValueError, IndexError):
        pass
    raise InputError(
        f'decay: found {decay!r}; give ("step", rising bounds, weights of 0 or more), ("gaussian", sigma above 0) or a '
        "function of minutes",
        field="decay",
    )


def _weights_of(decay: DecayFunction, time: NDArray[Any]) -> FloatArray:
    """Weights of every pair, a million at a time so that what the function makes on its way stays small."""
    given = np.empty(time.size)
    for start in range(0, time.size, _CHUNK):
        part = time[start : start + _CHUNK].astype(np.float64)
        weight = np.asarray(decay(part), dtype=np.float64)
        if weight.shape != part.shape or not np.all(weight[np.isfinite(part)] >= 0.0):
            raise InputError(
                "decay: the function gives negative or unknown weights, or another number of them than of times",
                field="decay",
            )
        given[start : start + _CHUNK] = weight
    return given
