"""The four maps: traffic, emissions, air and health, as what the template draws and the script reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from lcr_hpc.publish.report import palette
from lcr_hpc.publish.report.classes import Classes, quantile_classes
from lcr_hpc.publish.report.geometry import cell_path, polygon_path, segment_path
from lcr_hpc.publish.report.marks import Backdrop, Layer, Map, Mark, make_field, make_layer
from lcr_hpc.publish.report.words import figure
from lcr_hpc.store.variables import ROAD_CLASSES

CLASSES = 7
MOST_LINES = 15_000
"""Road sections drawn at most, the busiest: more would be megabytes that no eye can part."""
ROAD_WORDS = {"motorway": "Motorway", "a_road": "A road", "minor_road": "Minor road", "connector": "Connector"}
SPEED_BREAKS = (0.5, 0.65, 0.8, 0.9)
SPEED_LABELS = ("under 50 %", "50 – 65 %", "65 – 80 %", "80 – 90 %", "90 % or more")
WIDTH_SHARES = (0.4, 0.7, 0.88, 0.96)
"""Shares of the road sections below each step of width: few lines may be wide, or none can be told apart."""
Floats = NDArray[np.float64]


def traffic_map(links: gpd.GeoDataFrame, back: Backdrop) -> Map:
    """Roads, both directions as one line: width by vehicles a day, colour by the lowest speed."""
    roads = _both_directions(links).nlargest(MOST_LINES, "flow", keep="first")
    speed = np.searchsorted(SPEED_BREAKS, roads["ratio"].to_numpy(), side="right")
    # NaN sorts last, into the fastest class: a link without travel time is no jam.
    look = len(SPEED_LABELS) - 1 - speed
    widths = quantile_classes(roads["flow"].to_numpy(), shares=WIDTH_SHARES)
    width = widths.of(roads["flow"].to_numpy())
    order = np.lexsort((roads["key"].to_numpy(), look, width))
    roads, look, width = roads.iloc[order], look[order], width[order]
    ends = back.sheet.place(np.stack([roads[["x0", "y0"]].to_numpy(), roads[["x1", "y1"]].to_numpy()], axis=1))
    marks = []
    for w, q in sorted(set(zip(width.tolist(), look.tolist(), strict=True))):
        marks.append(Mark(segment_path(ends[(width == w) & (look == q)]), f"q{q} w{w}"))
    colours = palette.colours(palette.CONGESTION, len(SPEED_LABELS))
    legend = tuple(zip(colours, reversed(SPEED_LABELS), strict=True))
    layer = Layer("Lowest speed of the day", "as a share of free-flow speed", legend, 1, tuple(colours))
    labels, period = pd.factorize(roads["period"])[::-1]
    fields = [
        make_field("Vehicles a day", "veh", roads["flow"], 0),
        make_field("Lowest speed", "% of free flow", 100.0 * roads["ratio"], 0),
        {"label": "in period", "words": [str(w) for w in labels], "values": period.tolist()},
        make_field("CO₂", "kg/day", roads["co2"], 0),
    ]
    names = [ROAD_WORDS[c] for c in ROAD_CLASSES] + [f"{ROAD_WORDS[c]}, one way" for c in ROAD_CLASSES]
    kind = roads["road_class"].map(ROAD_CLASSES.index).to_numpy() + len(ROAD_CLASSES) * (roads["ways"].to_numpy() == 1)
    data = {"names": names, "name": kind.tolist(), "fields": fields}
    return Map("traffic", "lines", tuple(marks), (layer,), data, widths.labels)


def emission_map(grid: gpd.GeoDataFrame, back: Backdrop) -> Map:
    """Cells coloured by CO2 a day."""
    values = grid["co2_kg_day"].to_numpy() / 1000.0
    classes = quantile_classes(values, CLASSES)
    of = classes.of(values)
    order = np.argsort(of, kind="stable")
    bounds = grid.geometry.bounds
    corner = back.sheet.place(bounds[["minx", "maxy"]].to_numpy())[order]
    side_m = float((bounds["maxx"] - bounds["minx"]).iloc[0]) if len(grid) else 1.0
    side = max(1, round(side_m / back.sheet.unit_m))
    marks = tuple(Mark(cell_path(corner[of[order] == q], side), f"q{q}") for q in sorted(set(of.tolist())))
    fields = [
        make_field("CO₂", "t/day", values[order], 3),
        make_field("NOₓ", "kg/day", grid["nox_kg_day"].to_numpy()[order], 2),
        make_field("PM2.5", "kg/day", grid["pm2_5_kg_day"].to_numpy()[order], 3),
    ]
    layer = make_layer("CO₂", "t/day", 0, classes, palette.EMISSION)
    cell = f"Cell of {figure(side_m, 0)} m"
    return Map("emissions", "cells", marks, (layer,), {"names": [cell], "name": [0] * len(grid), "fields": fields})


def air_map(areas: gpd.GeoDataFrame, back: Backdrop) -> Map:
    """Areas coloured by concentration."""
    fields = [
        make_field("PM2.5", "ug m-3", areas["pm2_5_ug_m3"], 2),
        make_field("of it from roads", "ug m-3", areas["pm2_5_road_ug_m3"], 2),
        make_field("NOₓ as NO₂", "ug m-3", areas["nox_ug_m3"], 1),
        make_field("of it from roads", "ug m-3", areas["nox_road_ug_m3"], 1),
    ]
    columns = (("PM2.5", "pm2_5_ug_m3", 0), ("NOₓ as NO₂", "nox_ug_m3", 2))
    layers = [_area_layer(label, "ug m-3", f, areas[c].to_numpy(), palette.AIR) for label, c, f in columns]
    return _areas_map("air", areas, back, layers, fields)


def health_map(areas: gpd.GeoDataFrame, msoas: pd.DataFrame, back: Backdrop, pollutant: str) -> Map:
    """Areas coloured by life expectancy of their MSOA, deaths attributable to a pollutant, or deprivation."""
    years = areas["msoa"].map(msoas.set_index("msoa")["life_expectancy_years"]).to_numpy(np.float64)
    rate = areas["attributable_deaths_per_100000"].to_numpy()
    decile = areas["deprivation_decile"].to_numpy(np.float64, na_value=np.nan)
    fields = [
        make_field("Life expectancy of its MSOA", "years", years, 1),
        make_field(f"Deaths attributable to {pollutant}", "per 100,000 residents a year", rate, 1),
        make_field("National deprivation decile", "(1 = most deprived)", decile, 0),
        make_field("Residents", "", areas["population_persons"].to_numpy(np.float64), 0),
    ]
    tenths = Classes((2.5, 4.5, 6.5, 8.5), ("1 – 2", "3 – 4", "5 – 6", "7 – 8", "9 – 10"))
    layers = [
        _area_layer("Life expectancy", "years at birth", 0, years, palette.LIVES, dark_low=True),
        _area_layer("Attributable deaths", "per 100,000 residents a year", 1, rate, palette.DEATHS),
        _area_layer("Deprivation", "national decile", 2, decile, palette.DEPRIVATION, dark_low=True, classes=tenths),
    ]
    shown = [layer for layer in layers if set(layer.classes) - {"-"}] or layers[:1]
    return _areas_map("health", areas, back, shown, fields)


def _areas_map(
    name: str, areas: gpd.GeoDataFrame, back: Backdrop, layers: Sequence[Layer], fields: Sequence[Mapping[str, Any]]
) -> Map:
    first = layers[0]
    shown = fields[first.field]
    names = [
        f"{n}, {d}" if d not in n else str(n) for n, d in zip(areas["area_name"], areas["district_name"], strict=True)
    ]
    marks = []
    for k, shape in enumerate(back.areas):
        value = shown["values"][k]
        said = (
            f"{names[k]}: {figure(value, shown['digits'])} {shown['units']}"
            if value is not None
            else f"{names[k]}: no value"
        )
        marks.append(Mark(polygon_path(shape, back.sheet), f"q{first.classes[k]}", said))
    data = {"names": names, "name": list(range(len(names))), "fields": list(fields)}
    return Map(name, "areas", tuple(marks), tuple(layers), data)


def _area_layer(
    label: str,
    units: str,
    of_field: int,
    values: Floats,
    ramp: palette.Ramp,
    *,
    dark_low: bool = False,
    classes: Classes | None = None,
) -> Layer:
    classes = classes or quantile_classes(values, CLASSES)
    found = "".join("-" if k < 0 else str(k) for k in classes.of(values).tolist())
    return make_layer(label, units, of_field, classes, ramp, found, dark_low=dark_low)


def _both_directions(links: gpd.GeoDataFrame) -> pd.DataFrame:
    """Roads without connectors, the two directions between the same ends as one."""
    roads = links[links["road_class"] != "connector"]
    ends = shapely.get_coordinates(roads.geometry.to_numpy()).reshape(-1, 4)
    back = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[back] = ends[back][:, [2, 3, 0, 1]]
    frame = pd.DataFrame(ends, columns=["x0", "y0", "x1", "y1"])
    for column, name in (
        ("flow", "flow_veh_day"),
        ("ratio", "lowest_speed_ratio"),
        ("period", "slowest_period"),
        ("co2", "co2_kg_day"),
        ("road_class", "road_class"),
        ("key", "link"),
    ):
        frame[column] = roads[name].to_numpy()
    # The slower direction first, so that `first` takes its speed, period and class.
    frame = frame.sort_values(["ratio", "key"], kind="stable")
    grouped = frame.groupby(["x0", "y0", "x1", "y1"], sort=True)
    merged: pd.DataFrame = grouped.agg(
        flow=("flow", "sum"),
        co2=("co2", "sum"),
        ratio=("ratio", "first"),
        period=("period", "first"),
        road_class=("road_class", "first"),
        key=("key", "min"),
        ways=("key", "size"),
    ).reset_index()
    return merged
