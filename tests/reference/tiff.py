"""A reader of the one kind of GeoTIFF that the project writes: tiled, deflated float32, a plane a band."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

KINDS = {2: "s", 3: "H", 4: "I", 12: "d"}


def directories(path: Path) -> list[dict[int, tuple]]:
    """Tags of each directory in the file's order, and its place under 0."""
    raw = path.read_bytes()
    assert raw[:4] == b"II*\0"
    (at,) = struct.unpack_from("<I", raw, 4)
    found = []
    while at:
        tags = {0: (at,)}
        (count,) = struct.unpack_from("<H", raw, at)
        for k in range(count):
            code, kind, number = struct.unpack_from("<HHI", raw, at + 2 + 12 * k)
            size = struct.calcsize(KINDS[kind]) * number
            place = at + 10 + 12 * k
            if size > 4:
                (place,) = struct.unpack_from("<I", raw, place)
            tags[code] = struct.unpack_from(f"<{number}{KINDS[kind]}", raw, place)
        found.append(tags)
        (at,) = struct.unpack_from("<I", raw, at + 2 + 12 * count)
    return found


def read(path: Path, level: int = 0) -> tuple[dict[int, tuple], np.ndarray]:
    """Tags and float32[band, row from the north, column] of a level: 0 = the whole grid."""
    tags, raw = directories(path)[level], path.read_bytes()
    (width,), (height,), (side,), (bands,) = (tags[c] for c in (256, 257, 322, 277))
    across, down = -(-width // side), -(-height // side)
    out = np.empty((bands, down * side, across * side), dtype="<f4")
    for k, (start, size) in enumerate(zip(tags[324], tags[325], strict=True)):
        band, rest = divmod(k, across * down)
        row, column = divmod(rest, across)
        tile = np.frombuffer(zlib.decompress(raw[start : start + size]), dtype="<f4").reshape(side, side)
        out[band, row * side : (row + 1) * side, column * side : (column + 1) * side] = tile
    return tags, out[:, :height, :width]
