"""BYM2: Stan's published posterior of Scottish lip cancer first, then the time of a thousand areas.

    LCR_TEST_DATA=… python benchmarks/health_bym2.py [--side 32] [--turns 3]

Bar: means within 0.02 of Stan's (its case study icar_stan), 1,024 areas below a second once compiled. Without the data
only the time is taken.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from lcr_hpc.compute.kernel_cache import use_kernel_cache

PUBLISHED = {"beta0": -0.217, "beta1": 0.365, "sigma": 0.514, "rho": 0.878}
DIFFERENCE, SECONDS = 0.02, 1.0


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--side", type=int, default=32, help="of a square lattice: 32 are 1,024 areas")
    given.add_argument("--turns", type=int, default=3)
    size = given.parse_args()
    use_kernel_cache()
    from lcr_hpc.health import bym2

    passed = True
    folder = Path(os.environ.get("LCR_TEST_DATA", "../shared/data")) / "health/disease"
    if folder.is_dir():
        table = pd.read_csv(folder / "scotland_lip.csv")
        edges = pd.read_csv(folder / "scotland_edges_1based.csv").to_numpy() - 1
        found = bym2(table["observed"], table["expected"], edges, 0.1 * table["aff_percent"])
        ours = {"beta0": found.beta[0], "beta1": found.beta[1], "sigma": found.sigma, "rho": found.rho}
        for name, wanted in PUBLISHED.items():
            print(f"{name:6} {ours[name]:7.3f}, Stan {wanted:7.3f}")
            passed &= bool(abs(ours[name] - wanted) < DIFFERENCE)

    number = np.arange(size.side**2).reshape(size.side, size.side)
    along = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    across = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    draw = np.random.default_rng(1)
    expected = draw.gamma(5.0, 2.0, number.size)
    events = draw.poisson(expected * np.exp(draw.normal(0.0, 0.3, number.size) + 0.3 * np.sin(number.ravel() / 90)))
    seconds = []
    for _ in range(1 + size.turns):
        start = time.perf_counter()
        bym2(events, expected, np.concatenate([along, across]))
        seconds.append(time.perf_counter() - start)
    warm = float(np.median(seconds[1:]))
    passed &= warm < SECONDS
    print(
        f"{number.size} areas: {warm:.3f} s ({min(seconds[1:]):.3f} to {max(seconds[1:]):.3f}): ",
        end="",
    )
    print("passed" if passed else "NOT passed")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
