"""Lines onto a grid: the exact walk against geopandas.overlay, first that they agree, then their times, turn by turn.

    python benchmarks/carbon_gridding.py [--links 10000] [--cells 100] [--turns 7]

Bar: every cell within 1e-9 of the peer's (of the mean mass of a cell), and at least 300 times as fast. The peer's
geometries are made before the clock starts, both of lines and of cells; ours starts from coordinates.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

import geopandas as gpd
import numpy as np
import shapely

from lcr_hpc.compute.kernel_cache import use_kernel_cache

DIFFERENCE, SPEED = 1e-9, 300.0
CELL_M = 100.0
REPEATS = 15
"""Runs of ours between two of the peer's: a millisecond is easily interrupted, a second is not."""


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value, said in (
        ("links", 10_000, "number of links"),
        ("cells", 100, "cells along a side: 100 are 10,000"),
        ("turns", 7, "timed turns of each"),
        ("seed", 1, "of the links"),
    ):
        given.add_argument(f"--{name}", type=int, default=value, help=said)
    size = given.parse_args()
    use_kernel_cache()
    from lcr_hpc.carbon import grid_lines

    edges = np.arange(size.cells + 1) * CELL_M
    x0, y0, x1, y1, mass = links(np.random.default_rng(size.seed), size.links, edges[-1])
    lines, cells = peer_frames(x0, y0, x1, y1, mass, edges)
    ours = grid_lines(x0, y0, x1, y1, mass, edges, edges).mass  # compiles, too
    peers = peer_grid(lines, cells, size.cells)
    difference = float(np.abs(ours - peers).max() / peers.mean())
    lost = abs(ours.sum() / mass.sum() - 1)
    print(f"{size.links} links, {ours.size} cells: worst difference {difference:.1e} of a cell, mass within {lost:.0e}")

    seconds: dict[str, list[float]] = {"grid_lines": [], "geopandas.overlay": []}
    for _ in range(size.turns):
        for _ in range(REPEATS):
            start = time.perf_counter()
            grid_lines(x0, y0, x1, y1, mass, edges, edges)
            seconds["grid_lines"].append(time.perf_counter() - start)
        start = time.perf_counter()
        peer_grid(lines, cells, size.cells)
        seconds["geopandas.overlay"].append(time.perf_counter() - start)
    middle = {name: float(np.median(s)) for name, s in seconds.items()}
    for name, values in seconds.items():
        print(f"{name:18} {middle[name] * 1e3:10.3f} ms ({min(values) * 1e3:.3f} to {max(values) * 1e3:.3f})")
    ratio = middle["geopandas.overlay"] / middle["grid_lines"]
    passed = difference < DIFFERENCE and ratio >= SPEED
    print(f"ratio of medians {ratio:.0f}, load {os.getloadavg()[0]:.1f}: bar {'met' if passed else 'MISSED'}")
    return 0 if passed else 1


def links(rng: np.random.Generator, count: int, extent_m: float) -> tuple[np.ndarray, ...]:
    """Links of 200 m at the median, all inside the grid, each with a mass."""
    length, angle = rng.lognormal(np.log(200.0), 0.8, count), rng.uniform(0, 2 * np.pi, count)
    x0, y0 = rng.uniform(0, extent_m, (2, count))
    x1 = np.clip(x0 + length * np.cos(angle), 0, extent_m)
    y1 = np.clip(y0 + length * np.sin(angle), 0, extent_m)
    return x0, y0, x1, y1, rng.uniform(0.1, 10.0, count)


def peer_frames(x0, y0, x1, y1, mass, edges) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    ends = np.stack([np.column_stack([x0, y0]), np.column_stack([x1, y1])], axis=1)
    shapes = shapely.linestrings(ends)
    lines = gpd.GeoDataFrame({"mass_per_m": mass / shapely.length(shapes)}, geometry=shapes, crs=27700)
    x, y = (v.ravel() for v in np.meshgrid(edges[:-1], edges[:-1]))
    squares = shapely.box(x, y, x + CELL_M, y + CELL_M)
    return lines, gpd.GeoDataFrame({"cell": np.arange(len(squares))}, geometry=squares, crs=27700)


def peer_grid(lines: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, side: int) -> np.ndarray:
    parts = gpd.overlay(lines, cells, how="intersection", keep_geom_type=True)
    mass = parts["mass_per_m"].to_numpy() * parts.length.to_numpy()
    return np.bincount(parts["cell"].to_numpy(), mass, side * side).reshape(side, side)


if __name__ == "__main__":
    sys.exit(main())
