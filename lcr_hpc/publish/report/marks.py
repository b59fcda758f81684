"""What a map is made of: marks to draw, layers to colour them by, fields to say of each, and the shared backdrop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lcr_hpc.publish.report import palette
from lcr_hpc.publish.report.classes import Classes
from lcr_hpc.publish.report.geometry import Sheet, dissolve, polygon_path, sheet_for, simplify
from lcr_hpc.publish.report.words import unit


@dataclass(frozen=True)
class Mark:
    """One SVG path: an area, or many lines or cells of one look."""

    path: str
    look: str
    title: str = ""


@dataclass(frozen=True)
class Layer:
    """One way to colour a map."""

    label: str
    units: str
    legend: tuple[tuple[str, str], ...]
    """Colour and range, in reading order."""
    field: int
    """Which of the map's fields it shows."""
    colours: tuple[str, ...] = ()
    classes: str = ""
    """A figure a feature, the class; `-` = no value."""


@dataclass(frozen=True)
class Map:
    """One map."""

    name: str
    kind: str
    """areas, lines or cells"""
    marks: tuple[Mark, ...]
    layers: tuple[Layer, ...]
    data: Mapping[str, Any]
    """What is said of a feature: `names`, the name of each by index, and `fields` with a value each."""
    widths: tuple[str, ...] = ()
    """Ranges of the lines' widths, thinnest first."""

    @property
    def script(self) -> dict[str, Any]:
        """JSON that the script reads."""
        layers = [{"field": a.field, "classes": a.classes, "colours": a.colours, "label": a.label} for a in self.layers]
        return {**self.data, "kind": self.kind, "layers": layers}


@dataclass(frozen=True)
class Backdrop:
    """What all maps share."""

    sheet: Sheet
    districts: tuple[str, ...]
    labels: tuple[tuple[int, int, str], ...]
    areas: NDArray[np.object_]
    """Simplified outlines."""


def backdrop(areas: gpd.GeoDataFrame) -> Backdrop:
    """Frame, outlines and names of the districts, from the areas' boundaries."""
    shapes = areas.geometry.to_numpy()
    sheet = sheet_for(shapes)
    simple = simplify(shapes, sheet)
    group, names = pd.factorize(areas["district_name"])
    outlines = dissolve(simple, group, len(names))
    spots = shapely.get_coordinates(shapely.point_on_surface(outlines))
    labels = tuple((int(x), int(y), str(n)) for (x, y), n in zip(sheet.place(spots), names, strict=True))
    return Backdrop(sheet, tuple(polygon_path(o, sheet) for o in outlines), labels, simple)


def make_layer(
    label: str,
    units: str,
    of_field: int,
    classes: Classes,
    ramp: palette.Ramp,
    found: str = "",
    *,
    dark_low: bool = False,
) -> Layer:
    """Colour classes with a ramp, the lowest lightest unless `dark_low`; `found` has a figure a feature."""
    colours = palette.colours(ramp, len(classes.labels))
    if dark_low:
        colours.reverse()
    legend = list(zip(colours, classes.labels, strict=True))
    if "-" in found:
        legend.append((palette.NO_VALUE, "no value"))
    return Layer(label, unit(units), tuple(legend), of_field, tuple(colours), found)


def make_field(label: str, units: str, values: Any, digits: int) -> dict[str, Any]:
    """Return the values of all features as the script wants them: rounded, null where there is none."""
    array = np.round(np.asarray(values, np.float64), digits)
    told = [None if isnan(v) else int(v) if digits == 0 else v for v in array.tolist()]
    return {"label": label, "units": unit(units), "digits": digits, "values": told}
