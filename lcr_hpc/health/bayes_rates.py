"""Small-area rates, steadied by those of all areas or of the neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray, as_float
from lcr_hpc.health._neighbours import Neighbours, read_neighbours


def empirical_bayes(events: ArrayLike, population: ArrayLike, neighbours: Any = None) -> FloatArray:
    """Marshall's empirical Bayes rates: each area's own rate, drawn towards the common one as far as it is chance.

    Parameters
    ----------
    events, population : array_like, [area]
        Events and persons (or expected events, for ratios). An area without population has the common rate.
    neighbours : scipy.sparse matrix or (indptr, indices, data), optional
        The common rate is then that of the area and its neighbours; their weights do not matter.

    Returns
    -------
    float64[area]
        Events per person; no NaN.

    Raises
    ------
    InputError
        Counts that are negative or not known, events without population, nobody at all in an area's surroundings; the
        areas are named.

    Notes
    -----
    b = Σ o/Σ p, A = max(Σ p (r - b)²/Σ p - b n/Σ p, 0) over n areas with population, rate = b + A/(A + b/p) (r - b):
    Marshall 1991, J R Stat Soc C 40:283-294.
    """
    observed, people = _counts(events, population)
    links = None if neighbours is None else _with_self(read_neighbours(neighbours, observed.size))
    common, between = _moments(observed, people, links)
    rate = np.divide(observed, people, out=np.zeros_like(people), where=people > 0.0)
    # A/(A + b/p) with p on both sides, so that no people gives no trust and no division by zero.
    trust = np.divide(between * people, between * people + common, out=np.zeros_like(people), where=common > 0.0)
    steadied: FloatArray = common + trust * (rate - common)
    return steadied


def standardised_rates(events: ArrayLike, population: ArrayLike) -> FloatArray:
    """Assunção and Reis' rates for tests of a pattern: deviations in standard deviations that heed population.

    Parameters
    ----------
    events, population : array_like, [area]
        As for `empirical_bayes`, every area with population. Pass the result to `local_moran` or `moran`: plain rates
        of small areas scatter more, and a test on them finds that instead of a pattern.

    Returns
    -------
    float64[area]

    Raises
    ------
    InputError
        As for `empirical_bayes`; an area without population; no events at all.

    Notes
    -----
    z = (r - b)/√(A + b/p), and where A is negative √(b/p): Assunção and Reis 1999, Stat Med 18:2147-2162.
    """
    observed, people = _counts(events, population)
    raise_all(
        [f"population: {_named(people == 0.0)} without population have no rate; leave them out"]
        if np.any(people == 0.0)
        else [],
        InputError,
    )
    if not observed.sum() > 0.0:
        raise InputError("events: found none at all; rates of 0 have no spread", field="events")
    common, between = _moments(observed, people, None)
    z: FloatArray = (observed / people - common) / np.sqrt(between + common / people)
    return z


def _moments(observed: FloatArray, people: FloatArray, links: Neighbours | None) -> tuple[FloatArray, FloatArray]:
    """Common rate and variance between areas, of all areas or of each area's surroundings."""
    rate = np.divide(observed, people, out=np.zeros_like(people), where=people > 0.0)
    if links is None:
        everyone = np.full_like(people, people.sum())
        size = np.full_like(people, np.sum(people > 0.0))
        common = observed.sum() / everyone
        spread = np.sum(people * (rate - common) ** 2) / everyone
    else:
        everyone = links.total(people[links.index])
        size = links.total((people[links.index] > 0.0).astype(np.float64))
        if np.any(everyone == 0.0):
            raise InputError(
                f"population: {_named(everyone == 0.0)} and their neighbours have nobody; leave them out",
                field="population",
            )
        common = links.total(observed[links.index]) / everyone
        spread = links.total(people[links.index] * (rate[links.index] - common[links.row]) ** 2) / everyone
    return common, np.maximum(spread - common * size / everyone, 0.0)


def _counts(events: ArrayLike, population: ArrayLike) -> tuple[FloatArray, FloatArray]:
    observed, people = as_float("events", events), as_float("population", population)
    if observed.ndim != 1 or people.shape != observed.shape or not observed.size:
        raise InputError(f"events {observed.shape}, population {people.shape}: want one number each an area")
    problems = [
        f"{name}: {_named(~np.isfinite(v) | (v < 0.0))} negative or not known; want 0 or more"
        for name, v in (("events", observed), ("population", people))
        if np.any(~np.isfinite(v) | (v < 0.0))
    ]
    if np.any((people == 0.0) & (observed > 0.0)):
        problems.append(f"population: {_named((people == 0.0) & (observed > 0.0))} with events but without population")
    raise_all(problems, InputError)
    if not people.sum() > 0.0:
        raise InputError("population: nobody in any area", field="population")
    return observed, people


def _with_self(links: Neighbours) -> Neighbours:
    """Surroundings of an area: itself, then its neighbours."""
    others = links.keep(links.row != links.index)
    row = np.concatenate([np.arange(links.areas), others.row])
    order = np.argsort(row, kind="stable")
    index = np.concatenate([np.arange(links.areas), others.index])[order]
    first = np.concatenate([[0], np.cumsum(np.diff(others.first) + 1)])
    return Neighbours(first, index, np.ones(index.size))


def _named(where: Any) -> str:
    areas = np.flatnonzero(where)
    more = f" and {areas.size - 5} more" if areas.size > 5 else ""
    return ("area " if areas.size == 1 else "areas ") + ", ".join(str(a) for a in areas[:5]) + more
