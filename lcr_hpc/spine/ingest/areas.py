"""Boundaries, lookup, population and deprivation into the store `areas`, which the other feeds refer to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lcr_hpc.errors import InputError
from lcr_hpc.spine.areas import People, Zones, only_file, read_people, read_zones
from lcr_hpc.spine.ingest.whole import Write, read_origin, write_whole
from lcr_hpc.spine.problems import Problems, few
from lcr_hpc.store.layout import Layout


@dataclass(frozen=True)
class Areas:
    """Zones and people, which the other feeds refer to."""

    zones: Zones
    people: People

    def index(self, codes: pd.Series, path: Path, column: str) -> npt.NDArray[np.int64]:
        """Index of each area code; see `index_of`."""
        return index_of(self.zones.code, codes, path, column, "areas")

    def msoa_index(self, codes: pd.Series, path: Path, column: str) -> npt.NDArray[np.int64]:
        """Index of each MSOA code; see `index_of`."""
        return index_of(self.zones.msoa_code, codes, path, column, "MSOAs")


def ingest_areas(layout: Layout) -> tuple[Areas, Write]:
    """Boundaries, lookup, population and deprivation into the store `areas`."""
    problems = Problems()
    paths: dict[str, Path] = {}
    for name in ("boundaries", "lookup", "population", "deprivation"):
        with problems.collecting():
            paths[name] = only_file(layout.incoming / name)
            read_origin(layout, name)
    problems.raise_if_any("the areas cannot be read")
    zones = read_zones(paths["boundaries"], paths["lookup"])
    people = read_people(paths["population"], paths["deprivation"], zones)
    b = zones.boundaries
    _, coordinates, (ring, polygon, area) = shapely.to_ragged_array(list(b.polygon))
    values: dict[str, Any] = {
        "area": b.code,
        "area_name": b.name,
        "area_x": b.x,
        "area_y": b.y,
        "area_msoa": zones.msoa,
        "area_district": zones.district,
        "msoa": zones.msoa_code,
        "msoa_name": zones.msoa_name,
        "district": zones.district_code,
        "district_name": zones.district_name,
        "age": np.arange(people.population.shape[1]),
        "population": people.population,
        "deprivation_rank": people.rank,
        "deprivation_domain": list(people.domains),
        "domain_rank": people.domain_rank,
        "boundary_x": coordinates[:, 0],
        "boundary_y": coordinates[:, 1],
        "boundary_ring_offset": ring.astype(np.int64),
        "boundary_polygon_offset": polygon.astype(np.int64),
        "boundary_area_offset": area.astype(np.int64),
    }
    sizes = {
        "area": len(b.code), "msoa": len(zones.msoa_code), "district": len(zones.district_code),
        "age": people.population.shape[1], "deprivation_domain": len(people.domains),
        "vertex": len(coordinates), "ring_edge": len(ring),
        "polygon_edge": len(polygon), "area_edge": len(area),
    }  # fmt: skip
    origin = read_origin(layout, *paths)
    vintage = origin.entries["boundaries"].attributes.get("vintage", b.vintage)
    attrs = {"vintage": vintage, "n_ranked": people.n_ranked, "population_point": b.point, "crs": "EPSG:27700"}
    return Areas(zones, people), lambda: write_whole(layout, "areas", origin, sizes, values, attrs)


def index_of(known: npt.NDArray[Any], codes: pd.Series, path: Path, column: str, what: str) -> npt.NDArray[np.int64]:
    """Place of each code among the known ones.

    Raises
    ------
    InputError
        Codes that are none of them.
    """
    place = codes.map({c: i for i, c in enumerate(known)})
    if place.isna().any():
        strangers = sorted(set(codes[place.isna()]))
        raise InputError(
            f"{path}: `{column}` has {len(strangers):,} codes that are none of the {what}: {few(strangers)}; "
            "use the codes of the lookup"
        )
    return place.to_numpy(dtype=np.int64)
