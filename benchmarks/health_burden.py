"""Burden by joint Monte Carlo against a NumPy loop over draws: first that they agree, then their times, turn by turn.

    python benchmarks/health_burden.py [--areas 1000 --draws 10000] [--workers 2] [--turns 3]

The bar is at --areas 35000 --draws 10000: bounded memory, and the time stated. The loop makes one draw of all areas at
a time with NumPy's own generator, keeps all draws and takes quantiles: 8 bytes an area and draw, so it is run on some
draws alone (--peer-draws) where that would be gigabytes, and its time is then told for all.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from contextlib import nullcontext

import numpy as np

from lcr_hpc.compute.kernel_cache import use_kernel_cache

LEVELS, MEGABYTES = (0.025, 0.5, 0.975), 1500.0


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("areas", 1000), ("draws", 10_000), ("workers", 1), ("turns", 3), ("peer-draws", 0)):
        given.add_argument(f"--{name}", type=int, default=value)
    size = given.parse_args()
    use_kernel_cache()
    from lcr_hpc.compute.backends import open_backend
    from lcr_hpc.health import relative_risk, simulate_burden

    risk = relative_risk("PM2.5 all-cause 30+")
    draw = np.random.default_rng(1)
    exposure, baseline = draw.normal(9.0, 1.0, size.areas), draw.gamma(9.0, 1.0, size.areas)
    peer_draws = size.peer_draws or size.draws
    simulate_burden(exposure[:3], baseline[:3], risk, draws=2)  # compiles
    seconds: dict[str, list[float]] = {"simulate_burden": [], "NumPy, a draw at a time": []}
    with open_backend("dask", workers=size.workers) if size.workers > 1 else nullcontext() as backend:
        for _ in range(size.turns):
            start = time.perf_counter()
            found = simulate_burden(exposure, baseline, risk, events=5 * baseline, draws=size.draws, backend=backend)
            seconds["simulate_burden"].append(time.perf_counter() - start)
            if not seconds["NumPy, a draw at a time"]:
                # Of this process and, on Dask, of the largest worker.
                kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
                used = max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024
            start = time.perf_counter()
            wanted = loop(risk, exposure, baseline, 5 * baseline, peer_draws)
            seconds["NumPy, a draw at a time"].append((time.perf_counter() - start) * size.draws / peer_draws)
    # A median rests on the draws with a relative error of about 1.25 spreads/√draws.
    apart = np.abs(found.deaths[1, :, 0] - wanted[1]) / (wanted[2] - wanted[0])
    print(
        f"{size.areas} areas, {size.draws} draws, {size.workers} workers: medians within {apart.max():.1%} of the width"
    )
    for name, took in seconds.items():
        print(f"{name:24} {np.median(took):8.2f} s ({min(took):.2f} to {max(took):.2f})")
    held = 8 * size.areas * size.draws / 2**20
    passed = used < MEGABYTES and apart.max() < 2.0 / np.sqrt(peer_draws) + 0.02
    print(f"{used:.0f} MB at most (all draws: {held:.0f} MB): {'passed' if passed else 'NOT passed'}")
    return 0 if passed else 1


def loop(risk, exposure: np.ndarray, baseline: np.ndarray, events: np.ndarray, draws: int) -> np.ndarray:
    draw = np.random.default_rng(2)
    spread = np.sqrt(np.log1p(0.01))
    of_risk = (np.log(risk.upper) - np.log(risk.lower)) / (2 * 1.959964)
    out = np.empty((draws, exposure.size))
    for d in range(draws):
        slope = (np.log(risk.central) + of_risk * draw.standard_normal()) / risk.per
        level = exposure * np.exp(spread * draw.standard_normal(exposure.size) - 0.5 * spread**2)
        out[d] = draw.gamma(events, baseline / events) * -np.expm1(-slope * level)
    return np.quantile(out, LEVELS, axis=0)


if __name__ == "__main__":
    sys.exit(main())
