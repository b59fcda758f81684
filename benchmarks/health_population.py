"""Proportional fitting of many zones against NumPy's: first that they agree, then their times, turn by turn.

    python benchmarks/health_population.py [--zones 1000] [--turns 3]

Bar at 1,000 zones of 5,760 cells with 4 margins: at least 3 times as fast. The peer scales all zones at once, margin by
margin, in the fewest array operations. Whole persons are timed as well; NumPy has nothing to set beside them.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from lcr_hpc.compute.kernel_cache import use_kernel_cache

SPEED = 3.0
SHAPE = (10, 12, 48)
DIMS = ((0,), (1,), (2,), (0, 1))


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--zones", type=int, default=1000)
    given.add_argument("--turns", type=int, default=3)
    size = given.parse_args()
    use_kernel_cache()
    from lcr_hpc.health import synthetic_population

    draw = np.random.default_rng(1)
    seed = draw.gamma(1.0, size=SHAPE)
    people = draw.poisson(draw.gamma(2.0, size=(size.zones, *SHAPE)))
    margins = [(dims, people.sum(axis=others(dims)).astype(float)) for dims in DIMS]
    jobs = {
        "synthetic_population": lambda: synthetic_population(seed, margins, integer=False),
        "NumPy": lambda: fit(seed, margins, 1e-10),
        "in whole persons": lambda: synthetic_population(seed, margins),
    }
    ours, peers, whole = (job() for job in jobs.values())  # compiles, too
    difference = float(np.abs(ours / peers - 1).max())
    met = all((whole.sum(axis=others(dims)) == wanted).all() for dims, wanted in margins)
    print(f"{size.zones} zones, {seed.size} cells: within {difference:.0e}; whole persons meet every margin: {met}")
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(size.turns):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            seconds[name].append(time.perf_counter() - start)
    middle = {name: float(np.median(s)) for name, s in seconds.items()}
    for name, s in seconds.items():
        print(f"{name:22} {middle[name] * 1e3:10.1f} ms ({min(s) * 1e3:.1f} to {max(s) * 1e3:.1f})")
    ratio = middle["NumPy"] / middle["synthetic_population"]
    passed = difference < 1e-6 and met and ratio >= SPEED
    print(f"{ratio:.1f} times (bar {SPEED:g}): {'passed' if passed else 'NOT passed'}")
    return 0 if passed else 1


def fit(seed: np.ndarray, margins: list, tolerance: float) -> np.ndarray:
    zones = margins[0][1].shape[0]
    table = np.broadcast_to(seed, (zones, *seed.shape)).copy()
    people = margins[0][1].sum()
    for _ in range(1000):
        worst = 0.0
        for dims, wanted in margins:
            total = table.sum(axis=others(dims), keepdims=True)
            target = wanted.reshape(total.shape)
            worst = max(worst, float(np.abs(total - target).max()))
            table *= target / total
        if worst <= tolerance * people / zones:
            break
    return table


def others(dims: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(1 + a for a in range(len(SHAPE)) if a not in dims)


if __name__ == "__main__":
    sys.exit(main())
