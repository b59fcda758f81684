"""What is observed hour by hour: counts, air, weather, electricity. Each reads and checks, then writes by UTC day."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.ingest.days import SeriesStore, prepare
from lcr_hpc.spine.ingest.places import Areas, Write, finish_spine_store
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.series import Quarantine, flag_values, numbers, read_wide, since_1970
from lcr_hpc.spine.readers.tables import read_reference, read_text_table, require_columns
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import begin_stage, write_text
from lcr_hpc.store.slabs import open_store, write_slab
from lcr_hpc.store.variables import SENSOR_KINDS, STABILITY_CLASSES

POLLUTANTS = ("NOx", "PM2.5")
MOST_VEH_H = 12_000.0
"""More than six lanes carry"""
MOST_UG_M3 = 2_000.0
Days = dict[int, dict[str, npt.NDArray[Any]]]
"""Values by UTC day (number since 1970) and variable, [24, …]"""


def ingest_counts(layout: Layout, areas: Areas) -> Write:
    """Wide detector CSVs: blank = no observation, −1 = fault."""
    folder, rejected = layout.incoming / "counts", Quarantine()
    sites = read_reference(folder / "detectors.csv", "counts", "detectors.csv", key="detector")
    sites = sites.sort_values("detector", kind="stable", ignore_index=True)
    column = {name: i for i, name in enumerate(sites["detector"])}
    days: Days = {}
    for path in _some_files(folder, "counts_*.csv"):
        table, hour = read_wide(path, "time_utc", 60, rejected)
        unknown = [c for c in table.columns if c not in column and c != "time_utc"]
        if unknown:
            raise InputError(f"{path}: detectors that detectors.csv lacks: {few(unknown)}")
        for name in table.columns.drop("time_utc"):
            value = numbers(path, name, table[name], rejected)
            flag = flag_values(value, 0.0, MOST_VEH_H, lambda v: v == -1)
            _put(days, hour, column[name], len(sites), {"flow_veh_h": value, "flow_flag": flag})
    spec = SeriesStore(
        layout.store("counts"),
        "counts",
        "detector",
        {
            "detector": sites["detector"].to_numpy(dtype=object),
            "detector_link": sites["link_id"].to_numpy(),
            "detector_x": sites["easting"].to_numpy(),
            "detector_y": sites["northing"].to_numpy(),
        },
        ("flow_veh_h", "flow_flag"),
        {},
    )
    return _writer(layout, spec, days, rejected)


def ingest_air(layout: Layout, areas: Areas) -> Write:
    """Stations by clock hour (24:00 ends a day) and low-cost sensors at any step, as hourly means."""
    folder, rejected = layout.incoming / "air", Quarantine()
    sites = read_reference(folder / "sites.csv", "air", "sites.csv", key="sensor")
    sites = sites.sort_values("sensor", kind="stable", ignore_index=True)
    raise_all(_site_problems(folder / "sites.csv", sites), InputError)
    column = {name: i for i, name in enumerate(sites["sensor"])}
    days: Days = {}
    for pattern, read in (("station_*.csv", _read_station), ("sensor_*.csv", _read_sensor)):
        for path in sorted(folder.glob(pattern)):
            name = path.stem.split("_", 1)[1].rsplit("_", 1)[0]
            if name not in column:
                raise InputError(f"{path}: sites.csv has no sensor {name}")
            hour, value = read(path, rejected)
            flag = flag_values(value, 0.0, MOST_UG_M3, lambda v: v < -1e30)
            if pattern.startswith("sensor"):
                hour, value, flag = _hourly(hour, value, flag)
            flag[:, np.isnan(value).all(axis=0)] = 1
            _put(days, hour, column[name], len(sites), {"concentration_ug_m3": value, "concentration_flag": flag})
    if not days:
        raise InputError(f"{folder} has no station_*.csv and no sensor_*.csv; land some, or run `lcr spine feeds`")
    x, y = Transformer.from_crs(4326, 27700, always_xy=True).transform(sites["longitude"], sites["latitude"])
    spec = SeriesStore(
        layout.store("air"),
        "air",
        "sensor",
        {
            "sensor": sites["sensor"].to_numpy(dtype=object),
            "sensor_x": np.round(x, 1),
            "sensor_y": np.round(y, 1),
            "sensor_kind": sites["kind"].map({k: i for i, k in enumerate(SENSOR_KINDS)}).to_numpy(dtype=np.int64),
        },
        ("concentration_ug_m3", "concentration_flag"),
        {"pollutant": list(POLLUTANTS)},
    )
    return _writer(layout, spec, days, rejected)


def ingest_weather(layout: Layout, areas: Areas) -> Write:
    """Hourly weather of the region."""
    folder, rejected = layout.incoming / "weather", Quarantine()
    limits = {
        "wind_speed": (0.0, 60.0),
        "wind_from": (0.0, 360.0),
        "air_temperature": (-40.0, 45.0),
        "mixing_height": (10.0, 5000.0),
    }
    stored = dict(zip(limits, ("wind_speed_m_s", "wind_from_deg", "air_temperature_c", "mixing_height_m"), strict=True))
    days: Days = {}
    for path in _some_files(folder, "weather_*.csv"):
        table, hour = read_wide(path, "time_utc", 60, rejected)
        require_columns(path, table.columns, [*limits, "pasquill_class"])
        values: dict[str, npt.NDArray[Any]] = {}
        for name, (low, high) in limits.items():
            value = numbers(path, name, table[name], rejected)
            out = (value < low) | (value > high)
            rejected.add(path, table.index[out].to_numpy(), name, value[out], f"outside {low:g} to {high:g}")
            # The store has no flags: an hour is whole or not there.
            values[stored[name]] = np.where(out, np.nan, value)
        letter = table["pasquill_class"].map({c: i for i, c in enumerate(STABILITY_CLASSES)})
        unknown = letter.isna().to_numpy()
        rejected.add(
            path,
            table.index[unknown].to_numpy(),
            "pasquill_class",
            table["pasquill_class"][unknown].to_numpy(),
            "none of A to F",
        )
        values["stability_class"] = letter.fillna(-1).to_numpy(dtype=np.int8)
        _put(days, hour, None, 0, values)
    names = (*stored.values(), "stability_class")
    return _writer(layout, SeriesStore(layout.store("weather"), "weather", "", {}, names, {}), days, rejected)


def ingest_energy(layout: Layout, areas: Areas) -> Write:
    """Half-hourly electricity by MSOA as hourly sums; an hour with one half missing is missing."""
    folder, rejected = layout.incoming / "energy", Quarantine()
    msoas = areas.zones.msoa_code
    column = {name: i for i, name in enumerate(msoas)}
    days: Days = {}
    for path in _some_files(folder, "electricity_*.csv"):
        table, half = read_wide(path, "time_utc", 30, rejected)
        unknown = [c for c in table.columns if c not in column and c != "time_utc"]
        if unknown:
            raise InputError(f"{path}: columns that are no MSOA of the lookup: {few(unknown)}")
        for name in table.columns.drop("time_utc"):
            value = pd.Series(numbers(path, name, table[name], rejected))
            hourly = value.groupby(half // 2).agg(["sum", "count"])
            kwh = hourly["sum"].where(hourly["count"] == 2).to_numpy()
            _put(days, hourly.index.to_numpy(), column[name], len(msoas), {"electricity_kwh": kwh})
    spec = SeriesStore(layout.store("energy"), "energy", "msoa", {"msoa": msoas}, ("electricity_kwh",), {})
    return _writer(layout, spec, days, rejected)


def _read_station(path: Path, rejected: Quarantine) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    table = read_text_table(path)
    require_columns(path, table.columns, ["Date", "Time", *POLLUTANTS])
    day = pd.to_datetime(table["Date"], errors="coerce", format="%Y-%m-%d", utc=True)
    clock = table["Time"].str.extract(r"^(\d\d):00$")[0].astype("float64")
    bad = (day.isna() | ~clock.between(1, 24)).to_numpy()
    rejected.add(
        path, np.flatnonzero(bad), "Date", (table["Date"] + " " + table["Time"])[bad].to_numpy(), "no readable time"
    )
    table, day, clock = table[~bad], day[~bad], clock[~bad]
    hour: npt.NDArray[np.int64] = since_1970(day, "h") + clock.astype("int64").to_numpy() - 1
    return hour, np.stack([numbers(path, p, table[p], rejected) for p in POLLUTANTS], axis=1)


def _read_sensor(path: Path, rejected: Quarantine) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    table = read_text_table(path)
    require_columns(path, table.columns, ["Date & Time", "PM2.5"])
    stamp = pd.to_datetime(table["Date & Time"], errors="coerce", format="%Y-%m-%d %H:%M:%S", utc=True)
    bad = stamp.isna().to_numpy()
    rejected.add(path, np.flatnonzero(bad), "Date & Time", table["Date & Time"][bad].to_numpy(), "no readable time")
    table, stamp = table[~bad], stamp[~bad]
    pm = numbers(path, "PM2.5", table["PM2.5"], rejected)
    hour = since_1970(stamp, "h")
    return hour, np.stack([np.full(len(pm), np.nan), pm], axis=1)


def _hourly(
    hour: npt.NDArray[np.int64], value: npt.NDArray[np.float64], flag: npt.NDArray[np.int8]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    """Mean of the good readings of each hour; an hour with none keeps its first reading and that one's flag."""
    hours, first, group = np.unique(hour, return_index=True, return_inverse=True)
    value_h, flag_h = value[first].copy(), flag[first].copy()
    for k in range(value.shape[1]):
        good = flag[:, k] == 0
        count = np.bincount(group[good], minlength=len(hours))
        mean = np.bincount(group[good], value[good, k], len(hours)) / np.maximum(count, 1)
        value_h[count > 0, k], flag_h[count > 0, k] = mean[count > 0], 0
    return hours, value_h, flag_h


def _site_problems(path: Path, sites: pd.DataFrame) -> Iterable[str]:
    latitude, longitude = sites["latitude"], sites["longitude"]
    inside = latitude.between(49, 61.5) & longitude.between(-9.5, 2.5)
    if not inside.all():
        swapped = longitude.between(49, 61.5) & latitude.between(-9.5, 2.5)
        name = few(sites["sensor"][~inside])
        if swapped[~inside].all():
            yield f"{path}: latitude and longitude are swapped for {name}; swap the two columns' headers"
        else:
            yield f"{path}: not in Britain (WGS84 degrees wanted): {name}"
    if (bad := ~sites["kind"].isin(SENSOR_KINDS)).any():
        yield f"{path}: `kind` wants {', '.join(SENSOR_KINDS)}; found another for {few(sites['sensor'][bad])}"


def _some_files(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        raise InputError(f"{folder} has no {pattern}; land some there, or run `lcr spine feeds`")
    return found


def _put(
    days: Days, hour: npt.NDArray[np.int64], site: int | None, sites: int, values: dict[str, npt.NDArray[Any]]
) -> None:
    """Lay one site's hours into the tables of their days."""
    for day in np.unique(hour // 24):
        here = hour // 24 == day
        table = days.setdefault(int(day), {})
        for name, value in values.items():
            shape = (24, *value.shape[1:]) if site is None else (24, sites, *value.shape[1:])
            whole = table.setdefault(name, _nothing(name, value, shape))
            where = hour[here] % 24
            whole[where if site is None else (where, site)] = value[here]


def _nothing(name: str, value: npt.NDArray[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """An hour without a row is "missing" (flag 1), or NaN, or no class."""
    if value.dtype.kind == "f":
        return np.full(shape, np.nan)
    return np.full(shape, 1 if name.endswith("_flag") else -1, value.dtype)


def _writer(layout: Layout, spec: SeriesStore, days: Days, rejected: Quarantine) -> Write:
    def write() -> None:
        begin_stage(layout.manifest(spec.store))
        hours = [day * 24 for day in days]
        known = list(spec.sites.get(spec.site, []))
        index = prepare(spec, hours)
        stored = _stored_sites(spec, known)
        for day in sorted(days):
            values = {k: _widen(v, stored) if spec.site else v for k, v in days[day].items()}
            write_slab(spec.path, spec.store, {"time": slice(index[day * 24], index[day * 24] + 24)}, values)
        quarantine = layout.root / "spine" / "quarantine" / f"{spec.store}.csv"
        write_text(quarantine, rejected.table().to_csv(index=False, lineterminator="\n"))
        finish_spine_store(layout, spec.store, (spec.store,), {"days": len(days), "quarantined": len(rejected.rows)})

    return write


def _stored_sites(spec: SeriesStore, known: list[Any]) -> tuple[npt.NDArray[np.int64], int]:
    """Where each site of the feed stands in the store, and how many the store has."""
    if not spec.site:
        return np.zeros(0, np.int64), 0
    names = open_store(spec.path, spec.store, [spec.site])[spec.site].to_numpy().astype(object)
    return np.searchsorted(names, np.array(known, dtype=object)), len(names)


def _widen(values: npt.NDArray[Any], stored: tuple[npt.NDArray[np.int64], int]) -> npt.NDArray[Any]:
    place, count = stored
    wide = _nothing("_flag" if values.dtype == np.int8 else "", values, (24, count, *values.shape[2:]))
    wide[:, place] = values
    return wide
