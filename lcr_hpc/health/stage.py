"""The health stage: burden by area in slabs, access by period, then how unequally everything lies, in every draw."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import xarray as xr

from lcr_hpc.compute.backends import Backend
from lcr_hpc.config import Config, HealthConfig
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health.access_times import access_periods, skim_row
from lcr_hpc.health.burden_draws import AREAS_WITH_DRAWS
from lcr_hpc.health.causes import check_risks, chosen_risks
from lcr_hpc.health.gradient import DECILES, deprivation_gradient
from lcr_hpc.health.gradient_draws import MEASURES
from lcr_hpc.health.inequality import exposure_variable, health_attributes, msoa_health
from lcr_hpc.health.people_groups import AGE_GROUPS, GROUP_VARIABLES, group_names, write_groups
from lcr_hpc.health.rankings import DEPRIVATION, needs_reference, rankings
from lcr_hpc.health.reach_attributes import (
    access_attributes,
    attribute_count,
    road_emission_per_person,
    working_age,
)
from lcr_hpc.health.results import BOUNDS, access_headlines, headlines, write_gradients, write_msoas
from lcr_hpc.health.risk_table import RelativeRisk
from lcr_hpc.health.service_access import Services, sites_by_kind
from lcr_hpc.health.slab import AccessSlab, BurdenSlab, compute_burden, reach_services
from lcr_hpc.health.stage_draws import draw_stage
from lcr_hpc.store.calendar import day_type
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Manifest, begin_stage, finish_store, read_manifest
from lcr_hpc.store.slabs import create_store, open_store, shard_of, slabs, write_slab
from lcr_hpc.store.variables import REGISTRY, SERVICE_KINDS

INPUTS = ("areas", "mortality", "people", "services", "network", "demand", "traffic", "carbon")
EMERGENCY = "emergency"
"""Kind of service that hospitals with an emergency department are too."""
ACCESS = ("period", "service", "access", "nearest_service_min", "commute_min", "road_co2_kg_day_person")


class Places(NamedTuple):
    """Sites by kind, and who shares each kind."""

    services: tuple[Services, ...]
    persons: tuple[FloatArray, ...]


def run_health(config: Config, layout: Layout, backend: Backend) -> Manifest:
    """Burden by area, life expectancy by MSOA, access by period, and the gradients of all along deprivation.

    Parameters
    ----------
    config : Config
        Section `health`.
    layout : Layout
        Where the stores lie.
    backend : Backend
        Maps the blocks of areas; the bytes do not depend on it.

    Returns
    -------
    Manifest
        Of the store health; its results hold the headline figures, the relative risk with the grade of its evidence,
        and what each interval stands for.

    Raises
    ------
    StoreError
        A store that is missing or not whole.
    InputError
        Stores that do not fit each other, a pollutant that the air model does not give, weak evidence.
    """
    settings = config.health
    risks = chosen_risks(settings.relative_risk)
    ranked = needs_reference(settings.rank_by, open_store(layout.store("areas"), "areas"))
    names = [*INPUTS, *(["reference"] if ranked else [])]
    made_from = [read_manifest(layout.manifest(name)) for name in names]
    begin_stage(layout.manifest("health"))
    areas, mortality, people, services, network, _, traffic, carbon, *published = (
        open_store(layout.store(n), n) for n in names
    )
    air = [str(p) for p in carbon["air_pollutant"].to_numpy()]
    _check_fit(areas, mortality, carbon, risks, air)
    orders = rankings(settings.rank_by, areas, *published)

    path = layout.store("health")
    paths = {name: layout.store(name) for name in ("areas", "mortality", "carbon", "network", "demand", "traffic")}
    day_types = [str(d) for d in traffic["day_type"].to_numpy()]
    of_hour = traffic["hour_period"].to_numpy()[day_types.index(day_type(config.night))]
    periods = access_periods(of_hour, settings.access_hours)
    places = _services(services, areas, settings)
    years = float(mortality.attrs["observation_years"])
    groups = group_names(people)
    _create(path, settings, areas, years, len(air), len(periods), places, len(groups))
    backend.map(
        compute_burden,
        [
            BurdenSlab(
                **{name: paths[name] for name in ("areas", "mortality", "carbon")},
                health=path,
                block=block,
                risks=risks,
                cutoff_ug_m3=settings.counterfactual_ug_m3,
            )
            for block in slabs(areas.sizes["area"], shard_of("health", "attributable_deaths", "area"))
        ],
    )
    _access(path, paths, settings, areas, network, traffic, carbon, periods, places, backend)

    written = ["baseline_deaths", "attributable_deaths", "years_lost"]
    burden = open_store(path, "health", written).load()
    if groups:
        write_groups(path, areas, mortality, people, burden, carbon, risks, settings.seed)
    msoas = msoa_health(areas, mortality, burden, risks)
    reached = open_store(path, "health", list(ACCESS)).load()
    attributes = [
        attribute
        for order in orders
        for attribute in (
            *health_attributes(areas, carbon, msoas, risks, order),
            *access_attributes(areas, reached, settings.access_method, order),
        )
    ]
    gradients = [deprivation_gradient(a, settings.confidence) for a in attributes]
    (deprived,) = rankings([DEPRIVATION], areas)
    write_msoas(path, msoas, deprived.msoa, settings.confidence)
    write_gradients(path, attributes, gradients)
    drawn = draw_stage(
        settings,
        risks,
        paths | {"health": path},
        areas,
        burden,
        msoas,
        attributes,
        air,
        years,
        backend,
    )
    return finish_store(
        path,
        layout.manifest("health"),
        "health",
        inputs=made_from,
        settings={"health": config.section("health")},
        results={"exposure": exposure_variable(carbon)}
        | headlines(settings, risks, burden, msoas, attributes, gradients, drawn)
        | access_headlines(reached, [skim_row(traffic, p) is not None for p in periods]),
    )


def _create(
    path: Path,
    settings: HealthConfig,
    areas: xr.Dataset,
    years: float,
    pollutants: int,
    periods: int,
    places: Places,
    groups: int,
) -> None:
    causes = len(settings.relative_risk)
    a_ranking = attribute_count(pollutants, causes, [s.kind for s in places.services])
    sizes = {
        "area": areas.sizes["area"],
        "msoa": areas.sizes["msoa"],
        "bound": len(BOUNDS),
        "decile": DECILES,
        "cause": causes,
        "quantile": 3,
        "measure": len(MEASURES),
        "period": periods,
        "service": len(places.services),
        "attribute": len(settings.rank_by) * a_ranking,
        "draw": settings.draws,
        "age_group": AGE_GROUPS.size,
        "people_group": groups,
        "air_pollutant": pollutants,
    }
    few = areas.sizes["area"] <= AREAS_WITH_DRAWS
    left_out = {*(() if few else ("burden",)), *(() if groups else GROUP_VARIABLES)}
    names = [name for name in REGISTRY["health"] if name not in left_out]
    create_store(path, "health", sizes, only=names, attrs={"observation_years": years})


def _access(
    path: Path,
    paths: dict[str, Path],
    settings: HealthConfig,
    areas: xr.Dataset,
    network: xr.Dataset,
    traffic: xr.Dataset,
    carbon: xr.Dataset,
    periods: list[int],
    places: Places,
    backend: Backend,
) -> None:
    """What is reached in each period, and what is emitted around each area."""
    reach = tuple(settings.reach_min[s.kind] for s in places.services)
    backend.map(
        reach_services,
        [
            AccessSlab(
                traffic=paths["traffic"],
                network=paths["network"],
                demand=paths["demand"],
                health=path,
                row=row,
                period=period,
                services=places.services,
                persons=places.persons,
                reach_min=reach,
                method=settings.access_method,
            )
            for row, period in enumerate(periods)
        ],
    )
    write_slab(
        path,
        "health",
        {},
        {
            "period": [str(traffic["period"].to_numpy()[p]) for p in periods],
            "service": [s.kind for s in places.services],
            "service_reach_min": np.array(reach),
            "road_co2_kg_day_person": road_emission_per_person(areas, network, carbon),
        },
    )


def _services(services: xr.Dataset, areas: xr.Dataset, settings: HealthConfig) -> Places:
    """Sites of the kinds that are wanted, and who shares them; a hospital may be an emergency department as well."""
    kinds = (*SERVICE_KINDS, EMERGENCY)
    strange = [kind for kind in settings.reach_min if kind not in kinds]
    raise_all(
        [f"`health.reach_min`: {kind!r} is no kind of service; there are {', '.join(kinds)}" for kind in strange]
        + (["`health.reach_min` is empty; give minutes for one kind of service or more"] * (not settings.reach_min)),
        InputError,
    )
    treats = services["emergency_department"].to_numpy() == 1
    kind, x, y, capacity = (
        np.concatenate([column, second])
        for column, second in (
            (services["service_kind"].to_numpy(), np.full(int(treats.sum()), kinds.index(EMERGENCY), np.int8)),
            *((services[n].to_numpy(), services[n].to_numpy()[treats]) for n in ("service_x", "service_y", "capacity")),
        )
    )
    found = sites_by_kind(
        kind,
        kinds,
        x,
        y,
        capacity,
        areas["area_x"].to_numpy(),
        areas["area_y"].to_numpy(),
        settings.reach_min,
    )
    everyone = areas["population"].to_numpy().sum(axis=1).astype(np.float64)
    workers = working_age(areas)
    return Places(tuple(found), tuple(workers if s.kind == "employment" else everyone for s in found))


def _check_fit(
    areas: xr.Dataset, mortality: xr.Dataset, carbon: xr.Dataset, risks: tuple[RelativeRisk, ...], air: list[str]
) -> None:
    """Refuse stores that do not speak of the same places, ages or pollutant: all problems at once."""
    problems = []
    if not np.array_equal(areas["msoa"].to_numpy(), mortality["msoa"].to_numpy()):
        problems.append("mortality.zarr has other MSOAs, or another order, than areas.zarr; run the spine again")
    if carbon.sizes.get("area") != areas.sizes["area"]:
        problems.append(
            f"carbon.zarr has {carbon.sizes.get('area')} areas, areas.zarr {areas.sizes['area']}; run carbon again"
        )
    if not float(mortality.attrs.get("observation_years", 0)) > 0:
        problems.append("mortality.zarr does not say `observation_years`; run the spine again")
    else:
        problems += check_risks(risks, mortality, air)
    raise_all(problems, InputError, title="" if len(problems) < 2 else "the stores do not fit each other")
