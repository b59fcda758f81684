"""From British National Grid to whole SVG units: simplified outlines with shared edges, and compact paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

SHEET = 6000
"""Units along the longer side of a map at least: a 60 km region gets units of 10 m."""
SIMPLIFY_M = 25.0
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Sheet:
    """Frame of the maps: metres east and north to whole units right and down."""

    west: float
    north: float
    unit_m: float
    width: int
    height: int

    def place(self, xy: NDArray[np.float64]) -> NDArray[np.int64]:
        """Units of points [.., 2] in metres."""
        offset = (np.asarray(xy, np.float64) - (self.west, self.north)) * (1.0, -1.0)
        return np.rint(offset / self.unit_m).astype(np.int64)

    @property
    def scale_bar(self) -> tuple[float, str]:
        """Length in per cent of the width, about a fifth, and label of a bar."""
        across = self.width * self.unit_m
        metres = max(m for e in range(7) for m in (10**e, 2 * 10**e, 5 * 10**e) if m <= max(across / 5.0, 1.0))
        return round(100.0 * metres / across, 2), f"{metres // 1000} km" if metres >= 1000 else f"{metres} m"


def sheet_for(shapes: Shapes, lines: Shapes | None = None) -> Sheet:
    """Frame around all shapes with a margin of 2 %."""
    bounds = shapely.total_bounds(shapes if lines is None else np.concatenate([shapes, lines]))
    west, south, east, north = (float(b) for b in bounds)
    side = max(east - west, north - south, 1.0)
    unit = next(u * 10.0**e for e in range(-2, 6) for u in (1, 2, 5) if side / (u * 10.0**e) <= SHEET)
    margin = 0.02 * side
    width, height = (round((span + 2 * margin) / unit) for span in (east - west, north - south))
    return Sheet(west - margin, north + margin, unit, width, height)


def simplify(shapes: Shapes, sheet: Sheet) -> Shapes:
    """Polygons with fewer vertices that still share their edges."""
    tolerance = max(SIMPLIFY_M, sheet.unit_m) if sheet.unit_m >= 5 else sheet.unit_m
    simple: Shapes = shapely.coverage_simplify(shapes, tolerance)
    return np.where(shapely.is_valid(simple), simple, shapely.make_valid(simple))


def dissolve(shapes: Shapes, group: Sequence[int] | NDArray[np.integer], n: int) -> Shapes:
    """Outlines of groups of polygons."""
    index = np.asarray(group)
    # A grid of a millimetre closes the hairlines that would stay as slits between neighbours.
    return np.array([shapely.union_all(shapes[index == g], grid_size=0.001) for g in range(n)], dtype=object)


def polygon_path(shape: shapely.Geometry, sheet: Sheet) -> str:
    """SVG path of a polygon or multipolygon, relative and in whole units."""
    parts = []
    for polygon in shapely.get_parts(shapely.get_parts(shape)):
        if shapely.get_type_id(polygon) != shapely.GeometryType.POLYGON:
            continue
        for ring in shapely.get_rings(polygon):
            parts.append(_ring(sheet.place(shapely.get_coordinates(ring))[:-1]))
    return "".join(parts)


def segment_path(ends: NDArray[np.int64]) -> str:
    """SVG path of straight lines [line, 2, 2] in units, one after the other."""
    return "".join(f"M{x0} {y0}l{_pair(x1 - x0, y1 - y0)}" for (x0, y0), (x1, y1) in ends.tolist())


def cell_path(corners: NDArray[np.int64], side: int) -> str:
    """SVG path of squares whose upper left corners [cell, 2] are in units."""
    return "".join(f"M{x} {y}h{side}v{side}h-{side}z" for x, y in corners.tolist())


def _ring(points: NDArray[np.int64]) -> str:
    steps = np.diff(points, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    if len(steps) < 2:
        return ""
    # After M and m, further pairs are lines; a minus sign parts numbers by itself.
    pairs = "".join(
        p if p.startswith("-") or i == 0 else f" {p}" for i, p in enumerate(_pair(*s) for s in steps.tolist())
    )
    return f"M{points[0, 0]} {points[0, 1]}l{pairs}z"


def _pair(dx: int, dy: int) -> str:
    return f"{dx}{dy}" if dy < 0 else f"{dx} {dy}"
