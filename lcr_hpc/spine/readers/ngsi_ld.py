"""NGSI-LD entities such as AirQualityObserved: normalised or simplified, one or a list, or temporal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.formats import Options
from lcr_hpc.spine.readers.jsontext import items, kind, read_json
from lcr_hpc.spine.readers.result import Reading
from lcr_hpc.spine.readers.sensorthings import Observed, observations_of, point_of, sites_of

AIR = {
    "pm1": "PM1.0",
    "pm25": "PM2.5",
    "pm10": "PM10",
    "nox": "NOx",
    "no2": "NO2",
    "no": "NO",
    "o3": "O3",
    "so2": "SO2",
}
WEATHER = {
    "windSpeed": ("wind_speed", "m s-1"), "windDirection": ("wind_from", "degree"),
    "temperature": ("air_temperature", "degC"), "intensity": ("count", "veh"), "averageVehicleSpeed": ("speed", "km/h"),
}  # fmt: skip
"""Attributes whose unit the data model fixes. A fraction of humidity keeps the model's own name and unit"""
UNIT_CODES = {
    "GQ": "ug m-3",
    "GP": "mg m-3",
    "59": "ppm",
    "61": "ppb",
    "MTS": "m s-1",
    "CEL": "degC",
    "DD": "degree",
    "KWH": "kWh",
}
"""UN/CEFACT codes, to CF's units"""
_INDICES = ("airQualityIndex", "reliability", "relativeHumidity", "occupancy")
"""Attributes that are a plain number or a share"""
_NO_VALUES = (
    "id",
    "type",
    "@context",
    "location",
    "dateObserved",
    "address",
    "name",
    "refDevice",
    "refPointOfInterest",
)


def read_ngsi_ld(path: Path, options: Options) -> Reading:
    """Read every numeric property of every entity.

    A property's time is its `observedAt`, else the entity's `dateObserved` or `observedAt`; its unit is its
    `unitCode`, else the one that the data model fixes. A property whose unit nobody says goes to quarantine.
    """
    found, notes = read_json(path)
    if isinstance(found, dict):
        found = [found]
    entities = items(path, found, "the document")
    observed: list[Observed] = []
    places: dict[str, tuple[float, float]] = {}
    for at, entity in enumerate(entities, 1):
        if not (isinstance(entity.get("id"), str) and entity["id"] and isinstance(entity.get("type"), str)):
            raise InputError(f"{path}: entity {at} has no `id` or no `type`, wanted NGSI-LD")
        site = _site(entity)
        if (point := point_of(_value(entity.get("location")))) is not None:
            places.setdefault(site, point)
        observed += _observed(entity, site)
    if not observed:
        raise InputError(f"{path}: no property with a number in {len(entities):,} entities; wanted observations")
    return observations_of(path, "ngsi_ld", observed, notes, sites_of(places))


def _observed(entity: dict[str, Any], site: str) -> Iterator[Observed]:
    moment = _moment(entity.get("dateObserved")) or _moment(entity.get("observedAt"))
    for name, attribute in entity.items():
        if name in _NO_VALUES:
            continue
        # Temporal answers have a list of instances where an entity has one.
        for one in (
            attribute if isinstance(attribute, list) and all(isinstance(a, dict) for a in attribute) else [attribute]
        ):
            if not _is_property(one):
                continue
            variable, unit = _meaning(name, one)
            yield Observed(site, variable, unit, _moment(one) or moment, _value(one), _status(one))


def _is_property(one: Any) -> bool:
    if isinstance(one, dict):
        if one.get("type") in ("Relationship", "GeoProperty", "LanguageProperty", "VocabProperty"):
            return False
        return "value" in one and (
            (isinstance(one["value"], (int, float, type(None))) and not isinstance(one["value"], bool))
            or "unitCode" in one
        )
    return isinstance(one, (int, float)) and not isinstance(one, bool)


def _meaning(name: str, one: Any) -> tuple[str, str]:
    code = one.get("unitCode") if isinstance(one, dict) else None
    if code is not None and not isinstance(code, str):
        code = kind(code)
    if name in WEATHER and (code is None or UNIT_CODES.get(code) == WEATHER[name][1]):
        return WEATHER[name]
    if name in _INDICES and code is None:
        return name, "1"
    return AIR.get(name, name), UNIT_CODES.get(code, code) if code else ""


def _moment(value: Any) -> str:
    """The time that a property was observed at, or that `dateObserved` holds."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("observedAt"), str):
        return str(value["observedAt"])
    inner = value.get("value") if value.get("type") == "Property" or "@value" in str(value.get("value", "")) else None
    if isinstance(inner, dict):
        inner = inner.get("@value")
    return inner if isinstance(inner, str) else ""


def _value(attribute: Any) -> Any:
    return attribute["value"] if isinstance(attribute, dict) and "value" in attribute else attribute


def _site(entity: dict[str, Any]) -> str:
    """The device that observed, else the entity's name, else its id without the moment that data models append."""
    for key in ("refDevice", "refPointOfInterest"):
        target = entity.get(key)
        target = target.get("object", target.get("value")) if isinstance(target, dict) else target
        if isinstance(target, str) and target:
            return target
    return str(entity["id"])


def _status(one: Any) -> str:
    quality = _value(one.get("quality")) if isinstance(one, dict) else None
    return quality if isinstance(quality, str) else ""
