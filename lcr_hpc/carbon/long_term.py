"""Long-term means near roads: a year's hours added up once, then many receptors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.carbon.source_tree import SourceTree
from lcr_hpc.errors import InputError, raise_all

DIRECTIONS = 360
"""Nodes of direction of the mean response: one a degree, as wind is reported."""
_FARTHEST_M = 200e3


@dataclass(frozen=True)
class MeanResponse:
    """What a source of 1 g/s gives in the mean of the hours of each class, by distance and direction."""

    value: NDArray[np.float64]
    """[node, direction, class], response times distance, g/m²."""
    hours: NDArray[np.int64]
    """[class], hours that each class's mean is over."""
    relative_strength: NDArray[np.float64]
    """[hour], what an hour gives 300 m or so from a source in the mean of all directions, over its class's mean."""


@dataclass(frozen=True)
class LongTermMean:
    """Means at receptors."""

    concentration_ug_m3: NDArray[np.float64]
    """[class, receptor, gas], from the roads alone, mean of the hours of each class."""
    looked_up: int
    """Lines and squares that were looked up, over all receptors."""


def response_of_class(
    met: NDArray[np.float64], height_m: float, sigma_z0_m: float, extent_m: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean response of one class of hours, and the strength of each of them.

    Parameters
    ----------
    met : ndarray
        float64[hour, 8] in the order of `RLINE_MET_COLUMNS`, checked; each hour keeps its own wind, stability and
        mixing height.
    height_m, sigma_z0_m : float
        Height of the sources and their own vertical spread; receptors are on the ground, and roads have no width.
    extent_m : float
        Greatest distance from a source to a receptor.

    Returns
    -------
    tuple of ndarray
        float64[node, direction], response times distance, g/m²; float64[hour], g/m².

    Raises
    ------
    InputError
        No hours; a region larger than the tables reach.
    """
    from lcr_kernels.dispersion_response import EVERY, mean_response
    from lcr_kernels.dispersion_rline_table import STEP

    problems = (
        [] if len(met) else ["a class of hours has traffic but no weather: give a weather feed that has such hours"]
    )
    if not 0 < extent_m <= _FARTHEST_M:
        problems.append(f"receptors lie {extent_m:.0f} m from sources; wanted at most {_FARTHEST_M:.0f} m")
    raise_all(problems, InputError)
    nodes = int(np.log(max(extent_m, 2.0)) / (EVERY * STEP)) + 3
    response = np.empty((nodes, DIRECTIONS))
    strength = np.empty(len(met))
    mean_response(np.ascontiguousarray(met), height_m, sigma_z0_m, 0.0, nodes, DIRECTIONS, response, strength)
    return response, strength


def joined(parts: list[tuple[NDArray[np.float64], NDArray[np.float64]]], hour_class: NDArray[np.int64]) -> MeanResponse:
    """Tables of all classes as one.

    Parameters
    ----------
    parts : list of tuple
        `response_of_class` of each class, the hours of a class in the order of `hour_class`.
    hour_class : ndarray
        int64[hour], class of each hour.
    """
    relative = np.empty(hour_class.size)
    for k, (_, strength) in enumerate(parts):
        relative[hour_class == k] = strength / strength.mean()
    count = np.bincount(hour_class, minlength=len(parts))
    return MeanResponse(np.ascontiguousarray(np.stack([p for p, _ in parts], axis=-1)), count, relative)


def long_term_mean(
    tree: SourceTree, response: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], opening: float
) -> LongTermMean:
    """Mean concentration at receptors on the ground, by class of hours.

    Parameters
    ----------
    tree : SourceTree
        Lines and their emission by class.
    response : ndarray
        float64[node, direction, class], of `MeanResponse.value`.
    x, y : ndarray
        float64[receptor], m.
    opening : float
        A square of lines whose farthest end is within this times its distance stands for all of them; 0 = none does.

    Raises
    ------
    InputError
        A receptor beyond the tables.
    """
    from lcr_kernels.dispersion_response import EVERY
    from lcr_kernels.dispersion_rline_table import STEP
    from lcr_kernels.dispersion_tree import tree_concentration

    reach = np.exp(EVERY * STEP * (response.shape[0] - 1))
    far = float(np.hypot(x - tree.centre[0, 0], y - tree.centre[0, 1]).max(initial=0.0)) + float(tree.radius_m[0])
    if far > reach:
        raise InputError(
            f"receptors up to {far:.0f} m from the sources' centre and ends; the tables reach {reach:.0f} m"
        )
    out = np.empty((x.size, *tree.emission_g_s.shape[1:]))
    count = tree_concentration(
        np.ascontiguousarray(np.column_stack([x, y])),
        tree.lines,
        tree.emission_g_m_s,
        tree.first,
        tree.last,
        tree.child,
        tree.centre,
        tree.radius_m,
        tree.emission_g_s,
        response,
        opening,
        out,
    )
    return LongTermMean(np.ascontiguousarray(out.transpose(1, 0, 2)), int(count))


def far_field_bound(tree: SourceTree, response: NDArray[np.float64], opening: float, nearest_m: float = 100.0) -> float:
    """Greatest share of the far field that putting lines into their squares' centres can add or leave out.

    Taylor about the centre: the first order vanishes, the second is at most half the mean square distance of the
    lines from it times the greatest curvature of the response there. Taken at the worst distance beyond `nearest_m`,
    for roads alike in all directions and squares filled like this tree's in the mean, as if every square were as large
    as may be and all erred the same way; sums do far better.
    """
    from lcr_kernels.dispersion_response import EVERY
    from lcr_kernels.dispersion_rline_table import STEP

    du, turn = EVERY * STEP, 2.0 * np.pi / response.shape[1]
    distance = np.exp(du * np.arange(response.shape[0]))
    value = response.mean(axis=2) / distance[:, None]
    by_u = np.gradient(value, du, axis=0)
    by_uu = np.gradient(by_u, du, axis=0)
    after, before = np.roll(value, -1, axis=1), np.roll(value, 1, axis=1)
    by_angle = (after - before) / (2.0 * turn)
    by_angle_2 = (after - 2.0 * value + before) / turn**2
    mixed = np.gradient(by_angle, du, axis=0) - by_angle
    radial, across = by_uu - by_u, by_u + by_angle_2
    # Greatest eigenvalue of the 2 x 2 matrix of second derivatives, times distance squared.
    norm = 0.5 * np.abs(radial + across) + np.hypot(0.5 * (radial - across), mixed)
    far = (distance >= nearest_m) & (distance < distance[-1])
    curvature = float((norm[far][:-2].mean(axis=1) / value[far][:-2].mean(axis=1)).max())
    several = tree.last - tree.first > 1
    if not several.any():
        return 0.0
    weight = tree.emission_g_s[several].sum(axis=(1, 2)) + 1e-300
    filled = (weight * (tree.spread_m[several] / tree.radius_m[several]) ** 2).sum() / weight.sum()
    return float(0.5 * opening**2 * filled * curvature)
