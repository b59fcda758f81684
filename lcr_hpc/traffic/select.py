"""Select link and select node: whose trips pass there, and where else they go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from lcr_kernels.bush import Bushes
from lcr_kernels.bush_select import select_bushes
from numpy.typing import NDArray

from lcr_hpc.compute.communicator import Communicator, SerialCommunicator
from lcr_hpc.errors import InputError
from lcr_hpc.traffic.equilibrium import Assignment
from lcr_hpc.traffic.network import Floats
from lcr_hpc.traffic.problem import Problem


class Selected(NamedTuple):
    """Trips that pass the selected links, by class.

    share      tuple of float64[pair]  share of each pair's demand, in the order of the class's `Demand`
    trips      tuple of float64[pair]  share · demand, vehicles
    link_flow  float64[class, link]    links that those trips use, vehicles
    """

    share: tuple[Floats, ...]
    trips: tuple[Floats, ...]
    link_flow: Floats


def select_links(result: Assignment, links: Sequence[int], *, communicator: Communicator | None = None) -> Selected:
    """Find the trips that pass at least one of some links.

    Parameters
    ----------
    result : Assignment
    links : sequence of int
        Indices of links.
    communicator : Communicator, optional
        That of the assignment; every rank calls, and gets the whole answer.

    Returns
    -------
    Selected

    Raises
    ------
    InputError
        Links that do not exist.

    Notes
    -----
    Shares are those of the bushes at the final flows: where routes of an origin meet and part again, travellers part in
    the same proportion wherever they came from, the choice of most entropy. Trips through one link sum to its flow.
    """
    problem = result.problem
    wanted = np.asarray(links, np.int64).reshape(-1)
    wrong = wanted[(wanted < 0) | (wanted >= problem.network.n_links)]
    if wrong.size:
        raise InputError(
            f"select link: no link {', '.join(map(str, wrong[:20]))}; they are 0 to {problem.network.n_links - 1}"
        )
    selected = np.zeros(problem.expanded.n_links, np.bool_)
    selected[wanted] = True
    arranged = selected[problem.place]
    found = [_select(result, k, arranged, communicator or SerialCommunicator()) for k in range(len(problem.classes))]
    return Selected(
        tuple(share for share, _ in found),
        tuple(share * c.demand.trips for (share, _), c in zip(found, problem.classes, strict=True)),
        np.stack([flow for _, flow in found]),
    )


def select_node(result: Assignment, node: int, *, communicator: Communicator | None = None) -> Selected:
    """Find the trips that begin, end or pass at a node, by its index; otherwise as `select_links`."""
    network = result.problem.network
    if not 0 <= node < network.n_nodes:
        raise InputError(f"select node: no node {node}; they are 0 to {network.n_nodes - 1}")
    links = np.flatnonzero((network.from_node == node) | (network.to_node == node))
    return select_links(result, links.tolist(), communicator=communicator)


def gather_bushes(result: Assignment, k: int) -> dict[int, Bushes]:
    """Bushes of a class that this rank holds, by block."""
    first = k * result.blocks
    return {n - first: b for n, b in result.warm_start.bushes.items() if first <= n < first + result.blocks}


def in_demand_order(problem: Problem, k: int, values: Floats, missing: float) -> Floats:
    """Values by pair of a trip table as values by pair of the class's demand; `missing` for pairs within a zone."""
    demand = problem.classes[k].demand
    out = np.full(demand.trips.size, missing)
    out[problem.pair[k]] = values
    return out


def _select(result: Assignment, k: int, arranged: NDArray[np.bool_], ranks: Communicator) -> tuple[Floats, Floats]:
    problem = result.problem
    roads, trips = problem.class_roads(k)._replace(function=None), problem.trips[k]
    n_pairs = trips.trips.size
    mine = {}
    for block, bushes in gather_bushes(result, k).items():
        share, flow = np.zeros(n_pairs), np.zeros(arranged.size)
        select_bushes(roads, bushes, trips, arranged, share, flow)
        mine[block] = np.concatenate([share, flow])
    whole = ranks.gather_blocks(mine, result.blocks)
    total = whole[0].copy()
    for part in whole[1:]:
        total += part
    flow = problem.unarranged(total[n_pairs:])[: problem.network.n_links] / problem.classes[k].pcu
    return in_demand_order(problem, k, total[:n_pairs], 0.0), flow
