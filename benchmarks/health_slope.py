"""Slope indices with intervals for a thousand areas: closed form, and 100,000 simulated lines on a logarithmic scale.

    python benchmarks/health_slope.py [--areas 1000] [--turns 3]

Bar: below a second untransformed, in closed form, and below 20 s by simulation with a transform (the usual R package
takes 0.46 s an area). The peer draws every group's value, fits every line and takes quantiles, in NumPy, of some areas.
A new process is all of one, from its start, kernels compiled before. Times are process seconds, of one thread.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

import numpy as np

from lcr_hpc.compute.kernel_cache import use_kernel_cache

CLOSED, SIMULATED, DRAWS, GROUPS, PEER_AREAS = 1.0, 20.0, 100_000, 10, 20


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--areas", type=int, default=1000)
    given.add_argument("--turns", type=int, default=3)
    given.add_argument("--only", choices=("closed", "simulated"), help=argparse.SUPPRESS)
    size = given.parse_args()
    use_kernel_cache()
    if size.only:
        ours(size.areas, size.only)
        return 0
    seconds: dict[str, list[float]] = {}
    for turn in range(1 + size.turns):
        for kind in ("closed", "simulated"):
            took = {f"{kind}, warm": timed(lambda kind=kind: ours(size.areas, kind))}
            command = [sys.executable, __file__, "--areas", str(size.areas), "--only", kind]
            took[f"{kind}, new process"] = timed(lambda command=command: subprocess.run(command, check=True))
            for name, took_s in took.items():
                seconds.setdefault(name, [])
                if turn:  # the first compiles
                    seconds[name].append(took_s)
        if turn:
            seconds.setdefault("NumPy, an area", []).append(timed(lambda: every_line(PEER_AREAS)) / PEER_AREAS)
    for name, took in seconds.items():
        print(f"{name:22} {np.median(took):8.3f} s ({min(took):.3f} to {max(took):.3f})")
    found, wanted = ours(PEER_AREAS, "simulated"), every_line(PEER_AREAS)
    apart = float(
        np.abs([found.sii_lower - wanted[0], found.sii_upper - wanted[1]]).max() / (wanted[1] - wanted[0]).min()
    )
    closed, simulated = (float(np.median(seconds[f"{k}, new process"])) for k in ("closed", "simulated"))
    passed = closed < CLOSED and simulated < SIMULATED and apart < 0.03
    print(f"limits within {apart:.1%} of the interval's width of lines drawn one by one; ", end="")
    print(f"bars {CLOSED:g} and {SIMULATED:g} s in a new process: {'passed' if passed else 'NOT passed'}")
    return 0 if passed else 1


def problem(areas: int):
    draw = np.random.default_rng(1)
    value = 0.2 + 0.1 * np.linspace(1, 0, GROUPS) + draw.normal(0.0, 0.01, (areas, GROUPS))
    return value, draw.uniform(800.0, 1200.0, (areas, GROUPS)), draw.uniform(0.01, 0.03, (areas, GROUPS))


def ours(areas: int, kind: str):
    from lcr_hpc.health import slope_index

    value, people, error = problem(areas)
    if kind == "closed":
        return slope_index(value, people, error)
    return slope_index(value, people, error, transform="log", draws=DRAWS)


def every_line(areas: int) -> np.ndarray:
    """Limits of the slope index, float64[2, area], from lines through values drawn group by group."""
    value, people, error = problem(areas)
    draw, out = np.random.default_rng(2), np.empty((2, areas))
    for i in range(areas):
        share = people[i] / people[i].sum()
        rank = np.cumsum(share) - 0.5 * share
        drawn = np.log(value[i]) + error[i] * draw.standard_normal((DRAWS, GROUPS))
        slope = drawn @ (share * (rank - 0.5) / np.sum(share * (rank - 0.5) ** 2))
        middle = drawn @ share
        out[:, i] = np.quantile(np.exp(middle + 0.5 * slope) - np.exp(middle - 0.5 * slope), [0.025, 0.975])
    return out


def timed(job) -> float:
    """Process seconds of a job of one thread and of what it starts: others on the machine do not add to them."""
    start = sum(os.times()[:4])
    job()
    return sum(os.times()[:4]) - start


if __name__ == "__main__":
    sys.exit(main())
