"""The carbon stage: emissions by hour, their grid and totals, then concentrations by block of areas."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.carbon.air_slab import AIR_POLLUTANTS
from lcr_hpc.carbon.air_stage import (
    ANNUAL_GRID_VARIABLE,
    ANNUAL_VARIABLES,
    receptor_edges,
    run_day,
    run_year,
    write_receptors,
    year_of_weather,
)
from lcr_hpc.carbon.annual import LEAST_HOURS, period_of_hours
from lcr_hpc.carbon.cog import write_cog
from lcr_hpc.carbon.cold_stage import COLD_VARIABLES, has_air, run_cold_start
from lcr_hpc.carbon.curves import POLLUTANTS
from lcr_hpc.carbon.energy import USES
from lcr_hpc.carbon.fleet import curve_of_road_class, fleet_average_curves, road_class_curves
from lcr_hpc.carbon.grid import grid_lines, regular_edges
from lcr_hpc.carbon.lineage import SOURCES, table_fingerprints
from lcr_hpc.carbon.optional_inputs import installations, ran_scenario
from lcr_hpc.carbon.pathway_stage import pathway, pathway_settings, pathway_sizes
from lcr_hpc.carbon.slab import HourSlab, emit_hour
from lcr_hpc.carbon.territory_stage import territory
from lcr_hpc.carbon.units import G_PER_KG, G_PER_T
from lcr_hpc.compute.backends import Backend
from lcr_hpc.config import CarbonConfig, Config
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.store.calendar import hours_of_day
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Manifest, begin_stage, fingerprint_file, finish_store, read_manifest
from lcr_hpc.store.slabs import create_store, open_store, shard_of, slabs, write_slab
from lcr_hpc.store.variables import REGISTRY, ROAD_CLASSES

_NO_AIR = "none: weather.zarr has no air temperature for the day"
INPUTS = ("network", "areas", "weather", "air", "traffic")


def run_carbon(config: Config, layout: Layout, backend: Backend) -> Manifest:
    """Emissions of every link and hour of the night's day, their grid, and concentrations at population points.

    Parameters
    ----------
    config : Config
        Section `carbon`, and the night.
    layout : Layout
        Where the stores lie.
    backend : Backend
        Maps hours, then blocks of areas; the bytes do not depend on it.

    Returns
    -------
    Manifest
        Of the store carbon; its results hold the totals, and what was assumed, clipped, missing and cut off.

    Raises
    ------
    StoreError
        A store that is missing or not whole.
    InputError
        Stores that do not fit each other, no weather or background for the day, traffic without a speed.
    """
    settings = config.carbon
    curves = road_class_curves(fleet_average_curves(settings.fleet_year), settings.vehicle_mix)
    of_class = curve_of_road_class(curves, ROAD_CLASSES)
    ahead = pathway_settings(config)
    made_from = [read_manifest(layout.manifest(name)) for name in INPUTS]
    sites = installations(layout)
    shift = ran_scenario(config, layout)
    begin_stage(layout.manifest("carbon"))
    stores = {name: open_store(layout.store(name), name) for name in INPUTS} | sites.store | shift.stores
    network, areas, traffic = stores["network"], stores["areas"], stores["traffic"]
    _check_fit(network, areas, traffic)
    hours = hours_of_day(config.night)
    year = year_of_weather(config, stores["weather"])
    x_edges, y_edges = _grid_edges(network, settings.grid_cell_m)

    path = layout.store("carbon")
    sizes = {
        "hour": hours.size,
        "link": network.sizes["link"],
        "pollutant": len(POLLUTANTS),
        "district": areas.sizes["district"],
        "road_type": len(ROAD_CLASSES),
        "x": x_edges.size - 1,
        "y": y_edges.size - 1,
        "air_pollutant": len(AIR_POLLUTANTS),
        "area": areas.sizes["area"],
    }
    sizes["sector"] = 1 + len(USES) + bool(sites.store)
    sizes |= pathway_sizes(ahead, sizes["sector"])
    if settings.receptor_grid_m is not None:
        across, up = receptor_edges(areas, settings.receptor_grid_m)
        sizes |= {"receptor_x": across.size - 1, "receptor_y": up.size - 1}
    unknown = set() if year else {*ANNUAL_VARIABLES, ANNUAL_GRID_VARIABLE}
    warmth = has_air(stores["weather"], hours)
    unknown |= set() if warmth else set(COLD_VARIABLES)
    create_store(path, "carbon", sizes, only=_variables(sizes, unknown))
    period = period_of_hours(traffic["hour_period"], hours)
    paths = {name: layout.store(name) for name in ("network", "traffic")}
    clipped = backend.map(
        emit_hour,
        [
            HourSlab(**paths, carbon=path, part=s, period=int(period[s.start]), curves=curves, curve_index=of_class)
            for s in slabs(hours.size, shard_of("carbon", "emission_g_h", "hour"))
        ],
    )
    air = run_day(config, layout, backend, stores, hours)
    annual: dict[str, Any] | None = None
    if year:
        annual = run_year(config, layout, backend, stores, year, curves, of_class)
    cold, coldness = run_cold_start(layout, settings, stores, hours) if warmth else ({}, _NO_AIR)
    values, land = territory(config, stores, curves, of_class, ROAD_CLASSES)
    ways, way = pathway(config, ahead, stores, values, ROAD_CLASSES, backend)
    if settings.receptor_grid_m is not None:
        write_receptors(layout, areas, settings.receptor_grid_m)

    link_g_day = _link_totals(open_store(path, "carbon", ["emission_g_h"])["emission_g_h"])
    road_class = network["road_class"].to_numpy()
    totals = _totals(link_g_day, network["link_district"].to_numpy(), road_class, areas.sizes["district"])
    grid, outside_g = _gridded(network, link_g_day, x_edges, y_edges)
    write_slab(
        path,
        "carbon",
        {},
        {
            "hour": hours,
            "pollutant": list(POLLUTANTS),
            "air_pollutant": list(AIR_POLLUTANTS),
            "x": 0.5 * (x_edges[1:] + x_edges[:-1]),
            "y": 0.5 * (y_edges[1:] + y_edges[:-1]),
            "gridded_emission_kg_day": grid,
            "road_type": list(ROAD_CLASSES),
            **totals,
            **cold,
            **values,
            **ways,
        },
    )
    files = _write_rasters(layout, settings, grid, x_edges, y_edges, areas, annual is not None)
    results: dict[str, Any] = {
        **{f"{p}_t_day": float(v) for p, v in zip(POLLUTANTS, totals["emission_t_day"], strict=True)},
        "gridded_outside_g_day": float(outside_g),
        "fleet_year": settings.fleet_year,
        "speeds_clipped_link_hours": int(sum(clipped)),
        "hours": int(hours.size),
        **air,
        "cold_start": coldness,
        "territory": land,
        "pathway": way,
        "files": files,
        "annual_mean": annual
        or f"none: weather.zarr covers less than {LEAST_HOURS} hours of the year that ends with the night",
    }
    return finish_store(
        path,
        layout.manifest("carbon"),
        "carbon",
        inputs=made_from,
        files=table_fingerprints() | sites.files | shift.files,
        sources=SOURCES | sites.sources,
        settings={"carbon": config.section("carbon")},
        results=results,
    )


def _variables(sizes: dict[str, int], unknown: set[str]) -> list[str]:
    """Names of what the store will hold: all that has its dimensions, but for what is not known."""
    return [v.name for v in REGISTRY["carbon"].values() if set(v.dims) <= set(sizes) and v.name not in unknown]


def _write_rasters(
    layout: Layout,
    settings: CarbonConfig,
    grid: NDArray[np.float64],
    x_edges: NDArray[np.float64],
    y_edges: NDArray[np.float64],
    areas: xr.Dataset,
    annual: bool,
) -> dict[str, str]:
    """Write the grids as GeoTIFF beside the store too; return each file's SHA-256."""
    made = {"carbon_emission.tif": (dict(zip(POLLUTANTS, grid, strict=True)), x_edges, y_edges, "kg/day")}
    if settings.receptor_grid_m is not None:
        name = ANNUAL_GRID_VARIABLE if annual else "gridded_concentration_ug_m3"
        cells = open_store(layout.store("carbon"), "carbon", [name])[name].to_numpy()
        bands = {p: cells[:, :, k] for k, p in enumerate(AIR_POLLUTANTS)}
        edges = receptor_edges(areas, settings.receptor_grid_m)
        made["carbon_annual_air.tif" if annual else "carbon_air.tif"] = (bands, *edges, "ug m-3")
    for name, (bands, across, up, units) in made.items():
        write_cog(layout.night_dir / name, bands, across, up, units)
    return {name: fingerprint_file(layout.night_dir / name) for name in made}


def _check_fit(network: xr.Dataset, areas: xr.Dataset, traffic: xr.Dataset) -> None:
    problems = []
    if traffic.sizes["link"] != network.sizes["link"]:
        problems.append(
            f"traffic.zarr has {traffic.sizes['link']} links, network.zarr {network.sizes['link']}: run traffic again"
        )
    if (worst := int(network["link_district"].max())) >= areas.sizes["district"]:
        problems.append(
            f"network.zarr: link_district {worst} is beyond the {areas.sizes['district']} districts: run spine again"
        )
    if (bad := ~np.isin(network["road_class"].to_numpy(), range(len(ROAD_CLASSES)))).any():
        problems.append(
            f"network.zarr: {int(bad.sum())} links have a road class that is not 0 to {len(ROAD_CLASSES) - 1}"
        )
    raise_all(problems, InputError)


def _grid_edges(network: xr.Dataset, cell: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = network["node_x"].to_numpy(), network["node_y"].to_numpy()
    return regular_edges(float(x.min()), float(x.max()), cell), regular_edges(float(y.min()), float(y.max()), cell)


def _link_totals(emission_g_h: xr.DataArray) -> NDArray[np.float64]:
    """Grams of the day by link and pollutant; one hour at a time, in order, so that memory stays at one hour."""
    total = np.zeros(emission_g_h.shape[1:])
    for hour in range(emission_g_h.shape[0]):
        total += emission_g_h[hour].to_numpy().astype(np.float64)
    return total


def _totals(
    link_g_day: NDArray[np.float64], district: NDArray[np.int16], road_class: NDArray[np.int8], n_district: int
) -> dict[str, NDArray[np.float64]]:
    """Tonnes of the day by district, by class of road and in all; a row more for roads outside every district."""
    cells = np.zeros((n_district + 1, len(ROAD_CLASSES), link_g_day.shape[1]))
    np.add.at(cells, (np.where(district >= 0, district, n_district), road_class), link_g_day)
    cells /= G_PER_T
    by_district = cells.sum(axis=1)
    return {
        "emission_t_day": by_district.sum(axis=0),
        "district_emission_t_day": by_district[:-1],
        "outside_emission_t_day": by_district[-1],
        "class_emission_t_day": cells.sum(axis=0),
    }


def _gridded(
    network: xr.Dataset, link_g_day: NDArray[np.float64], x_edges: NDArray[np.float64], y_edges: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Kilograms of the day, [pollutant, y, x], and the grams that lay outside: none but for rounding."""
    start, end = network["from_node"].to_numpy(), network["to_node"].to_numpy()
    x, y = network["node_x"].to_numpy(), network["node_y"].to_numpy()
    grids = [
        grid_lines(x[start], y[start], x[end], y[end], np.ascontiguousarray(mass), x_edges, y_edges)
        for mass in link_g_day.T
    ]
    return np.stack([g.mass for g in grids]) / G_PER_KG, float(sum(g.outside.sum() for g in grids))
