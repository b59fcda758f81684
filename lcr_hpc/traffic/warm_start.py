"""Where an assignment may begin: the bushes of another one of the same network, fitted to the problem at hand."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from lcr_kernels.bush import Bushes
from lcr_kernels.bush_cut import cut_links
from numpy.typing import NDArray

from lcr_hpc.errors import ModelError
from lcr_hpc.traffic.network import Ints
from lcr_hpc.traffic.problem import Problem


class WarmStart(NamedTuple):
    """Where another assignment of the same network may begin: the bushes of this rank's blocks.

    Links are those of the network with its turns drawn out; `closed` says which no vehicle of a class may use. Costs,
    demand, closed links and classes may differ; links, turns and blocks may not.
    """

    bushes: dict[int, Bushes]
    blocks: int
    from_node: Ints
    to_node: Ints
    closed: NDArray[np.bool_]
    class_names: tuple[str, ...] = ("all",)


def fit_warm_start(warm: WarmStart, problem: Problem, n_blocks: int) -> dict[int, Bushes]:
    """Bushes for each class of a problem, without the links that are closed to it.

    A class begins where the one of its name ended, and a class that is new where the first one did. What a closed link
    led to is planted anew on shortest paths, and all flow is loaded by the shares that are left: the demand may differ.

    Parameters
    ----------
    warm : WarmStart
        Of this rank.
    problem : Problem
    n_blocks : int
        Blocks of origins.

    Returns
    -------
    dict of int to Bushes
        Block b of class k is number k · n_blocks + b.

    Raises
    ------
    ModelError
        When links or blocks are not the problem's.
    """
    same_links = np.array_equal(warm.from_node, problem.expanded.from_node) and np.array_equal(
        warm.to_node, problem.expanded.to_node
    )
    if warm.blocks != n_blocks or not same_links:
        raise ModelError(
            f"the warm start has {warm.blocks} blocks on {warm.from_node.size} links, the problem {n_blocks} blocks on "
            f"{problem.expanded.n_links} links, or the links join other nodes; start cold"
        )
    closed, begun = problem.closed(), {}
    for k, vehicle_class in enumerate(problem.classes):
        known = vehicle_class.name in warm.class_names
        source = warm.class_names.index(vehicle_class.name) if known else 0
        cut = (closed[k] & ~warm.closed[source])[problem.place]
        for number, bushes in warm.bushes.items():
            if number // n_blocks == source:
                kept = cut_links(problem.roads._replace(function=None), bushes, cut) if cut.any() else bushes
                begun[k * n_blocks + number % n_blocks] = kept
    return begun
