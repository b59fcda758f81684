"""A map's neighbours as the precision of an intrinsic autoregression: numbered well, scaled, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from lcr_kernels.banded import band_factor, band_inverse, band_solve
from numpy.typing import ArrayLike, NDArray

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray, text_array


@dataclass(frozen=True, slots=True)
class Adjacency:
    """The graph, its areas in an order that makes the band narrow.

    Attributes
    ----------
    order : int64[area]
        Areas in that order.
    structure : float64[area, width]
        Degree less adjacency, upper band; 1 for an area without neighbours.
    sums : float64[area, part]
        1 where an area is in a connected part of two or more.
    scale : float64[area]
        Scaling factor of the part that an area is in; 1 without neighbours.
    scaling : float or float64[part]
    reason : object[area]
        By the areas' own numbers.
    """

    order: NDArray[np.int64]
    structure: FloatArray
    sums: FloatArray
    scale: FloatArray
    scaling: Any
    reason: NDArray[np.object_]


def read_adjacency(edges: ArrayLike, areas: int) -> Adjacency:
    """Check edges and prepare the autoregression.

    Parameters
    ----------
    edges : array_like of int, [edge, 2]
    areas : int

    Returns
    -------
    Adjacency

    Raises
    ------
    InputError
        Edges to areas that do not exist, of an area with itself, or given twice; no edge at all.
    """
    pairs = _read_edges(edges, areas)
    # Here, since sparse graphs take longer to import than most of this package.
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components, reverse_cuthill_mckee

    both = np.concatenate([pairs, pairs[:, ::-1]])
    graph = coo_matrix((np.ones(both.shape[0]), (both[:, 0], both[:, 1])), shape=(areas, areas)).tocsr()
    order = np.asarray(reverse_cuthill_mckee(graph, symmetric_mode=True), dtype=np.int64)
    place = np.empty(areas, np.int64)
    place[order] = np.arange(areas)
    at = np.sort(place[pairs], axis=1)
    structure = np.zeros((areas, 1 + int((at[:, 1] - at[:, 0]).max())))
    structure[at[:, 0], at[:, 1] - at[:, 0]] = -1.0
    degree = np.bincount(place[both[:, 0]], minlength=areas).astype(np.float64)
    structure[:, 0] = np.where(degree > 0.0, degree, 1.0)

    parts, label = connected_components(graph, directed=False)
    label = label[order]
    several = np.flatnonzero(np.bincount(label, minlength=parts) > 1)
    sums = (label[:, None] == several).astype(np.float64)
    factors = _scaling(structure, sums)
    scale = np.where(degree > 0.0, sums @ factors, 1.0)
    reason = text_array(areas)
    reason[order[degree == 0.0]] = "no neighbours: its spatial part is its own"
    return Adjacency(order, structure, sums, scale, float(factors[0]) if several.size == 1 else factors, reason)


def _scaling(structure: FloatArray, sums: FloatArray) -> FloatArray:
    """Geometric mean of the variances in each part: of the pseudo-inverse, by way of a matrix that has an inverse.

    Adding 1 to one diagonal cell of each part adds the same number to all of a part's inverse, which falls out when the
    part's mean is taken off both sides.
    """
    grounded = structure.copy()
    grounded[np.argmax(sums, axis=0), 0] += 1.0
    band_factor(grounded)
    diagonal = band_inverse(grounded)[:, 0]
    size = sums.sum(axis=0)
    total = sums.copy()
    band_solve(grounded, total)
    column = np.sum(total * sums, axis=1)
    inside = sums.sum(axis=1) > 0.0
    share = sums @ (1.0 / size)
    within = sums @ (np.sum(total * sums, axis=0) / size**2)
    variance = diagonal - 2.0 * column * share + within
    logs = np.where(inside, np.log(np.where(inside, variance, 1.0)), 0.0)
    factors: FloatArray = np.exp((sums.T @ logs) / size)
    return factors


def _read_edges(edges: ArrayLike, areas: int) -> NDArray[np.int64]:
    given = np.asarray(edges)
    if given.ndim != 2 or given.shape[1] != 2 or not given.size or not np.issubdtype(given.dtype, np.integer):
        raise InputError(
            f"edges: found shape {given.shape} of {given.dtype}; want whole numbers [edge, 2], at least one edge",
            field="edges",
        )
    pairs = np.sort(given.astype(np.int64), axis=1)
    problems = []
    outside = (pairs[:, 0] < 0) | (pairs[:, 1] >= areas)
    if outside.any():
        hint = "; they seem to be numbered from 1" if pairs.max() == areas and pairs.min() >= 1 else ""
        problems.append(f"edges: {_rows(outside)} name areas outside 0 … {areas - 1}{hint}")
    same = pairs[:, 0] == pairs[:, 1]
    if same.any():
        problems.append(f"edges: {_rows(same)} join an area to itself")
    _, first = np.unique(pairs, axis=0, return_index=True)
    twice = np.ones(pairs.shape[0], dtype=bool)
    twice[first] = False
    if twice.any():
        problems.append(f"edges: {_rows(twice)} repeat a pair; give each once, in either order")
    raise_all(problems, InputError)
    return pairs


def _rows(where: NDArray[np.bool_]) -> str:
    rows = np.flatnonzero(where)
    more = f" and {rows.size - 5} more" if rows.size > 5 else ""
    return ("row " if rows.size == 1 else "rows ") + ", ".join(str(r) for r in rows[:5]) + more
