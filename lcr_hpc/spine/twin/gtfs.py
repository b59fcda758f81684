"""The twin's buses as a GTFS feed: one ZIP of tables, WGS84, frequencies instead of single departures."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyproj import Transformer
from scipy.spatial import cKDTree

from lcr_hpc.spine.areas import Zones
from lcr_hpc.spine.twin.buses import BusRoute, headway_min
from lcr_hpc.spine.twin.random import Floats
from lcr_hpc.spine.twin.roads import Roads
from lcr_hpc.store.variables import DAY_TYPES

FIRST_DAY, LAST_DAY = "20200101", "20391231"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RUNS = {"weekday": _DAYS[:5], "saturday": _DAYS[5:6], "sunday": _DAYS[6:]}


def write_bus(folder: Path, zones: Zones, roads: Roads, routes: list[BusRoute]) -> None:
    """Write bus.zip; the same bytes every time."""
    longitude, latitude = Transformer.from_crs(27700, 4326, always_xy=True).transform(roads.x, roads.y)
    at = (np.round(latitude, 6), np.round(longitude, 6))
    tables: dict[str, list[dict[str, Any]]] = {
        "agency": [{"agency_id": "LCRT", "agency_name": "Generated buses", "agency_timezone": "Europe/London",
                    "agency_url": "https://example.org/lcr-hpc"}],
        "stops": _stops(zones, roads, routes, at),
        "routes": [{"route_id": r.name, "agency_id": "LCRT", "route_short_name": r.name, "route_type": 3,
                    "route_long_name": f"{r.kind.capitalize()} route {r.name}"} for r in routes],
        "calendar": [{"service_id": d, **{n: int(n in _RUNS[d]) for n in _DAYS}, "start_date": FIRST_DAY,
                      "end_date": LAST_DAY} for d in DAY_TYPES],
        "trips": [], "stop_times": [], "frequencies": [], "shapes": [],
    }  # fmt: skip
    for route in routes:
        for direction in (0, 1):
            _add_direction(tables, route, direction, at)
    with zipfile.ZipFile(folder / "bus.zip", "w", zipfile.ZIP_DEFLATED) as feed:
        for name, rows in tables.items():
            text = io.StringIO()
            pd.DataFrame(rows).to_csv(text, index=False, lineterminator="\n")
            # A fixed date keeps the bytes the same.
            entry = zipfile.ZipInfo(f"{name}.txt", (2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            feed.writestr(entry, text.getvalue())


def _stops(zones: Zones, roads: Roads, routes: list[BusRoute], at: tuple[Floats, Floats]) -> list[dict[str, Any]]:
    used = np.unique(np.concatenate([r.node[r.stop] for r in routes]))
    home = cKDTree(np.column_stack([zones.x, zones.y])).query(np.column_stack([roads.x[used], roads.y[used]]))[1]
    return [
        {"stop_id": f"S{n + 1}", "stop_name": f"{zones.boundaries.name[a]}, junction {n + 1}", "stop_lat": at[0][n],
         "stop_lon": at[1][n]}
        for n, a in zip(used.tolist(), home.tolist(), strict=True)
    ]  # fmt: skip


def _add_direction(
    tables: dict[str, list[dict[str, Any]]], route: BusRoute, direction: int, at: tuple[Floats, Floats]
) -> None:
    back = direction == 1
    node = route.node[::-1] if back else route.node
    place = np.sort(len(node) - 1 - route.stop) if back else route.stop
    minutes = route.minutes[-1] - route.minutes[::-1] if back else route.minutes
    shape = f"{route.name}-{direction}"
    tables["shapes"] += [
        {"shape_id": shape, "shape_pt_lat": at[0][n], "shape_pt_lon": at[1][n], "shape_pt_sequence": i}
        for i, n in enumerate(node.tolist())
    ]
    for day_type in DAY_TYPES:
        trip = f"{shape}-{day_type}"
        tables["trips"].append(
            {"route_id": route.name, "service_id": day_type, "trip_id": trip, "direction_id": direction,
             "shape_id": shape}
        )  # fmt: skip
        for i, p in enumerate(place.tolist()):
            time = _clock(round(float(minutes[p]) * 60))
            tables["stop_times"].append(
                {"trip_id": trip, "arrival_time": time, "departure_time": time, "stop_id": f"S{node[p] + 1}",
                 "stop_sequence": i}
            )  # fmt: skip
        for hour in range(24):
            if np.isfinite(headway := headway_min(route.kind, day_type, hour)):
                tables["frequencies"].append(
                    {"trip_id": trip, "start_time": _clock(3600 * hour), "end_time": _clock(3600 * (hour + 1)),
                     "headway_secs": round(60 * headway), "exact_times": 0}
                )  # fmt: skip


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
