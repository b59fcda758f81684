"""Open Matrix (OMX): matrices of trips between zones in HDF5."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.archives import require_file
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.formats import Options
from lcr_hpc.spine.readers.result import Reading

MOST_ZONES = 30_000
MOST_CELLS = 1 << 28
_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def read_omx(path: Path, options: Options) -> Reading:
    """Read the cells above 0 of every matrix; whole or refused. Zones are the lookup's, else their places from 1."""
    require_file(path)
    with path.open("rb") as file:
        if file.read(8) != _SIGNATURE:
            raise InputError(f"{path} is no HDF5 file, wanted Open Matrix (.omx); convert it, or fetch it again")
    try:
        with h5py.File(path, "r") as file:
            return _read(path, file, str(options.get("lookup", "")))
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, AttributeError, SystemError) as error:
        why = " ".join(str(error).split())[:200]
        raise InputError(f"{path} is no readable Open Matrix ({why}); fetch it again") from None


def _read(path: Path, file: Any, lookup: str) -> Reading:
    _require(
        path, "OMX_VERSION" in file.attrs and "SHAPE" in file.attrs, "no OMX_VERSION and SHAPE, wanted Open Matrix"
    )
    shape = tuple(int(n) for n in np.asarray(file.attrs["SHAPE"]).reshape(-1)[:3])
    _require(path, len(shape) == 2 and shape[0] == shape[1] > 0, f"SHAPE is {shape}, wanted as many rows as columns")
    _require(path, shape[0] <= MOST_ZONES, f"{shape[0]:,} zones, at most {MOST_ZONES:,} can be read")
    names = sorted(_members(path, file, "data"))
    _require(path, bool(names), "no matrix under /data")
    _require(path, len(names) * shape[0] * shape[1] <= MOST_CELLS, f"{len(names)} matrices are more than can be read")
    zones, said = _zones(path, file, lookup, shape[0])
    problems, parts, zero = [], [], 0
    for name in names:
        data = file["data"][name]
        _require(
            path,
            data.shape == shape and data.dtype.kind in "fiu",
            f"`{name}` is {data.dtype} {data.shape}, wanted numbers {shape}",
        )
        value = np.asarray(data[:], dtype=np.float64)
        problems += list(_defects(path, name, value, zones))
        row, column = np.nonzero(value > 0)
        zero += int((value == 0).sum())
        parts.append((name, row, column, value[row, column]))
    raise_all(problems, InputError)
    labels = pd.Index(zones.astype(str), dtype=object)
    row, column = (np.concatenate([p[i] for p in parts]) for i in (1, 2))
    table = pd.DataFrame(
        {
            "origin": pd.Categorical.from_codes(row, categories=labels),
            "destination": pd.Categorical.from_codes(column, categories=labels),
            "variable": np.repeat(np.array(names, dtype=object), [len(p[1]) for p in parts]),
            "value": np.concatenate([p[3] for p in parts]),
        }
    )
    return Reading("omx", path, "pairs", table, len(table) + zero, notes=(said, f"{zero:,} cells are 0 and left out"))


def _members(path: Path, file: Any, group: str) -> Iterator[str]:
    """Names of the datasets of a group; a link to another file would read what no feed may."""
    if group not in file:
        return
    _require(path, isinstance(file.get(group, getlink=True), h5py.HardLink), f"/{group} is a link; refused")
    for name in file[group]:
        link = file[group].get(name, getlink=True)
        _require(path, isinstance(link, h5py.HardLink), f"/{group}/{name} is a link to elsewhere; refused")
        data = file[group][name]
        _require(path, isinstance(data, h5py.Dataset), f"/{group}/{name} is no dataset")
        _require(
            path, not data.external and not data.is_virtual, f"/{group}/{name} keeps its values in other files; refused"
        )
        yield str(name)


def _zones(path: Path, file: Any, lookup: str, count: int) -> tuple[npt.NDArray[Any], str]:
    names = sorted(_members(path, file, "lookup"))
    if not lookup and len(names) != 1:
        _require(path, not names, f"lookups {few(names)}; say which with the option `lookup`")
        return np.arange(1, count + 1), "zones are numbered from 1: the file has no lookup"
    chosen = lookup or names[0]
    _require(path, chosen in names, f"no lookup `{chosen}`; there are: {few(names) or 'none'}")
    data = file["lookup"][chosen]
    _require(path, data.shape == (count,), f"lookup `{chosen}` has shape {data.shape}, wanted ({count},)")
    _require(path, data.dtype.kind in "iuS", f"lookup `{chosen}` holds {data.dtype}, wanted zone numbers")
    zones = np.asarray(data[:])
    zones = np.array([z.decode("utf-8", "replace") for z in zones], dtype=object) if zones.dtype.kind == "S" else zones
    _require(path, len(np.unique(zones.astype(str))) == count, f"lookup `{chosen}` names a zone twice")
    return zones, f"zones by lookup `{chosen}`"


def _defects(path: Path, name: str, value: npt.NDArray[np.float64], zones: npt.NDArray[Any]) -> Iterator[str]:
    bad = ~(np.isfinite(value) & (value >= 0))
    if bad.any():
        row, column = (int(i[0]) for i in np.nonzero(bad))
        yield (
            f"{path}: `{name}` has {int(bad.sum()):,} cells that are no number from 0 up, "
            f"the first {value[row, column]:g} from {zones[row]} to {zones[column]}; correct them"
        )


def _require(path: Path, held: bool, problem: str) -> None:
    if not held:
        raise InputError(f"{path}: {problem}")
