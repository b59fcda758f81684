"""Write tables so that the same values give the same bytes: no time stamps, fixed writer options."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from lcr_hpc.errors import ReleaseError, raise_all
from lcr_hpc.publish.products import Table

METADATA_KEY = b"lcr"
# A CSV is for people: nine figures hold more than any input has. Parquet keeps every bit.
CSV_FLOAT = "%.9g"


def conform(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Bring a frame to its declared columns and types.

    Raises
    ------
    ReleaseError
        When a column is missing, undeclared, or of values that its type cannot hold.
    """
    found = [str(c) for c in frame.columns if c != "geometry"]
    wanted = [c.name for c in table.columns]
    problems = [f"{table.name}: column `{n}` is declared but was not made" for n in wanted if n not in found]
    problems += [f"{table.name}: column `{n}` was made but is not declared" for n in found if n not in wanted]
    raise_all(problems, ReleaseError)
    try:
        typed = frame.astype({c.name: c.dtype for c in table.columns})
    except (TypeError, ValueError) as error:
        raise ReleaseError(f"{table.name}: {error}") from error
    for column in table.columns:
        if column.dtype == "float64" and np.isinf(typed[column.name]).any():
            problems.append(f"{table.name}: `{column.name}` holds infinity")
    raise_all(problems, ReleaseError)
    rest = [c for c in frame.columns if c == "geometry"]
    ordered: pd.DataFrame = typed[[*wanted, *rest]]
    return ordered


def write_table(folder: Path, table: Table, frame: pd.DataFrame, metadata: Mapping[str, Any]) -> None:
    """Write a conformed frame to each file of its table.

    Parameters
    ----------
    folder : Path
        Draft of the snapshot.
    table : Table
        Says which files.
    frame : DataFrame
        From `conform`; a GeoDataFrame for GeoParquet.
    metadata : mapping
        Nature, tier, licences and units: JSON, under the key `lcr` of the file's metadata.
    """
    for name in table.files:
        if name.endswith(".parquet"):
            if not isinstance(frame, gpd.GeoDataFrame):
                raise ReleaseError(f"{name}: GeoParquet needs a geometry")
            _write_geoparquet(folder / name, frame, metadata)
        else:
            plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
            plain.to_csv(folder / name, index=False, lineterminator="\n", float_format=CSV_FLOAT, encoding="utf-8")


def _write_geoparquet(path: Path, frame: gpd.GeoDataFrame, metadata: Mapping[str, Any]) -> None:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False, schema_version="1.1.0")
    arrow = pq.read_table(buffer)
    said = json.dumps(metadata, sort_keys=True, ensure_ascii=False).encode()
    arrow = arrow.replace_schema_metadata({**arrow.schema.metadata, METADATA_KEY: said})
    pq.write_table(arrow, path, compression="zstd", compression_level=3)
