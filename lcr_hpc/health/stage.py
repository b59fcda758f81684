"""The health stage: burden by area in slabs, then life expectancy and the gradients along deprivation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from lcr_hpc.compute.backends import Backend
from lcr_hpc.config import Config
from lcr_hpc.errors import InputError, raise_all
from lcr_hpc.health.burden import attributable_burden
from lcr_hpc.health.gradient import DECILES, Attribute, Gradient, deprivation_gradient
from lcr_hpc.health.inequality import MsoaHealth, health_attributes, msoa_health
from lcr_hpc.health.mortality import deaths_by_area, population_by_band
from lcr_hpc.health.risk_table import RelativeRisk, relative_risk
from lcr_hpc.store.layout import Layout
from lcr_hpc.store.manifest import Manifest, begin_stage, finish_store, read_manifest
from lcr_hpc.store.slabs import create_store, open_store, shard_of, slabs, write_slab

INPUTS = ("areas", "mortality", "carbon")
BOUNDS = ("central", "lower", "upper")


@dataclass(frozen=True)
class BurdenSlab:
    """One block of areas: paths and settings, small enough to send anywhere."""

    areas: Path
    mortality: Path
    carbon: Path
    health: Path
    block: slice
    risk: RelativeRisk
    cutoff_ug_m3: float


def run_health(config: Config, layout: Layout, backend: Backend) -> Manifest:
    """Attributable burden by area, life expectancy by MSOA and their gradients along deprivation.

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
    risk = relative_risk(config.health.relative_risk)
    made_from = [read_manifest(layout.manifest(name)) for name in INPUTS]
    begin_stage(layout.manifest("health"))
    areas, mortality, carbon = (open_store(layout.store(name), name) for name in INPUTS)
    _check_fit(areas, mortality, carbon, risk)

    path = layout.store("health")
    air = [str(p) for p in carbon["air_pollutant"].to_numpy()]
    sizes = {"area": areas.sizes["area"], "msoa": areas.sizes["msoa"], "bound": len(BOUNDS), "decile": DECILES}
    create_store(path, "health", sizes | {"attribute": len(air) + 2})
    paths = {name: layout.store(name) for name in INPUTS}
    backend.map(
        compute_burden,
        [
            BurdenSlab(**paths, health=path, block=block, risk=risk, cutoff_ug_m3=config.health.counterfactual_ug_m3)
            for block in slabs(sizes["area"], shard_of("health", "attributable_deaths", "area"))
        ],
    )

    burden = open_store(path, "health", ["baseline_deaths", "attributable_deaths"]).load()
    msoas = msoa_health(areas, mortality, burden, risk.minimum_age)
    attributes = health_attributes(areas, carbon, msoas, risk.pollutant)
    gradients = [deprivation_gradient(a, config.health.confidence) for a in attributes]
    _write_msoas(path, msoas, config.health.confidence)
    _write_gradients(path, attributes, gradients)
    return finish_store(
        path,
        layout.manifest("health"),
        "health",
        inputs=made_from,
        settings={"health": config.section("health")},
        results=_results(config, risk, burden, msoas, attributes, gradients),
    )


def compute_burden(task: BurdenSlab) -> None:
    """Read, arrange, compute and write one block of areas.

    Parameters
    ----------
    task : BurdenSlab
        The whole population is read, since an area's deaths are a share of its MSOA's; only the block is written.
    """
    areas = open_store(task.areas, "areas", ["area_msoa", "population", "age"]).load()
    mortality = open_store(task.mortality, "mortality", ["deaths", "age_band", "msoa"])
    carbon = open_store(task.carbon, "carbon", ["air_pollutant", "concentration_ug_m3"])

    band = mortality["age_band"].to_numpy()
    adult = band >= task.risk.minimum_age
    people = population_by_band(areas["population"].to_numpy(), areas["age"].to_numpy(), band)[:, adult]
    deaths_a_year = mortality["deaths"].to_numpy()[:, adult] / float(mortality.attrs["observation_years"])
    pollutant = [str(p) for p in carbon["air_pollutant"].to_numpy()].index(task.risk.pollutant)
    exposure = carbon["concentration_ug_m3"][task.block, pollutant].to_numpy()

    group, names = areas["area_msoa"].to_numpy(), mortality["msoa"].to_numpy()
    baseline = deaths_by_area(deaths_a_year, people, group, names)[task.block]
    found = attributable_burden(exposure, baseline, task.risk, cutoff=task.cutoff_ug_m3)

    write_slab(
        task.health,
        "health",
        {"area": task.block},
        {
            "baseline_deaths": baseline,
            "attributable_fraction": np.stack([found.fraction, found.fraction_lower, found.fraction_upper], axis=1),
            "attributable_deaths": np.stack([found.burden, found.burden_lower, found.burden_upper], axis=1),
        },
    )


def _check_fit(areas: xr.Dataset, mortality: xr.Dataset, carbon: xr.Dataset, risk: RelativeRisk) -> None:
    """Refuse stores that do not speak of the same places, ages or pollutant: all problems at once."""
    problems = []
    if not np.array_equal(areas["msoa"].to_numpy(), mortality["msoa"].to_numpy()):
        problems.append("mortality.zarr has other MSOAs, or another order, than areas.zarr; run the spine again")
    if carbon.sizes.get("area") != areas.sizes["area"]:
        problems.append(
            f"carbon.zarr has {carbon.sizes.get('area')} areas, areas.zarr {areas.sizes['area']}; run carbon again"
        )
    air = [str(p) for p in carbon["air_pollutant"].to_numpy()]
    if risk.pollutant not in air:
        problems.append(
            f"`health.relative_risk` {risk.name!r} is for {risk.pollutant}, the air model gives {', '.join(air)}"
            "; choose a row for one of them (NOx is not NO2)"
        )
    if risk.minimum_age not in mortality["age_band"].to_numpy():
        problems.append(
            f"relative risk {risk.name!r} begins at {risk.minimum_age}, which begins no age band of the deaths"
        )
    if not float(mortality.attrs.get("observation_years", 0)) > 0:
        problems.append("mortality.zarr does not say `observation_years`; run the spine again")
    raise_all(problems, InputError, title="" if len(problems) < 2 else "the stores do not fit each other")


def _write_msoas(path: Path, msoas: MsoaHealth, confidence: float) -> None:
    lower, upper = msoas.limits(confidence)
    write_slab(
        path,
        "health",
        {},
        {
            "life_expectancy": msoas.life_expectancy,
            "life_expectancy_lower": lower,
            "life_expectancy_upper": upper,
            "msoa_deprivation_rank": msoas.deprivation,
            "bound": list(BOUNDS),
            "decile": np.arange(1, DECILES + 1, dtype=np.int8),
        },
    )


def _write_gradients(path: Path, attributes: list[Attribute], gradients: list[Gradient]) -> None:
    names = ("sii", "sii_lower", "sii_upper", "rii", "rii_lower", "rii_upper")
    values: dict[str, Any] = {n: np.array([getattr(g.slope, n) for g in gradients], np.float64) for n in names}
    values["attribute"] = [a.name for a in attributes]
    values["attribute_units"] = [a.units for a in attributes]
    values["interval_basis"] = [g.interval for g in gradients]
    values["decile_mean"] = np.stack([g.decile_mean for g in gradients])
    write_slab(path, "health", {}, values)


def _results(
    config: Config,
    risk: RelativeRisk,
    burden: xr.Dataset,
    msoas: MsoaHealth,
    attributes: list[Attribute],
    gradients: list[Gradient],
) -> dict[str, Any]:
    deaths = burden["attributable_deaths"].to_numpy()
    return {
        "baseline_deaths_year": _number(np.nansum(burden["baseline_deaths"].to_numpy())),
        "attributable_deaths_year": {b: _number(np.nansum(deaths[:, k])) for k, b in enumerate(BOUNDS)},
        "areas_without_burden": int(np.isnan(deaths[:, 0]).sum()),
        "relative_risk": {
            "name": risk.name,
            "central": risk.central,
            "lower": risk.lower,
            "upper": risk.upper,
            "per_ug_m3": risk.per,
            "evidence": risk.evidence,
            "source": risk.source,
        },
        "counterfactual_ug_m3": config.health.counterfactual_ug_m3,
        "life_expectancy": msoas.basis,
        "confidence": config.health.confidence,
        "inequality": {
            a.name: {
                "units": a.units,
                "sii": _number(g.slope.sii),
                "sii_lower": _number(g.slope.sii_lower),
                "sii_upper": _number(g.slope.sii_upper),
                "rii": _number(g.slope.rii),
                "places": g.places,
                "left_out": g.left_out,
                "interval": g.interval,
                "reason": str(g.slope.reason),
            }
            for a, g in zip(attributes, gradients, strict=True)
        },
    }


def _number(value: Any) -> float | None:
    """JSON has no NaN."""
    return float(value) if np.isfinite(value) else None
