"""Coefficient tables: read once, checked for the columns that a formula needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lcr_hpc.config import coefficients_dir
from lcr_hpc.errors import InputError

Table = pd.DataFrame | Mapping[str, Any]
"""A table: a DataFrame, or a mapping of column names to arrays of one length."""


def coefficient_table(name: str, folder: Path | None = None) -> pd.DataFrame:
    """Read configs/coefficients/`name`.csv, whose head says source, year, unit and licence.

    Parameters
    ----------
    name : str
        File name without its ending.
    folder : Path, optional
        Folder in place of the project's.

    Raises
    ------
    InputError
        When there is no such table.
    """
    return _read((folder or coefficients_dir()) / f"{name}.csv").copy()


def columns(table: Table, names: Iterable[str], what: str) -> NDArray[np.float64]:
    """Numeric columns of a table, float64[row, column], in the order of `names`.

    Raises
    ------
    InputError
        Naming the columns that are missing, not numbers, or of another length.
    """
    wanted = list(names)
    missing = [n for n in wanted if n not in table]
    if missing:
        raise InputError(
            f"{what}: no column {', '.join(missing)}; it has {', '.join(map(str, table))}", field=missing[0]
        )
    try:
        found = [np.atleast_1d(np.asarray(table[n], dtype=np.float64)) for n in wanted]
    except (TypeError, ValueError) as problem:
        raise InputError(f"{what}: a column of {', '.join(wanted)} holds no numbers ({problem})") from None
    lengths = {n: len(column) for n, column in zip(wanted, found, strict=True)}
    if any(c.ndim != 1 for c in found) or len(set(lengths.values())) > 1:
        raise InputError(f"{what}: columns of different length: {lengths}; give one value a row to each")
    return np.ascontiguousarray(np.column_stack(found))


@cache
def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(
            f"no coefficient table {path}; it comes with the project, in configs/coefficients", field=path.stem
        )
    return pd.read_csv(path, comment="#", skip_blank_lines=True)
