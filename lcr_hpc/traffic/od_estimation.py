"""Demand from counts: cells of a prior matrix moved, between bounds, until assigned flows come near to the counts."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.classes import VehicleClass, as_classes
from lcr_hpc.traffic.equilibrium import Assignment, assign
from lcr_hpc.traffic.movement import Movement, measure_movement
from lcr_hpc.traffic.network import SHOWN, Demand, Floats, LongInts, Network
from lcr_hpc.traffic.od_cells import fit_cells
from lcr_hpc.traffic.select import select_links
from lcr_hpc.traffic.settings import TrafficSettings
from lcr_hpc.traffic.skims import skim_used
from lcr_hpc.traffic.turns import Turns
from lcr_hpc.traffic.validation import geh
from lcr_hpc.traffic.warm_start import WarmStart

SHORTEST_STEP = 1.0 / 32.0


@dataclass(frozen=True)
class EstimationSettings:
    """Settings of `estimate_demand`.

    Parameters
    ----------
    bound : float
        r: a cell stays between prior / r and prior · r. 1 or more; 1 moves nothing.
    prior_weight : float
        Above 0. A count c is taken to vary by √c, a prior of t trips by √(t / prior_weight): the less it weighs, the
        further cells go for a count.
    rounds : int
        At most so many assignments beyond the first, shortened steps included.
    tolerance : float
        Done when a round lowers the objective by no more than this share of it.
    """

    bound: float = 2.0
    prior_weight: float = 0.1
    rounds: int = 20
    tolerance: float = 1e-4

    def __post_init__(self) -> None:
        found = []
        if not (math.isfinite(self.bound) and self.bound >= 1.0):
            found.append(f"demand from counts: bound is {self.bound}, wanted 1 or more")
        if not (math.isfinite(self.prior_weight) and self.prior_weight > 0.0):
            found.append(f"demand from counts: prior_weight is {self.prior_weight}, wanted above 0")
        if self.rounds < 1:
            found.append(f"demand from counts: rounds is {self.rounds}, wanted 1 or more")
        if not (math.isfinite(self.tolerance) and self.tolerance >= 0.0):
            found.append(f"demand from counts: tolerance is {self.tolerance}, wanted from 0 up")
        raise_all(found)


@dataclass(frozen=True)
class EstimatedDemand:
    """What `estimate_demand` found.

    Parameters
    ----------
    demand : Demand
        Of the class that was estimated; pairs as in the prior.
    assignment : Assignment
        Of it, with the other classes.
    geh_before, geh_after : float64[count]
        Of the prior's flows and of the estimate's.
    movement : Movement
        Lengths are those of the paths that the prior uses. `beyond()` says which of TAG's criteria it goes beyond.
    unseen : int64[...]
        Counted links that no trip of the class passes: the estimate can do nothing for them.
    objective : float64[round + 1]
        Σ (flow − count)² / max(count, 1) + prior_weight · Σ (cell − prior)² / prior, prior first; it never rises.
    """

    demand: Demand
    assignment: Assignment
    geh_before: Floats
    geh_after: Floats
    movement: Movement
    unseen: LongInts
    objective: Floats


def estimate_demand(
    network: Network,
    prior: Demand | Sequence[VehicleClass],
    count_link: ArrayLike,
    count: ArrayLike,
    settings: TrafficSettings | None = None,
    estimation: EstimationSettings | None = None,
    *,
    vehicle_class: int = 0,
    turns: Turns | None = None,
    preload: Floats | None = None,
    communicator: Communicator | None = None,
    threads: int = 1,
) -> EstimatedDemand:
    """Move a prior demand, between bounds, so that its equilibrium flows come nearer to counts.

    Parameters
    ----------
    network, prior, settings, turns, preload, communicator, threads
        As in `assign`; the prior is its demand.
    count_link : int[count]
        Index of each counted link, once each.
    count : float64[count]
        Counted flow in the unit of `Assignment.link_flow`: PCU/h of all classes, without the preload.
    estimation : EstimationSettings, optional
        Bounds, weight of the prior, rounds.
    vehicle_class : int
        Class whose cells move; the others stay as they are.

    Returns
    -------
    EstimatedDemand

    Raises
    ------
    InputError
        Counted links that do not exist or come twice, counts that are negative or NaN, and what `assign` refuses.

    Notes
    -----
    Each round takes the exact proportions in which pairs use counted links from the bushes at equilibrium
    (`select_links`), solves the bounded least squares for them (`fit_cells`), and assigns anew. Congestion moves the
    proportions: a step after which the objective has not fallen is halved, so that the estimate is never worse than
    the prior. Cells without trips stay without; pairs within a zone, without a path or on no counted link stay put.
    The best local answer of a problem with many (Yang, Sasaki, Iida & Asakura, Estimation of origin–destination
    matrices from link traffic counts on congested networks, Transportation Research B 26, 1992).
    """
    estimation = estimation or EstimationSettings()
    classes = as_classes(prior)
    links, counted = np.asarray(count_link, np.int64), np.asarray(count, np.float64)
    raise_all(_problems(network, classes, vehicle_class, links, counted), InputError)
    moving = classes[vehicle_class]
    first = moving.demand.trips
    variance = np.maximum(counted, 1.0)
    spread = first / estimation.prior_weight

    def run(trips: Floats, warm: WarmStart | None) -> Assignment:
        demand = dataclasses.replace(moving.demand, trips=trips)
        now = [dataclasses.replace(c, demand=demand) if k == vehicle_class else c for k, c in enumerate(classes)]
        return assign(
            network,
            now,
            settings,
            turns=turns,
            preload=preload,
            communicator=communicator,
            threads=threads,
            warm_start=warm,
        )

    def objective(result: Assignment, trips: Floats) -> float:
        moved = np.divide((trips - first) ** 2, first, out=np.zeros_like(first), where=first > 0.0)
        return float(((result.link_flow[links] - counted) ** 2 / variance).sum()) + estimation.prior_weight * float(
            moved.sum()
        )

    trips, result = first, run(first, None)
    before = geh(result.link_flow[links], counted)
    history = [objective(result, trips)]
    length = skim_used(result, ["distance"], vehicle_class=vehicle_class, communicator=communicator)["distance"]
    share = link_proportions(result, links, vehicle_class, communicator)
    unseen = links[np.diff(share.indptr) == 0]
    left = estimation.rounds
    while left > 0:
        others = result.link_flow[links] - share @ trips
        bounds = first / estimation.bound, first * estimation.bound
        wanted = fit_cells(share, counted - others, variance, first, spread, *bounds).trips
        step = 1.0
        while left > 0 and step >= SHORTEST_STEP:
            tried = trips + step * (wanted - trips) if step < 1.0 else wanted
            left -= 1
            found = run(tried, result.warm_start)
            value = objective(found, tried)
            if value < history[-1]:
                break
            step /= 2.0
        else:
            break
        trips, result = tried, found
        history.append(value)
        if history[-2] - value <= estimation.tolerance * history[-2]:
            break
        share = link_proportions(result, links, vehicle_class, communicator)
    demand = dataclasses.replace(moving.demand, trips=trips, source=f"{moving.demand.source}, fitted to counts")
    after = geh(result.link_flow[links], counted)
    movement = measure_movement(moving.demand, demand, estimation.bound, length)
    return EstimatedDemand(demand, result, before, after, movement, unseen, np.array(history))


def link_proportions(
    result: Assignment, links: LongInts, vehicle_class: int = 0, communicator: Communicator | None = None
) -> sp.csr_array:
    """Flow that one trip of each pair of a class puts on each of some links, PCU, CSR [link, pair]."""
    pcu = result.problem.classes[vehicle_class].pcu
    rows = [
        sp.csr_array(pcu * select_links(result, [link], communicator=communicator).share[vehicle_class][None, :])
        for link in links.tolist()
    ]
    pairs = result.problem.classes[vehicle_class].demand.trips.size
    return sp.csr_array(sp.vstack(rows)) if rows else sp.csr_array((0, pairs))


def _problems(
    network: Network, classes: Sequence[VehicleClass], vehicle_class: int, links: LongInts, counted: Floats
) -> list[str]:
    found = []
    if not 0 <= vehicle_class < len(classes):
        found.append(f"demand from counts: no class {vehicle_class}; there are {len(classes)}")
    if links.ndim != 1 or links.shape != counted.shape or links.size == 0:
        return [
            *found,
            f"demand from counts: {links.shape} links, {counted.shape} counts; wanted one for each, and some",
        ]
    for bad, rule in (
        ((links < 0) | (links >= network.n_links), f"counted links are 0 to {network.n_links - 1}"),
        (
            ~(np.isfinite(counted) & (counted >= 0.0)),
            "counts must be finite and not negative; leave out what is missing",
        ),
        (
            np.isin(links, links[np.setdiff1d(np.arange(links.size), np.unique(links, return_index=True)[1])]),
            "a link is counted twice; give one count",
        ),
    ):
        at = np.flatnonzero(bad)
        if at.size:
            named = ", ".join(f"{links[i]} ({counted[i]:g})" for i in at[:SHOWN])
            more = f" and {at.size - SHOWN} more" if at.size > SHOWN else ""
            found.append(f"demand from counts: {rule}; link {named}{more}")
    return found
