"""The annual mean of a city: how long it takes, and how far it is from every hour by itself.

    python benchmarks/carbon_annual.py [--links 20000] [--receptors 10000] [--workers 2] [--check 20]

Bar: a year of hourly weather in under 10 minutes on 2 cores; against brute force on 20 receptors and 876 hours (a
tenth, drawn at random), median error at most 2 %, 95th percentile at most 10 %. Brute force is "rline-tabulated" by
line, receptor and hour without a cut-off; the errors of NO2 are those of its closure, too. Roads lie at random over
40 km, in 24 classes of hours; the weather is the twin's. The clock covers tables, tree and all receptors, and no
compiling.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from lcr_hpc.compute.kernel_cache import use_kernel_cache

EXTENT_M, CLASSES, OPENING, BACKGROUND = 40_000.0, 24, 0.1, 20.0
SECONDS, MEDIAN, NINETY_FIVE = 600.0, 0.02, 0.10


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("links", 20_000), ("receptors", 10_000), ("workers", 2), ("check", 20), ("seed", 1)):
        given.add_argument(f"--{name}", type=int, default=value)
    size = given.parse_args()
    use_kernel_cache()
    rng = np.random.default_rng(size.seed)
    lines, emission = roads(rng, size.links)
    people = rng.uniform(0, EXTENT_M, (2, size.receptors))
    met = year_of_weather(size.seed)
    hour_class = np.arange(len(met)) % CLASSES

    city(lines[:50], emission[:50], people[:, :50], met.iloc[:48], hour_class[:48], 1)  # compiles
    start, used = time.perf_counter(), time.process_time()
    _, found = city(lines, emission, people, met, hour_class, size.workers)
    seconds, used = time.perf_counter() - start, time.process_time() - used
    work = size.links * size.receptors * len(met)
    print(f"year: {seconds:.1f} s on {size.workers} threads, {used:.1f} s of processor")
    looked_up = found.looked_up / size.receptors
    print(
        f"{looked_up:.0f} lines and squares a receptor, {work / used / 1e9:.0f} G source-receptor-hours a core-second"
    )

    drawn = np.sort(rng.choice(len(met), len(met) // 10, replace=False))
    some, classes, check = met.iloc[drawn].reset_index(drop=True), hour_class[drawn], people[:, : size.check]
    response, found = city(lines, emission, check, some, classes, size.workers)
    start = time.process_time()
    hourly = brute_force(lines, emission, check, some, classes)
    print(
        f"brute force: {time.process_time() - start:.1f} s of processor for {size.check} receptors, {len(some)} hours"
    )
    roads_by_hour = found.concentration_ug_m3[classes]
    medians = []
    for gas, name in enumerate(("NOx", "PM2.5")):
        medians.append(report(name, roads_by_hour[:, :, gas].mean(axis=0), hourly[:, :, gas].mean(axis=0)))
    from lcr_hpc.carbon import no2_ug_m3

    ours = no2_ug_m3(BACKGROUND + roads_by_hour[:, :, 0] * response.relative_strength[:, None]).mean(axis=0)
    report("NO2 with background", ours, no2_ug_m3(BACKGROUND + hourly[:, :, 0]).mean(axis=0))
    passed = seconds < SECONDS and all(m <= MEDIAN and p <= NINETY_FIVE for m, p in medians)
    print(f"load {os.getloadavg()[0]:.1f}: bar {'met' if passed else 'MISSED'}")
    return 0 if passed else 1


def city(lines, emission, people, met, hour_class, workers):
    """Tables by class and receptors by block, spread over threads: kernels let go of the interpreter."""
    from lcr_hpc.carbon.air import RLINE_MET_COLUMNS
    from lcr_hpc.carbon.long_term import LongTermMean, joined, long_term_mean, response_of_class
    from lcr_hpc.carbon.source_tree import source_tree

    rows = met[list(RLINE_MET_COLUMNS)].to_numpy()
    with ThreadPoolExecutor(workers) as pool:
        classes = [rows[hour_class == k] for k in range(CLASSES)]
        response = joined(
            list(pool.map(lambda mine: response_of_class(mine, 1.0, 2.0, 2 * EXTENT_M), classes)), hour_class
        )
        tree = source_tree(lines, emission)
        blocks = np.array_split(people, max(1, people.shape[1] // 256), axis=1)
        parts = list(pool.map(lambda part: long_term_mean(tree, response.value, *part, OPENING), blocks))
    joined_parts = np.concatenate([p.concentration_ug_m3 for p in parts], axis=1)
    return response, LongTermMean(joined_parts, sum(p.looked_up for p in parts))


def brute_force(lines, emission, people, met, hour_class):
    from lcr_hpc.carbon import line_source_concentration

    table = dict(zip(("x0", "y0", "x1", "y1"), lines.T, strict=True))
    table |= {"height_m": np.ones(len(lines)), "width_m": np.zeros(len(lines)), "sigma_z0_m": np.full(len(lines), 2.0)}
    receptors = {"x": people[0], "y": people[1], "z": np.zeros(people.shape[1])}
    parts = [slice(k, k + 64) for k in range(0, len(met), 64)]
    return np.concatenate([
        line_source_concentration(table, receptors, met.iloc[part], emission[:, hour_class[part]].transpose(1, 0, 2),
                                  "rline-tabulated")
        for part in parts
    ])  # fmt: skip


def report(name: str, found: np.ndarray, wanted: np.ndarray) -> tuple[float, float]:
    error = np.abs(found / wanted - 1)
    median, ninety_five = float(np.median(error)), float(np.percentile(error, 95))
    print(f"{name}: median error {median:.2%}, 95th percentile {ninety_five:.2%}, worst {error.max():.2%}")
    return median, ninety_five


def roads(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = rng.uniform(0, EXTENT_M, (2, count))
    length, angle = rng.lognormal(np.log(250.0), 0.7, count), rng.uniform(0, 2 * np.pi, count)
    lines = np.column_stack([x, y, x + length * np.cos(angle), y + length * np.sin(angle)])
    by_hour = rng.uniform(0.2, 1.0, (1, CLASSES, 1)) * rng.uniform(0.8, 1.2, (count, CLASSES, 2))
    return lines, rng.lognormal(-9, 1, (count, 1, 1)) * by_hour


def year_of_weather(seed: int) -> pd.DataFrame:
    from lcr_hpc.carbon import surface_layer
    from lcr_hpc.spine.twin.series import Hours, make_weather

    made = make_weather(Hours(473_352, 8760), seed)  # 2024
    feed = {
        "wind_speed_m_s": made.wind_speed,
        "wind_from_deg": made.wind_from,
        "mixing_height_m": made.mixing_height,
        "stability_class": ["ABCDEF".index(letter) for letter in made.stability],
    }
    return surface_layer(feed, 0.5, 1.0)


if __name__ == "__main__":
    sys.exit(main())
