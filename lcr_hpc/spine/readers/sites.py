"""Where sensors and detectors stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lcr_hpc.errors import InputError
from lcr_hpc.spine.readers.formats import Options
from lcr_hpc.spine.readers.places import BRITAIN_DEG
from lcr_hpc.spine.readers.result import Reading, not_read
from lcr_hpc.spine.readers.series import Quarantine
from lcr_hpc.spine.readers.text import read_csv

BOXES = {"britain": BRITAIN_DEG, "world": (-180.0, -90.0, 180.0, 90.0)}

SWAPPED = "swapped_coordinates"


def read_sensor_sites(path: Path, options: Options) -> Reading:
    """Read ids and places in degrees of WGS84; a list whose two headers are swapped is refused unless that is declared.

    A declaration that is not true is refused as well.
    """
    place = str(options.get("place", "britain"))
    if place not in BOXES:
        raise InputError(f"option `place` is {place!r}, wanted {' or '.join(BOXES)}", field="place")
    said = str(options.get(SWAPPED, "no"))
    if said not in ("yes", "no"):
        raise InputError(f"option `{SWAPPED}` is {said!r}, wanted yes or no", field=SWAPPED)
    return _read("sensor_sites", path, str(options.get("id", "sensor_id")), place, "name", "", said == "yes")


def read_webtris_sites(path: Path, options: Options) -> Reading:
    """Read the sites of National Highways' counters, with `activity` as their status."""
    return _read("webtris_sites", path, "id", "britain", "description", "activity")


def _read(
    form: str, path: Path, key: str, place: str, name: str, status: str, declared_swapped: bool = False
) -> Reading:
    quarantine = Quarantine()
    wanted = [key, "latitude", "longitude", *([name, status] if status else [])]
    text = read_csv(path, wanted, quarantine)
    table = text.frame
    west, south, east, north = BOXES[place]
    lat, lon = (pd.to_numeric(table[c].str.strip(), errors="coerce") for c in ("latitude", "longitude"))
    if declared_swapped:
        lat, lon = lon, lat
    inside = lat.between(south, north) & lon.between(west, east)
    swapped = lon.between(south, north) & lat.between(west, east) & ~inside
    # One row may be anywhere; headers that are swapped show in nearly all of them.
    if len(table) and swapped.sum() > 0.5 * len(table):
        first = table[swapped].iloc[0]
        found = f"found latitude {first['latitude']}, longitude {first['longitude']}"
        if declared_swapped:
            raise InputError(
                f"{path}: `{SWAPPED}` says that latitude and longitude are swapped, but they are not ({found}); "
                "take the option away",
                field=SWAPPED,
            )
        raise InputError(
            f"{path}: latitude and longitude are swapped ({found}); swap the two columns' headers, or say "
            f"`{SWAPPED}: yes` of the file where it must stay as its owner wrote it"
        )
    quarantine.add(
        path, table["latitude"], ~inside, "latitude", f"not in {place.capitalize()}, wanted degrees of WGS84"
    )
    site = table[key].str.strip()
    empty, again = (site == "") & inside, site.duplicated() & (site != "") & inside
    quarantine.add(path, table[key], empty, key, "no id")
    quarantine.add(path, table[key], again, key, "id stands twice")
    good = (inside & ~empty & ~again).to_numpy()
    taken = pd.DataFrame(
        {
            "site": site[good].to_numpy(),
            "name": table[name][good].str.strip().to_numpy() if name in table else "",
            "longitude": lon[good].to_numpy(),
            "latitude": lat[good].to_numpy(),
            "status": table[status][good].str.strip().to_numpy() if status else "",
            "line": table.index.to_numpy(np.int64)[good] + 2,
        }
    )
    told = ("latitude and longitude are read from each other's column, as declared",) if declared_swapped else ()
    notes = (*told, *text.notes, *not_read(table.columns, wanted))
    return Reading(form, path, "sites", taken, text.rows, quarantine.table(), notes)
