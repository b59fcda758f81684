"""Networks in the General Modeling Network Specification: node.csv and link.csv, and a demand table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.network import Demand, Floats, Network, demand_from_pairs

BPR_B, BPR_POWER = 0.15, 4.0
"""The Bureau of Public Roads' own values, where link.csv has no vdf_alpha and vdf_beta."""


def read_gmns(net: Path | str, trips: Path | str) -> tuple[Network, Demand]:
    """Read a GMNS network and its demand.

    Parameters
    ----------
    net : path
        Folder with node.csv and link.csv, or the link.csv in it.
    trips : path
        CSV of `o_zone_id, d_zone_id, volume`, or the folder that holds it as demand.csv.

    Returns
    -------
    (Network, Demand)
        Minutes, veh/h; length and toll in the unit of the files. Zones in the order of their ids come first
        among the nodes; links that are not `directed` stand for both directions, one after the other.

    Raises
    ------
    InputError
        Columns that lack, nodes that do not exist, zones without a node, values that are no numbers: at once.

    Notes
    -----
    Travel time at zero flow is length / free_speed in hours, as the units of config.csv say by default (miles and
    mph, or kilometres and km/h, agree); `vdf_fftt` in minutes takes its place where given. Capacity is per lane.
    """
    net, trips = Path(net), Path(trips)
    folder = net if net.is_dir() else net.parent
    trips = trips / "demand.csv" if trips.is_dir() else trips
    problems: list[str] = []
    node = _read(folder / "node.csv", ("node_id", "zone_id"), problems)
    link = _read(folder / "link.csv", ("from_node_id", "to_node_id", "capacity"), problems)
    demand = _read(trips, ("o_zone_id", "d_zone_id", "volume"), problems)
    if "vdf_fftt" not in link.columns:
        problems += [f"link.csv: no column `{c}`" for c in ("length", "free_speed") if c not in link.columns]
    raise_all(problems, InputError)

    zone_of_node = pd.to_numeric(node["zone_id"], errors="coerce")
    zone_of_node = zone_of_node.where(zone_of_node > 0)
    zones = np.sort(zone_of_node.dropna().unique())
    centroids = node.loc[zone_of_node.notna()].drop_duplicates("zone_id").set_index("zone_id")["node_id"]
    is_centroid = node["node_id"].isin(centroids)
    ordered = np.concatenate(
        [centroids.loc[zones].to_numpy(), node.loc[~is_centroid, "node_id"].sort_values().to_numpy()]
    )
    index = pd.Series(np.arange(ordered.size), index=ordered)
    zone_index = pd.Series(np.arange(zones.size), index=zones)
    network = _network(link, index, int(zones.size), folder / "link.csv", problems)
    table = _demand(demand, zone_index, trips, problems)
    problems += [*network.problems(), *table.problems()]
    raise_all(problems, InputError)
    return network, table


def is_gmns(net: Path) -> bool:
    """Say whether a path names a GMNS network: a folder, or a CSV file."""
    return net.is_dir() or net.suffix.lower() == ".csv"


def _network(link: pd.DataFrame, index: pd.Series[int], zones: int, path: Path, problems: list[str]) -> Network:
    both = ~_flag(link, "directed") if "directed" in link.columns else pd.Series(False, index=link.index)
    rows = np.repeat(np.arange(len(link)), 1 + both.to_numpy(np.int64))
    back = np.zeros(rows.size, np.bool_)
    back[1:] = rows[1:] == rows[:-1]
    ends = []
    for name in ("from_node_id", "to_node_id"):
        place = link[name].map(index)
        for i in np.flatnonzero(place.isna())[:20]:
            problems.append(f"{path.name}:{i + 2}: {name} is {link[name].iloc[i]}, which node.csv does not have")
        ends.append(place.fillna(0).to_numpy(np.int32)[rows])
    tail, head = np.where(back, ends[1], ends[0]), np.where(back, ends[0], ends[1])
    lanes = np.maximum(_number(link, "lanes", 1.0, path, problems), 1.0)
    length = _number(link, "length", 0.0, path, problems)
    if "vdf_fftt" in link.columns:
        time = _number(link, "vdf_fftt", np.nan, path, problems)
    else:
        speed = _number(link, "free_speed", np.nan, path, problems)
        time = 60.0 * np.divide(length, speed, out=np.full(length.size, np.nan), where=speed > 0)
    return Network(
        from_node=tail.astype(np.int32),
        to_node=head.astype(np.int32),
        capacity_veh_h=(_number(link, "capacity", np.nan, path, problems) * lanes)[rows],
        length=length[rows],
        free_flow_time=time[rows],
        b=_number(link, "vdf_alpha", BPR_B, path, problems)[rows],
        power=_number(link, "vdf_beta", BPR_POWER, path, problems)[rows],
        toll=_number(link, "toll", 0.0, path, problems)[rows],
        n_zones=zones,
        n_nodes=int(index.size),
        first_through_node=0,
        node_id=index.index.to_numpy(np.int64),
        link_row=(rows + 2).astype(np.int64),
        source=path.name,
        row_word="line",
    )


def _demand(demand: pd.DataFrame, zone_index: pd.Series[int], path: Path, problems: list[str]) -> Demand:
    origin, destination = demand["o_zone_id"].map(zone_index), demand["d_zone_id"].map(zone_index)
    for name, found in (("o_zone_id", origin), ("d_zone_id", destination)):
        for i in np.flatnonzero(found.isna())[:20]:
            problems.append(f"{path.name}:{i + 2}: {name} is {demand[name].iloc[i]}, which is no zone_id of node.csv")
    for i in np.flatnonzero(demand.duplicated(["o_zone_id", "d_zone_id"]))[:20]:
        problems.append(f"{path.name}:{i + 2}: origin and destination appear a second time; add the volumes up")
    trips = _number(demand, "volume", np.nan, path, problems)
    keep = (origin.notna() & destination.notna()).to_numpy() & ~demand.duplicated(["o_zone_id", "d_zone_id"]).to_numpy()
    return demand_from_pairs(
        origin[keep].to_numpy(np.int32), destination[keep].to_numpy(np.int32), trips[keep], len(zone_index), path.name
    )


def _number(table: pd.DataFrame, name: str, missing: float, path: Path, problems: list[str]) -> Floats:
    """A column of numbers; `missing` stands for a column that is not there, and for blanks unless it is NaN."""
    if name not in table.columns:
        return np.full(len(table), missing)
    value = pd.to_numeric(table[name], errors="coerce")
    text = table[name].notna() & value.isna()
    blank = table[name].isna() & np.isnan(missing)
    for i in np.flatnonzero(text | blank)[:20]:
        what = "blank" if blank.iloc[i] else f"`{table[name].iloc[i]}`"
        problems.append(f"{path.name}:{i + 2}: {name} is {what}, wanted a number")
    # A value that has been told is replaced, so that it is not told a second time.
    return value.mask(text | blank, 1.0).fillna(missing).to_numpy(np.float64)


def _flag(table: pd.DataFrame, name: str) -> pd.Series[bool]:
    return table[name].astype(str).str.strip().str.lower().isin(("1", "1.0", "true", "t", "yes"))


def _read(path: Path, columns: tuple[str, ...], problems: list[str]) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, skipinitialspace=True)
    except (OSError, ValueError) as error:
        problems.append(f"{path}: cannot be read ({error})")
        return pd.DataFrame(columns=list(columns))
    problems.extend(f"{path.name}: no column `{c}`" for c in columns if c not in table.columns)
    return table
