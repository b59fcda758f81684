"""What is compared along a ranking of the other models: access, travel time and emissions by area."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from scipy.spatial import cKDTree

from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health.gradient import Attribute
from lcr_hpc.health.inequality import people_of
from lcr_hpc.health.rankings import Ranking

G_PER_KG = 1000.0
_WORDS = {
    "gp": ("doctors", "surgery", "residents"),
    "hospital": ("hospital beds", "hospital", "residents"),
    "emergency": ("beds with an emergency department", "emergency department", "residents"),
    "employment": ("jobs", "", "residents of 16 to 64"),
}
"""What a kind of service offers, what one is called (empty: the nearest says nothing), who shares it."""


def access_attributes(areas: xr.Dataset, health: xr.Dataset, method: str, ranking: Ranking) -> list[Attribute]:
    """Access, time to services and work, and emissions, of the first period that access was computed for.

    Parameters
    ----------
    areas, health : xarray.Dataset
        Stores of these names.
    method : str
        Floating catchment that was used.
    ranking : Ranking
        Order of the places.

    Returns
    -------
    list of Attribute
    """
    residents, group = people_of(areas)
    found = []
    for k, kind in enumerate(str(s) for s in health["service"].to_numpy()):
        offer, place, sharers = _words(kind)
        reached = (f"crowding cost of {offer}", "mean crowding") if method == "raam" else (
            f"{offer} within reach", f"per 1,000 {sharers}"
        )  # fmt: skip
        found.append((*reached, health["access"].to_numpy()[0, :, k]))
        if place:
            found.append((f"time to the nearest {place}", "min", health["nearest_service_min"].to_numpy()[0, :, k]))
    found.append(("time to work by car", "min", health["commute_min"].to_numpy()[0]))
    found.append(("CO2 of road traffic per resident", "kg/day", health["road_co2_kg_day_person"].to_numpy()))
    return [
        Attribute(name, units, value, residents, ranking.area, cluster=group, ranked_by=ranking.name)
        for name, units, value in found
    ]


def attribute_count(pollutants: int, causes: int, kinds: Sequence[str]) -> int:
    """Attributes of a ranking: those of `health_attributes` and of `access_attributes`."""
    return 1 + pollutants + causes + sum(2 if _words(kind)[1] else 1 for kind in kinds) + 2


def road_emission_per_person(areas: xr.Dataset, network: xr.Dataset, carbon: xr.Dataset) -> FloatArray:
    """CO2 of road traffic around each area, by the residents of the area.

    Parameters
    ----------
    areas, network, carbon : xarray.Dataset
        Stores of these names.

    Returns
    -------
    float64[area]
        kg/day a resident, of links whose midpoint is nearest to the area's population point: who lives beside a
        motorway has its emissions, whoever drives there. NaN without residents.
    """
    x, y = network["node_x"].to_numpy(), network["node_y"].to_numpy()
    start, end = network["from_node"].to_numpy(), network["to_node"].to_numpy()
    middle = np.column_stack([0.5 * (x[start] + x[end]), 0.5 * (y[start] + y[end])])
    points = np.column_stack([areas["area_x"].to_numpy(), areas["area_y"].to_numpy()])
    _, nearest = cKDTree(points).query(middle)
    k = [str(p) for p in carbon["pollutant"].to_numpy()].index("CO2")
    emitted = np.zeros(middle.shape[0])
    for hour in range(carbon.sizes["hour"]):  # in order, one at a time: an hour is what fits in memory at any size
        emitted += carbon["emission_g_h"][hour, :, k].to_numpy().astype(np.float64)
    total = np.bincount(nearest, weights=emitted, minlength=points.shape[0]) / G_PER_KG
    residents, _ = people_of(areas)
    each: FloatArray = np.divide(total, residents, out=np.full(total.size, np.nan), where=residents > 0.0)
    return each


def working_age(areas: xr.Dataset) -> FloatArray:
    """float64[area]: residents of 16 to 64 years."""
    age = areas["age"].to_numpy()
    people: FloatArray = areas["population"].to_numpy()[:, (age >= 16) & (age < 65)].sum(axis=1).astype(np.float64)
    return people


def _words(kind: str) -> tuple[str, str, str]:
    return _WORDS.get(kind, (kind, kind, "residents"))
