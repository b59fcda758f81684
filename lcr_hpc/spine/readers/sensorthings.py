"""OGC SensorThings 1.1: Datastreams with their Observations, or Observations with their Datastream."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.clock import utc_seconds
from lcr_hpc.spine.readers.formats import Options
from lcr_hpc.spine.readers.jsontext import as_number, items, kind, read_json
from lcr_hpc.spine.readers.result import Collector, Reading
from lcr_hpc.spine.readers.series import Quarantine

UNITS = {
    "µg/m³": "ug m-3", "μg/m³": "ug m-3", "µg/m3": "ug m-3", "μg/m3": "ug m-3", "ug/m3": "ug m-3", "ug.m-3": "ug m-3",
    "m/s": "m s-1", "°": "degree", "deg": "degree", "°C": "degC", "Cel": "degC", "kWh": "kWh",
}  # fmt: skip
"""Symbols of units, to CF's; what is not here stays as the source writes it"""
POLLUTANTS = {"pm2.5": "PM2.5", "pm25": "PM2.5", "pm10": "PM10", "nox": "NOx", "no2": "NO2", "no": "NO", "o3": "O3"}


class Observed(NamedTuple):
    """One value of a JSON feed, as it was written."""

    site: str
    variable: str
    unit: str
    time: str
    value: Any
    status: str


def read_sensorthings(path: Path, options: Options) -> Reading:
    """Read a page of a SensorThings service, saved as it was answered with `$expand`.

    A `phenomenonTime` that is an interval counts from its start. An answer that goes on (`@iot.nextLink`) is said in
    the notes: the rest is another file.
    """
    found, notes = read_json(path)
    if not isinstance(found, dict):
        raise InputError(f"{path}: {kind(found)}, wanted a SensorThings answer: an object with a list `value`")
    entities = items(path, found["value"], "`value`") if "value" in found else [found]
    streams = list(_streams(path, entities))
    if found.get("@iot.nextLink") or any("Observations@iot.nextLink" in stream for stream, _ in streams):
        notes += ("the answer goes on (@iot.nextLink): fetch the next page, too",)
    observed = [o for stream, observations in streams for o in _observed(path, stream, observations)]
    sites = _sites(stream for stream, _ in streams)
    return observations_of(path, "sensorthings", observed, notes, sites)


def observations_of(
    path: Path, name: str, observed: list[Observed], notes: tuple[str, ...], sites: pd.DataFrame | None
) -> Reading:
    """Type what a JSON feed observed; the line is the observation's place in the file, from 1."""
    quarantine = Quarantine()
    index = pd.RangeIndex(-1, len(observed) - 1)
    time = pd.Series([o.time.split("/")[0] for o in observed], index=index, name="time", dtype=object)
    # The standards want an offset, and one that is not written is not guessed.
    stamped = time.str.contains(r"[Tt ]\d\d:?\d\d.*(?:[Zz]|[+-]\d\d:?\d\d)$", regex=True, na=False).to_numpy(dtype=bool)
    quarantine.add(path, time, ~stamped, "time", "no time with an offset, wanted ISO 8601 such as 2025-01-15T10:00:00Z")
    second, timed = utc_seconds(path, time[stamped], quarantine)
    whole = np.zeros(len(observed), np.int64)
    whole[stamped] = second
    good = stamped.copy()
    good[stamped] = timed
    value = [as_number(o.value) for o in observed]
    wrong = np.array([v is None or np.isinf(v) for v in value], bool).reshape(-1) & good
    cells = pd.Series([str(o.value)[:200] for o in observed], index=index, dtype=object)
    quarantine.add(path, cells, wrong, "result", "no number")
    good &= ~wrong
    bare = np.array([not o.unit for o in observed], bool).reshape(-1) & good
    quarantine.add(path, cells, bare, "unit", "a value without its unit")
    good &= ~bare
    collect = Collector(path, quarantine)
    numbers = np.array([np.nan if v is None else v for v in value], np.float64)
    groups: dict[tuple[str, str], list[int]] = {}
    for i in np.flatnonzero(good):
        groups.setdefault((observed[i].variable, observed[i].unit), []).append(int(i))
    for (variable, unit), rows in groups.items():
        at = np.array(rows, np.int64)
        words = [np.array([getattr(observed[i], field) for i in rows], dtype=object) for field in ("site", "status")]
        collect.add(
            numbers[at], whole[at], at + 1, site=words[0], variable=variable, unit=unit, limits=_limits(variable, unit),
            status=words[1],
        )  # fmt: skip
    return collect.reading(
        name, len(observed), "PT0S", (*notes, "a line is an observation's place, from 1"), sites=sites
    )


def _limits(variable: str, unit: str) -> tuple[float, float]:
    from lcr_hpc.spine.readers.quantities import POLLUTANTS as AIR
    from lcr_hpc.spine.readers.quantities import WEATHER

    q = (AIR | WEATHER).get(variable)
    return q.limits if q is not None and q.unit == unit else (-np.inf, np.inf)


def _streams(path: Path, entities: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    for at, entity in enumerate(entities, 1):
        if "Observations" in entity:
            yield entity, items(path, entity["Observations"], f"`Observations` of {at}")
        elif "Datastreams" in entity:
            thing = {k: v for k, v in entity.items() if k != "Datastreams"}
            for stream in items(path, entity["Datastreams"], f"`Datastreams` of {at}"):
                inner = {"Thing": thing, **stream}
                yield inner, items(path, stream.get("Observations", []), f"`Observations` of {at}")
        elif "result" in entity or "phenomenonTime" in entity:
            if not isinstance(entity.get("Datastream"), dict):
                raise InputError(
                    f"{path}: observation {at} does not say its Datastream; ask with $expand=Datastream($expand=Thing)"
                )
            yield entity["Datastream"], [entity]
        else:
            raise InputError(
                f"{path}: entity {at} has neither Observations nor a result; ask with $expand=Observations"
            )


def _observed(path: Path, stream: dict[str, Any], observations: list[dict[str, Any]]) -> Iterator[Observed]:
    said = stream.get("unitOfMeasurement")
    symbol = said.get("symbol") if isinstance(said, dict) else None
    prop = stream.get("ObservedProperty")
    variable = (prop.get("name") if isinstance(prop, dict) else None) or stream.get("name")
    site = _site(stream)
    told = {"unitOfMeasurement.symbol": symbol, "name": variable, "Thing or @iot.id": site}
    if lacks := [k for k, v in told.items() if not isinstance(v, str) or not v]:
        raise InputError(f"{path}: a Datastream without {', '.join(lacks)}; a value needs its site, name and unit")
    for one in observations:
        quality = one.get("resultQuality")
        yield Observed(
            str(site), POLLUTANTS.get(str(variable).casefold(), str(variable)), UNITS.get(str(symbol), str(symbol)),
            str(one.get("phenomenonTime", "")), one.get("result"), quality if isinstance(quality, str) else "",
        )  # fmt: skip


def _site(stream: dict[str, Any]) -> str | None:
    thing = stream.get("Thing")
    for owner, key in ((thing, "name"), (thing, "@iot.id"), (stream, "@iot.id")):
        if isinstance(owner, dict) and isinstance(owner.get(key), (str, int)) and str(owner[key]):
            return str(owner[key])
    return None


def _sites(streams: Iterator[dict[str, Any]] | Any) -> pd.DataFrame | None:
    """Places of the Things, where the answer was expanded that far."""
    rows: dict[str, tuple[float, float]] = {}
    for stream in streams:
        thing = stream.get("Thing")
        places = thing.get("Locations") if isinstance(thing, dict) else None
        place = (
            places[0].get("location") if isinstance(places, list) and places and isinstance(places[0], dict) else None
        )
        point = point_of(place if place is not None else stream.get("observedArea"))
        if point is not None and (site := _site(stream)):
            rows.setdefault(site, point)
    return sites_of(rows)


def point_of(geometry: Any) -> tuple[float, float] | None:
    """Longitude and latitude of a GeoJSON point; None of anything else."""
    if isinstance(geometry, dict) and isinstance(geometry.get("geometry"), dict):
        geometry = geometry["geometry"]
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return None
    at = geometry.get("coordinates")
    if not isinstance(at, list) or len(at) < 2:
        return None
    x, y = as_number(at[0]), as_number(at[1])
    return (x, y) if x is not None and y is not None and abs(x) <= 180 and abs(y) <= 90 else None


def sites_of(rows: dict[str, tuple[float, float]]) -> pd.DataFrame | None:
    """A table of sites, in order of their ids."""
    if not rows:
        return None
    names = sorted(rows)
    return pd.DataFrame(
        {"site": names, "longitude": [rows[n][0] for n in names], "latitude": [rows[n][1] for n in names]}
    )
