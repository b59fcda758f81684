"""Coordinates in tables: British National Grid, metres."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from lcr_hpc.spine.readers.tables import lines

BRITAIN_M = (0.0, 0.0, 700_000.0, 1_300_000.0)
"""West, south, east, north in EPSG:27700"""
BRITAIN_DEG = (-9.5, 49.0, 2.5, 61.5)
"""West, south, east, north in EPSG:4326"""


def outside_britain(path: Path, table: pd.DataFrame, x: str, y: str) -> Iterator[str]:
    """Say which rows have coordinates that are no metres of EPSG:27700, and what they look like."""
    bad = ~(table[x].between(BRITAIN_M[0], BRITAIN_M[2]) & table[y].between(BRITAIN_M[1], BRITAIN_M[3]))
    # Degrees of Liverpool are inside the box of metres when both are positive: a place within 1 km of the origin.
    bad |= (table[x].abs() < 1000) & (table[y].abs() < 1000)
    if bad.any():
        first = table[bad].iloc[0]
        degrees = abs(first[x]) <= 180 and abs(first[y]) <= 180
        hint = "they look like degrees: reproject them" if degrees else "check the CRS"
        yield (
            f"{path}: `{x}` and `{y}` want metres of EPSG:27700, found {first[x]:g} and {first[y]:g} on line "
            f"{lines(bad)}; {hint}"
        )
