"""`lcr assign`: the equilibrium of one network file, for a person or for a program."""

from __future__ import annotations

import json as jsonlib
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from lcr_hpc.compute.communicator import Communicator
from lcr_hpc.traffic.checkpoint import Checkpoints
from lcr_hpc.traffic.command_files import AssignFiles, read_on_rank_0, write_selected, write_zone_skims
from lcr_hpc.traffic.equilibrium import Assignment, assign
from lcr_hpc.traffic.flows import write_flows
from lcr_hpc.traffic.network import Network, demand_from_pairs
from lcr_hpc.traffic.settings import TrafficSettings

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
    files: AssignFiles | None = None,
    checkpoint_seconds: float = 60.0,
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
        Flows as CSV of init_node, term_node, flow, cost in the file's link order, or as GeoParquet.
    json : bool
        One JSON object is the whole of stdout.
    communicator : Communicator
        Ranks.
    files : AssignFiles, optional
        Classes, preload, turns; skims, selected trips and checkpoints.
    checkpoint_seconds : float
        Least time between two checkpoints.

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
    files = files or AssignFiles()
    clock = time.perf_counter()
    given = read_on_rank_0(net, trips, files, communicator)
    network, demand = given.network, given.demand
    # Told before the work, not after it.
    files.raise_unwritable(out, network)
    read_seconds = time.perf_counter() - clock
    clock = time.perf_counter()
    compile_kernels()
    communicator.barrier()
    compile_seconds = time.perf_counter() - clock
    clock = time.perf_counter()
    keeper = None
    if files.checkpoint is not None:
        keeper = Checkpoints(files.checkpoint, checkpoint_seconds, communicator)
    result = assign(
        network,
        given.classes or demand,
        settings,
        turns=given.turns,
        preload=given.preload,
        communicator=communicator,
        threads=threads,
        checkpoint=keeper,
    )
    seconds = time.perf_counter() - clock
    if files.skims is not None:
        write_zone_skims(files.skims, result, communicator)
    if files.select_out is not None:
        write_selected(files.select_out, given, result, communicator)
    if keeper is not None:
        keeper.remove()
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
    if given.classes:
        figures["classes"] = {
            name: {
                "trips": c.demand.interzonal,
                "unreachable_trips": lost.total,
                "generalised_cost": float((np.where(flow > 0.0, cost, 0.0) * flow).sum()),
            }
            for name, c, lost, flow, cost in zip(
                result.class_names,
                given.classes,
                result.class_unreachable,
                result.class_flow,
                result.class_cost,
                strict=True,
            )
        }
    if json:
        print(jsonlib.dumps(figures))
    else:
        _show(net, result, figures)
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


def _show(net: Path, result: Assignment, figures: dict[str, Any]) -> None:
    console = Console()
    network, demands = result.problem.network, [c.demand for c in result.problem.classes]
    table = Table(title=f"User equilibrium of {net.name}", show_header=False)
    table.add_row("zones / nodes / links", f"{network.n_zones:,} / {network.n_nodes:,} / {network.n_links:,}")
    table.add_row("trips on the network", f"{sum(d.interzonal for d in demands) - result.unreachable.total:,.2f}")
    table.add_row("trips within a zone", f"{sum(d.intrazonal for d in demands):,.2f}")
    table.add_row("trips without a path", f"{result.unreachable.total:,.2f}")
    for name, figure in figures.get("classes", {}).items():
        table.add_row(f"trips of {name}", f"{figure['trips']:,.2f}")
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
