"""AequilibraE's side of traffic_assignment.py: run by the Python that AequilibraE is installed in, and only by that.

Reads networks from .npz files named on the command line's folder; takes one task a line on stdin, as JSON, and
answers each with one line: seconds of the solve alone, and where the link flows are.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass
from aequilibrae.paths.all_or_nothing import allOrNothing


def main(folder: Path) -> None:
    """Answer tasks until stdin ends; what AequilibraE prints goes to stderr."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        task = json.loads(line)
        problem = dict(np.load(folder / f"{task['network']}.npz"))
        flow, answer = all_or_nothing(problem) if task["gap"] is None else equilibrium(problem, task)
        np.save(folder / "peer_flow.npy", flow)
        print(json.dumps(answer), file=answers, flush=True)


def all_or_nothing(problem: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, float]]:
    """Time one all-or-nothing at free-flow times; graph and matrix are ready, the first run is a warm-up."""
    car = traffic_class(problem)
    car.results.set_cores(1)
    car._aon_results.set_cores(1)
    car._aon_results.prepare(car.graph, car.matrix)
    for _ in range(2):
        car._aon_results.reset()
        loading = allOrNothing("car", car.matrix, car.graph, car._aon_results)
        began, worked = time.perf_counter(), time.process_time()
        loading.execute()
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - worked
    loads = car._aon_results.get_load_results()
    return by_link(loads, loads.columns[0], problem), {"seconds": seconds, "cpu_seconds": cpu_seconds}


def equilibrium(problem: dict[str, np.ndarray], task: dict[str, float]) -> tuple[np.ndarray, dict[str, float]]:
    """Time bi-conjugate Frank–Wolfe to a gap; the class and its graph are built before the clock starts."""
    assignment = TrafficAssignment()
    assignment.set_classes([traffic_class(problem)])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "b", "beta": "power"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("free_flow_time")
    assignment.set_algorithm("bfw")
    assignment.set_cores(1)
    assignment.max_iter = int(task["iterations"])
    assignment.rgap_target = float(task["gap"])
    began, worked = time.perf_counter(), time.process_time()
    assignment.execute(log_specification=False)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - worked
    return by_link(assignment.results(), "PCE_AB", problem), {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "iterations": int(assignment.assignment.iter),
        "own_gap": float(assignment.assignment.rgap),
    }


def traffic_class(problem: dict[str, np.ndarray]) -> TrafficClass:
    zones = int(problem["zones"])
    names = ("free_flow_time", "capacity", "b", "power")
    graph = Graph()
    graph.network = pd.DataFrame(
        {
            "link_id": np.arange(1, problem["tail"].size + 1),
            "a_node": problem["tail"].astype(np.int64) + 1,
            "b_node": problem["head"].astype(np.int64) + 1,
            "direction": np.ones(problem["tail"].size, np.int8),
            **{name: problem[name] for name in names},
        }
    )
    graph.mode = "c"
    graph.prepare_graph(np.arange(1, zones + 1))
    graph.set_graph("free_flow_time")
    graph.set_blocked_centroid_flows(bool(problem["blocked"]))
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=zones, matrix_names=["trips"], memory_only=True)
    matrix.index[:] = np.arange(1, zones + 1)
    matrix.matrix["trips"][:, :] = 0.0
    matrix.matrix["trips"][problem["origin"], problem["destination"]] = problem["trips"]
    matrix.computational_view(["trips"])
    return TrafficClass("car", graph, matrix)


def by_link(table: pd.DataFrame, column: str, problem: dict[str, np.ndarray]) -> np.ndarray:
    """Flows in the order of the links that were handed over; links that AequilibraE left out carry none."""
    return table[column].reindex(np.arange(1, problem["tail"].size + 1)).fillna(0.0).to_numpy()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
