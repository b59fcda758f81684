"""Link flows as files: CSV in the link order of the source, or GeoParquet with a line for each link."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from lcr_hpc.errors import InputError
from lcr_hpc.traffic.equilibrium import Assignment
from lcr_hpc.traffic.network import Floats, LongInts, Network


def write_flows(path: Path, network: Network, result: Assignment) -> None:
    """Write link flows and costs, whole or not at all: `.parquet` as GeoParquet, anything else as CSV.

    Parameters
    ----------
    path : Path
        Columns init_node, term_node, flow (PCU/h of all classes) and cost (of the first class), and of several classes
        flow_NAME, vehicles. Numbers read back to the same bits.
    network, result : Network, Assignment

    Raises
    ------
    InputError
        A folder that is not there, or GeoParquet of a network without coordinates.
    """
    columns: dict[str, Floats | LongInts] = {
        "init_node": network.node_id[network.from_node],
        "term_node": network.node_id[network.to_node],
        "flow": result.link_flow,
        "cost": result.link_cost,
    }
    if len(result.class_names) > 1:
        columns |= {f"flow_{name}": flow for name, flow in zip(result.class_names, result.class_flow, strict=True)}
    if path.suffix.lower() == ".parquet":
        write_whole(path, _parquet(path, network, columns))
        return
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(columns)
    rows.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))
    write_whole(path, text.getvalue().encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under another name, then rename it."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name a folder that exists") from None
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(temporary).chmod(0o644)
    Path(temporary).replace(path)


def _parquet(path: Path, network: Network, columns: dict[str, Floats | LongInts]) -> bytes:
    if network.node_x is None or network.node_y is None:
        raise InputError(
            f"{path.name}: {network.source} has no node coordinates, which GeoParquet needs; give x_coord and y_coord "
            "in node.csv, a *_node.tntp beside the *_net.tntp, or a name that ends in .csv"
        )
    ends = np.stack([network.from_node, network.to_node], axis=1)
    lines = shapely.linestrings(np.stack([network.node_x[ends], network.node_y[ends]], axis=-1))
    buffer = io.BytesIO()
    frame = gpd.GeoDataFrame(columns, geometry=lines, crs=network.crs or None)
    frame.to_parquet(buffer, index=False, schema_version="1.1.0")
    return buffer.getvalue()
