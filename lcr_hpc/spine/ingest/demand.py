"""Origin-destination pairs and the profile of the day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq

from lcr_hpc.errors import InputError
from lcr_hpc.spine.ingest.areas import index_of
from lcr_hpc.spine.ingest.network import Network
from lcr_hpc.spine.ingest.whole import Write, read_origin, write_whole
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.tables import read_reference, require_columns
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import DAY_TYPES, PURPOSES


def ingest_demand(layout: Layout, network: Network | None) -> Write | None:
    """Origin-destination pairs and the profile of the day; without a network all is checked but the zones' codes."""
    folder = layout.incoming / "demand"
    path = folder / "od.parquet"
    problems = Problems()
    shares = origin = destination = trips = None
    with problems.collecting():
        od = _read_pairs(path)
        trips = od[list(PURPOSES)].to_numpy(dtype=np.float64)
        if (bad := ~(np.isfinite(trips) & (trips >= 0)).all(axis=1)).any():
            rows = few(np.flatnonzero(bad) + 1)
            problems.add(f"{path}: trips must be numbers of 0 or more; they are not in row {rows}")
        with problems.collecting():
            origin = _zone(network, od, path, "origin")
        with problems.collecting():
            destination = _zone(network, od, path, "destination")
    with problems.collecting():
        shares = _profile(folder / "profile.csv")
    problems.raise_if_any("the demand cannot be read")
    if network is None:
        return None
    assert origin is not None and destination is not None and trips is not None and shares is not None
    order = np.lexsort((destination, origin))
    origin, destination, trips = origin[order], destination[order], trips[order]
    if (again := (np.diff(origin) == 0) & (np.diff(destination) == 0)).any():
        raise InputError(
            f"{path}: {again.sum():,} pairs of origin and destination stand twice, the first "
            f"{network.zone[origin[:-1][again][0]]} to {network.zone[destination[:-1][again][0]]}; "
            "add their trips up"
        )
    offset = np.searchsorted(origin, np.arange(len(network.zone) + 1)).astype(np.int64)
    values = {
        "origin_offset": offset,
        "destination": destination,
        "trips_veh_day": trips.T,
        "purpose": list(PURPOSES),
        "day_type": list(DAY_TYPES),
        "hourly_share": shares,
    }
    read = read_origin(layout, "demand")
    sizes = {"origin_edge": len(offset), "od": len(origin), "purpose": 3, "day_type": 3, "hour_of_day": 24}
    recipe = read.entries["demand"].recipe
    attrs = {"demand_factor": float(recipe["demand_factor"])} if "demand_factor" in recipe else {}
    return lambda: write_whole(layout, "demand", read, sizes, values, attrs)


def _zone(network: Network | None, od: pd.DataFrame, path: Path, column: str) -> npt.NDArray[np.int64] | None:
    return None if network is None else index_of(network.zone, od[column].astype(str), path, column, "zones")


def _read_pairs(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError(f"no file {path}; land one, or run `lcr spine feeds`")
    try:
        od: pd.DataFrame = pq.read_table(path).to_pandas()
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no readable Parquet file ({' '.join(str(error).split())})") from None
    require_columns(path, od.columns, ["origin", "destination", *PURPOSES])
    if words := [p for p in PURPOSES if not pd.api.types.is_numeric_dtype(od[p])]:
        raise InputError(f"{path}: {few(f'`{w}`' for w in words)} must hold numbers, found {od[words[0]].dtype}")
    return od


def _profile(path: Path) -> npt.NDArray[np.float64]:
    """Hourly shares, float64[day_type, purpose, hour]."""
    table = read_reference(path, "demand", "profile.csv")
    shares = np.full((len(DAY_TYPES), len(PURPOSES), 24), np.nan)
    day, purpose = (
        table[c].map({n: i for i, n in enumerate(names)})
        for c, names in (("day_type", DAY_TYPES), ("purpose", PURPOSES))
    )
    shares[day.astype(int), purpose.astype(int), table["hour"]] = table["share"]
    if np.isnan(shares).any():
        raise InputError(
            f"{path}: wanted a share for each day type, purpose and hour; {np.isnan(shares).sum()} are missing"
        )
    return shares
