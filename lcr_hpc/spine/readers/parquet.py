"""Parquet: tables checked by schema, and observations with a row each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lcr_hpc.errors import InputError
from lcr_hpc.spine.archives import require_file
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.clock import FIRST, LAST
from lcr_hpc.spine.readers.formats import Options
from lcr_hpc.spine.readers.result import Collector, Reading
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.spine.readers.tables import require_columns

MOST_ROWS = 200_000_000
MOST_CELLS = 1 << 29
WANTED = ("site", "time", "variable", "value", "unit")


def read_table(path: Path, columns: Iterable[str]) -> pa.Table:
    """Read some columns of a Parquet file.

    Raises
    ------
    InputError
        A file that is no Parquet or is cut off, more cells than memory is meant for, a column that lacks.
    """
    require_file(path)
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            raise InputError(f"{path} is no Parquet file (it does not begin with PAR1); convert it, or fetch it again")
    try:
        with pq.ParquetFile(path) as file:
            have = file.schema_arrow.names
            require_columns(path, have, columns)
            if repeated := sorted({c for c in have if have.count(c) > 1}):
                raise InputError(f"{path}: columns that stand twice: {few(repeated)}; keep one of each")
            if file.metadata.num_rows > MOST_ROWS or file.metadata.num_rows * len(have) > MOST_CELLS:
                raise InputError(f"{path} says it has {file.metadata.num_rows:,} rows; split it by day")
            table = file.read()
        table.validate(full=True)
    except (OSError, ValueError, KeyError, TypeError, NotImplementedError, pa.ArrowException) as error:
        raise InputError(
            f"{path} is no readable Parquet file ({' '.join(str(error).split())[:200]}); fetch it again"
        ) from None
    return table


def read_observations(path: Path, options: Options) -> Reading:
    """Read a table of site, time (UTC), variable, value, unit and, where it has one, step (ISO 8601, one for all)."""
    table = read_table(path, WANTED)
    second = instants(path, table, "time")
    quarantine = Quarantine()
    words = {c: _text(path, table, c) for c in ("site", "variable", "unit")}
    value = floats(path, table, "value")
    line = np.arange(1, len(value) + 1, dtype=np.int64)
    good = np.ones(len(value), bool)
    for column, cells in words.items():
        empty = (cells.isna() | (cells == "")).to_numpy() & good
        quarantine.add(path, cells.set_axis(line - 2), empty, column, f"no {column}")
        good &= ~empty
    good &= ~refuse(
        path, table, "time", (second < FIRST) | (second >= LAST), "no time from 1980 to 2099", quarantine, good
    )
    good &= ~refuse(path, table, "value", np.isinf(value), "no finite number", quarantine, good)
    collect = Collector(path, quarantine)
    for (variable, unit), rows in _groups(words, good):
        collect.add(
            value[rows], second[rows], line[rows], site=words["site"].to_numpy(dtype=object)[rows],
            variable=variable, unit=unit, limits=(-np.inf, np.inf),
        )  # fmt: skip
    step = str(table["step"][0].as_py()) if "step" in table.column_names and len(table) else "PT0S"
    return collect.reading("observations_parquet", len(value), step, ("a line is a row, from 1",))


def refuse(
    path: Path, table: pa.Table, column: str, bad: npt.NDArray[np.bool_], reason: str, quarantine: Quarantine,
    among: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Put the cells of a column where `bad` holds into quarantine, and return where that was."""
    hit = bad if among is None else bad & among
    rows = np.flatnonzero(hit)
    cells = pd.Series([str(table[column][int(i)].as_py()) for i in rows], index=rows - 1, dtype=object)
    quarantine.add(path, cells, np.ones(len(rows), bool), column, reason)
    return hit


def instants(path: Path, table: pa.Table, column: str) -> npt.NDArray[np.int64]:
    """Whole seconds since 1970 of a column of timestamps; UTC where it has no zone. Nulls and fractions are −1."""
    kind = table.schema.field(column).type
    if not pa.types.is_timestamp(kind):
        raise InputError(f"{path}: `{column}` holds {kind}, wanted timestamps", field=column)
    per = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
    ticks = table[column].cast(pa.int64()).fill_null(-1).to_numpy()
    whole: npt.NDArray[np.int64] = np.where(ticks % per == 0, ticks // per, -1)
    return whole


def floats(path: Path, table: pa.Table, column: str) -> npt.NDArray[np.float64]:
    """float64 of a column of numbers; a null is NaN."""
    kind = table.schema.field(column).type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        raise InputError(f"{path}: `{column}` holds {kind}, wanted numbers", field=column)
    value: npt.NDArray[np.float64] = table[column].to_pandas().to_numpy(dtype=np.float64, na_value=np.nan)
    return value


def _text(path: Path, table: pa.Table, column: str) -> pd.Series:
    kind = table.schema.field(column).type
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not (pa.types.is_string(plain) or pa.types.is_large_string(plain) or pa.types.is_string_view(plain)):
        raise InputError(f"{path}: `{column}` holds {kind}, wanted text", field=column)
    return pd.Series(table[column].to_pandas().to_numpy(dtype=object))


def _groups(
    words: dict[str, pd.Series], good: npt.NDArray[np.bool_]
) -> Iterable[tuple[tuple[str, str], npt.NDArray[np.int64]]]:
    frame = pd.DataFrame({"variable": words["variable"], "unit": words["unit"]})[good]
    for (variable, unit), part in frame.groupby(["variable", "unit"], sort=True):
        yield (str(variable), str(unit)), part.index.to_numpy(np.int64)
