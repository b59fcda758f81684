"""The twin's air feed: stations as the national network writes them, low-cost sensors with the defects of real ones.

Some defects come by chance, others by turns, so that each of them is in every night of the default region: a sensor
has five bad days in sixteen, a station two in eight. docs/twin.md lists them with what the ingest makes of each.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from pyproj import Transformer

from lcr_hpc.spine.catalogue import FeedFormat
from lcr_hpc.spine.twin.city import City
from lcr_hpc.spine.twin.files import csv, day_types, utc_days
from lcr_hpc.spine.twin.random import Floats, Stream, normal, uniform
from lcr_hpc.spine.twin.series import Hours, Ints, make_air, make_weather

PM_SENTINEL = "-1.40986488597765e+31"
"""What the sensors of a real Liverpool network report when their counter fails"""
SENSOR_LIST = FeedFormat(
    files="sensors.csv", format="sensor_sites", options={"id": "sensor", "swapped_coordinates": "yes"}
)
"""The list of the low-cost sensors, whose headers are swapped as that network's are; dataset.json declares it"""
STEP_S = 1794
"""Seconds between two readings of a sensor: 29 min 54 s"""
SENSOR_TURNS, STATION_TURNS = 16, 8
STUCK, SPIKE, CLOCK_SET_BACK, DOUBLED, BELOW_ZERO = 0, 3, 6, 9, 12
"""Turns of a sensor's bad days"""
NOISE_BELOW_ZERO, STATION_STUCK = 0, 4
"""Turns of a station's bad days"""


def write_air(folder: Path, city: City, hours: Hours, seed: int) -> None:
    """Lists of stations and of sensors, and a file a site and UTC day."""
    sites = city.sites
    longitude, latitude = Transformer.from_crs(27700, 4326, always_xy=True).transform(sites.x, sites.y)
    table = pd.DataFrame(
        {
            "sensor": sites.name,
            "name": [f"{k.replace('_', ' ').capitalize()} site {i}" for i, k in enumerate(sites.kind)],
            "kind": sites.kind,
            "latitude": np.round(latitude, 6),
            "longitude": np.round(longitude, 6),
        }
    )
    low_cost = table["kind"] == "low_cost"
    csv(folder / "sites.csv", table[~low_cost])
    swapped = {"latitude": "longitude", "longitude": "latitude"}
    csv(folder / SENSOR_LIST.files, table[low_cost].drop(columns="kind").rename(columns=swapped))
    values = make_air(hours, sites, make_weather(hours, seed), day_types(hours), seed)
    n = len(sites.name)
    fault = uniform(seed, Stream.AIR_FAULT, hours.count * n, 1, first=hours.first * n).reshape(hours.count, n)
    for i, (name, kind) in enumerate(zip(sites.name, sites.kind, strict=True)):
        for day, rows in utc_days(hours):
            if kind == "low_cost":
                made = _sensor(hours, rows, values[rows, i, 1], fault[rows, i], seed, i)
                csv(folder / f"sensor_{name}_{day}.csv", made)
            else:
                csv(folder / f"station_{name}_{day}.csv", _station(hours, rows, values[rows, i], fault[rows, i], i))


def _station(hours: Hours, rows: slice, values: Floats, fault: Floats, site: int) -> pd.DataFrame:
    """Hours of a day: words for nothing, noise below zero in clean air, a value that does not change."""
    turn = _turn(hours, rows, site, STATION_TURNS)
    if turn == NOISE_BELOW_ZERO:
        values[2:5, 1] /= -10.0
    if turn == STATION_STUCK:
        values[9:18, 0] = values[9, 0]
    cells = np.char.mod("%.1f", values).astype(object)
    cells[fault < 0.06] = "No data"
    ends = [f"{t.hour + 1:02d}:00" for t in hours.utc[rows]]
    day = hours.utc[rows].strftime("%Y-%m-%d")
    return pd.DataFrame({"Date": day, "Time": ends, "NOx": cells[:, 0], "PM2.5": cells[:, 1]})


def _sensor(hours: Hours, rows: slice, pm: Floats, fault: Floats, seed: int, site: int) -> pd.DataFrame:
    """Readings of a day: gaps, a sentinel, humidity beyond 100 %, now and then a date of zeros, and its bad days."""
    turn = _turn(hours, rows, site, SENSOR_TURNS)
    k = np.arange(48)
    stamps = hours.utc[rows][0] + pd.to_timedelta(_seconds(k, turn) + 7 * site % 300, unit="s")
    hour = np.minimum(k // 2, len(pm) - 1)
    z = normal(seed, Stream.LOW_COST, 48, 4, first=(hours.first + rows.start) * 4096 + site * 48)
    reading = _spoilt(pm[hour] * np.exp(0.15 * z[:, 0]) * 1.15, turn)
    humidity = np.where(z[:, 1] > 2.2, 268.0, np.clip(78 + 12 * z[:, 1], 20, 100))
    cells = {
        "Date & Time": stamps.strftime("%Y-%m-%d %H:%M:%S").to_numpy(dtype=object),
        "Temperature": np.round(14 + 2 * z[:, 2], 1),
        "Humidity": np.round(humidity, 1),
        "PM1.0": np.round(reading * 0.7, 2).astype(str).astype(object),
        "PM2.5": np.round(reading, 2).astype(str).astype(object),
        "PM10": np.round(reading * 1.6, 2).astype(str).astype(object),
    }
    broken = fault[hour] > 0.97
    for column in ("PM1.0", "PM2.5", "PM10"):
        cells[column][broken] = PM_SENTINEL
    cells["Date & Time"][z[:, 3] > 2.6] = "0000-00-00 00:00:00"
    kept = np.flatnonzero(fault[hour] >= 0.04)
    if turn == DOUBLED:
        kept = np.repeat(kept, np.where(kept >= 24, 2, 1))
    return pd.DataFrame({name: column[kept] for name, column in cells.items()})


def _turn(hours: Hours, rows: slice, site: int, turns: int) -> int:
    return int((hours.first + rows.start) // 24 + site) % turns


def _seconds(k: Ints, turn: int) -> Ints:
    """Seconds into the day of each reading; a clock that is set back at noon tells two instants twice."""
    return STEP_S * np.where((turn == CLOCK_SET_BACK) & (k >= 24), k - 2, k)


def _spoilt(reading: Floats, turn: int) -> Floats:
    if turn == STUCK:
        reading[12:32] = reading[12]
    if turn == SPIKE:
        reading[25] += 600.0
    if turn == BELOW_ZERO:
        reading[36:42] -= 40.0
    return reading
