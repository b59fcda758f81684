"""The road network in GMNS: nodes, links and the units they are in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.errors import raise_all
from lcr_hpc.spine.areas import district_at
from lcr_hpc.spine.catalogue import ENTRY_FILE
from lcr_hpc.spine.datasets import GATE
from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.whole import Write, read_origin, write_whole
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.places import outside_britain
from lcr_hpc.spine.readers.tables import lines, read_reference, read_text_table
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import ROAD_CLASSES

UNITS = {"long_length": ("km",), "speed": ("kph", "km/h", "kmh"), "crs": ("epsg:27700", "27700")}


@dataclass(frozen=True)
class Network:
    """Nodes and links in the order of the store, which demand and buses refer to."""

    zone: npt.NDArray[Any]
    """Codes of the zones, the first nodes: areas in their order, then gates"""
    node: pd.DataFrame
    link: pd.DataFrame
    from_node: npt.NDArray[np.int64]
    to_node: npt.NDArray[np.int64]


def ingest_network(layout: Layout, areas: Areas) -> tuple[Network, Write]:
    """GMNS nodes and links; zone centroids come first, in area order, then gates in the order of their codes."""
    folder = layout.incoming / "network"
    problems = Problems()
    node = link = None
    with problems.collecting():
        raise_all(_unit_problems(folder / "config.csv"))
    with problems.collecting():
        node = _read_nodes(folder / "node.csv")
    with problems.collecting():
        link = _read_links(folder / "link.csv", problems)
    if node is not None and link is not None:
        problems.add(_network_problems(folder, node, link, areas))
    problems.raise_if_any("the network cannot be read")
    assert node is not None and link is not None
    trunk = ("trunk_roads",) if (layout.incoming / "trunk_roads" / ENTRY_FILE).is_file() else ()
    origin = read_origin(layout, "network", *trunk)
    gates = sorted(node["zone_id"][node["node_type"] == GATE])
    codes = np.array([*areas.zones.code, *gates], dtype=object)
    zone = node["zone_id"].map({c: i for i, c in enumerate(codes)})
    node = node.iloc[np.lexsort((node["node_id"], zone.fillna(len(codes))))].reset_index(drop=True)
    link = link.sort_values("link_id", ignore_index=True)
    place = pd.Series(np.arange(len(node)), index=node["node_id"])
    start, end = (place[link[c]].to_numpy() for c in ("from_node_id", "to_node_id"))
    x, y = node["x_coord"].to_numpy(), node["y_coord"].to_numpy()
    values = {
        "zone": codes,
        "node": node["node_id"],
        "node_x": x,
        "node_y": y,
        "link": link["link_id"],
        "from_node": start,
        "to_node": end,
        "length_m": link["length"] * 1000.0,
        "free_flow_time_min": link["length"] / link["free_speed"] * 60.0,
        "capacity_veh_h": link["capacity"] * link["lanes"],
        "bpr_b": link["vdf_alpha"],
        "bpr_power": link["vdf_beta"],
        "lanes": link["lanes"],
        "road_class": link["facility_type"].map({c: i for i, c in enumerate(ROAD_CLASSES)}),
        "road_name": link["name"],
        "link_district": district_at(areas.zones, (x[start] + x[end]) / 2, (y[start] + y[end]) / 2),
    }
    sizes = {"zone": len(codes), "node": len(node), "link": len(link)}
    attrs = {"n_zones": len(codes), "first_through_node": len(codes), "crs": "EPSG:27700"}
    network = Network(codes, node, link, start, end)
    return network, lambda: write_whole(layout, "network", origin, sizes, values, attrs)


def _read_nodes(path: Path) -> pd.DataFrame:
    """Nodes by the contract; a network without the column `node_type` has no gates."""
    node = read_reference(path, "network", "node.csv")
    text = read_text_table(path)
    return node.assign(node_type=text["node_type"].str.strip() if "node_type" in text else "")


def _read_links(path: Path, problems: Problems) -> pd.DataFrame:
    """Links by the contract; the column `name` of GMNS may be left out."""
    link = read_reference(path, "network", "link.csv", problems=problems)
    text = read_text_table(path)
    return link.assign(name=text["name"].str.strip().fillna("") if "name" in text else "")


def _network_problems(folder: Path, node: pd.DataFrame, link: pd.DataFrame, areas: Areas) -> Iterator[str]:
    file, nodes = folder / "link.csv", folder / "node.csv"
    known = set(node["node_id"])
    yield from outside_britain(nodes, node, "x_coord", "y_coord")
    if (bad := (node["node_type"] == GATE) & (node["zone_id"] == "")).any():
        yield f"{nodes}: a gate needs a `zone_id` for the demand to name; it has none on line {lines(bad)}"
    if (bad := (node["node_type"] == GATE) & node["zone_id"].isin(areas.zones.code)).any():
        yield f"{nodes}: a gate's `zone_id` must be no area's code; it is one on line {lines(bad)}"
    zones = node["zone_id"][node["zone_id"] != ""]
    if lost := sorted(set(areas.zones.code) - set(zones)):
        yield f"{nodes}: wanted one centroid an area, found none for {few(lost)}; add nodes with their `zone_id`"
    if strangers := sorted(set(zones[node["node_type"] != GATE]) - set(areas.zones.code)):
        yield (
            f"{nodes}: `zone_id` names {len(strangers):,} areas that have no boundary: {few(strangers)}; "
            f"give a zone outside the region the `node_type` {GATE}"
        )
    if again := sorted(set(zones[zones.duplicated()])):
        yield f"{nodes}: wanted one centroid an area, found several for {few(again)}; leave one of each"
    for column in ("from_node_id", "to_node_id"):
        if (bad := ~link[column].isin(known)).any():
            yield f"{file}: `{column}` names no node of node.csv on line {lines(bad)}"
    for column in ("capacity", "free_speed"):
        if (bad := link[column] == 0).any():
            yield f"{file}: `{column}` must be above 0; it is not on line {lines(bad)}"
    centroid = set(node["node_id"][node["zone_id"] != ""])
    joined = set(link["from_node_id"]) & set(link["to_node_id"])
    if lost := sorted(centroid - joined):
        name = node.set_index("node_id")["zone_id"]
        yield f"{file}: no road to, or none from, the centroids of {few(name[i] for i in lost)}; add connectors"


def _unit_problems(path: Path) -> Iterator[str]:
    """GMNS states its units in config.csv; without that file the contract's hold."""
    if not path.is_file():
        return
    table = read_text_table(path)
    for name, wanted in UNITS.items():
        found = {str(v).strip() for v in table[name]} if name in table else set()
        if found and not all(v.casefold() in wanted for v in found):
            yield f"{path}: `{name}` is {few(sorted(found))}, wanted {' or '.join(wanted)}; convert the network first"
