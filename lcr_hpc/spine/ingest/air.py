"""Air quality: stations by clock hour (24:00 ends a day) and low-cost sensors at any step, as hourly means."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer

from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.days import SeriesStore
from lcr_hpc.spine.ingest.declared import Declared, declared_files, unknown_sites
from lcr_hpc.spine.ingest.observations import Days, put, writer
from lcr_hpc.spine.ingest.whole import Write, read_origin
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.places import BRITAIN_DEG
from lcr_hpc.spine.readers.series import Floats, Ints, Quarantine, flag_values, numbers, read_rows, since_1970
from lcr_hpc.spine.readers.tables import read_reference
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import SENSOR_KINDS

POLLUTANTS = ("NOx", "PM2.5")
MOST_UG_M3 = 2_000.0


def ingest_air(layout: Layout, areas: Areas) -> Write:
    """Read stations and sensors; a reading that is a sentinel or implausible is kept, flagged, and in no mean."""
    folder, rejected, problems = layout.incoming / "air", Quarantine(), Problems()
    sites = read_reference(folder / "sites.csv", "air", "sites.csv", key="sensor")
    problems.add(_site_problems(folder / "sites.csv", sites))
    sites = sites.sort_values("sensor", kind="stable", ignore_index=True)
    column = {name: i for i, name in enumerate(sites["sensor"])}
    days: Days = {}
    readings: dict[str, list[tuple[Ints, Floats]]] = {}
    files = declared_files(layout, "air", rejected, "station_*.csv", "sensor_*.csv")
    for path in files.contract:
        kind, _, rest = path.stem.partition("_")
        name = rest.rsplit("_", 1)[0]
        if name not in column:
            problems.add(f"{path}: sites.csv has no sensor {name}; add it there")
            continue
        with problems.collecting():
            if kind == "station":
                hour, value = _read_station(path, rejected)
                put(days, hour, column[name], len(sites), _columns(value, _flags(value)))
            else:
                readings.setdefault(name, []).append(_read_sensor(path, rejected))
    for name, parts in readings.items():
        put(days, *_with_site(hourly_means(parts), column[name], len(sites)))
    with problems.collecting():
        problems.add(_put_declared(days, files, column, folder / "sites.csv", rejected))
    problems.raise_if_any("the air quality cannot be read")
    x, y = Transformer.from_crs(4326, 27700, always_xy=True).transform(sites["longitude"], sites["latitude"])
    origin = read_origin(layout, "air")
    spec = SeriesStore(
        path=layout.store("air"),
        manifest=layout.manifest("air"),
        store="air",
        recipe=origin.recipe,
        site="sensor",
        sites={
            "sensor": sites["sensor"].to_numpy(dtype=object),
            "sensor_x": np.round(x, 1),
            "sensor_y": np.round(y, 1),
            "sensor_kind": sites["kind"].map({k: i for i, k in enumerate(SENSOR_KINDS)}).to_numpy(dtype=np.int64),
        },
        series=("concentration_ug_m3", "concentration_flag"),
        other={"pollutant": list(POLLUTANTS)},
    )
    return writer(layout, origin, spec, days, rejected)


def hourly_means(parts: list[tuple[Ints, Floats]]) -> tuple[Ints, Floats, npt.NDArray[np.int8]]:
    """Mean of the good readings of each hour; an hour with none keeps its first reading and that one's flag.

    Parameters
    ----------
    parts : list of (int64[reading], float64[reading, pollutant])
        Seconds since 1970 and values, file by file. The order of files and rows, and a reading that stands in two of
        them, change nothing.
    """
    second, value = (np.concatenate(p) for p in zip(*parts, strict=True))
    order = np.lexsort((*value.T[::-1], second))
    second, value = second[order], value[order]
    new = np.ones(len(second), dtype=bool)
    new[1:] = (np.diff(second) != 0) | ~((value[1:] == value[:-1]) | np.isnan(value[1:] + value[:-1])).all(axis=1)
    second, value = second[new], value[new]
    flag = _flags(value)
    hours, first, group = np.unique(second // 3600, return_index=True, return_inverse=True)
    value_h, flag_h = value[first].copy(), flag[first].copy()
    for k in range(value.shape[1]):
        good = flag[:, k] == 0
        count = np.bincount(group[good], minlength=len(hours))
        mean = np.bincount(group[good], value[good, k], len(hours)) / np.maximum(count, 1)
        value_h[count > 0, k], flag_h[count > 0, k] = mean[count > 0], 0
    return hours, value_h, flag_h


def _put_declared(
    days: Days, files: Declared, column: dict[str, int], sites: Path, rejected: Quarantine
) -> Iterator[str]:
    """Both pollutants of each site's hours."""
    if not files.readings:
        return
    tables = files.hourly(dict.fromkeys(POLLUTANTS, "ug m-3"), rejected)
    yield from (strangers := list(unknown_sites(tables.values(), column, sites)))
    if strangers:
        return
    for site in sorted({str(s) for t in tables.values() for s in t["site"].unique()}):
        parts = {p: t[t["site"] == site] for p, t in tables.items()}
        hours = np.unique(np.concatenate([t["hour"].to_numpy(np.int64) for t in parts.values()]))
        value = np.full((len(hours), len(POLLUTANTS)), np.nan)
        flag = np.ones(value.shape, dtype=np.int8)
        for k, pollutant in enumerate(POLLUTANTS):
            if pollutant in parts:
                at = np.searchsorted(hours, parts[pollutant]["hour"])
                value[at, k], flag[at, k] = parts[pollutant]["value"], parts[pollutant]["flag"]
        put(days, hours, column[site], len(column), _columns(value, flag))


def _with_site(
    means: tuple[Ints, Floats, npt.NDArray[np.int8]], site: int, sites: int
) -> tuple[Ints, int, int, dict[str, npt.NDArray[np.float64] | npt.NDArray[np.int8]]]:
    hours, value, flag = means
    return hours, site, sites, _columns(value, flag)


def _columns(value: Floats, flag: npt.NDArray[np.int8]) -> dict[str, npt.NDArray[np.float64] | npt.NDArray[np.int8]]:
    return {"concentration_ug_m3": value, "concentration_flag": flag}


def _flags(value: Floats) -> npt.NDArray[np.int8]:
    return flag_values(value, 0.0, MOST_UG_M3, lambda v: v < -1e30)


def _read_station(path: Path, rejected: Quarantine) -> tuple[Ints, Floats]:
    """Hours since 1970 and values, float64[hour, pollutant]."""
    table = read_rows(path, ["Date", "Time", *POLLUTANTS], rejected)
    day = pd.to_datetime(table["Date"].str.strip(), errors="coerce", format="%Y-%m-%d", utc=True)
    clock = table["Time"].str.strip().str.extract(r"^(\d\d):00$")[0].astype("float64")
    written = table["Date"] + " " + table["Time"]
    bad = day.isna() | ~clock.between(1, 24)
    rejected.add(path, written, bad, "Date", "no readable time")
    hour = np.full(len(table), -1, dtype=np.int64)
    hour[~bad] = since_1970(day[~bad], "h") + clock[~bad].astype("int64").to_numpy() - 1
    again = pd.Series(hour, table.index).duplicated() & ~bad
    rejected.add(path, written, again, "Date", "time stands twice")
    good = ~(bad | again)
    return hour[good], np.stack([numbers(path, p, table[p][good], rejected) for p in POLLUTANTS], axis=1)


def _read_sensor(path: Path, rejected: Quarantine) -> tuple[Ints, Floats]:
    """Seconds since 1970 and values, float64[reading, pollutant]."""
    table = read_rows(path, ["Date & Time", "PM2.5"], rejected)
    stamp = pd.to_datetime(table["Date & Time"].str.strip(), errors="coerce", format="%Y-%m-%d %H:%M:%S", utc=True)
    bad = stamp.isna()
    rejected.add(path, table["Date & Time"], bad, "Date & Time", "no readable time")
    pm = numbers(path, "PM2.5", table["PM2.5"][~bad], rejected)
    return since_1970(stamp[~bad], "s"), np.stack([np.full(len(pm), np.nan), pm], axis=1)


def _site_problems(path: Path, sites: pd.DataFrame) -> Iterator[str]:
    west, south, east, north = BRITAIN_DEG
    latitude, longitude = sites["latitude"], sites["longitude"]
    outside = ~(latitude.between(south, north) & longitude.between(west, east))
    swapped = longitude.between(south, north) & latitude.between(west, east)
    if outside.any():
        name = few(sites["sensor"][outside])
        if swapped[outside].all():
            yield f"{path}: latitude and longitude are swapped for {name}; swap the two columns' headers"
        else:
            yield f"{path}: not in Britain, wanted degrees of WGS84: {name}"
    if (bad := ~sites["kind"].isin(SENSOR_KINDS)).any():
        yield f"{path}: `kind` wants {', '.join(SENSOR_KINDS)}; found another for {few(sites['sensor'][bad])}"
