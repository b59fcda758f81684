"""`lcr assign`: the equilibrium of one network file, for a person or for a program."""

from __future__ import annotations

import csv
import json as jsonlib
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.errors import InputError, LcrError
from lcr_hpc.traffic.equilibrium import Assignment, assign
from lcr_hpc.traffic.gmns import is_gmns, read_gmns
from lcr_hpc.traffic.network import Demand, Network, demand_from_pairs
from lcr_hpc.traffic.settings import TrafficSettings
from lcr_hpc.traffic.tntp import read_tntp

SHOWN_PAIRS = 10


def run_assign(
    net: Path,
    trips: Path,
    *,
    gap: float,
    toll_weight: float,
    distance_weight: float,
    algorithm: str,
    blocks: int | None,
    threads: int,
    out: Path | None,
    json: bool,
    communicator: Communicator,
) -> int:
    """Read, assign, write and report; rank 0 alone writes and prints.

    Parameters
    ----------
    net, trips : Path
        TNTP files, or a GMNS folder or link.csv and its demand.
    gap, toll_weight, distance_weight, algorithm, blocks
        As in `TrafficSettings`.
    threads : int
        Blocks that a rank works on at once.
    out : Path or None
        CSV of init_node, term_node, flow, cost in the file's link order.
    json : bool
        One JSON object is the whole of stdout.
    communicator : Communicator
        Ranks.

    Returns
    -------
    int
        Exit code: 0, or 1 when the gap was not reached.
    """
    settings = TrafficSettings(
        relative_gap=gap,
        toll_weight=toll_weight,
        distance_weight=distance_weight,
        algorithm=algorithm,
        origin_blocks=blocks,
    )
    clock = time.perf_counter()
    network, demand = _read_on_rank_0(net, trips, communicator)
    read_seconds = time.perf_counter() - clock
    clock = time.perf_counter()
    compile_kernels()
    communicator.barrier()
    compile_seconds = time.perf_counter() - clock
    clock = time.perf_counter()
    result = assign(network, demand, settings, communicator=communicator, threads=threads)
    seconds = time.perf_counter() - clock
    if communicator.rank > 0:
        return 0 if result.converged else 1
    if out is not None:
        write_flows(out, network, result)
    figures: dict[str, Any] = {
        "relative_gap": result.relative_gap,
        "objective": result.objective,
        "total_travel_time": result.total_travel_time,
        "iterations": result.iterations,
        "seconds": seconds,
        "read_seconds": read_seconds,
        "compile_seconds": compile_seconds,
        "unreachable_trips": result.unreachable.total,
        "ranks": communicator.size,
        "threads": threads,
        "blocks": result.blocks,
    }
    if json:
        print(jsonlib.dumps(figures))
    else:
        _show(net, network, demand, result, figures)
    if not result.converged:
        print(
            f"lcr: the relative gap is {result.relative_gap:.3g} after {result.iterations} iterations, wanted {gap:g}; "
            "the flows are of that gap",
            file=sys.stderr,
        )
    return 0 if result.converged else 1


def compile_kernels() -> None:
    """Solve a network of three nodes, so that every kernel is compiled or loaded from the cache."""
    ones = np.ones(4)
    network = Network(
        from_node=np.array([0, 0, 2, 2], np.int32),
        to_node=np.array([1, 2, 1, 1], np.int32),
        capacity_veh_h=ones,
        length=ones,
        free_flow_time=np.array([2.0, 1.0, 1.0, 1.0]),
        b=ones,
        power=np.array([4.0, 1.0, 2.0, 4.0]),
        toll=np.zeros(4),
        n_zones=2,
        n_nodes=3,
        first_through_node=2,
        node_id=np.arange(3),
        link_row=np.arange(4),
    )
    pair = np.array([0], np.int32)
    assign(network, demand_from_pairs(pair, pair + np.int32(1), np.ones(1), 2), TrafficSettings(relative_gap=1e-9))


def write_flows(path: Path, network: Network, result: Assignment) -> None:
    """Write link flows and costs as CSV, whole or not at all; numbers read back to the same bits."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name a folder that exists") from None
    with os.fdopen(handle, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["init_node", "term_node", "flow", "cost"])
        start, end = network.node_id[network.from_node].tolist(), network.node_id[network.to_node].tolist()
        rows.writerows(zip(start, end, result.link_flow.tolist(), result.link_cost.tolist(), strict=True))
    Path(temporary).chmod(0o644)
    Path(temporary).replace(path)


def _read_on_rank_0(net: Path, trips: Path, communicator: Communicator) -> tuple[Network, Demand]:
    """Read once and tell the others; an error of the input is raised on every rank alike."""
    found: tuple[Network, Demand] | LcrError | None = None
    if communicator.rank == 0:
        try:
            found = read_gmns(net, trips) if is_gmns(net) else read_tntp(net, trips)
        except LcrError as error:
            found = error
    found = communicator.broadcast(found)
    if isinstance(found, LcrError):
        raise found
    if found is None:
        raise InputError(f"{net}: rank 0 sent nothing")
    return found


def _show(net: Path, network: Network, demand: Demand, result: Assignment, figures: dict[str, Any]) -> None:
    console = Console()
    table = Table(title=f"User equilibrium of {net.name}", show_header=False)
    table.add_row("zones / nodes / links", f"{network.n_zones:,} / {network.n_nodes:,} / {network.n_links:,}")
    table.add_row("trips on the network", f"{demand.interzonal - result.unreachable.total:,.2f}")
    table.add_row("trips within a zone", f"{demand.intrazonal:,.2f}")
    table.add_row("trips without a path", f"{result.unreachable.total:,.2f}")
    table.add_row("relative gap", f"{result.relative_gap:.3e}")
    table.add_row("Beckmann objective", f"{result.objective:,.6f}")
    table.add_row("total travel time", f"{result.total_travel_time:,.3f}")
    table.add_row("iterations", f"{result.iterations}")
    table.add_row("solve / read / compile", " / ".join(f"{figures[k]:.2f} s" for k in _SECONDS))
    table.add_row("ranks × threads, blocks", f"{figures['ranks']} × {figures['threads']}, {figures['blocks']}")
    console.print(table)
    lost = result.unreachable
    if lost.trips.size:
        first = [
            f"{network.node_id[o]} → {network.node_id[d]} ({t:g})"
            for o, d, t in zip(lost.origin[:SHOWN_PAIRS], lost.destination[:SHOWN_PAIRS], lost.trips, strict=False)
        ]
        more = f" and {lost.trips.size - SHOWN_PAIRS} more pairs" if lost.trips.size > SHOWN_PAIRS else ""
        console.print(f"No path, left out of flows and gap: {', '.join(first)}{more}")


_SECONDS = ("seconds", "read_seconds", "compile_seconds")
