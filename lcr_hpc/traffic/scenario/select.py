"""Which links and nodes a measure is about: by name, class, id, bus route, or place on the map."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.config import LinkSelection, ZoneSelection
from lcr_hpc.store.variables import ROAD_CLASSES

Bools = NDArray[np.bool_]
NAMED = 10


@dataclass(frozen=True)
class Places:
    """What selections look into.

    Parameters
    ----------
    roads : xarray.Dataset
        Store network, loaded.
    bus, areas : xarray.Dataset
        Stores of these names, lazy.
    """

    roads: xr.Dataset
    bus: xr.Dataset
    areas: xr.Dataset

    @property
    def connector(self) -> Bools:
        """Links that join a zone to the roads: no road, and in no selection that does not name them."""
        found: Bools = self.roads["road_class"].to_numpy() == ROAD_CLASSES.index("connector")
        return found

    @property
    def midpoints(self) -> NDArray[np.object_]:
        """Points half-way between the ends of each link."""
        x, y = (self.roads[f"node_{c}"].to_numpy() for c in "xy")
        ends = (self.roads["from_node"].to_numpy(), self.roads["to_node"].to_numpy())
        points: NDArray[np.object_] = shapely.points(*((c[ends[0]] + c[ends[1]]) / 2 for c in (x, y)))
        return points


def select_links(selection: LinkSelection, places: Places, where: str, problems: list[str]) -> Bools:
    """Links for which everything that a selection gives holds.

    Parameters
    ----------
    selection : LinkSelection
    places : Places
    where : str
        Names the setting in messages.
    problems : list of str
        Appended to: names and ids that are not there, a selection that matches nothing.

    Returns
    -------
    bool[link]
        Connectors only where they are named, by class or by id.
    """
    roads = places.roads
    ids, tail, head = (roads[n].to_numpy() for n in ("link", "from_node", "to_node"))
    found = np.ones(ids.size, np.bool_)
    before = len(problems)
    if not (selection.links or selection.node_pairs or "connector" in selection.road_classes):
        found &= ~places.connector
    if selection.road_classes:
        found &= np.isin(roads["road_class"].to_numpy(), [ROAD_CLASSES.index(c) for c in selection.road_classes])
    if selection.roads:
        names = _texts(roads, "road_name") if "road_name" in roads else np.full(ids.size, "", object)
        problems += _unknown_names(selection.roads, names, f"{where}.roads", "road")
        found &= _among(names, selection.roads)
    if selection.links:
        if unknown := sorted(set(selection.links) - set(ids.tolist())):
            problems.append(f"`{where}.links`: no link {_few(unknown)} in the network")
        found &= np.isin(ids, selection.links)
    if selection.node_pairs:
        node = roads["node"].to_numpy()
        joined = list(zip(node[tail].tolist(), node[head].tolist(), strict=True))
        if lost := [p for p in selection.node_pairs if p not in set(joined)]:
            told = ", ".join(f"{a} → {b}" for a, b in lost[:NAMED])
            problems.append(f"`{where}.node_pairs`: no link {told} in the network; ids are those of the network's feed")
        wanted = set(selection.node_pairs)
        found &= np.fromiter((p in wanted for p in joined), np.bool_, len(joined))
    if selection.bus_routes:
        route = _texts(places.bus, "route_name")
        problems += _unknown_names(selection.bus_routes, route, f"{where}.bus_routes", "bus route")
        found &= driven_by(places.bus, _among(route, selection.bus_routes), ids.size)
    if (shape := shape_of(selection, places.areas, where, problems)) is not None:
        found &= shapely.intersects(shape, places.midpoints)
    if len(problems) == before and not found.any():
        problems.append(f"`{where}` matches no link: {_said(selection)}; see the columns of links.parquet, or a map")
    return found


def nodes_inside(zone: ZoneSelection, places: Places, where: str, problems: list[str]) -> Bools:
    """Nodes within a zone, bool[node]; a zone that holds none is a problem."""
    shape = shape_of(zone, places.areas, where, problems)
    if shape is None:
        return np.zeros(places.roads.sizes["node"], np.bool_)
    points = shapely.points(places.roads["node_x"].to_numpy(), places.roads["node_y"].to_numpy())
    inside = np.asarray(shapely.intersects(shape, points), np.bool_)
    if not inside.any():
        problems.append(f"`{where}` holds no node of the network: {_said(zone)}; coordinates are EPSG:27700, metres")
    return inside


def driven_by(bus: xr.Dataset, pattern: Bools, links: int) -> Bools:
    """Links that some bus patterns drive on, bool[link]."""
    offset, link = bus["link_offset"].to_numpy(), bus["pattern_link"].to_numpy()
    driven = np.zeros(links, np.bool_)
    driven[link[np.repeat(pattern, np.diff(offset))]] = True
    return driven


def shape_of(
    selection: LinkSelection | ZoneSelection, areas: xr.Dataset, where: str, problems: list[str]
) -> shapely.Geometry | None:
    """Polygon, circle or areas of a selection, EPSG:27700; None where it has none."""
    if selection.polygon is not None:
        polygon = shapely.Polygon(selection.polygon)
        if not polygon.is_valid or polygon.area == 0.0:
            problems.append(f"`{where}.polygon` crosses itself or has no area; give its corners in order")
            return None
        return polygon
    if selection.centre is not None and selection.radius_m is not None:
        return shapely.Point(selection.centre).buffer(selection.radius_m, quad_segs=64)
    codes = getattr(selection, "areas", ())
    if not codes:
        return None
    known = _texts(areas, "area")
    if unknown := sorted(set(codes) - set(known.tolist())):
        problems.append(f"`{where}.areas`: no small area {_few(unknown)} in the night's geography")
        return None
    return shapely.union_all([_boundary(areas, int(k)) for k in np.flatnonzero([c in set(codes) for c in known])])


def _boundary(areas: xr.Dataset, area: int) -> shapely.Geometry:
    point = np.column_stack([areas[f"boundary_{c}"].to_numpy() for c in "xy"])
    ring, part, own = (areas[f"boundary_{n}_offset"].to_numpy() for n in ("ring", "polygon", "area"))
    parts = []
    for p in range(own[area], own[area + 1]):
        rings = [point[ring[r] : ring[r + 1]] for r in range(part[p], part[p + 1])]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return shapely.union_all(parts)


def _unknown_names(wanted: Sequence[str], names: NDArray[np.object_], where: str, what: str) -> Iterator[str]:
    known = sorted({n for n in names.tolist() if n})
    if not known:
        yield (
            f"`{where}`: no {what} has a name in this night's stores; select by links, node_pairs, road_classes or a "
            "place on the map, or land a feed with names"
        )
        return
    folded = set(_folded(known))
    for name in wanted:
        if name.strip().casefold() not in folded:
            near = difflib.get_close_matches(name, known, n=3)
            hint = f"did you mean {', '.join(near)}?" if near else f"there are {_few(known)}"
            yield f"`{where}`: no {what} `{name}`; {hint}"


def _among(names: NDArray[np.object_], wanted: Sequence[str]) -> Bools:
    known = {name for name in _folded(wanted) if name}
    return np.array([name in known for name in _folded(names)], np.bool_)


def _texts(store: xr.Dataset, name: str) -> NDArray[np.object_]:
    return np.array([str(v) for v in store[name].to_numpy()], object)


def _folded(names: Sequence[str] | NDArray[np.object_]) -> list[str]:
    return [str(n).strip().casefold() for n in names]


def _few(values: Sequence[object]) -> str:
    more = f" and {len(values) - NAMED:,} more" if len(values) > NAMED else ""
    return ", ".join(str(v) for v in values[:NAMED]) + more


def _said(selection: LinkSelection | ZoneSelection) -> str:
    return ", ".join(f"{k} {v}" for k, v in selection.model_dump(mode="json", exclude_defaults=True).items())
