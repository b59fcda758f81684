"""Turn bans and penalties: the junctions that have any are drawn out, with a link for every turn."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.traffic.network import SHOWN, Floats, Ints, LongInts, Network


@dataclass(frozen=True)
class Turns:
    """Turns that cost time or are banned; every other turn, back along the same road too, is free.

    Parameters
    ----------
    from_link, to_link : int[turn]
        Link that leads to the junction, and link that leaves it.
    penalty_min : float64[turn]
        Minutes, from 0 up; infinite = banned.
    """

    from_link: LongInts
    to_link: LongInts
    penalty_min: Floats

    def problems(self, network: Network) -> Iterator[str]:
        """Everything that cannot be used, naming turns by their links' rows."""
        if not self.from_link.size == self.to_link.size == self.penalty_min.size:
            yield (
                f"turns: {self.from_link.size} from-links, {self.to_link.size} to-links and {self.penalty_min.size} "
                "penalties; wanted as many of each"
            )
            return
        inside = (
            (self.from_link >= 0)
            & (self.from_link < network.n_links)
            & (self.to_link >= 0)
            & (self.to_link < network.n_links)
        )
        yield from self._told(network, ~inside, f"not one of the {network.n_links} links", rows=False)
        if not inside.all():
            return
        apart = network.to_node[self.from_link] != network.from_node[self.to_link]
        yield from self._told(network, apart, "the second link does not begin where the first ends")
        bad = np.isnan(self.penalty_min) | (self.penalty_min < 0.0)
        yield from self._told(network, bad, "penalty must be from 0 minutes up, infinite for a ban")
        order = np.lexsort((self.to_link, self.from_link))
        twice = np.zeros(order.size, np.bool_)
        twice[order[1:]] = (np.diff(self.from_link[order]) == 0) & (np.diff(self.to_link[order]) == 0)
        yield from self._told(network, twice, "the turn appears twice")

    def _told(self, network: Network, bad: NDArray[np.bool_], rule: str, *, rows: bool = True) -> Iterator[str]:
        found = np.flatnonzero(bad)
        if not found.size:
            return
        name = network.link_row if rows else np.arange(0)
        at = [(self.from_link[i], self.to_link[i]) for i in found[:SHOWN]]
        named = ", ".join(f"{name[a]} → {name[b]}" if rows else f"{a} → {b}" for a, b in at)
        more = f" and {found.size - SHOWN} more" if found.size > SHOWN else ""
        yield f"turns: {rule}; {network.row_word if rows else 'link'} {named}{more}"


class Expanded(NamedTuple):
    """A network whose turns are links.

    network    Network       its first links are those of the network that was given, in their order
    turn_link  int64[turn]   link of each turn; −1: banned, or at a centroid that no path passes
    """

    network: Network
    turn_link: LongInts


def expand_turns(network: Network, turns: Turns) -> Expanded:
    """Draw out the junctions of turns: links that lead into one, and those that leave it, get ends of their own.

    Parameters
    ----------
    network : Network
    turns : Turns
        Without problems.

    Returns
    -------
    Expanded

    Notes
    -----
    At a junction, links into it without any listed turn keep its node, and from there every link out is reached for
    nothing; each other link into it ends in a node of its own, from where links lead to those that it may turn into.
    Zones that paths may pass and that have turns are first set apart from their junction, all zones alike.
    """
    junction = np.unique(network.to_node[turns.from_link])
    passed = junction[junction >= network.first_through_node]
    if (passed < network.n_zones).any():
        network = _with_hubs(network)
        junction = np.unique(network.to_node[turns.from_link])
        passed = junction[junction >= network.first_through_node]
    penalty = {
        (int(a), int(b)): (float(p), i)
        for i, (a, b, p) in enumerate(zip(turns.from_link, turns.to_link, turns.penalty_min, strict=True))
    }
    listed = {a for a, _ in penalty}
    from_node, to_node = network.from_node.copy(), network.to_node.copy()
    tails: list[int] = []
    heads: list[int] = []
    times: list[float] = []
    turn_link = np.full(turns.from_link.size, -1, np.int64)
    nodes = network.n_nodes
    into, out = _links_by_node(network.to_node), _links_by_node(network.from_node)
    for node in passed.tolist():
        exits = []
        for b in out.get(node, []):
            from_node[b] = nodes
            exits.append((b, nodes))
            tails.append(node)
            heads.append(nodes)
            times.append(0.0)
            nodes += 1
        for a in into[node]:
            if a not in listed:
                continue
            to_node[a] = nodes
            for b, end in exits:
                minutes, turn = penalty.get((a, b), (0.0, -1))
                if minutes < np.inf:
                    if turn >= 0:
                        turn_link[turn] = network.n_links + len(tails)
                    tails.append(nodes)
                    heads.append(end)
                    times.append(minutes)
            nodes += 1
    changed = dataclasses.replace(network, from_node=from_node, to_node=to_node)
    return Expanded(with_free_links(changed, tails, heads, times, nodes), turn_link)


def with_free_links(network: Network, tails: list[int], heads: list[int], times: list[float], nodes: int) -> Network:
    """Append links of a constant time and no length, and nodes to a number of `nodes`."""
    more = len(tails)
    zero, one = np.zeros(more), np.ones(more)
    columns = {"capacity_veh_h": one, "length": zero, "free_flow_time": np.array(times, np.float64), "b": zero}
    columns |= {"power": zero, "toll": zero}
    grown: dict[str, Any] = {name: np.concatenate([getattr(network, name), column]) for name, column in columns.items()}
    grown["from_node"] = np.concatenate([network.from_node, np.array(tails, np.int32)]).astype(np.int32)
    grown["to_node"] = np.concatenate([network.to_node, np.array(heads, np.int32)]).astype(np.int32)
    grown["link_row"] = np.concatenate([network.link_row, np.full(more, -1, np.int64)])
    grown["node_id"] = np.concatenate([network.node_id, np.full(nodes - network.n_nodes, -1, np.int64)])
    if network.delay_function is not None:
        grown["delay_function"] = np.concatenate([network.delay_function, np.zeros(more, np.int8)])
    return dataclasses.replace(network, n_nodes=nodes, **grown)


def _with_hubs(network: Network) -> Network:
    """Move the junction of every zone that paths pass to a node of its own, joined to the zone both ways."""
    zones = np.arange(network.first_through_node, network.n_zones)
    hub = np.arange(network.n_nodes, dtype=np.int32)
    hub[zones] = network.n_nodes + np.arange(zones.size, dtype=np.int32)
    moved = dataclasses.replace(
        network,
        from_node=hub[network.from_node],
        to_node=hub[network.to_node],
        first_through_node=network.n_zones,
    )
    at = hub[zones].tolist()
    return with_free_links(
        moved, zones.tolist() + at, at + zones.tolist(), [0.0] * (2 * len(at)), network.n_nodes + len(at)
    )


def _links_by_node(node: Ints) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for link, at in enumerate(node.tolist()):
        found.setdefault(at, []).append(link)
    return found
