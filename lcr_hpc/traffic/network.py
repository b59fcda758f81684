"""A road network with its volume–delay parameters, and the demand between its zones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from lcr_kernels.delay_functions import AKCELIK, BPR, BPR2, CONICAL, rises
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
LongInts = NDArray[np.int64]

DELAY_FUNCTIONS = {"bpr": BPR, "bpr2": BPR2, "conical": CONICAL, "akcelik": AKCELIK}
"""Numbers of the volume–delay functions by name."""

SHOWN = 20
"""Offending rows that a message names before it only counts them."""


@dataclass(frozen=True)
class Network:
    """Directed links between nodes; zone z is node z, and link times follow a volume–delay function.

    Parameters
    ----------
    from_node, to_node : int32[link]
        Node indices, 0 to n_nodes − 1. Parallel links may have parameters of their own.
    capacity_veh_h : float64[link]
        Any unit, as long as the demand is in the same one. Greater than zero.
    length : float64[link]
        Unit of the source.
    free_flow_time : float64[link]
        Minutes, by convention. Zero is allowed.
    b, power : float64[link]
        BPR: time = free_flow_time · (1 + b · (flow / capacity) ** power), both >= 0; see `delay_function`.
    toll : float64[link]
        Unit of the source.
    n_zones, n_nodes : int
        Zones are the first nodes.
    first_through_node : int
        Index of the first node that paths may pass through; paths end at nodes below it.
    node_id : int64[node]
        Source ids.
    link_row : int64[link]
        Where each link stands in its source, for messages.
    source, row_word : str
        Named in messages: the file, and what it calls a row.
    delay_function : int8[link] or None
        Number in `DELAY_FUNCTIONS`; None: BPR everywhere. What `b` and `power` are depends on it:
        bpr2, twice the power above capacity; conical (Spiess 1990), `power` is α > 1 and b = 1 doubles the time at
        capacity; akcelik (1991), `b` is the flow period in hours and `power` the delay parameter J, with capacity
        in veh/h and length in the unit that J is for, kilometres by convention, times in minutes.
    node_x, node_y : float64[node] or None
        Coordinates, for maps.
    crs : str
        What the coordinates are in, as pyproj names it; empty = not said.
    """

    from_node: Ints
    to_node: Ints
    capacity_veh_h: Floats
    length: Floats
    free_flow_time: Floats
    b: Floats
    power: Floats
    toll: Floats
    n_zones: int
    n_nodes: int
    first_through_node: int
    node_id: LongInts
    link_row: LongInts
    source: str = "network"
    row_word: str = "row"
    delay_function: NDArray[np.int8] | None = None
    node_x: Floats | None = None
    node_y: Floats | None = None
    crs: str = ""

    @property
    def n_links(self) -> int:
        """Number of directed links."""
        return int(self.from_node.size)

    def time(self, flow: Floats) -> Floats:
        """Travel time of each link at a flow in PCU, minutes; without toll and distance cost."""
        rise = self.b * (np.maximum(flow, 0.0) / self.capacity_veh_h) ** self.power
        time: Floats = self.free_flow_time * (1.0 + rise)
        if self.delay_function is not None and (other := np.flatnonzero(self.delay_function != BPR)).size:
            ratio = np.maximum(flow, 0.0) / self.capacity_veh_h
            steepness = rises(self.delay_function[other], ratio[other], self.delay_parameter()[other])
            time[other] = self.free_flow_time[other] + self.congestion()[other] * steepness
        return time

    def congestion(self) -> Floats:
        """Minutes by which a link's rise is multiplied: free-flow time · b, but 15 · b · length for Akçelik's."""
        plain: Floats = self.free_flow_time * self.b
        if self.delay_function is None:
            return plain
        return np.where(self.delay_function == AKCELIK, 15.0 * self.b * self.length, plain)

    def delay_parameter(self) -> Floats:
        """Parameter of each link's function as `lcr_kernels.delay_functions` takes it."""
        if self.delay_function is None:
            return self.power
        with np.errstate(divide="ignore", invalid="ignore"):
            akcelik = 8.0 * self.power / (self.capacity_veh_h * self.b)
        return np.where(self.delay_function == AKCELIK, akcelik, self.power)

    def fixed_cost(self, toll_weight: float, distance_weight: float) -> Floats:
        """Cost of each link that flow does not change: free-flow time, weighted toll and weighted length."""
        cost: Floats = self.free_flow_time + toll_weight * self.toll + distance_weight * self.length
        return cost

    def problems(self) -> Iterator[str]:
        """Everything that an assignment cannot use, one message a kind of defect, naming the rows."""
        if not 0 <= self.n_zones <= self.n_nodes:
            yield f"{self.source}: {self.n_zones} zones but {self.n_nodes} nodes; zones are the first nodes"
        for name in ("from_node", "to_node"):
            node = getattr(self, name)
            bad = (node < 0) | (node >= self.n_nodes)
            yield from self.rows(bad, f"{name} is not one of the {self.n_nodes} nodes", node)
        positive = self.capacity_veh_h
        yield from self.rows(~(np.isfinite(positive) & (positive > 0)), "capacity must be finite and above 0", positive)
        for name in ("free_flow_time", "b", "power"):
            value = getattr(self, name)
            yield from self.rows(~(np.isfinite(value) & (value >= 0)), f"{name} must be finite and not negative", value)
        for name in ("length", "toll"):
            value = getattr(self, name)
            yield from self.rows(~np.isfinite(value), f"{name} must be finite", value)
        yield from self._delay_problems()

    def _delay_problems(self) -> Iterator[str]:
        function = self.delay_function
        if function is None:
            return
        if function.shape != (self.n_links,):
            yield f"{self.source}: delay_function has shape {function.shape}, wanted one for {self.n_links} links"
            return
        known = ", ".join(f"{number} {name}" for name, number in DELAY_FUNCTIONS.items())
        unknown = ~np.isin(function, list(DELAY_FUNCTIONS.values()))
        yield from self.rows(unknown, f"delay function is none of {known}", function)
        yield from self.rows(
            (function == CONICAL) & ~(self.power > 1.0), "power of a conical function must be above 1", self.power
        )
        is_akcelik = function == AKCELIK
        yield from self.rows(is_akcelik & ~(self.b > 0.0), "b of Akçelik's, its flow period, must be above 0", self.b)
        yield from self.rows(is_akcelik & (self.length < 0.0), "length of Akçelik's must be from 0 up", self.length)

    def rows(self, bad: NDArray[np.bool_], rule: str, value: NDArray[np.generic]) -> Iterator[str]:
        """One message that names the rows of links where something is bad, with its value; none if none is."""
        found = np.flatnonzero(bad)
        if found.size:
            named = ", ".join(f"{self.link_row[i]} ({value[i]})" for i in found[:SHOWN])
            more = f" and {found.size - SHOWN} more" if found.size > SHOWN else ""
            yield f"{self.source}: {rule}; {self.row_word} {named}{more}"


@dataclass(frozen=True)
class Demand:
    """Trips between zones as compressed sparse rows over origins.

    Parameters
    ----------
    indptr : int64[zone + 1]
        Pairs of origin z are indptr[z] … indptr[z+1] − 1.
    destination : int32[pair]
        Zone index, ascending within an origin.
    trips : float64[pair]
        In the unit of the network's capacity, veh/h by convention. Pairs within a zone are kept and reported;
        they load no link.
    """

    indptr: LongInts
    destination: Ints
    trips: Floats
    source: str = "demand"

    @property
    def n_zones(self) -> int:
        """Number of zones."""
        return int(self.indptr.size) - 1

    @property
    def origin(self) -> Ints:
        """Origin zone of each pair, int32[pair]."""
        return np.repeat(np.arange(self.n_zones, dtype=np.int32), np.diff(self.indptr))

    @property
    def intrazonal(self) -> float:
        """Trips within a zone, which the network does not carry."""
        return float(self.trips[self.origin == self.destination].sum())

    @property
    def interzonal(self) -> float:
        """Trips between different zones."""
        return float(self.trips[self.origin != self.destination].sum())

    def problems(self) -> Iterator[str]:
        """Everything that an assignment cannot use, naming origin and destination index."""
        if self.indptr.size == 0 or self.indptr[0] != 0 or (np.diff(self.indptr) < 0).any():
            yield f"{self.source}: indptr must start at 0 and not fall"
            return
        if self.indptr[-1] != self.destination.size or self.destination.size != self.trips.size:
            yield f"{self.source}: indptr ends at {self.indptr[-1]}, with {self.destination.size} pairs"
            return
        origin = self.origin
        yield from self._pairs(
            (self.destination < 0) | (self.destination >= self.n_zones),
            f"destination is not one of {self.n_zones} zones",
        )
        yield from self._pairs(~(np.isfinite(self.trips) & (self.trips >= 0)), "trips must be finite and not negative")
        key = origin.astype(np.int64) * self.n_zones + self.destination
        order = np.argsort(key, kind="stable")
        twice = np.zeros(key.size, np.bool_)
        twice[order[1:]] = key[order[1:]] == key[order[:-1]]
        yield from self._pairs(twice, "origin and destination appear twice; add the trips up first")

    def _pairs(self, bad: NDArray[np.bool_], rule: str) -> Iterator[str]:
        found = np.flatnonzero(bad)
        if found.size:
            origin = self.origin
            named = ", ".join(f"{origin[i]} → {self.destination[i]} ({self.trips[i]})" for i in found[:SHOWN])
            more = f" and {found.size - SHOWN} more" if found.size > SHOWN else ""
            yield f"{self.source}: {rule}; pairs {named}{more}"


def demand_from_pairs(origin: Ints, destination: Ints, trips: Floats, n_zones: int, source: str = "demand") -> Demand:
    """Arrange lists of origin, destination and trips as compressed rows; zeros are left out.

    Parameters
    ----------
    origin, destination : int32[pair]
        Zone indices in any order.
    trips : float64[pair]
        As in `Demand`.
    n_zones : int
        Number of zones.
    source : str
        Named in messages.
    """
    keep = np.flatnonzero(trips != 0.0)
    order = keep[np.lexsort((destination[keep], origin[keep]))]
    indptr = np.zeros(n_zones + 1, np.int64)
    np.add.at(indptr, origin[order].astype(np.int64) + 1, 1)
    return Demand(
        np.cumsum(indptr, dtype=np.int64),
        destination[order].astype(np.int32),
        trips[order].astype(np.float64),
        source,
    )
