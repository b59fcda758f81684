"""What a worker does: the burden of one block of areas, its draws, access in one part of the day."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from lcr_kernels.draws import weighted_sums
from numpy.typing import NDArray

from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health.access_times import area_times
from lcr_hpc.health.burden import attributable_burden
from lcr_hpc.health.burden_block import BurdenBlock, draw_deaths, draw_exposure, quantiles_of
from lcr_hpc.health.causes import deaths_of
from lcr_hpc.health.inequality import exposure_variable
from lcr_hpc.health.mortality import deaths_by_area, population_by_band, years_by_band
from lcr_hpc.health.risk_table import RelativeRisk
from lcr_hpc.health.service_access import Method, Services, mean_trip_minutes, service_access
from lcr_hpc.store.slabs import open_store, write_slab


@dataclass(frozen=True)
class BurdenSlab:
    """One block of areas: paths and settings, small enough to send anywhere."""

    areas: Path
    mortality: Path
    carbon: Path
    health: Path
    block: slice
    risks: tuple[RelativeRisk, ...]
    cutoff_ug_m3: float


@dataclass(frozen=True)
class DrawSlab:
    """The draws of one block of areas, and what is added up over all of them."""

    carbon: Path
    health: Path
    block: slice
    burden: BurdenBlock
    pollutants: tuple[int, ...]
    """Index of each cause's pollutant in the carbon store."""
    quantile: FloatArray
    keep: bool
    exposure_weight: FloatArray
    """[pollutant, sum, area]"""
    deaths_weight: FloatArray
    """[cause, sum, area]"""


@dataclass(frozen=True)
class AccessSlab:
    """One period of the traffic store."""

    traffic: Path
    network: Path
    demand: Path
    health: Path
    row: int
    """Of the health store's periods."""
    period: int
    """Of the traffic store's."""
    services: tuple[Services, ...]
    persons: tuple[FloatArray, ...]
    """Who shares each kind."""
    reach_min: tuple[float, ...]
    method: Method


def compute_burden(task: BurdenSlab) -> None:
    """Read, arrange, compute and write one block of areas.

    Parameters
    ----------
    task : BurdenSlab
        The whole population is read, since an area's deaths are a share of its MSOA's; only the block is written.
    """
    areas = open_store(task.areas, "areas", ["area_msoa", "population", "age"]).load()
    mortality = open_store(task.mortality, "mortality").load()
    carbon = open_store(task.carbon, "carbon")

    band = mortality["age_band"].to_numpy()
    people = population_by_band(areas["population"].to_numpy(), areas["age"].to_numpy(), band)
    air = [str(p) for p in carbon["air_pollutant"].to_numpy()]
    level = carbon[exposure_variable(carbon)].to_numpy()
    group, names = areas["area_msoa"].to_numpy(), mortality["msoa"].to_numpy()
    whole = mortality["deaths"].to_numpy() / float(mortality.attrs["observation_years"])

    columns: dict[str, list[FloatArray]] = {
        n: [] for n in ("baseline_deaths", "attributable_fraction", "attributable_deaths", "years_lost")
    }
    for risk in task.risks:
        adult = band >= risk.minimum_age
        deaths = deaths_of(mortality, risk)[:, adult]
        baseline = deaths_by_area(deaths, people[:, adult], group, names)
        found = attributable_burden(level[:, air.index(risk.pollutant)], baseline, risk, cutoff=task.cutoff_ug_m3)
        # The life table is everybody's, of all causes; what the exposure takes of it is this cause's share.
        all_deaths = float(whole[:, adult].sum())
        share = float(np.nansum(found.burden)) / all_deaths if all_deaths > 0.0 else 0.0
        left = years_by_band(whole.sum(axis=0), people.sum(axis=0), band, np.where(adult, share, 0.0))[adult]
        years = deaths_by_area(deaths * left, people[:, adult], group, names)
        fractions = (found.fraction, found.fraction_lower, found.fraction_upper)
        columns["baseline_deaths"].append(baseline)
        columns["attributable_fraction"].append(_bounds(*fractions))
        columns["attributable_deaths"].append(_bounds(found.burden, found.burden_lower, found.burden_upper))
        columns["years_lost"].append(_bounds(*(f * years for f in fractions)))
    values = {name: np.stack(column, axis=-1)[task.block] for name, column in columns.items()}
    write_slab(task.health, "health", {"area": task.block}, values)


def draw_burden(task: DrawSlab) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Draw one block of areas, write its quantiles and, of few areas, its draws.

    Parameters
    ----------
    task : DrawSlab

    Returns
    -------
    float64[pollutant, sum, draw], float64[cause, sum, draw], float64[cause, draw], float64[cause, draw]
        Weighted sums of exposure and of attributable deaths; deaths and years of life lost of the block's areas.
    """
    burden = task.burden
    carbon = open_store(task.carbon, "carbon")
    level = carbon[exposure_variable(carbon)][task.block].to_numpy()
    causes, areas = burden.baseline.shape
    exposure_sums = np.empty((*task.exposure_weight.shape[:2], burden.draws))
    burden_sums = np.empty((causes, task.deaths_weight.shape[1] + 2, burden.draws))
    quantile = np.empty((task.quantile.size, areas, causes))
    kept = np.empty((burden.draws, areas, causes), np.float32) if task.keep else None
    # Pollutants of the causes come first, as in `simulate_burden`; the others follow in the store's order.
    for number, p in enumerate(dict.fromkeys([*task.pollutants, *range(level.shape[1])])):
        exposure = draw_exposure(
            number,
            burden.first_area,
            np.ascontiguousarray(level[:, p]),
            burden.exposure_error,
            burden.draws,
            burden.seed,
        )
        exposure_sums[p] = weighted_sums(task.exposure_weight[p], exposure)
        known = np.isfinite(level[:, p])
        for k in (k for k, of in enumerate(task.pollutants) if of == p):
            deaths = draw_deaths(burden, k, exposure)
            years = np.where(known, burden.years_each[k], 0.0)
            weight = np.vstack([task.deaths_weight[k], known.astype(np.float64), years])
            burden_sums[k] = weighted_sums(weight, deaths)
            quantile[:, :, k] = quantiles_of(deaths, task.quantile)
            if kept is not None:
                kept[:, :, k] = deaths.T
    values: dict[str, Any] = {"burden_quantile": quantile, "years_lost_quantile": quantile * burden.years_each.T}
    if kept is not None:
        values["burden"] = kept
    write_slab(task.health, "health", {"area": task.block}, values)
    return exposure_sums, burden_sums[:, :-2], burden_sums[:, -2], burden_sums[:, -1]


def reach_services(task: AccessSlab) -> None:
    """Travel times of one period, and what each area reaches in them.

    Parameters
    ----------
    task : AccessSlab
    """
    traffic, network = open_store(task.traffic, "traffic"), open_store(task.network, "network")
    demand = open_store(task.demand, "demand").load()
    minutes = area_times(traffic, network, task.period, task.persons[0].size)
    found = [
        service_access(services, persons, minutes, method=task.method, reach_min=reach)
        for services, persons, reach in zip(task.services, task.persons, task.reach_min, strict=True)
    ]
    to_work = [str(p) for p in demand["purpose"].to_numpy()].index("home_to_work")
    commute = mean_trip_minutes(
        demand["origin_offset"].to_numpy(),
        demand["destination"].to_numpy(),
        demand["trips_veh_day"].to_numpy()[to_work],
        minutes,
    )
    write_slab(
        task.health,
        "health",
        {"period": slice(task.row, task.row + 1)},
        {
            "access": np.stack([f.access for f in found], axis=1)[None],
            "nearest_service_min": np.stack([f.nearest_min for f in found], axis=1)[None],
            "commute_min": commute[None],
        },
    )


def _bounds(central: FloatArray, lower: FloatArray, upper: FloatArray) -> NDArray[np.float64]:
    return np.stack([central, lower, upper], axis=1)
