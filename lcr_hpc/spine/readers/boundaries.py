"""Area boundaries: GeoPackage, GeoJSON or GeoParquet, WGS84 or British National Grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyogrio
import shapely

from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.places import BRITAIN_DEG, BRITAIN_M
from lcr_hpc.spine.readers.tables import census_names, require_columns

BRITISH_GRID = 27700
WGS84 = 4326


@dataclass(frozen=True)
class Boundaries:
    """Areas in code order."""

    code: npt.NDArray[Any]
    name: npt.NDArray[Any]
    polygon: npt.NDArray[Any]
    """object[area] of shapely MultiPolygon, EPSG:27700"""
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    point: str
    """"given" (columns BNG_E, BNG_N) or "inside": a point inside the polygon"""
    vintage: str


def read_boundaries(path: Path) -> Boundaries:
    """Read area polygons, codes and names.

    Raises
    ------
    InputError
        Missing file or column, no CRS or another than EPSG:4326 or 27700, coordinates that are NaN, swapped or not in
        the CRS, an area without a polygon or twice.
    """
    frame = _read(path)
    names = census_names(frame.columns)
    vintage = next((f"LSOA 20{c.lower()[4:6]}" for c, n in names.items() if n == "lsoa11_code"), "")
    frame = frame.rename(columns=names)
    require_columns(path, frame.columns, ["lsoa11_code", "lsoa11_name"])
    raise_all(_problems(path, frame), InputError)
    frame = frame.sort_values("lsoa11_code", kind="stable")
    if frame.crs is None or frame.crs.to_epsg() != BRITISH_GRID:
        frame = frame.to_crs(BRITISH_GRID)
    polygons = shapely.force_2d(frame.geometry.to_numpy())
    polygons = np.array([shapely.MultiPolygon([p]) if p.geom_type == "Polygon" else p for p in polygons], dtype=object)
    given = {"BNG_E", "BNG_N"} <= set(frame.columns)
    if given:
        x, y = (frame[c].to_numpy(dtype=np.float64) for c in ("BNG_E", "BNG_N"))
    else:
        points = shapely.point_on_surface(polygons)
        x, y = shapely.get_x(points), shapely.get_y(points)
    code, name = (frame[c].to_numpy(dtype=object) for c in ("lsoa11_code", "lsoa11_name"))
    return Boundaries(code, name, polygons, x, y, "given" if given else "inside", vintage)


def _read(path: Path) -> gpd.GeoDataFrame:
    if not path.is_file():
        raise InputError(f"no file {path}; name an existing one, or take the feed out of `spine.feeds`")
    try:
        # A vertex that is no number makes GEOS warn; it is told below, with the area that has it.
        with np.errstate(invalid="ignore"):
            frame = gpd.read_parquet(path) if path.suffix == ".parquet" else pyogrio.read_dataframe(path)
    except Exception as error:  # GDAL and Arrow raise many kinds, all of them about the file
        raise InputError(f"{path} is no readable GeoPackage, GeoJSON or GeoParquet ({error})") from None
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame):
        raise InputError(f"{path} has no areas")
    return frame


def _problems(path: Path, frame: gpd.GeoDataFrame) -> Iterator[str]:
    codes = frame["lsoa11_code"].astype(str)
    if repeated := sorted(set(codes[codes.duplicated()])):
        yield f"{path}: area codes must not repeat: {few(repeated)}"
    geometry = frame.geometry.to_numpy()
    polygonal = np.isin(shapely.get_type_id(geometry), (3, 6)) & ~shapely.is_empty(geometry)
    if not polygonal.all():
        yield f"{path}: every area needs a polygon; none at {few(codes[~polygonal])}"
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    if len(bad := np.unique(owner[~np.isfinite(coordinates).all(axis=1)])):
        yield f"{path}: coordinates that are no numbers at {few(codes.iloc[bad])}"
    if {"BNG_E", "BNG_N"} <= set(frame.columns):
        points = frame[["BNG_E", "BNG_N"]].to_numpy(dtype=np.float64)
        if len(bad := np.flatnonzero(~_inside(points, BRITAIN_M))):
            yield f"{path}: BNG_E and BNG_N want metres of EPSG:27700, found others at {few(codes.iloc[bad])}"
    epsg = frame.crs.to_epsg() if frame.crs is not None else None
    if epsg not in (WGS84, BRITISH_GRID):
        found = "no CRS" if frame.crs is None else f"CRS {frame.crs.to_string()[:40]}"
        yield f"{path}: {found}, wanted EPSG:4326 or EPSG:27700; reproject the file, or set its CRS"
        return
    box = BRITAIN_DEG if epsg == WGS84 else BRITAIN_M
    finite = coordinates[np.isfinite(coordinates).all(axis=1)]
    if _inside(finite, box).all():
        return
    if _inside(finite[:, ::-1], box).all():
        x, y = finite[0]
        yield f"{path}: x and y are swapped (found x = {x:.4f}, y = {y:.4f} in EPSG:{epsg}); swap them"
    else:
        worst = finite[~_inside(finite, box)][0]
        yield (
            f"{path}: coordinates outside Britain for EPSG:{epsg} (x = {worst[0]:.4f}, y = {worst[1]:.4f}); "
            "the file's CRS is wrong, or the coordinates are"
        )


def _inside(points: npt.NDArray[np.float64], box: tuple[float, float, float, float]) -> npt.NDArray[np.bool_]:
    x, y = points[:, 0], points[:, 1]
    inside: npt.NDArray[np.bool_] = (x >= box[0]) & (x <= box[2]) & (y >= box[1]) & (y <= box[3])
    return inside
