"""Bus timetables in GTFS: one ZIP of tables, read into patterns (a route's direction) with their headways."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.datasets import DATASETS, WEEK
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.places import BRITAIN_DEG
from lcr_hpc.spine.readers.tables import lines, require_columns
from lcr_hpc.store.variables import DAY_TYPES

Floats = npt.NDArray[np.float64]
_REFERENCES = (
    ("trips.txt", "route_id", "routes.txt"),
    ("trips.txt", "service_id", "calendar.txt"),
    ("stop_times.txt", "trip_id", "trips.txt"),
    ("stop_times.txt", "stop_id", "stops.txt"),
)


@dataclass(frozen=True)
class Pattern:
    """One direction of a route, as its trip with the most stops runs."""

    route: str
    name: str
    direction: int
    stop: npt.NDArray[np.int64]
    """Index into `Timetable.stops`"""
    shape: Floats
    """float64[point, 2], longitude and latitude along the streets; the stops' where the feed has no shape"""
    headway_min: Floats
    """float64[day_type, hour]; NaN = no bus"""
    running_time_min: float


@dataclass(frozen=True)
class Timetable:
    """Stops and patterns in the order of their ids."""

    stops: pd.DataFrame
    patterns: list[Pattern]


def read_gtfs(path: Path) -> Timetable:
    """Read a feed.

    A weekday's headway is that of the mean of Monday to Friday; departures after midnight count for the early hours
    of the same service day. `calendar_dates.txt` is not read: the store holds types of day, not dates.

    Raises
    ------
    InputError
        No readable ZIP; all missing tables and columns; all bad coordinates, times and references.
    """
    tables = _tables(path)
    raise_all(_problems(path, tables), InputError)
    stops = tables["stops.txt"].sort_values("stop_id", kind="stable", ignore_index=True)
    trips = tables["trips.txt"].merge(_departures(tables), on="trip_id", how="left")
    calls = tables["stop_times.txt"].assign(
        stop=tables["stop_times.txt"]["stop_id"].map({s: i for i, s in enumerate(stops["stop_id"])}),
        at=_seconds(tables["stop_times.txt"]["departure_time"]),
    )
    calls = calls.sort_values(["trip_id", "stop_sequence"], kind="stable")
    by_trip = {str(t): g for t, g in calls.groupby("trip_id", sort=False)}
    shapes = _shapes(tables.get("shapes.txt"))
    names = tables["routes.txt"].set_index("route_id")["route_short_name"]
    runs = _runs(tables["calendar.txt"])
    patterns = []
    for key, group in trips.groupby(["route_id", "direction_id"], sort=True):
        route, direction = (str(part) for part in key)
        whole = max(group["trip_id"], key=lambda t: (len(by_trip.get(t, ())), t))
        if len(by_trip.get(whole, ())) < 2:
            continue
        trip = by_trip[whole]
        shape = str(group.set_index("trip_id")["shape_id"][whole])
        points = stops[["stop_lon", "stop_lat"]].to_numpy()[trip["stop"]]
        patterns.append(
            Pattern(
                route, str(names[route]), int(direction), trip["stop"].to_numpy(dtype=np.int64),
                shapes.get(shape, points), _headways(group, runs), float(trip["at"].iloc[-1] - trip["at"].iloc[0]) / 60,
            )
        )  # fmt: skip
    return Timetable(stops, patterns)


def _tables(path: Path) -> dict[str, pd.DataFrame]:
    optional = {"shapes.txt": ("shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"),
                "frequencies.txt": ("trip_id", "start_time", "end_time", "headway_secs")}  # fmt: skip
    contract = {name: tuple(c.name for c in columns) for name, columns in DATASETS["bus"].tables.items()}
    problems: list[str] = []
    tables = {}
    try:
        with zipfile.ZipFile(path) as feed:
            names = set(feed.namelist())
            if lost := sorted(set(contract) - names):
                problems.append(f"{path} has no {few(lost)}; a GTFS feed needs them")
            for name, columns in (contract | optional).items():
                if name in names:
                    with feed.open(name) as file:
                        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
                    try:
                        require_columns(path / name, table.columns, columns)
                    except InputError as error:
                        problems.append(str(error))
                    tables[name] = table
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is no readable GTFS feed ({' '.join(str(error).split())}); fetch it again") from None
    raise_all(problems, InputError)
    for column, default in (("direction_id", "0"), ("shape_id", "")):
        if column not in tables["trips.txt"]:
            tables["trips.txt"][column] = default
    tables["trips.txt"]["direction_id"] = tables["trips.txt"]["direction_id"].replace("", "0")
    for name, column in (("stops.txt", "stop_lat"), ("stops.txt", "stop_lon"), ("shapes.txt", "shape_pt_lat"),
                         ("shapes.txt", "shape_pt_lon"), ("shapes.txt", "shape_pt_sequence"),
                         ("stop_times.txt", "stop_sequence"), ("frequencies.txt", "headway_secs"),
                         *(("calendar.txt", day) for day in WEEK)):  # fmt: skip
        if name in tables:
            tables[name][column] = pd.to_numeric(tables[name][column], errors="coerce")
    return tables


def _problems(path: Path, tables: dict[str, pd.DataFrame]) -> Iterator[str]:
    west, south, east, north = BRITAIN_DEG
    for name, y, x in (("stops.txt", "stop_lat", "stop_lon"), ("shapes.txt", "shape_pt_lat", "shape_pt_lon")):
        if name not in tables:
            continue
        inside = tables[name][y].between(south, north) & tables[name][x].between(west, east)
        if (bad := ~inside).any():
            yield f"{path / name}: `{y}` and `{x}` want degrees in Britain; they are not on line {lines(bad)}"
    for name, columns in (("stop_times.txt", ("departure_time",)), ("frequencies.txt", ("start_time", "end_time"))):
        for column in columns if name in tables else ():
            if (bad := _seconds(tables[name][column]).isna()).any():
                yield f"{path / name}: `{column}` wants HH:MM:SS; it is not on line {lines(bad)}"
    if "frequencies.txt" in tables and (bad := ~(tables["frequencies.txt"]["headway_secs"] > 0)).any():
        yield f"{path / 'frequencies.txt'}: `headway_secs` must be above 0; it is not on line {lines(bad)}"
    if (bad := ~tables["trips.txt"]["direction_id"].isin(["0", "1"])).any():
        yield f"{path / 'trips.txt'}: `direction_id` wants 0 or 1; it is not on line {lines(bad)}"
    for name, column, other in _REFERENCES:
        if strangers := sorted(set(tables[name][column]) - set(tables[other][column])):
            yield f"{path / name}: `{column}` names {len(strangers):,} that {other} does not have: {few(strangers)}"


def _seconds(text: pd.Series) -> pd.Series:
    """Seconds since the service day's midnight; NaN = no time."""
    parts = text.str.strip().str.extract(r"^(\d{1,3}):([0-5]\d):([0-5]\d)$").astype("float64")
    return parts[0] * 3600 + parts[1] * 60 + parts[2]


def _departures(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Departures from the first stop by trip and clock hour: column `hourly`, float64[24] a trip."""
    calls = tables["stop_times.txt"].assign(at=_seconds(tables["stop_times.txt"]["departure_time"]))
    first = calls.sort_values("stop_sequence", kind="stable").drop_duplicates("trip_id").set_index("trip_id")["at"]
    counts = {str(trip): np.bincount([int(at) // 3600 % 24], minlength=24).astype(float) for trip, at in first.items()}
    if "frequencies.txt" in tables:
        table = tables["frequencies.txt"]
        for trip in set(table["trip_id"]) & set(counts):
            counts[trip] = np.zeros(24)
        begins, ends = _seconds(table["start_time"]), _seconds(table["end_time"])
        for trip, begin, end, gap in zip(table["trip_id"], begins, ends, table["headway_secs"], strict=True):
            for hour in range(int(begin) // 3600, -(-int(end) // 3600)):
                within = min(end, 3600 * (hour + 1)) - max(begin, 3600 * hour)
                if trip in counts:
                    counts[trip][hour % 24] += within / gap
    return pd.DataFrame({"trip_id": list(counts), "hourly": list(counts.values())})


def _runs(calendar: pd.DataFrame) -> dict[str, Floats]:
    """Share of the days of each type that a service runs on, float64[day_type]."""
    week = calendar[list(WEEK)].to_numpy(dtype=np.float64)
    share = np.column_stack([week[:, :5].mean(axis=1), week[:, 5], week[:, 6]])
    return dict(zip(calendar["service_id"].astype(str), share, strict=True))


def _headways(trips: pd.DataFrame, runs: dict[str, Floats]) -> Floats:
    departures = np.zeros((len(DAY_TYPES), 24))
    for service, hourly in zip(trips["service_id"], trips["hourly"], strict=True):
        if isinstance(hourly, np.ndarray):
            departures += runs[service][:, None] * hourly[None, :]
    headway: Floats = np.divide(60.0, departures, out=np.full(departures.shape, np.nan), where=departures > 0)
    return headway


def _shapes(table: pd.DataFrame | None) -> dict[str, npt.NDArray[Any]]:
    if table is None:
        return {}
    ordered = table.sort_values(["shape_id", "shape_pt_sequence"], kind="stable")
    return {str(s): g[["shape_pt_lon", "shape_pt_lat"]].to_numpy() for s, g in ordered.groupby("shape_id", sort=False)}
