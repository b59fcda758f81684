"""User equilibrium and all-or-nothing, ours against AequilibraE from PyPI, in one interleaved run, one thread each.

    python -m venv /tmp/peer && /tmp/peer/bin/pip install aequilibrae
    .venv/bin/python benchmarks/traffic_assignment.py --data FOLDER --peer /tmp/peer/bin/python

FOLDER holds networks of the Transportation Networks for Research repository, a folder each. Before any time is
shown, the link flows of both sides are judged by one and the same function: Beckmann objective, and relative gap by
Dijkstra trees. A side that did not reach the gap has no time.

What is timed: the solve, by the clock and in CPU seconds, which count where others use the machine. On our side
kernels are compiled before (how long that took is printed), and `assign` checks and arranges its input within the
time; of an all-or-nothing, customising the hierarchy is timed, ordering it is not. On AequilibraE's side graph,
matrix and class are built before.
Reading files is in neither. Both solve the same problem, altered where AequilibraE refuses the published one:
free-flow times below 1e-6 become 1e-6 with b 0; powers below 1 (a constant cost, where 0) become b 0, power 1.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lcr_hpc.compute.kernel_cache import use_kernel_cache

use_kernel_cache()

from lcr_hpc.traffic import Demand, Network, TrafficSettings, assign, read_tntp  # noqa: E402
from lcr_hpc.traffic.all_or_nothing import AllOrNothing, judge  # noqa: E402
from lcr_hpc.traffic.command import compile_kernels  # noqa: E402

NETWORKS = ("Anaheim", "Winnipeg", "Berlin-Center")
GAPS = (None, 1e-4, 1e-6)
"""None: one all-or-nothing at free-flow times."""


def main() -> int:
    """Run every task on both sides in turns, and print figures: results first, then times."""
    options = _options()
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.2f}, numpy {np.__version__}")
    began = time.perf_counter()
    compile_kernels()
    print(f"kernels compiled or loaded from the cache in {time.perf_counter() - began:.1f} s")
    with tempfile.TemporaryDirectory() as name:
        peer = Peer(options.peer, Path(name))
        for network_name in options.networks:
            folder = next(f for f in options.data.iterdir() if f.name.lower() == network_name.lower())
            began = time.perf_counter()
            net, trips = (next(folder.glob(f"*_{part}.tntp")) for part in ("net", "trips"))
            network, demand = read_tntp(net, trips)
            print(f"\n{network_name}: read in {time.perf_counter() - began:.2f} s")
            network = acceptable(network)
            peer.take(network_name, network, demand)
            for gap in options.gaps:
                _compare(network_name, network, demand, gap, peer, options)
        peer.close()
    return 0


def acceptable(network: Network) -> Network:
    """The network with what AequilibraE refuses replaced, for both sides."""
    free = network.free_flow_time < 1e-6
    flat = network.power < 1.0
    if (flat & (network.power > 0) & (network.b > 0)).any():
        raise SystemExit(f"{network.source}: powers between 0 and 1 would change the problem")
    changed = int((free | flat).sum())
    print(f"{changed} of {network.n_links} links altered so that AequilibraE takes the network")
    time_0 = np.where(flat, network.free_flow_time * (1.0 + network.b), network.free_flow_time)
    return dataclasses.replace(
        network,
        free_flow_time=np.maximum(time_0, 1e-6),
        b=np.where(free | flat, 0.0, network.b),
        power=np.where(flat, 1.0, network.power),
    )


class Peer:
    """AequilibraE in a process of its own, which lives through the whole run."""

    def __init__(self, python: Path, folder: Path) -> None:
        self.folder = folder
        script = Path(__file__).with_name("traffic_peer.py")
        alone = {**os.environ, "OMP_NUM_THREADS": "1", "NUMEXPR_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [str(python), str(script), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=alone,
        )

    def take(self, name: str, network: Network, demand: Demand) -> None:
        if network.first_through_node not in (0, network.n_zones):
            raise SystemExit(f"{name}: AequilibraE blocks all zones or none, the network blocks some")
        apart = demand.origin != demand.destination
        np.savez(
            self.folder / f"{name}.npz",
            zones=network.n_zones,
            blocked=network.first_through_node > 0,
            tail=network.from_node,
            head=network.to_node,
            free_flow_time=network.free_flow_time,
            capacity=network.capacity_veh_h,
            b=network.b,
            power=network.power,
            origin=demand.origin[apart],
            destination=demand.destination[apart],
            trips=demand.trips[apart],
        )

    def solve(self, name: str, gap: float | None, iterations: int) -> tuple[np.ndarray, dict[str, float]]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"network": name, "gap": gap, "iterations": iterations}) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"the peer ended (exit {self.process.wait()}) at {name}, gap {gap}")
        return np.load(self.folder / "peer_flow.npy"), json.loads(answer)

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def _compare(name: str, network: Network, demand: Demand, gap: float | None, peer: Peer, options) -> None:
    seconds: dict[str, list[float]] = {"ours": [], "AequilibraE": []}
    cpu: dict[str, list[float]] = {"ours": [], "AequilibraE": []}
    notes: dict[str, str] = {}
    reached = True
    for _ in range(options.repeats):
        if gap is None:
            free = network.time(np.zeros(network.n_links))
            ready = AllOrNothing(network, demand)
            ready.load(free)
            began, worked = time.perf_counter(), time.process_time()
            flow = ready.load(free)
        else:
            began, worked = time.perf_counter(), time.process_time()
            result = assign(network, demand, TrafficSettings(relative_gap=gap, origin_blocks=1))
            flow = result.link_flow
        seconds["ours"].append(time.perf_counter() - began)
        cpu["ours"].append(time.process_time() - worked)
        theirs, answer = peer.solve(name, gap, options.iterations)
        seconds["AequilibraE"].append(answer["seconds"])
        cpu["AequilibraE"].append(answer["cpu_seconds"])
        for side, x in (("ours", flow), ("AequilibraE", theirs)):
            if gap is None:
                notes[side] = f"link cost · flow {float(network.time(0 * x) @ x):.6f}"
            else:
                found = judge(network, demand, x)
                turns = result.iterations if side == "ours" else answer["iterations"]
                notes[side] = f"objective {found.objective:.6f}, gap {found.relative_gap:.2e}, {turns} iterations"
                # AequilibraE stops by the gap of its last direction, one step before the flows that it returns.
                reached = reached and (side == "ours" or answer["own_gap"] <= gap)
    print(f"  {'all-or-nothing' if gap is None else f'gap {gap:g}'}")
    for side, measured in seconds.items():
        done = side == "ours" or reached
        figures = ", ".join(f"{s:.4g}" for s in measured)
        median = f"median {statistics.median(measured):.4g} s of {figures}, CPU {statistics.median(cpu[side]):.4g} s"
        print(f"    {side:12} {notes[side]}; {median if done else f'gap not reached in {figures} s'}")
    wall, busy = (
        statistics.median(taken["AequilibraE"]) / statistics.median(taken["ours"]) for taken in (seconds, cpu)
    )
    more = "" if reached else "more than "
    print(f"    AequilibraE / ours {more}{wall:.1f}, in CPU seconds {more}{busy:.1f}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of TNTP networks, a folder each")
    parser.add_argument("--peer", type=Path, required=True, help="python of a venv that has AequilibraE")
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    parser.add_argument("--gaps", nargs="+", type=lambda g: None if g == "aon" else float(g), default=GAPS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=2000, help="AequilibraE gives up after so many")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
