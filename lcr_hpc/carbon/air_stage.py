"""Concentrations of the night: the day's at every receptor, and the year's where the weather covers one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.carbon.air import RLINE_MET_COLUMNS
from lcr_hpc.carbon.air_slab import AIR_POLLUTANTS, EMITTED, AirSlab, Receptors, disperse, hourly_increment
from lcr_hpc.carbon.annual import (
    LEAST_HOURS,
    AnnualSlab,
    ResponseTask,
    class_response,
    class_weights,
    disperse_year,
    period_of_hours,
    save_model,
    year_until,
)
from lcr_hpc.carbon.background import background_of
from lcr_hpc.carbon.curves import POLLUTANTS, EmissionCurves
from lcr_hpc.carbon.day import Weather, weather_of
from lcr_hpc.carbon.grid import regular_edges
from lcr_hpc.carbon.long_term import DIRECTIONS, far_field_bound, joined, long_term_mean
from lcr_hpc.carbon.slab import period_emission
from lcr_hpc.carbon.source_tree import SourceTree, source_tree
from lcr_hpc.carbon.sources import NETWORK_VARIABLES, RoadSources, road_sources
from lcr_hpc.carbon.surface_layer import surface_layer
from lcr_hpc.compute.backends import Backend
from lcr_hpc.config import CarbonConfig, Config
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.slabs import open_store, shard_of, slabs, write_slab

DAY_VARIABLES = ("background_ug_m3", "road_increment_ug_m3", "concentration_ug_m3")
ANNUAL_VARIABLES = tuple(f"annual_{name}" for name in DAY_VARIABLES)
ANNUAL_GRID_VARIABLE = "annual_gridded_concentration_ug_m3"
_SAMPLE = 8


def year_of_weather(config: Config, weather: xr.Dataset) -> Weather | None:
    """Weather of the 365 days that end with the night; None where it has too little of it for an annual mean."""
    hours = year_until(config.night)
    time = weather["time"].to_numpy().astype("datetime64[h]").astype(np.int64)
    if int(np.isin(time, hours).sum()) < LEAST_HOURS:
        return None
    year = weather_of(weather, hours, config.carbon.minimum_wind_m_s)
    return year if year.hour.size >= LEAST_HOURS else None


def receptor_edges(areas: xr.Dataset, cell_m: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges of the grid of receptors: cells over all population points."""
    x, y = areas["area_x"].to_numpy(), areas["area_y"].to_numpy()
    return regular_edges(float(x.min()), float(x.max()), cell_m), regular_edges(float(y.min()), float(y.max()), cell_m)


def run_day(
    config: Config, layout: Layout, backend: Backend, stores: dict[str, xr.Dataset], hours: NDArray[np.int64]
) -> dict[str, Any]:
    """Write the day's concentrations at population points and on the grid of receptors; return what to report."""
    settings = config.carbon
    day = weather_of(stores["weather"], hours, settings.minimum_wind_m_s)
    background = background_of(stores["air"], hours[day.hour], EMITTED, settings.background_ug_m3)
    blocks = [*_area_blocks(stores["areas"], DAY_VARIABLES)]
    if settings.receptor_grid_m is not None:
        blocks += _grid_blocks(stores["areas"], settings.receptor_grid_m, "gridded_concentration_ug_m3")
    first = AirSlab(
        network=layout.store("network"),
        carbon=layout.store("carbon"),
        receptors=blocks[0],
        hour=day.hour,
        weather=surface_layer(day.table, settings.roughness_m, settings.minimum_wind_m_s),
        background=background,
        dispersion=settings.dispersion,
        height_m=settings.source_height_m,
        sigma_z0_m=settings.initial_sigma_z_m,
        cutoff_m=settings.cutoff_m,
    )
    backend.map(disperse, [replace(first, receptors=block) for block in blocks])
    carbon = open_store(layout.store("carbon"), "carbon", list(DAY_VARIABLES)).load()
    sources = road_sources(stores["network"][list(NETWORK_VARIABLES)])
    return {
        "dispersion": settings.dispersion,
        "hours_without_weather": day.missing,
        "hours_calm": day.calm,
        "hours_without_background": background.filled,
        "roads_without_extent": sources.without_extent,
        "background_ug_m3": _medians(carbon["background_ug_m3"]),
        "road_increment_median_ug_m3": _medians(carbon["road_increment_ug_m3"]),
        "concentration_median_ug_m3": _medians(carbon["concentration_ug_m3"]),
        "cutoff_m": settings.cutoff_m,
        "cutoff_leaves_out_share": _left_out(first, stores["areas"]),
    }


def run_year(
    config: Config,
    layout: Layout,
    backend: Backend,
    stores: dict[str, xr.Dataset],
    year: Weather,
    curves: EmissionCurves,
    curve_index: NDArray[np.int64],
) -> dict[str, Any]:
    """Write the year's mean concentrations at population points and on the grid; return what to report."""
    settings, hours = config.carbon, year_until(config.night)
    has_weather = np.isin(np.arange(hours.size), year.hour)
    periods, hour_class, weight = class_weights(period_of_hours(stores["traffic"]["hour_period"], hours), has_weather)
    sources = road_sources(stores["network"][list(NETWORK_VARIABLES)])
    tree = _tree(stores, sources, periods, curves, curve_index)
    background = background_of(stores["air"], hours[year.hour], EMITTED, settings.background_ug_m3)
    blocks = [*_area_blocks(stores["areas"], ANNUAL_VARIABLES)]
    if settings.receptor_grid_m is not None:
        blocks += _grid_blocks(stores["areas"], settings.receptor_grid_m, ANNUAL_GRID_VARIABLE)
    met = surface_layer(year.table, settings.roughness_m, settings.minimum_wind_m_s)[list(RLINE_MET_COLUMNS)].to_numpy()
    extent = _extent(tree, blocks)
    tasks = [
        ResponseTask(met[hour_class == k], settings.source_height_m, settings.initial_sigma_z_m, extent)
        for k in range(periods.size)
    ]
    response = joined(backend.map(class_response, tasks), hour_class)
    model = layout.night_dir / ".carbon-year.npz"
    try:
        save_model(model, tree, response.value)
        common = (hour_class, weight, response.relative_strength, background, settings.far_field_opening)
        backend.map(disperse_year, [AnnualSlab(layout.store("carbon"), model, block, *common) for block in blocks])
    finally:
        model.unlink(missing_ok=True)
    carbon = open_store(layout.store("carbon"), "carbon", list(ANNUAL_VARIABLES)).load()
    return {
        "hours": int(hours.size),
        "hours_without_weather": year.missing,
        "hours_calm": year.calm,
        "hours_without_background": background.filled,
        "classes_of_hours": int(periods.size),
        "wind_directions": DIRECTIONS,
        "far_field_opening": settings.far_field_opening,
        "far_field_bound": round(far_field_bound(tree, response.value, settings.far_field_opening), 4),
        "far_field_error": _far_field_error(tree, response.value, stores["areas"], settings),
        "concentration_median_ug_m3": _medians(carbon["annual_concentration_ug_m3"]),
    }


def _tree(
    stores: dict[str, xr.Dataset],
    sources: RoadSources,
    periods: NDArray[np.int64],
    curves: EmissionCurves,
    curve_index: NDArray[np.int64],
) -> SourceTree:
    wanted = [POLLUTANTS.index(p) for p in EMITTED]
    network, traffic = stores["network"], stores["traffic"]
    emission = np.stack([period_emission(network, traffic, int(p), curves, curve_index)[0] for p in periods])
    strength = sources.strength_g_m_s(emission[:, :, wanted])
    return source_tree(sources.ends, np.ascontiguousarray(strength.transpose(1, 0, 2)))


def _extent(tree: SourceTree, blocks: list[Receptors]) -> float:
    """Distance that no receptor is farther from any source than."""
    centre, farthest = tree.centre[0], 0.0
    for block in blocks:
        farthest = max(farthest, float(np.hypot(block.x - centre[0], block.y - centre[1]).max()))
    return farthest + float(tree.radius_m[0])


def _area_blocks(areas: xr.Dataset, variables: tuple[str, ...]) -> Iterator[Receptors]:
    x, y = areas["area_x"].to_numpy(), areas["area_y"].to_numpy()
    for part in slabs(x.size, shard_of("carbon", variables[0], "area")):
        yield Receptors(x[part], y[part], {"area": part}, variables, x[part].shape)


def _grid_blocks(areas: xr.Dataset, cell_m: float, variable: str) -> list[Receptors]:
    x_edges, y_edges = receptor_edges(areas, cell_m)
    x, y = 0.5 * (x_edges[1:] + x_edges[:-1]), 0.5 * (y_edges[1:] + y_edges[:-1])
    blocks = []
    for part in slabs(y.size, shard_of("carbon", variable, "receptor_y")):
        east, north = np.meshgrid(x, y[part])
        blocks.append(Receptors(east.ravel(), north.ravel(), {"receptor_y": part}, (variable,), east.shape))
    return blocks


def write_receptors(layout: Layout, areas: xr.Dataset, cell_m: float) -> None:
    """Write where the grid's receptors stand."""
    x_edges, y_edges = receptor_edges(areas, cell_m)
    centres = {"receptor_x": 0.5 * (x_edges[1:] + x_edges[:-1]), "receptor_y": 0.5 * (y_edges[1:] + y_edges[:-1])}
    write_slab(layout.store("carbon"), "carbon", {}, centres)


def _medians(values: xr.DataArray) -> dict[str, float]:
    median = np.median(values.to_numpy(), axis=0)
    return {p: float(v) for p, v in zip(AIR_POLLUTANTS, median, strict=True)}


def _some(areas: xr.Dataset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A few population points spread over all."""
    some = np.unique(np.linspace(0, areas.sizes["area"] - 1, _SAMPLE).astype(int))
    return areas["area_x"].to_numpy()[some], areas["area_y"].to_numpy()[some]


def _left_out(slab: AirSlab, areas: xr.Dataset) -> dict[str, float]:
    """Share of the whole network's increment that lies beyond the cut-off: median over a few areas."""
    if slab.dispersion == "rline":
        return dict.fromkeys(EMITTED, 0.0)
    x, y = _some(areas)
    within = hourly_increment(slab, x, y).mean(axis=0)
    everything = hourly_increment(slab, x, y, cutoff_m=np.inf).mean(axis=0)
    share = 1.0 - within / np.where(everything > 0, everything, np.inf)
    return {p: round(float(v), 4) for p, v in zip(EMITTED, np.median(share, axis=0), strict=True)}


def _far_field_error(
    tree: SourceTree, response: NDArray[np.float64], areas: xr.Dataset, settings: CarbonConfig
) -> float:
    """Greatest share that squares standing for their lines change, over a few areas."""
    x, y = _some(areas)
    whole = long_term_mean(tree, response, x, y, 0.0).concentration_ug_m3.mean(axis=0)
    squares = long_term_mean(tree, response, x, y, settings.far_field_opening).concentration_ug_m3.mean(axis=0)
    return round(float(np.abs(squares / np.where(whole > 0, whole, 1.0) - (whole > 0)).max()), 6)
