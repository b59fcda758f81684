"""The formats that a feed may declare in its dataset.json, and that `lcr spine check` knows."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.archives import require_file
from lcr_hpc.spine.readers.result import Reading

Value = str | int | float
Options = Mapping[str, Value]


@dataclass(frozen=True)
class Format:
    """One format of files."""

    name: str
    title: str
    kind: str
    reader: str
    """`module:function` under lcr_hpc.spine.readers, imported when it is needed"""
    options: Mapping[str, str] = field(default_factory=dict)
    """What a dataset may say of its files beside their format"""
    stores: tuple[str, ...] = ()
    """Stores of the spine that its observations can land in"""


_SITE = {"site": "id of the site; by default the file's name without its ending"}
_ZONE = {"time_zone": "zone of stamps without an offset, by default UTC"}
_COLUMNS = {"code": "column of the area's code", "name": "column of its name"}

FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("dft_aadf", "DfT annual average daily flow by count point", "observations", "dft_aadf:read_aadf"),
        Format("aurn", "UK-AIR station, hourly or daily, CSV", "observations", "aurn:read_aurn", _SITE, ("air",)),
        Format("detector_wide", "Detectors, a column a detector, CSV", "observations", "wide:read_detectors",
               _ZONE | {"unit": "veh/h, veh (counted in the interval), km/h or mph",
                        "minutes": "length of the interval", "time_column": "column of the interval's start",
                        "start": "start of the first row's interval, where the file has no times",
                        "sentinel": "value that stands for a fault"}, ("counts",)),
        Format("low_cost_pm", "Low-cost particle sensor, CSV", "observations", "low_cost:read_low_cost",
               _SITE | _ZONE, ("air",)),
        Format("openair", "Hourly roadside concentrations with weather, Parquet", "observations",
               "openair:read_openair", _SITE | {"gas_unit": "ppb or ug m-3: the file says neither"},
               ("air", "weather")),
        Format("msoa_electricity", "DESNZ electricity by MSOA and year, CSV", "observations",
               "desnz:read_msoa_electricity", {"year": "calendar year, where the file's name has none"}),
        Format("electricity_half_hourly", "Half-hourly electricity, a column an area, CSV", "observations",
               "wide:read_electricity", _ZONE | {"time_column": "column of the half hour's start"}, ("energy",)),
        Format("sensorthings", "OGC SensorThings 1.1, Datastreams or Observations, JSON", "observations",
               "sensorthings:read_sensorthings", {}, ("counts", "air", "weather", "energy")),
        Format("ngsi_ld", "NGSI-LD entities (AirQualityObserved and their like), JSON", "observations",
               "ngsi_ld:read_ngsi_ld", {}, ("counts", "air", "weather", "energy")),
        Format("observations_parquet", "Observations, a row each, Parquet", "observations",
               "parquet:read_observations", {}, ("counts", "air", "weather", "energy")),
        Format("sensor_sites", "Sites of sensors, CSV", "sites", "sites:read_sensor_sites",
               {"place": "britain (default) or world", "id": "column of the site's id",
                "swapped_coordinates": "yes: the headers of latitude and longitude are swapped (default no)"},
               ("air",)),
        Format("webtris_sites", "National Highways WebTRIS sites, CSV", "sites", "sites:read_webtris_sites"),
        Format("areas", "Boundaries: GeoPackage, GeoJSON, GeoParquet", "areas", "geometry:read_areas", _COLUMNS),
        Format("lines", "Road lines: GeoPackage, GeoJSON, GeoParquet", "links", "geometry:read_lines",
               {"id": "column of the line's id", "name": "column of its name"}),
        Format("od_csv", "Trips between zones, a row a pair, CSV", "pairs", "od:read_od_csv",
               {"origin": "column", "destination": "column", "zones": "boundaries that name every zone",
                "code": "column of the zone's code in them"}),
        Format("omx", "Open Matrix, HDF5", "pairs", "omx:read_omx", {"lookup": "zone numbers to take"}),
    )
}  # fmt: skip
"""Every format of the spine by name. Networks that only the traffic model reads are in lcr_hpc.traffic.readings."""


def read_feed(path: Path, name: str, options: Options | None = None) -> Reading:
    """Read one file by its format.

    Parameters
    ----------
    path : Path
        File.
    name : str
        Name in `FORMATS`.
    options : mapping, optional
        What the format lets a dataset say.

    Raises
    ------
    InputError
        An unknown format or option, and whatever makes the file as a whole unreadable. Single bad cells are in the
        reading's `rejected` instead.
    """
    said = dict(options or {})
    found = find_format(name)
    raise_all(option_problems(found, said), InputError)
    require_file(path)
    module, _, function = found.reader.partition(":")
    try:
        reading: Reading = getattr(import_module(f"lcr_hpc.spine.readers.{module}"), function)(path, said)
    except (OverflowError, MemoryError, RecursionError) as error:
        raise InputError(
            f"{path} holds more than can be read ({type(error).__name__}); it is damaged: fetch it again"
        ) from None
    return reading


def find_format(name: str, formats: Mapping[str, Format] = FORMATS) -> Format:
    """Return a format, or refuse a name with the nearest ones."""
    if name not in formats:
        near = difflib.get_close_matches(name, formats, n=1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise InputError(f"no format `{name}`{hint} There are: {', '.join(formats)}", field=name)
    return formats[name]


def option_problems(found: Format, options: Options) -> list[str]:
    """Options that a format does not have."""
    have = ", ".join(f"`{o}`" for o in found.options) or "none"
    return [f"format `{found.name}` has no option `{o}`; it has {have}" for o in options if o not in found.options]


def whole_number(options: Options, name: str) -> int:
    """An option that is a whole number above 0, or a message."""
    try:
        number = float(options[name])
    except (ValueError, TypeError):
        number = -1.0
    if not (0 < number < 1e6 and number == int(number)):
        raise InputError(f"option `{name}` is {options[name]!r}, wanted a whole number above 0", field=name)
    return int(number)
