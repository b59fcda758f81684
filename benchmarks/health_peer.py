"""esda's and access's side of health_local_moran.py and health_access.py: run by the Python they are installed in.

    python -m venv peers && peers/bin/pip install esda==2.9.0 access==1.1.10.post3 numba

Takes the folder of the problem on the command line and one task a line on stdin, as JSON; answers each with one line:
the seconds of the work alone. Results go to peer.npz in that folder.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np


def main(folder: Path) -> None:
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr
    prepared: dict[str, object] = {}
    for line in sys.stdin:
        task = json.loads(line)
        if task["task"] not in prepared:
            prepared[task["task"]] = {"moran": moran, "access": access}[task["task"]](folder)
        seconds, results = prepared[task["task"]]()
        np.savez(folder / "peer.npz", **results)
        print(json.dumps(seconds), file=answers, flush=True)


def moran(folder: Path):
    import scipy.sparse as sp
    from esda.moran import Moran_Local
    from libpysal.weights import WSP

    problem = np.load(folder / "map.npz")
    areas = problem["values"].size
    weights = WSP(sp.csr_array((problem["data"], problem["indices"], problem["indptr"]), shape=(areas, areas))).to_W(
        silence_warnings=True
    )
    weights.transform = "r"

    def run():
        start = time.perf_counter()
        found = Moran_Local(problem["values"], weights, permutations=int(problem["permutations"]), n_jobs=1, seed=1)
        return time.perf_counter() - start, {"statistic": found.Is, "p_value": found.p_sim}

    return run


def access(folder: Path):
    import pandas as pd
    from access.fca import two_stage_fca
    from access.weights import gaussian

    problem = np.load(folder / "access.npz")
    areas, services = problem["demand"].size, problem["supply"].size
    demand = pd.DataFrame({"demand": problem["demand"]}, index=pd.Index(np.arange(areas), name="geoid"))
    supply = pd.DataFrame({"supply": problem["supply"]}, index=pd.Index(np.arange(services), name="geoid"))
    cost = pd.DataFrame(
        {
            "origin": np.repeat(np.arange(areas), np.diff(problem["indptr"])),
            "dest": problem["indices"],
            "cost": problem["data"],
        }
    )

    def run():
        start = time.perf_counter()
        found = two_stage_fca(
            demand, supply, cost, float(problem["threshold"]), weight_fn=gaussian(float(problem["sigma"]))
        )
        seconds = time.perf_counter() - start
        return seconds, {"access": found.reindex(np.arange(areas)).fillna(0.0).to_numpy(float).ravel()}

    return run


if __name__ == "__main__":
    main(Path(sys.argv[1]))
