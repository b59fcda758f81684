"""Networks in the General Modeling Network Specification: node.csv and link.csv, and a demand table."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.traffic.network import DELAY_FUNCTIONS, Demand, Network, demand_from_pairs
from lcr_hpc.traffic.tables import read_numbers, read_table, turns_of
from lcr_hpc.traffic.turns import Turns

BPR_B, BPR_POWER = 0.15, 4.0
"""The Bureau of Public Roads' own values, where link.csv has no vdf_alpha and vdf_beta."""

KILOMETRES = {"mi": 1.609344, "mile": 1.609344, "km": 1.0, "kilometer": 1.0, "kilometre": 1.0, "m": 0.001,
              "meter": 0.001, "metre": 0.001, "ft": 0.0003048, "foot": 0.0003048, "feet": 0.0003048}  # fmt: skip
KM_H = {"mph": 1.609344, "mi/h": 1.609344, "kph": 1.0, "kmh": 1.0, "km/h": 1.0, "kmph": 1.0, "m/s": 3.6, "mps": 3.6}
"""Units that config.csv may name."""


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
        Minutes, PCU/h; length and toll in the unit of the files. Zones in the order of their ids come first
        among the nodes; links that are not `directed` stand for both directions, one after the other. Paths pass
        zones, unless every zone's node has the node_type `centroid`.

    Raises
    ------
    InputError
        Columns that lack, nodes that do not exist, zones without a node, values that are no numbers: at once.

    Notes
    -----
    Travel time at zero flow is length / free_speed in the units that config.csv names as long_length and speed; without
    it they are taken to agree (miles and mph, or kilometres and km/h). `vdf_fftt` in minutes takes its place where
    given. Capacity is per lane. The specification has no volume–delay functions; `vdf_alpha` and `vdf_beta`, as the
    readers of GMNS commonly use them, are b and power, and `vdf_type` (bpr, bpr2, conical, akcelik) is the function.
    """
    net, trips = Path(net), Path(trips)
    folder = net if net.is_dir() else net.parent
    trips = trips / "demand.csv" if trips.is_dir() else trips
    problems: list[str] = []
    node = read_table(folder / "node.csv", ("node_id", "zone_id"), problems)
    link = read_table(folder / "link.csv", ("from_node_id", "to_node_id", "capacity"), problems)
    demand = read_table(trips, ("o_zone_id", "d_zone_id", "volume"), problems)
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
    said = _config(folder / "config.csv", problems)
    network = _network(link, index, int(zones.size), folder / "link.csv", said, problems)
    network = _with_nodes(network, node, centroids.loc[zones], said)
    table = _demand(demand, zone_index, trips, problems)
    problems += [*network.problems(), *table.problems()]
    raise_all(problems, InputError)
    return network, table


def is_gmns(net: Path) -> bool:
    """Say whether a path names a GMNS network: a folder, or a CSV file."""
    return net.is_dir() or net.suffix.lower() == ".csv"


def read_gmns_turns(net: Path, network: Network) -> Turns | None:
    """Read the turn penalties of movement.csv; None where there is no such file.

    Parameters
    ----------
    net : Path
        As in `read_gmns`.
    network : Network
        What it returned.

    Returns
    -------
    Turns or None
        Of movements with a `penalty`, which is in seconds; infinite is a ban. Other movements are free.
    """
    folder = net if net.is_dir() else net.parent
    path = folder / "movement.csv"
    if not path.is_file():
        return None
    problems: list[str] = []
    table = read_table(path, ("node_id", "ib_link_id", "ob_link_id", "penalty"), problems)
    link = read_table(folder / "link.csv", ("link_id",), problems)
    raise_all(problems, InputError)
    seconds = read_numbers(table, "penalty", 0.0, path, problems)
    source_id = link["link_id"].to_numpy()[network.link_row - 2]
    rows = []
    for i in np.flatnonzero(seconds != 0.0):
        node = network.node_id == table["node_id"].iloc[i]
        into = np.flatnonzero((source_id == table["ib_link_id"].iloc[i]) & node[network.to_node])
        out = np.flatnonzero((source_id == table["ob_link_id"].iloc[i]) & node[network.from_node])
        if into.size != 1 or out.size != 1:
            problems.append(
                f"{path.name}:{i + 2}: links {table['ib_link_id'].iloc[i]} and {table['ob_link_id'].iloc[i]} do not "
                f"meet at node {table['node_id'].iloc[i]}"
            )
        elif not seconds[i] > 0.0:
            problems.append(f"{path.name}:{i + 2}: penalty is {seconds[i]:g}, wanted seconds from 0 up")
        else:
            rows.append((int(into[0]), int(out[0]), float(seconds[i]) / 60.0))
    raise_all(problems, InputError)
    return turns_of(rows)


def read_allowed_uses(net: Path, network: Network) -> list[set[str]]:
    """Read the uses that link.csv allows on each link of the network; an empty set is all of them."""
    folder = net if net.is_dir() else net.parent
    link = read_table(folder / "link.csv", (), [])
    if "allowed_uses" not in link.columns:
        return [set() for _ in range(network.n_links)]
    words = link["allowed_uses"].fillna("").astype(str).str.replace(";", ",").str.lower()
    by_row = [{w.strip() for w in text.split(",") if w.strip()} for text in words]
    return [by_row[row - 2] for row in network.link_row.tolist()]


def read_gmns_demand(path: Path, network: Network, node: Path) -> Demand:
    """Read another demand table of a network that was read."""
    problems: list[str] = []
    nodes = read_table(node / "node.csv" if node.is_dir() else node.parent / "node.csv", ("zone_id",), problems)
    table = read_table(path, ("o_zone_id", "d_zone_id", "volume"), problems)
    raise_all(problems, InputError)
    zone = pd.to_numeric(nodes["zone_id"], errors="coerce")
    zones = np.sort(zone.where(zone > 0).dropna().unique())
    demand = _demand(table, pd.Series(np.arange(zones.size), index=zones), path, problems)
    raise_all([*problems, *demand.problems()], InputError)
    return demand


def _config(path: Path, problems: list[str]) -> dict[str, str]:
    """What config.csv says, by lower-case name; nothing where it is not there."""
    if not path.is_file():
        return {}
    table = read_table(path, (), problems)
    return {str(c).strip().lower(): str(table[c].iloc[0]).strip() for c in table.columns if len(table)}


def _hours_factor(said: dict[str, str], problems: list[str]) -> float:
    """Hours that a unit of length takes at a unit of speed."""
    found = []
    for name, units in (("long_length", KILOMETRES), ("speed", KM_H)):
        word = said.get(name, "").lower()
        unit = units.get(word, units.get(word.removesuffix("s")))
        if word not in ("", "nan") and unit is None:
            problems.append(f"config.csv: {name} is `{said[name]}`, wanted one of {', '.join(units)}")
        found.append(unit)
    length, speed = found
    return 1.0 if length is None or speed is None else length / speed


def _with_nodes(network: Network, node: pd.DataFrame, centroid: pd.Series[int], said: dict[str, str]) -> Network:
    """Add coordinates, and say whether paths pass zones."""
    more: dict[str, Any] = {}
    at = node.drop_duplicates("node_id").set_index("node_id")
    if {"x_coord", "y_coord"} <= set(node.columns):
        for name, column in (("node_x", "x_coord"), ("node_y", "y_coord")):
            more[name] = pd.to_numeric(at[column], errors="coerce").reindex(network.node_id).to_numpy(np.float64)
        crs = said.get("crs", "")
        more["crs"] = "" if crs == "nan" else crs
    if "node_type" in node.columns and len(centroid):
        kinds = at["node_type"].loc[centroid].astype(str).str.strip().str.lower()
        if (kinds == "centroid").all():
            more["first_through_node"] = network.n_zones
    return dataclasses.replace(network, **more)


def _functions(link: pd.DataFrame, path: Path, problems: list[str]) -> NDArray[np.int8] | None:
    if "vdf_type" not in link.columns:
        return None
    words = link["vdf_type"].fillna("bpr").astype(str).str.strip().str.lower()
    for i in np.flatnonzero(~words.isin(list(DELAY_FUNCTIONS)))[:20]:
        problems.append(f"{path.name}:{i + 2}: vdf_type is {words.iloc[i]}, wanted one of {', '.join(DELAY_FUNCTIONS)}")
    return np.array([DELAY_FUNCTIONS.get(word, 0) for word in words], np.int8)


def _network(
    link: pd.DataFrame, index: pd.Series[int], zones: int, path: Path, said: dict[str, str], problems: list[str]
) -> Network:
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
    lanes = np.maximum(read_numbers(link, "lanes", 1.0, path, problems), 1.0)
    length = read_numbers(link, "length", 0.0, path, problems)
    if "vdf_fftt" in link.columns:
        time = read_numbers(link, "vdf_fftt", np.nan, path, problems)
    else:
        speed = read_numbers(link, "free_speed", np.nan, path, problems)
        for i in np.flatnonzero(~(speed > 0.0))[:20]:
            problems.append(f"{path.name}:{i + 2}: free_speed is {speed[i]:g}, wanted a number above 0")
        time = 60.0 * _hours_factor(said, problems) * length / np.where(speed > 0.0, speed, 1.0)
    function = _functions(link, path, problems)
    return Network(
        from_node=tail.astype(np.int32),
        to_node=head.astype(np.int32),
        capacity_veh_h=(read_numbers(link, "capacity", np.nan, path, problems) * lanes)[rows],
        length=length[rows],
        free_flow_time=time[rows],
        b=read_numbers(link, "vdf_alpha", BPR_B, path, problems)[rows],
        power=read_numbers(link, "vdf_beta", BPR_POWER, path, problems)[rows],
        toll=read_numbers(link, "toll", 0.0, path, problems)[rows],
        n_zones=zones,
        n_nodes=int(index.size),
        first_through_node=0,
        node_id=index.index.to_numpy(np.int64),
        link_row=(rows + 2).astype(np.int64),
        source=path.name,
        row_word="line",
        delay_function=None if function is None else function[rows],
    )


def _demand(demand: pd.DataFrame, zone_index: pd.Series[int], path: Path, problems: list[str]) -> Demand:
    origin, destination = demand["o_zone_id"].map(zone_index), demand["d_zone_id"].map(zone_index)
    for name, found in (("o_zone_id", origin), ("d_zone_id", destination)):
        for i in np.flatnonzero(found.isna())[:20]:
            problems.append(f"{path.name}:{i + 2}: {name} is {demand[name].iloc[i]}, which is no zone_id of node.csv")
    for i in np.flatnonzero(demand.duplicated(["o_zone_id", "d_zone_id"]))[:20]:
        problems.append(f"{path.name}:{i + 2}: origin and destination appear a second time; add the volumes up")
    trips = read_numbers(demand, "volume", np.nan, path, problems)
    for i in np.flatnonzero(~(np.isfinite(trips) & (trips >= 0.0)))[:20]:
        problems.append(f"{path.name}:{i + 2}: volume is {trips[i]:g}, wanted a number from 0 up")
    # A value that has been told is replaced, so that it is not told a second time.
    trips = np.where(np.isfinite(trips) & (trips >= 0.0), trips, 1.0)
    keep = (origin.notna() & destination.notna()).to_numpy() & ~demand.duplicated(["o_zone_id", "d_zone_id"]).to_numpy()
    return demand_from_pairs(
        origin[keep].to_numpy(np.int32), destination[keep].to_numpy(np.int32), trips[keep], len(zone_index), path.name
    )


def _flag(table: pd.DataFrame, name: str) -> pd.Series[bool]:
    return table[name].astype(str).str.strip().str.lower().isin(("1", "1.0", "true", "t", "yes"))
