"""The one way into and out of a store: created whole, written slab by slab, checked against the dictionary.

Four processes that wrote whole chunks inside shared shards lost 9 % of the data with exit code 0. So a slab is
always whole shards, `write_slab` refuses anything else, and each slab belongs to one task.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr
import zarr
from zarr.codecs import BloscCodec, BloscShuffle

from lcr_hpc.errors import StoreError, raise_all
from lcr_hpc.store.chunks import open_group
from lcr_hpc.store.variables import REGISTRY, Variable, variable

Region = Mapping[str, slice]


def create_store(
    path: Path,
    store: str,
    sizes: Mapping[str, int],
    *,
    only: Iterable[str] | None = None,
    attrs: Mapping[str, Any] | None = None,
) -> None:
    """Preallocate every variable of a store, empty; keep what is there when its shapes are the same.

    Parameters
    ----------
    path : Path
        Folder of the Zarr store.
    store : str
        Name in the data dictionary.
    sizes : mapping of str to int
        Length of each dimension. A dimension that may still grow (time) is preallocated for its whole span.
    only : iterable of str, optional
        Variables to create; by default all of the store's whose dimensions are in `sizes`.
    attrs : mapping, optional
        Attributes of the store (vintage, n_ranked …): JSON values only.

    Notes
    -----
    A store whose variables, shapes or attributes differ is removed and made anew, since a mixture of two
    shapes has no meaning; its slabs must then all be written again.
    """
    wanted = [variable(store, n) for n in only] if only is not None else _possible(store, sizes)
    plan = {v.name: array_options(v, sizes) for v in wanted}
    if _same(path, plan, dict(attrs or {})):
        return
    if path.exists():
        shutil.rmtree(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    group = zarr.create_group(path, zarr_format=3, attributes=dict(attrs or {}))
    # Nobody else reads a store before its manifest says what tier it is of: `finish_store` opens it.
    path.chmod(0o700)
    for v in wanted:
        group.create_array(v.name, **plan[v.name], overwrite=False)


def write_slab(path: Path, store: str, region: Region, values: Mapping[str, npt.ArrayLike]) -> None:
    """Write whole shards of some variables.

    Parameters
    ----------
    path : Path
        Folder of the Zarr store, made by `create_store`.
    store : str
        Name in the data dictionary.
    region : mapping of str to slice
        Part along the partitioned dimensions; a dimension not named is written whole.
    values : mapping of str to array
        Values by variable, in the dictionary's dimension order and unit.

    Raises
    ------
    StoreError
        When a region cuts a shard, a shape is not the region's, or a value does not fit the dtype.
    """
    group = zarr.open_group(path, mode="r+")
    ready = []
    problems = []
    for name, value in values.items():
        v = variable(store, name)
        array: Any = group[name]
        where = tuple(region.get(d, slice(None)) for d in v.dims)
        problem, data = _fit(v, array, where, value)
        if problem:
            problems.append(f"{path.name}: {problem}")
        else:
            ready.append((array, where, data))
    raise_all(problems, StoreError)
    for array, where, data in ready:
        array[where] = data


def open_store(path: Path, store: str, only: Iterable[str] | None = None) -> xr.Dataset:
    """Open a store lazily, checked against the dictionary.

    Parameters
    ----------
    path : Path
        Folder of the Zarr store.
    store : str
        Name in the data dictionary.
    only : iterable of str, optional
        Variables that must be there and are returned; by default all that are there.

    Returns
    -------
    xarray.Dataset
        Variables whose name is a dimension are coordinates; `time` and `hour` are decoded to datetime64 (UTC).

    Raises
    ------
    StoreError
        When the store, a variable, a dimension, a dtype or a unit is not what the dictionary says; and, when values
        are read, when a chunk is damaged.
    """
    if not (path / "zarr.json").is_file():
        raise StoreError(f"no store at {path}; run the stage that writes it (`lcr plan` says which)")
    try:
        group = open_group(path)
    except (ValueError, OSError, KeyError) as error:
        raise _unreadable(path, error) from error
    # Dimensions first: xarray's own complaint names whichever of two variables it happens to meet first.
    raise_all(_wrong_dimensions(path, store, group.dims), StoreError)
    names = sorted(group.dims) if only is None else list(only)
    try:
        dataset = group.dataset(names)
    except (ValueError, OSError, KeyError) as error:
        raise _unreadable(path, error) from error
    raise_all((p for n in names for p in _mismatch(path, store, n, dataset)), StoreError)
    chosen: xr.Dataset = dataset[names]
    return chosen


def slabs(size: int, shard: int) -> list[slice]:
    """Cut a dimension of `size` cells into whole shards."""
    return [slice(start, min(start + shard, size)) for start in range(0, size, shard)]


def shard_of(store: str, name: str, dim: str) -> int:
    """Cells that a shard of a variable spans along a dimension, for planning slabs."""
    v = variable(store, name)
    if dim not in v.shard:
        raise StoreError(f"{store}.{name} has no shards along `{dim}`: the whole dimension is one shard")
    return v.shard[dim]


def _possible(store: str, sizes: Mapping[str, int]) -> list[Variable]:
    return [v for v in REGISTRY[store].values() if set(v.dims) <= set(sizes)]


def array_options(v: Variable, sizes: Mapping[str, int]) -> dict[str, Any]:
    """What zarr must be told to make a variable's array for some sizes of its dimensions."""
    missing = [d for d in v.dims if d not in sizes]
    if missing:
        raise StoreError(f"{v.name}: no size for dimension {', '.join(missing)}", field=v.name)
    shape = tuple(int(sizes[d]) for d in v.dims)
    shards = tuple(max(1, min(v.shard.get(d, n), n)) for d, n in zip(v.dims, shape, strict=True))
    attributes: dict[str, Any] = {"long_name": v.meaning, **v.attrs}
    if v.units:
        attributes["units"] = v.units
    options: dict[str, Any] = {
        "shape": shape,
        "chunks": shards,
        "dtype": str if v.dtype == "str" else np.dtype(v.dtype),
        "fill_value": v.fill_value,
        "dimension_names": v.dims,
        "attributes": attributes,
    }
    if v.dtype != "str" and shape:
        # A shard holds one chunk as long as it is small (a day of 4,096 sites is 393 kB); zstd-1 with bitshuffle beat
        # plain zstd on time and on ratio.
        options["shards"] = shards
        options["compressors"] = BloscCodec(cname="zstd", clevel=1, shuffle=BloscShuffle.bitshuffle)
    return options


def _same(path: Path, plan: Mapping[str, Mapping[str, Any]], attrs: Mapping[str, Any]) -> bool:
    if not (path / "zarr.json").is_file():
        return False
    try:
        group = zarr.open_group(path, mode="r")
        arrays = dict(group.arrays())
    except (ValueError, OSError, KeyError):
        return False
    return (
        dict(group.attrs) == dict(attrs)
        and arrays.keys() == plan.keys()
        and all(
            arrays[n].shape == p["shape"]
            and arrays[n].chunks == p["chunks"]
            and (p["dtype"] is str or arrays[n].dtype == p["dtype"])
            and dict(arrays[n].attrs) == p["attributes"]
            for n, p in plan.items()
        )
    )


def _fit(
    v: Variable, array: zarr.Array[Any], where: tuple[slice, ...], value: npt.ArrayLike
) -> tuple[str, npt.NDArray[Any] | None]:
    shape = []
    for dim, part, size in zip(v.dims, where, array.shape, strict=True):
        start, stop, step = part.indices(size)
        shard = max(1, min(v.shard.get(dim, size), size))
        if step != 1 or start % shard or (stop % shard and stop != size):
            return f"`{v.name}` {dim} {start}:{stop} cuts a shard of {shard}; a slab is whole shards", None
        shape.append(stop - start)
    data = np.asarray(value, dtype=object) if v.dtype == "str" else np.asarray(value)
    if data.shape != tuple(shape):
        return f"`{v.name}` has shape {data.shape}, wanted {tuple(shape)} for {v.dims}", None
    if v.dtype == "str":
        return "", data
    wanted = np.dtype(v.dtype)
    if np.issubdtype(wanted, np.integer) and not np.issubdtype(data.dtype, np.integer):
        return f"`{v.name}` holds {wanted}, got {data.dtype}; convert it where its meaning is known", None
    if np.issubdtype(wanted, np.integer) and data.size:
        limits = np.iinfo(wanted)
        if data.min() < limits.min or data.max() > limits.max:
            return f"`{v.name}` holds {wanted}, got values from {data.min()} to {data.max()}", None
    return "", data.astype(wanted)


def _wrong_dimensions(path: Path, store: str, found: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [
        f"{path.name}: `{name}` has dimensions {dims or None}, wanted {REGISTRY[store][name].dims}; run its stage again"
        for name, dims in sorted(found.items())
        if name in REGISTRY[store] and dims != REGISTRY[store][name].dims
    ]


def _unreadable(path: Path, error: Exception) -> StoreError:
    return StoreError(f"{path} cannot be read ({error}); remove it and run its stage again")


def _mismatch(path: Path, store: str, name: str, dataset: xr.Dataset) -> Iterable[str]:
    v = variable(store, name)
    if name not in dataset.variables:
        yield f"{path.name}: no variable `{name}`; run the stage that writes it again"
        return
    found = dataset.variables[name]
    units = str(found.encoding.get("units", found.attrs.get("units", "")))
    if name not in ("time", "hour") and units != v.units:
        yield f"{path.name}: `{name}` is in `{units}`, wanted `{v.units}`"
    if v.dtype != "str" and not np.issubdtype(found.dtype, np.datetime64) and found.dtype != np.dtype(v.dtype):
        yield f"{path.name}: `{name}` holds {found.dtype}, wanted {v.dtype}"
