"""Deterministic user equilibrium: all paths that a class uses between two zones cost it the same, none costs it less.

Wardrop, Some theoretical aspects of road traffic research (1952), first principle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from lcr_kernels.volume_delay import link_costs

from lcr_hpc.compute.communicator import Communicator, SerialCommunicator
from lcr_hpc.traffic.arrange import relative_gap
from lcr_hpc.traffic.checkpoint import Checkpoints
from lcr_hpc.traffic.class_blocks import ClassBlocks
from lcr_hpc.traffic.classes import VehicleClass
from lcr_hpc.traffic.network import Demand, Floats, Ints, LongInts, Network
from lcr_hpc.traffic.problem import Problem, arrange_problem
from lcr_hpc.traffic.settings import TrafficSettings
from lcr_hpc.traffic.turns import Turns
from lcr_hpc.traffic.warm_start import WarmStart, fit_warm_start


class UnreachableDemand(NamedTuple):
    """Demand between zones that no path joins; it loads no link and is no part of the gap.

    origin, destination are zone indices, int32[pair]; trips float64[pair].
    """

    origin: Ints
    destination: Ints
    trips: Floats

    @property
    def total(self) -> float:
        """Trips without a path."""
        return float(self.trips.sum())


@dataclass(frozen=True)
class Assignment:
    """Link flows at user equilibrium.

    Parameters
    ----------
    link_flow : float64[link]
        PCU/h of all classes, in the order of the network's links; without the preload. Of one class of cars this is
        in the unit of the demand.
    link_cost : float64[link]
        Generalised cost to the first class at that flow and the preload, minutes.
    relative_gap : float
        1 − (shortest-path cost · demand) / (link cost · link flow), of an all-or-nothing at these costs.
    objective : float
        Beckmann objective: the sum over links of the integral of time from the preload to preload and flow, and
        of what the classes pay beyond it, in PCU.
    total_travel_time : float
        Link time · vehicles of all classes, without toll and distance cost; turns are part of it.
    iterations : int
        Updates of all bushes.
    history : float64[iteration]
        Relative gap inside the bushes before each update's shifts; the last one is `relative_gap` itself.
    unreachable : UnreachableDemand
        Of all classes, one after another, in vehicles.
    converged : bool
        Whether the gap that was asked for was reached.
    blocks : int
        Blocks of origins: part of the problem. Every class has so many.
    class_names : tuple of str
        `all`, where one demand was given.
    class_flow : float64[class, link]
        Vehicles of each class per hour.
    class_cost : float64[class, link]
        Generalised cost to each class, minutes; infinite where a link is closed to it.
    class_unreachable : tuple of UnreachableDemand
        By class.
    turn_flow : float64[turn]
        PCU/h of each turn that was listed; 0 where it is banned.
    warm_start : WarmStart
        Bushes to begin another assignment with.
    problem : Problem
        What was assigned, for select link and skims.
    shared_flow, shared_cost : float64[arranged link]
        Flow of all classes with the preload, and the cost that all classes share, as the kernels hold them.
    """

    link_flow: Floats
    link_cost: Floats
    relative_gap: float
    objective: float
    total_travel_time: float
    iterations: int
    history: Floats
    unreachable: UnreachableDemand
    converged: bool
    blocks: int
    class_names: tuple[str, ...]
    class_flow: Floats
    class_cost: Floats
    class_unreachable: tuple[UnreachableDemand, ...]
    turn_flow: Floats
    warm_start: WarmStart = field(repr=False)
    problem: Problem = field(repr=False)
    shared_flow: Floats = field(repr=False)
    shared_cost: Floats = field(repr=False)


def assign(
    network: Network,
    demand: Demand | Sequence[VehicleClass],
    settings: TrafficSettings | None = None,
    *,
    turns: Turns | None = None,
    preload: Floats | None = None,
    communicator: Communicator | None = None,
    threads: int = 1,
    warm_start: WarmStart | None = None,
    checkpoint: Checkpoints | None = None,
) -> Assignment:
    """Find the user equilibrium of a demand, or of several classes of vehicles, on a network.

    Parameters
    ----------
    network : Network
        From `read_tntp`, `read_gmns`, or built from arrays.
    demand : Demand or sequence of VehicleClass
        One class of cars, or classes with their own demand and cost, which congest one another.
    settings : TrafficSettings, optional
        Gap, weights, blocks.
    turns : Turns, optional
        Turns that cost time or are banned.
    preload : float64[link], optional
        PCU/h that are on the links whatever happens, such as buses: vehicles that do not choose.
    communicator : Communicator, optional
        Ranks; every rank calls with the same arguments and gets the same result, byte for byte, whatever their
        number and that of the threads.
    threads : int
        Blocks that a rank works on at once.
    warm_start : WarmStart, optional
        From an earlier result on the same links with the same number of blocks, on this rank; costs, demand, closed
        links and classes may differ.
    checkpoint : Checkpoints, optional
        Where iterations are saved, and where one that was saved of the same problem is taken up; then the warm start
        does nothing. The result has the bytes of a run that nothing stopped. What is saved stays: `remove` it.

    Returns
    -------
    Assignment

    Raises
    ------
    InputError
        Everything that is wrong with network and demand, at once, naming rows and pairs.
    ModelError
        When the warm start is of another network, or the checkpoint of another problem.

    Notes
    -----
    Each origin keeps a bush, an acyclic sub-network. An update at fixed costs labels every bush, lets links in
    that shorten its paths and drops links that carry nothing; it moves no flow, so that blocks of origins are
    independent. The pairs of alternative segments of all bushes are then levelled by Newton shifts in one fixed
    order. Sources: `lcr_kernels.bush`, `lcr_kernels.bush_pairs`.
    """
    settings = settings or TrafficSettings()
    problem = arrange_problem(network, demand, settings, turns, preload)
    n_blocks = settings.blocks(network.n_zones)
    begin = None if warm_start is None else fit_warm_start(warm_start, problem, n_blocks)
    zones = np.array_split(np.arange(network.n_zones, dtype=np.int32), n_blocks)
    blocks = ClassBlocks(problem, zones, communicator or SerialCommunicator(), threads)

    saved = checkpoint.begin(problem, settings, n_blocks) if checkpoint is not None else None
    if saved is None:
        flow = problem.total_flow(blocks.plant(begin))
    else:
        blocks.restore(saved.bushes)
        flow = saved.flow
    lost = blocks.unreachable()
    flows, cost, gap, history = _equilibrate(
        problem, blocks, flow, settings, saved.history if saved is not None else [], checkpoint
    )
    return _result(problem, blocks, flows, cost, gap, history, lost, settings)


def _equilibrate(
    problem: Problem,
    blocks: ClassBlocks,
    flow: Floats,
    settings: TrafficSettings,
    history: list[float],
    checkpoint: Checkpoints | None,
) -> tuple[list[Floats], Floats, float, list[float]]:
    """Update and level until an exact all-or-nothing confirms the gap; returns flows, cost, gap and its history."""
    cost, slope = np.empty_like(flow), np.empty_like(flow)
    while True:
        link_costs(problem.roads, flow, cost, slope)
        pairs, excess = blocks.update(cost)
        total = blocks.spent(flow, cost)
        history.append(excess / total if total > 0.0 else 0.0)
        last = len(history) >= settings.max_iterations
        if history[-1] <= settings.relative_gap or last:
            # Shifts add up to rounding; the flows that are reported are the sum of the bushes.
            flows = blocks.load()
            flow = problem.total_flow(flows)
            link_costs(problem.roads, flow, cost, slope)
            history[-1] = relative_gap(blocks.shortest_cost(cost), problem.spent(flows, cost))
            if history[-1] <= settings.relative_gap or last:
                return flows, cost, history[-1], history
        blocks.level(pairs, flow, cost, slope)
        if checkpoint is not None:
            checkpoint.offer(blocks.bushes, flow, history)


def _result(
    problem: Problem,
    blocks: ClassBlocks,
    flows: list[Floats],
    cost: Floats,
    gap: float,
    history: list[float],
    lost: list[LongInts],
    settings: TrafficSettings,
) -> Assignment:
    """Bring everything back into the order of the network's links and into vehicles."""
    links = problem.network.n_links
    vehicles = [f if c.pcu == 1.0 else f / c.pcu for f, c in zip(flows, problem.classes, strict=True)]
    class_flow = np.stack([problem.unarranged(f) for f in vehicles])
    class_cost = np.stack([problem.unarranged(problem.class_cost(k, cost)) for k in range(len(flows))])
    pcu = problem.unarranged(sum(flows[1:], start=flows[0]))
    time = problem.expanded.time(pcu if problem.preload is None else pcu + problem.unarranged(problem.preload))
    missed = tuple(
        UnreachableDemand(c.demand.origin[pair[at]], c.demand.destination[pair[at]], c.demand.trips[pair[at]])
        for c, pair, at in zip(problem.classes, problem.pair, lost, strict=True)
    )
    turn = problem.turn_link
    return Assignment(
        link_flow=pcu[:links],
        link_cost=class_cost[0, :links],
        relative_gap=gap,
        objective=problem.objective(flows),
        total_travel_time=float((class_flow.sum(axis=0) * time).sum()),
        iterations=len(history),
        history=np.array(history),
        unreachable=UnreachableDemand(*(np.concatenate(column) for column in zip(*missed, strict=True))),
        converged=gap <= settings.relative_gap,
        blocks=blocks.n_blocks,
        class_names=tuple(c.name for c in problem.classes),
        class_flow=class_flow[:, :links],
        class_cost=class_cost[:, :links],
        class_unreachable=missed,
        turn_flow=np.where(turn >= 0, pcu[np.maximum(turn, 0)], 0.0) if turn.size else np.zeros(0),
        warm_start=WarmStart(
            blocks.bushes,
            blocks.n_blocks,
            problem.expanded.from_node,
            problem.expanded.to_node,
            problem.closed(),
            tuple(c.name for c in problem.classes),
        ),
        problem=problem,
        shared_flow=problem.total_flow(flows),
        shared_cost=cost,
    )
