"""Tables of synthetic people: how many of each age and group live where, what they breathe and die of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.publish.inputs import Inputs, position
from lcr_hpc.publish.tables_burden import BOUNDS
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import open_store

Floats = NDArray[np.float64]
AIR = {"NOx": "nox", "NO2": "no2", "PM2.5": "pm2_5"}
EVERYBODY, REGION = "all", "region"
_PLACES = ("msoa", "area_msoa", "district", "area_district")
GROUPS_USE = {
    "areas": _PLACES,
    "carbon": ("air_pollutant",),
    "health": ("age_group", "people_group", "synthetic_people", "people_exposure_ug_m3"),
}
GROUP_BURDEN_USE = {
    "areas": _PLACES,
    "health": ("age_group", "people_group", "synthetic_people", "cause", "bound", "people_deaths", "baseline_deaths"),
}


class Places(NamedTuple):
    """MSOAs, then districts, then the region, with the MSOAs that each adds up."""

    level: list[str]
    code: list[str]
    holds: NDArray[np.bool_]
    """[place, msoa]"""


def has_groups(layout: Layout) -> bool:
    """Whether the night has synthetic people."""
    path = layout.store("health")
    return layout.manifest("health").is_file() and "synthetic_people" in open_store(path, "health")


def groups(inputs: Inputs) -> pd.DataFrame:
    """Synthetic people and their mean exposure by place, age group and group, and of all together."""
    areas, carbon, health = inputs["areas"], inputs["carbon"], inputs["health"]
    places, persons = places_of(areas), persons_of(areas, health)
    known = persons[..., None] * np.isfinite(health["people_exposure_ug_m3"].to_numpy())
    sums = known * np.nan_to_num(health["people_exposure_ug_m3"].to_numpy())
    frame = _head(places, health)
    frame["persons"] = _everywhere(places, persons).ravel()
    columns = [position(carbon, "air_pollutant", p) for p in AIR]
    for name, k in zip(AIR.values(), columns, strict=True):
        total, of = _everywhere(places, known[..., k]), _everywhere(places, sums[..., k])
        mean = np.divide(of, total, out=np.full_like(of, np.nan), where=total > 0.0)
        frame[f"{name}_ug_m3"] = mean.ravel()
    return frame


def group_burden(inputs: Inputs) -> pd.DataFrame:
    """Attributable deaths of those people by cause in districts and the region, a cause after the other.

    Not by MSOA: a rate there would tell the persons of a group that is too small to show.
    """
    areas, health = inputs["areas"], inputs["health"]
    places, deaths = places_of(areas), health["people_deaths"].to_numpy()
    persons = _everywhere(places, persons_of(areas, health)).ravel()
    frames = []
    for k, cause in enumerate(health["cause"].to_numpy()):
        frame = _head(places, health).assign(cause=str(cause), persons=persons)
        for bound, ending in BOUNDS.items():
            found = _everywhere(places, deaths[:, :, :, position(health, "bound", bound), k]).ravel()
            frame[f"attributable_deaths_per_year{ending}"] = found
        rate = 100_000.0 * frame["attributable_deaths_per_year"].to_numpy()
        frame["attributable_deaths_per_100000"] = np.divide(
            rate, persons, out=np.full(persons.size, np.nan), where=persons > 0.0
        )
        frames.append(frame[frame["level"] != "msoa"])
    return pd.concat(frames, ignore_index=True)


def places_of(areas: xr.Dataset) -> Places:
    """MSOAs, districts and the region; an MSOA lies in the district of its first area."""
    msoa, district = ([str(code) for code in areas[level].to_numpy()] for level in ("msoa", "district"))
    of_area, first = areas["area_msoa"].to_numpy(), np.full(len(msoa), -1)
    first[of_area[::-1]] = areas["area_district"].to_numpy()[::-1]
    within = first[None] == np.arange(len(district))[:, None]
    return Places(
        ["msoa"] * len(msoa) + ["district"] * len(district) + [REGION],
        [*msoa, *district, REGION],
        np.vstack([np.eye(len(msoa), dtype=bool), within, np.ones((1, len(msoa)), dtype=bool)]),
    )


def persons_of(areas: xr.Dataset, health: xr.Dataset) -> Floats:
    """float64[msoa, age_group, people_group]: synthetic people of each MSOA."""
    who = health["synthetic_people"].to_numpy()
    total = np.zeros((areas.sizes["msoa"], *who.shape[1:]))
    np.add.at(total, areas["area_msoa"].to_numpy(), who)
    return total


def cell_names(health: xr.Dataset) -> Iterator[tuple[int | None, str]]:
    """First age and name of each group, in the tables' order; the last is everybody."""
    for age in health["age_group"].to_numpy():
        for name in health["people_group"].to_numpy():
            yield int(age), str(name)
    yield None, EVERYBODY


def _everywhere(places: Places, values: Floats) -> Floats:
    """float64[place, cell]: sums of [msoa, age_group, people_group], everybody last."""
    cells = np.einsum("pm,mc->pc", places.holds.astype(np.float64), values.reshape(values.shape[0], -1))
    return np.hstack([cells, cells.sum(axis=1, keepdims=True)])


def _head(places: Places, health: xr.Dataset) -> pd.DataFrame:
    """Place and group of every row: cell by cell within a place."""
    cells = list(cell_names(health))
    n = len(cells)
    return pd.DataFrame(
        {
            "level": np.repeat(np.array(places.level, dtype=object), n),
            "place": np.repeat(np.array(places.code, dtype=object), n),
            "age_from": pd.array([age for age, _ in cells] * len(places.code), dtype="Int64"),
            "people_group": [name for _, name in cells] * len(places.code),
        }
    )
