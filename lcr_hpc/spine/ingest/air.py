"""Air quality: stations by clock hour (24:00 ends a day) and low-cost sensors at any step, as hourly means."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer

from lcr_hpc.errors import InputError
from lcr_hpc.spine.datasets import DATASETS
from lcr_hpc.spine.ingest.areas import Areas
from lcr_hpc.spine.ingest.days import SeriesStore
from lcr_hpc.spine.ingest.declared import (
    Declared,
    declared_files,
    declared_sites,
    hours_of,
    require_sites,
    step_seconds,
    values_of,
)
from lcr_hpc.spine.ingest.flags import RULES
from lcr_hpc.spine.ingest.observations import Days, read_batch, writer
from lcr_hpc.spine.ingest.whole import Write, read_origin
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.spine.readers.places import BRITAIN_DEG
from lcr_hpc.spine.readers.series import Floats, Ints, Quarantine, numbers, read_rows, refuse_years, since_1970
from lcr_hpc.spine.readers.tables import read_reference
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.variables import SENSOR_KINDS

POLLUTANTS = ("NOx", "PM2.5")


PATTERNS = ("station_*.csv", "sensor_*.csv")
"""Tables of the dataset; their places are the numbers of `concentration_source`"""


def ingest_air(layout: Layout, areas: Areas) -> Write:
    """Read stations and sensors; a reading that is a sentinel or implausible is kept, flagged, and in no mean."""
    folder, problems = layout.incoming / "air", Problems()
    origin = read_origin(layout, "air")
    declared = declared_files(folder, origin, "air", *PATTERNS)
    sites = _read_sites(folder, declared)
    column = {name: i for i, name in enumerate(sites["sensor"])}
    days = Days()
    readings: dict[tuple[str, int], list[tuple[Ints, Floats]]] = {}

    def read_declared(path: Path, rejected: Quarantine) -> Ints:
        reading, source = declared.read(path, rejected), declared.source(path.name)
        units = dict.fromkeys(POLLUTANTS, "ug m-3")
        values = values_of(reading, units, rejected, dict.fromkeys(POLLUTANTS, RULES["concentration_ug_m3"]))
        require_sites(values, column, folder / "sites.csv")
        if not (step := step_seconds(reading)):
            for site, part in values.groupby("site"):
                readings.setdefault((str(site), source), []).append(_by_pollutant(part, "second"))
            return values["second"].to_numpy(np.int64) // 3600
        hours = hours_of(values, step)
        for site, part in hours.groupby("site"):
            hour, value = _by_pollutant(part, "hour")
            days.put(hour, column[str(site)], len(sites), _columns(value, source))
        return np.unique(hours["hour"].to_numpy(np.int64))

    def read(path: Path, rejected: Quarantine) -> Ints:
        if path.name in declared:
            return read_declared(path, rejected)
        kind, _, rest = path.stem.partition("_")
        name = rest.rsplit("_", 1)[0]
        if name not in column:
            raise InputError(f"{path}: sites.csv has no sensor {name}; add it there")
        if kind == "station":
            hour, value = _read_station(path, rejected)
            days.put(hour, column[name], len(sites), _columns(value, 0))
            return hour
        second, value = _read_sensor(path, rejected)
        readings.setdefault((name, 1), []).append((second, value))
        return second // 3600

    with problems.collecting():
        batch = read_batch(layout, origin, "air", PATTERNS, declared, read)
    problems.raise_if_any("the air quality cannot be read")
    for (name, source), parts in sorted(readings.items()):
        hour, value, jump = hourly_means(parts)
        days.put(hour, column[name], len(sites), _columns(value, source))
        days.mark(hour, column[name], len(sites), "concentration_ug_m3", jump)
    x, y = Transformer.from_crs(4326, 27700, always_xy=True).transform(sites["longitude"], sites["latitude"])
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
        values=("concentration_ug_m3", "concentration_source"),
        other={"pollutant": list(POLLUTANTS), "source": list(declared.sources)},
    )
    return writer(batch, spec, days)


def _read_sites(folder: Path, declared: Declared) -> pd.DataFrame:
    """Stations and sensors in the order of their ids: sites.csv, and declared lists, whose sites are low-cost."""
    problems = Problems()
    own = listed = None
    with problems.collecting():
        own = read_reference(folder / "sites.csv", "air", "sites.csv", problems=problems)
        problems.add(_site_problems(folder / "sites.csv", own))
    with problems.collecting():
        listed = declared_sites(folder, declared)
    if own is not None and listed is not None:
        again = pd.concat([own["sensor"], listed["sensor"]]).duplicated()[-len(listed) :] if len(listed) else []
        for file, part in listed[np.asarray(again, dtype=bool)].groupby("file"):
            problems.add(f"{folder / str(file)}: {few(part['sensor'])} stand in another list too; name each once")
    problems.raise_if_any("the sites of the air quality cannot be read")
    assert own is not None and listed is not None
    sites = pd.concat([own, listed.assign(kind="low_cost")]) if len(listed) else own
    return sites.sort_values("sensor", kind="stable", ignore_index=True)


def hourly_means(parts: list[tuple[Ints, Floats]]) -> tuple[Ints, Floats, npt.NDArray[np.bool_]]:
    """Mean of the good readings of each hour; an hour with none keeps the first of the others.

    Parameters
    ----------
    parts : list of (int64[reading], float64[reading, pollutant])
        Seconds since 1970 and values, file by file. The order of files and rows, and a reading that stands in two of
        them, change nothing.

    Returns
    -------
    int64[hour], float64[hour, pollutant], bool[hour, pollutant]
        Hours since 1970, means, and whether one instant of the hour stands with two values: the sensor's clock was
        set back.
    """
    second, value = (np.concatenate(p) for p in zip(*parts, strict=True))
    order = np.lexsort((*value.T[::-1], second))
    second, value = second[order], value[order]
    new = np.ones(len(second), dtype=bool)
    new[1:] = (np.diff(second) != 0) | ~((value[1:] == value[:-1]) | np.isnan(value[1:] + value[:-1])).all(axis=1)
    second, value = second[new], value[new]
    good = (value >= 0.0) & (value <= RULES["concentration_ug_m3"].high)
    hours, first, group = np.unique(second // 3600, return_index=True, return_inverse=True)
    mean, jump = value[first].copy(), np.zeros((len(hours), value.shape[1]), dtype=bool)
    again = np.flatnonzero(np.diff(second) == 0) + 1
    jump[group[again]] = value[again] != value[again - 1]
    for k in range(value.shape[1]):
        count = np.bincount(group[good[:, k]], minlength=len(hours))
        total = np.bincount(group[good[:, k]], value[good[:, k], k], len(hours))
        mean[count > 0, k] = total[count > 0] / count[count > 0]
        jump[np.isnan(mean[:, k]), k] = False
    return hours, mean, jump


def _by_pollutant(table: pd.DataFrame, time: str) -> tuple[Ints, Floats]:
    """Times of one site and values, float64[time, pollutant]; a time and pollutant stands once."""
    when, place = np.unique(table[time].to_numpy(np.int64), return_inverse=True)
    value = np.full((len(when), len(POLLUTANTS)), np.nan)
    value[place, table["variable"].map({p: k for k, p in enumerate(POLLUTANTS)}).to_numpy(np.int64)] = table["value"]
    return when, value


def _columns(value: Floats, source: int) -> dict[str, npt.NDArray[Any]]:
    number = np.where(np.isnan(value), -1, source).astype(np.int8)
    return {"concentration_ug_m3": value, "concentration_source": number}


def _read_station(path: Path, rejected: Quarantine) -> tuple[Ints, Floats]:
    """Hours since 1970 and values, float64[hour, pollutant]."""
    table = read_rows(path, ["Date", "Time", *POLLUTANTS], rejected)
    date, time = (DATASETS["air"].column(PATTERNS[0], name) for name in ("Date", "Time"))
    day = pd.to_datetime(table["Date"].str.strip(), errors="coerce", format=date.form, utc=True)
    clock = table["Time"].str.strip()
    written = table["Date"] + " " + table["Time"]
    bad = day.isna() | ~clock.str.fullmatch(time.pattern)
    rejected.add(path, written, bad, "Date", "no readable time")
    bad |= refuse_years(path, table["Date"], day.mask(bad), rejected)
    hour = np.full(len(table), -1, dtype=np.int64)
    hour[~bad] = since_1970(day[~bad], "h") + clock[~bad].str[:2].astype("int64").to_numpy() - 1
    good = ~bad.to_numpy()
    return hour[good], np.stack([numbers(path, p, table[p][good], rejected) for p in POLLUTANTS], axis=1)


def _read_sensor(path: Path, rejected: Quarantine) -> tuple[Ints, Floats]:
    """Seconds since 1970 and values, float64[reading, pollutant]."""
    table = read_rows(path, ["Date & Time", "PM2.5"], rejected)
    form = DATASETS["air"].column(PATTERNS[1], "Date & Time").form
    stamp = pd.to_datetime(table["Date & Time"].str.strip(), errors="coerce", format=form, utc=True)
    bad = stamp.isna()
    rejected.add(path, table["Date & Time"], bad, "Date & Time", "no readable time")
    bad |= refuse_years(path, table["Date & Time"], stamp, rejected)
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
