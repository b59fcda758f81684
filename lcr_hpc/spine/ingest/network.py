"""The road network in GMNS: nodes, links and the units they are in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.areas import Zones
from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.whole import Write, read_origin, write_whole
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.tables import lines, read_reference, read_text_table
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import ROAD_CLASSES


def ingest_network(layout: Layout, areas: Areas) -> Write:
    """GMNS nodes and links; zone centroids come first, in area order."""
    folder = layout.incoming / "network"
    node = read_reference(folder / "node.csv", "network", "node.csv", key="node_id")
    link = read_reference(folder / "link.csv", "network", "link.csv", key="link_id")
    raise_all(_network_problems(folder, node, link, areas), InputError)
    zone = node["zone_id"].map({c: i for i, c in enumerate(areas.zones.code)})
    node = node.iloc[np.lexsort((node["node_id"], zone.fillna(len(areas.zones))))].reset_index(drop=True)
    link = link.sort_values("link_id", ignore_index=True)
    place = pd.Series(np.arange(len(node)), index=node["node_id"])
    start, end = (place[link[c]].to_numpy() for c in ("from_node_id", "to_node_id"))
    x, y = node["x_coord"].to_numpy(), node["y_coord"].to_numpy()
    values = {
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
        "link_district": _district_at(areas.zones, (x[start] + x[end]) / 2, (y[start] + y[end]) / 2),
    }
    sizes = {"node": len(node), "link": len(link)}
    attrs = {"n_zones": len(areas.zones), "first_through_node": len(areas.zones), "crs": "EPSG:27700"}
    return lambda: write_whole(layout, "network", ("network",), sizes, values, attrs)


def _network_problems(folder: Path, node: pd.DataFrame, link: pd.DataFrame, areas: Areas) -> Iterable[str]:
    file = folder / "link.csv"
    known = set(node["node_id"])
    zones = node["zone_id"][node["zone_id"] != ""]
    if set(zones) != set(areas.zones.code) or zones.duplicated().any():
        lost = sorted(set(areas.zones.code) - set(zones))
        found = f"none for {few(lost)}" if lost else "some repeat, or are no area's"
        yield f"{folder / 'node.csv'}: wanted one centroid an area; {found}"
    for column in ("from_node_id", "to_node_id"):
        if (bad := ~link[column].isin(known)).any():
            yield f"{file}: `{column}` names no node of node.csv on line {_lines(bad)}"
    for column in ("capacity", "free_speed", "lanes"):
        if (bad := link[column] <= 0).any():
            yield f"{file}: `{column}` must be above 0; it is not on line {_lines(bad)}"
    for column in ("length", "vdf_alpha", "vdf_beta"):
        if (bad := link[column] < 0).any():
            yield f"{file}: `{column}` is below 0 on line {_lines(bad)}"
    if (bad := ~link["facility_type"].isin(ROAD_CLASSES)).any():
        yield f"{file}: `facility_type` wants {', '.join(ROAD_CLASSES)}; found another on line {_lines(bad)}"
    centroid = set(node["node_id"][node["zone_id"] != ""])
    joined = set(link["from_node_id"]) & set(link["to_node_id"])
    if lost := sorted(centroid - joined):
        yield f"{file}: no road to or from the centroid of node {few(lost)}; add connectors"


def _district_at(zones: Zones, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """District of the area that holds each point, else of the nearest within 2 km, else −1."""
    tree = shapely.STRtree(zones.boundaries.polygon)
    points = shapely.points(x, y)
    found = np.full(len(x), -1, dtype=np.int64)
    point, area = tree.query_nearest(points, max_distance=2000.0, all_matches=False)
    found[point] = zones.district[area]
    return found


