"""Area boundaries: GeoPackage, GeoJSON or GeoParquet, WGS84 or British National Grid."""

from __future__ import annotations

import warnings
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
from lcr_hpc.spine.archives import require_file
from lcr_hpc.spine.problems import few
from lcr_hpc.spine.readers.jsontext import read_json
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


def read_boundaries(path: Path, code: str = "", name: str = "") -> Boundaries:
    """Read area polygons, codes and names.

    Parameters
    ----------
    path : Path
        GeoPackage, GeoJSON or GeoParquet.
    code, name : str
        Columns of the areas' codes and names; by default an LSOA's, of either census.

    Raises
    ------
    InputError
        Missing file or column, no CRS or another than EPSG:4326 or 27700, coordinates that are NaN, swapped or not in
        the CRS, an area without a polygon or twice.
    """
    frame = read_frame(path)
    names = {code: "lsoa11_code", name: "lsoa11_name"} if code and name else census_names(frame.columns)
    require_columns(path, frame.columns, [code, name] if code and name else [])
    lsoa = next((c.lower() for c, n in names.items() if n == "lsoa11_code"), "")
    vintage = f"LSOA 20{lsoa[4:6]}" if lsoa.startswith("lsoa") else ""
    frame = frame.drop(columns=[c for c in frame.columns if c in names.values() and c not in names]).rename(
        columns=names
    )
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
    codes, titles = (frame[c].to_numpy(dtype=object) for c in ("lsoa11_code", "lsoa11_name"))
    return Boundaries(codes, titles, polygons, x, y, "given" if given else "inside", vintage)


def read_frame(path: Path) -> gpd.GeoDataFrame:
    """Read a layer of places.

    Raises
    ------
    InputError
        No file, none of the three formats by its first bytes, damage, no row.
    """
    if not path.is_file():
        raise InputError(f"no file {path}; name an existing one, or take the feed out of `spine.feeds`")
    style = _style(path)
    try:
        # A vertex that is no number makes GEOS warn; it is told below, with the area that has it.
        with np.errstate(invalid="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = gpd.read_parquet(path) if style == "GeoParquet" else pyogrio.read_dataframe(path)
    except Exception as error:  # GDAL and Arrow raise many kinds, all of them about the file
        why = " ".join(str(error).split())[:200]
        raise InputError(f"{path} is no readable GeoPackage, GeoJSON or GeoParquet ({why}); fetch it again") from None
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame):
        raise InputError(f"{path} has no areas and no lines, wanted some")
    return frame


def _style(path: Path) -> str:
    """Which of the formats it is. GDAL would open a hundred others by their content, some of which name other files."""
    require_file(path)
    with path.open("rb") as file:
        begin = file.read(16)
    if begin == b"SQLite format 3\0":
        return "GeoPackage"
    if begin[:4] == b"PAR1":
        return "GeoParquet"
    if begin.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        document, _ = read_json(path)
        if isinstance(document, dict) and document.get("type") == "FeatureCollection":
            return "GeoJSON"
    raise InputError(
        f"{path} is no readable GeoPackage, GeoJSON or GeoParquet (its first bytes are none's); convert it"
    )


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
    yield from crs_problems(path, frame, coordinates)


def crs_problems(path: Path, frame: gpd.GeoDataFrame, coordinates: npt.NDArray[np.float64]) -> Iterator[str]:
    """Say when a layer is in no CRS of ours, or when its coordinates cannot be in the one that it names."""
    try:
        epsg = frame.crs.to_epsg() if frame.crs is not None else None
    except Exception as error:  # PROJ, on a CRS that is damaged
        yield f"{path}: the CRS cannot be understood ({str(error)[:80]}); set it to EPSG:4326 or EPSG:27700"
        return
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
