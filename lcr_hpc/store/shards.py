"""Shards of one chunk, read and written directly: the bytes that zarr writes, for a tenth of its time a shard.

A night writes a few thousand small shards; zarr's own path costs about 2 ms of Python each, which was more than
parsing the feed. What is written here is what zarr would write (a test compares the bytes), so every reader of Zarr
opens it. Each file is written beside itself and renamed: a kill leaves the old shard or the new one.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np
import numpy.typing as npt
from numcodecs import blosc

from lcr_hpc.errors import StoreError
from lcr_hpc.store.variables import variable

# Threads come from outside, as workers: for shards of 400 kB Blosc's own cost more than they bring.
blosc.use_threads = False
_LEFT = ".partial"
_INDEX = struct.Struct("<QQ")
_WANTED = {"cname": "zstd", "clevel": 1, "shuffle": "bitshuffle", "blocksize": 0}


@dataclass(frozen=True)
class ShardedSeries:
    """An array of a store whose leading dimension is cut into shards of one chunk."""

    folder: Path
    shape: tuple[int, ...]
    shard: tuple[int, ...]
    dtype: np.dtype[Any]
    fill: Any
    written: dict[str, str] | None = None
    """Where it is kept: SHA-256 of every shard that was written here, by path below the store; "" = erased"""

    @property
    def count(self) -> int:
        """Shards along the leading dimension."""
        return -(-self.shape[0] // self.shard[0])

    def holds(self, index: int) -> bool:
        """Whether anything has been written to the shards of an index."""
        return any(file.exists() for file, _ in self._blocks(index))

    def read(self, index: int) -> npt.NDArray[Any]:
        """Cells of one index along the leading dimension, all sites; fill where nothing was written."""
        out = np.full((self.shard[0], *self.shape[1:]), self.fill, self.dtype)
        for file, where in self._blocks(index):
            try:
                raw = file.read_bytes()
            except FileNotFoundError:
                continue
            out[where] = self._decode(file, raw)[tuple(slice(0, s.stop - s.start) for s in where)]
        return out[: self.shape[0] - index * self.shard[0]]

    def write(self, index: int, values: npt.NDArray[Any]) -> bool:
        """Write the cells of one index; whether any file has changed. What would not change is not touched."""
        if values.shape != (self.shard[0], *self.shape[1:]):
            raise StoreError(f"{self.folder}: got {values.shape}, wanted {(self.shard[0], *self.shape[1:])}")
        changed = False
        for file, where in self._blocks(index):
            data = np.ascontiguousarray(values[where], dtype=self.dtype)
            changed |= self._put(file, None if self._empty(data) else self._encode(data))
        return changed

    def erase(self, index: int) -> bool:
        """Take the cells of one index back to fill; whether there were any."""
        erased = [self._put(file, None) for file, _ in self._blocks(index)]
        return any(erased)

    def _put(self, file: Path, wanted: bytes | None) -> bool:
        if self.written is not None:
            name = os.fspath(file)[len(os.fspath(self.folder.parent)) + 1 :]
            self.written[name] = "" if wanted is None else hashlib.sha256(wanted).hexdigest()
        return _replace(file, wanted)

    def _blocks(self, index: int) -> Iterator[tuple[Path, tuple[slice, ...]]]:
        if not 0 <= index < self.count:
            raise StoreError(f"{self.folder}: no shard {index}, there are {self.count}")
        counts = [range(-(-n // s)) for n, s in zip(self.shape[1:], self.shard[1:], strict=True)]
        for rest in itertools.product(*counts):
            sizes = zip(rest, self.shard[1:], self.shape[1:], strict=True)
            parts = (slice(0, self.shard[0]), *(slice(k * s, min((k + 1) * s, n)) for k, s, n in sizes))
            yield self.folder.joinpath("c", str(index), *map(str, rest)), parts

    def _empty(self, data: npt.NDArray[Any]) -> bool:
        if self.fill != self.fill:
            return bool(np.isnan(data).all())
        return bool((data == self.fill).all())

    def _encode(self, data: npt.NDArray[Any]) -> bytes:
        if data.shape != self.shard:
            whole = np.full(self.shard, self.fill, self.dtype)
            whole[tuple(slice(0, n) for n in data.shape)] = data
            data = whole
        packed: bytes = blosc.compress(data, b"zstd", 1, blosc.BITSHUFFLE)
        index = _INDEX.pack(0, len(packed))
        return packed + index + struct.pack("<I", google_crc32c.value(index))

    def _decode(self, file: Path, raw: bytes) -> npt.NDArray[Any]:
        index = raw[-20:-4]
        if len(raw) < 20 or struct.pack("<I", google_crc32c.value(index)) != raw[-4:]:
            raise StoreError(f"{file} is damaged (its index does not match its checksum); remove the store and ingest")
        start, size = _INDEX.unpack(index)
        return np.frombuffer(blosc.decompress(raw[start : start + size]), self.dtype).reshape(self.shard)


def open_series(path: Path, store: str, name: str, written: dict[str, str] | None = None) -> ShardedSeries:
    """Open one variable of a store for reading and writing whole shards; `written` gets the SHA-256 of those.

    Raises
    ------
    StoreError
        When the variable is missing, or its layout is not the one that `create_store` gives.
    """
    v = variable(store, name)
    file = path / name / "zarr.json"
    try:
        meta = json.loads(file.read_text(encoding="utf-8"))
        codec = meta["codecs"][0]["configuration"]
        packer = codec["codecs"][1]["configuration"]
        shape, shard = tuple(meta["shape"]), tuple(meta["chunk_grid"]["configuration"]["chunk_shape"])
        plain = (
            codec["chunk_shape"] == list(shard)
            and codec["index_location"] == "end"
            and {k: packer[k] for k in _WANTED} == _WANTED
            and packer["typesize"] == np.dtype(v.dtype).itemsize
        )
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise StoreError(f"{file} cannot be read ({error}); remove {path} and run its stage again") from error
    if not plain:
        raise StoreError(f"{file}: the shards are laid out in another way; remove {path} and run its stage again")
    return ShardedSeries(path / name, shape, shard, np.dtype(v.dtype), v.fill_value, written)


def remove_left_overs(path: Path) -> None:
    """Take away the half-written files of killed runs."""
    for at, _, names in os.walk(path):
        for name in names:
            if name.endswith(_LEFT):
                Path(at, name).unlink(missing_ok=True)


def _replace(file: Path, wanted: bytes | None) -> bool:
    if wanted is None:
        if not file.exists():
            return False
        file.unlink()
        return True
    try:
        if file.stat().st_size == len(wanted) and file.read_bytes() == wanted:
            return False
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}{_LEFT}")
    temporary.write_bytes(wanted)
    os.replace(temporary, file)  # noqa: PTH105  (a Path costs more than the call, a thousand times a second)
    return True
