"""Grids as Cloud Optimized GeoTIFF: what a map program opens, and a browser reads by parts.

Written here, since the library that writes them (rasterio, with all of GDAL) is 36 MB for one plain kind of file. The
layout is the one that readers ask for: directories first, from the whole grid to the coarsest overview, then tiles,
overviews before the whole. Source: TIFF 6.0 (Adobe 1992), GeoTIFF 1.1 (OGC 19-008r4), COG (OGC 21-026).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.errors import InputError

TILE = 256
BRITISH_NATIONAL_GRID = 27700
_SHORT, _LONG, _DOUBLE, _ASCII = 3, 4, 12, 2
_SIZE = {_SHORT: 2, _LONG: 4, _DOUBLE: 8, _ASCII: 1}
_LETTER = {_SHORT: "H", _LONG: "I", _DOUBLE: "d"}
_Tag = tuple[int, int, tuple[float, ...] | bytes]


def write_cog(
    path: Path,
    bands: Mapping[str, NDArray[np.float64]],
    x_edges: NDArray[np.float64],
    y_edges: NDArray[np.float64],
    units: str,
) -> None:
    """Write grids over the same square cells as one file, a band each, float32, EPSG:27700.

    Parameters
    ----------
    path : Path
        File to write; its bytes depend on the values alone.
    bands : mapping of str to ndarray
        Name to float64[y, x], y from south to north.
    x_edges, y_edges : ndarray
        float64[x+1], float64[y+1], m, evenly spaced and with the same step.
    units : str
        Of all bands, for the file's metadata. Overviews hold means of the cells below them.

    Raises
    ------
    InputError
        Cells that are not squares of one size, bands of another shape.
    """
    step = float(x_edges[1] - x_edges[0])
    if not (np.allclose(np.diff(x_edges), step) and np.allclose(np.diff(y_edges), step)):
        raise InputError("a GeoTIFF needs square cells of one size; the edges given are not", field="x_edges")
    shape = (y_edges.size - 1, x_edges.size - 1)
    if wrong := [name for name, band in bands.items() if band.shape != shape]:
        raise InputError(f"bands {', '.join(wrong)} are not of the edges' shape {shape}", field=wrong[0])
    whole = np.stack([band[::-1] for band in bands.values()]).astype("<f4")
    levels = [whole]
    while max(levels[-1].shape[1:]) > TILE:
        levels.append(_halved(levels[-1]))
    tiles = [_tiles(level) for level in levels]
    place = [*_geography(float(x_edges[0]), float(y_edges[-1]), step), _names(tuple(bands), units)]
    path.write_bytes(_file(levels, tiles, place))


def _halved(level: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means of squares of four cells; of those that there are, at the edge."""
    padded = np.pad(level, ((0, 0), (0, level.shape[1] % 2), (0, level.shape[2] % 2)), constant_values=np.nan)
    count, height, width = padded.shape
    square = padded.reshape(count, height // 2, 2, width // 2, 2)
    return np.asarray(np.nanmean(square, axis=(2, 4), dtype=np.float64).astype("<f4"))


def _tiles(level: NDArray[np.float32]) -> list[bytes]:
    """Deflated tiles, band after band, row after row."""
    count, height, width = level.shape
    padded = np.pad(level, ((0, 0), (0, -height % TILE), (0, -width % TILE)))
    return [
        zlib.compress(np.ascontiguousarray(padded[band, y : y + TILE, x : x + TILE]).tobytes(), 6)
        for band in range(count)
        for y in range(0, height, TILE)
        for x in range(0, width, TILE)
    ]


def _geography(west: float, north: float, step: float) -> list[_Tag]:
    keys = (1, 1, 1, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, BRITISH_NATIONAL_GRID)
    return [
        (33550, _DOUBLE, (step, step, 0.0)),
        (33922, _DOUBLE, (0.0, 0.0, 0.0, west, north, 0.0)),
        (34735, _SHORT, keys),
    ]


def _names(names: tuple[str, ...], units: str) -> _Tag:
    """Names and units of the bands, as GDAL and what is built on it read them."""
    items = "".join(
        f'<Item name="DESCRIPTION" sample="{k}" role="description">{escape(name)}</Item>'
        f'<Item name="UNITTYPE" sample="{k}" role="unittype">{escape(units)}</Item>'
        for k, name in enumerate(names)
    )
    return 42112, _ASCII, f"<GDALMetadata>{items}</GDALMetadata>\0".encode()


def _file(levels: list[NDArray[np.float32]], tiles: list[list[bytes]], place: list[_Tag]) -> bytes:
    """Header, directories, tiles; the directories' lengths do not depend on the offsets that they hold."""

    def directories(offsets: list[list[int]]) -> bytes:
        out = b"II*\0" + struct.pack("<I", 8)
        for k, level in enumerate(levels):
            tags = _layout(level.shape, k > 0, offsets[k], [len(t) for t in tiles[k]]) + (place if k == 0 else [])
            out += _directory(sorted(tags), len(out), last=k == len(levels) - 1)
        return out

    at = len(directories([[0] * len(t) for t in tiles]))
    offsets: list[list[int]] = [[] for _ in tiles]
    for k in range(len(tiles) - 1, -1, -1):
        for tile in tiles[k]:
            offsets[k].append(at)
            at += len(tile)
    return directories(offsets) + b"".join(tile for level in reversed(tiles) for tile in level)


def _layout(shape: tuple[int, ...], overview: bool, offsets: list[int], lengths: list[int]) -> list[_Tag]:
    bands, height, width = shape
    separate, black_is_zero, deflate, real = 2, 1, 8, 3
    return [
        (254, _LONG, (int(overview),)),
        (256, _LONG, (width,)),
        (257, _LONG, (height,)),
        (258, _SHORT, (32,) * bands),
        (259, _SHORT, (deflate,)),
        (262, _SHORT, (black_is_zero,)),
        (277, _SHORT, (bands,)),
        (284, _SHORT, (separate,)),
        (322, _LONG, (TILE,)),
        (323, _LONG, (TILE,)),
        (324, _LONG, tuple(offsets)),
        (325, _LONG, tuple(lengths)),
        *([(338, _SHORT, (0,) * (bands - 1))] if bands > 1 else []),
        (339, _SHORT, (real,) * bands),
    ]


def _directory(tags: list[_Tag], start: int, *, last: bool) -> bytes:
    """Entries of a directory that begins at `start`, and behind them the values that do not fit into an entry."""
    beyond = start + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for code, kind, value in tags:
        raw = value if isinstance(value, bytes) else struct.pack(f"<{len(value)}{_LETTER[kind]}", *value)
        entries += struct.pack("<HHI", code, kind, len(raw) // _SIZE[kind])
        if len(raw) <= 4:
            entries += raw.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", beyond + len(values))
            values += raw + b"\0" * (len(raw) % 2)
    following = 0 if last else beyond + len(values)
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", following) + values
