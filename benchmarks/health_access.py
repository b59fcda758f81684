"""E2SFCA with a Gaussian decay against PySAL's access: first that they agree, then their times, turn by turn.

    python -m venv peers && peers/bin/pip install esda==2.9.0 access==1.1.10.post3 numba
    python benchmarks/health_access.py --peer peers/bin/python [--areas 35000 --services 2000 --reach 430]

Bar at 15 million pairs (the sizes above): at least 20 times as fast, below 600 MB. By default a smaller problem.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lcr_hpc.compute.kernel_cache import use_kernel_cache

SPEED, MEGABYTES = 20.0, 600.0
THRESHOLD, SIGMA = 30.0, 10.0
PEER = Path(__file__).with_name("health_peer.py")


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--peer", type=Path, required=True, help="Python that has access")
    for name, value in (("areas", 7000), ("services", 1000), ("reach", 200), ("turns", 3)):
        given.add_argument(f"--{name}", type=int, default=value)
    size = given.parse_args()
    use_kernel_cache()
    from lcr_hpc.health import floating_catchment

    draw = np.random.default_rng(1)
    problem = {
        "demand": draw.integers(1000, 3000, size.areas).astype(float),
        "supply": draw.integers(1, 20, size.services).astype(float),
        "indptr": np.arange(size.areas + 1, dtype=np.int64) * size.reach,
        "indices": within_reach(draw, size.areas, size.services, size.reach),
        "data": draw.uniform(0.0, 60.0, size.areas * size.reach),
        "threshold": THRESHOLD,
        "sigma": SIGMA,
    }
    minutes = tuple(problem[n] for n in ("indptr", "indices", "data"))

    def ours():
        start = time.perf_counter()
        found = floating_catchment(
            problem["demand"],
            problem["supply"],
            minutes,
            method="e2sfca",
            threshold=THRESHOLD,
            decay=("gaussian", SIGMA),
        )
        return found, time.perf_counter() - start

    found, _ = ours()  # compiles, too
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryDirectory() as name:
        np.savez(Path(name) / "access.npz", **problem)
        with subprocess.Popen(
            [str(size.peer), str(PEER), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as peer:
            seconds: dict[str, list[float]] = {"floating_catchment": [], "access.fca": []}
            for _ in range(size.turns):
                seconds["floating_catchment"].append(ours()[1])
                peer.stdin.write(json.dumps({"task": "access"}) + "\n")
                peer.stdin.flush()
                seconds["access.fca"].append(float(json.loads(peer.stdout.readline())))
            peer.stdin.close()
        theirs = np.load(Path(name) / "peer.npz")["access"]
    difference = float(np.abs(found - theirs).max() / theirs.mean())
    print(
        f"{minutes[1].size} pairs: worst difference {difference:.0e} of the mean, {used:.0f} MB with the problem itself"
    )
    middle = {n: float(np.median(s)) for n, s in seconds.items()}
    for n, s in seconds.items():
        print(f"{n:20} {middle[n] * 1e3:10.1f} ms ({min(s) * 1e3:.1f} to {max(s) * 1e3:.1f})")
    ratio = middle["access.fca"] / middle["floating_catchment"]
    passed = difference < 1e-9 and ratio >= SPEED and used < MEGABYTES
    print(f"{ratio:.1f} times (bar {SPEED:g}): {'passed' if passed else 'NOT passed'}")
    return 0 if passed else 1


def within_reach(draw: np.random.Generator, areas: int, services: int, reach: int) -> np.ndarray:
    """Services that each area reaches: `reach` of them, each once."""
    stride = services // reach
    return (np.arange(reach) * stride + draw.integers(0, stride, (areas, reach))).astype(np.int32).ravel()


if __name__ == "__main__":
    sys.exit(main())
