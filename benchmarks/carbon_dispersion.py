"""R-LINE in full against R-LINE tabulated: first that they agree, then their times, turn by turn in one run.

    python benchmarks/carbon_dispersion.py [--lines 150] [--receptors 60] [--hours 32] [--turns 5]

Bar: within 0.5 % at the median, and at least 12 times as fast. Links and receptors lie at random over a town of 5 km;
the hours run through stable, neutral and unstable air. One thread, process time; tables are solved anew in every turn.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

import numpy as np

from lcr_hpc.compute.kernel_cache import use_kernel_cache

METHODS = ("rline", "rline-tabulated")
MEDIAN_ERROR, SPEED = 0.005, 12.0


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("lines", 150), ("receptors", 60), ("hours", 32), ("turns", 5), ("seed", 1)):
        given.add_argument(f"--{name}", type=int, default=value)
    size = given.parse_args()
    use_kernel_cache()
    from lcr_hpc.carbon import line_source_concentration

    rng = np.random.default_rng(size.seed)
    case = (town_roads(rng, size.lines), town_people(rng, size.receptors), weather(rng, size.hours))
    strength = rng.uniform(1e-6, 1e-3, (size.hours, size.lines))
    result = {m: line_source_concentration(*case, strength, m) for m in METHODS}  # compiles, too
    error = np.abs(result["rline-tabulated"] / result["rline"] - 1)
    median = float(np.median(error))
    print(f"error: median {median:.4%}, 95th percentile {np.percentile(error, 95):.4%}, worst {error.max():.3%}")

    seconds: dict[str, list[float]] = {m: [] for m in METHODS}
    for _ in range(size.turns):
        for method in METHODS:
            start = time.process_time()
            line_source_concentration(*case, strength, method)
            seconds[method].append(time.process_time() - start)
    work = size.lines * size.receptors * size.hours
    middle = {m: float(np.median(s)) for m, s in seconds.items()}
    for method in METHODS:
        low, high = min(seconds[method]), max(seconds[method])
        rate = work / middle[method] / 1e6
        print(f"{method:16} {middle[method]:.4f} s ({low:.4f} to {high:.4f}), {rate:.3f} M source-receptor-hours/s")
    ratio = middle["rline"] / middle["rline-tabulated"]
    passed = median < MEDIAN_ERROR and ratio >= SPEED
    print(f"ratio of medians {ratio:.1f}, load {os.getloadavg()[0]:.1f}: bar {'met' if passed else 'MISSED'}")
    return 0 if passed else 1


def town_roads(rng: np.random.Generator, count: int, extent_m: float = 5000.0) -> dict[str, np.ndarray]:
    """Links of a town, 150 m long at the median, in any direction."""
    x, y = rng.uniform(0, extent_m, (2, count))
    length, angle = rng.lognormal(np.log(150.0), 0.7, count), rng.uniform(0, 2 * np.pi, count)
    ends = {"x0": x, "y0": y, "x1": x + length * np.cos(angle), "y1": y + length * np.sin(angle)}
    return ends | {"height_m": np.ones(count), "width_m": np.full(count, 7.0), "sigma_z0_m": np.full(count, 2.0)}


def town_people(rng: np.random.Generator, count: int, extent_m: float = 5000.0) -> dict[str, np.ndarray]:
    x, y = rng.uniform(0, extent_m, (2, count))
    return {"x": x, "y": y, "z": np.zeros(count)}


def weather(rng: np.random.Generator, hours: int) -> dict[str, np.ndarray]:
    """Hours of stable, neutral and unstable air by turns, from any direction."""
    kind = np.arange(hours) % 3
    ustar = rng.uniform(0.08, 0.5, hours)
    return {
        "ustar_m_s": ustar,
        "obukhov_m": np.choose(kind, [rng.uniform(8, 150, hours), np.full(hours, 1e5), -rng.uniform(10, 200, hours)]),
        "z0_m": np.full(hours, 0.5),
        "mixing_height_m": np.choose(kind, [np.full(hours, 150.0), np.full(hours, 600.0), np.full(hours, 1200.0)]),
        "wind_speed_m_s": 8.0 * ustar * rng.uniform(0.8, 1.2, hours),
        "wind_from_deg": rng.uniform(0, 360, hours),
        "reference_height_m": np.full(hours, 10.0),
        "sigma_v_m_s": np.maximum(1.9 * ustar, 0.3),
    }


if __name__ == "__main__":
    sys.exit(main())
