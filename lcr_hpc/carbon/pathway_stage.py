"""The pathway of a night: from the territory's year to net zero, as the carbon stage stores and reports it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from lcr_hpc.carbon.carbon_value import CARBON_VALUE_PRICE_YEAR, SERIES
from lcr_hpc.carbon.curves import POLLUTANTS
from lcr_hpc.carbon.energy import energy_intensity
from lcr_hpc.carbon.fleet import fleet_average_curves, road_class_curves
from lcr_hpc.carbon.levers import FACTORS, PathwaySettings, Range
from lcr_hpc.carbon.measures import PathwayBase
from lcr_hpc.carbon.optional_inputs import SHIFTED, UNSHIFTED
from lcr_hpc.carbon.pathway import QUANTILES, PathwayEnsemble, pathway_ensemble
from lcr_hpc.carbon.tables import coefficient_table
from lcr_hpc.carbon.territory_stage import road_year
from lcr_hpc.carbon.units import G_PER_KG, MJ_PER_KWH
from lcr_hpc.compute.backends import Backend
from lcr_hpc.config import Config

_VEHICLES = {"road car": "car", "road van": "lgv", "road hgv": "hgv", "road bus": "bus"}
"""Sectors of the pathway's roads and their classes in `carbon.vehicle_mix`."""


def pathway_settings(config: Config) -> PathwaySettings | None:
    """Settings of the night's pathway, whose base year is the night's; None when its end year is over.

    Years of levers that are over are left out: what was reached by then is in the base.

    Raises
    ------
    InputError
        All that cannot be used of `carbon.pathway`, at once.
    """
    given, year = config.carbon.pathway, config.night.year
    if year >= given.end_year:
        return None
    levers: dict[str, dict[int, Range]] = {
        name: {y: r for y, r in knots.items() if y > year} for name, knots in given.levers.items()
    }
    return PathwaySettings(year, given.end_year, levers, given.parameters, given.budget_kt, given.members, given.seed)


def pathway_sizes(settings: PathwaySettings | None, sectors: int) -> dict[str, int]:
    """Sizes of the dimensions that a pathway adds to the store, whose territory has so many sectors."""
    if settings is None:
        return {}
    return {
        "pathway_year": settings.years.size,
        "pathway_sector": sectors - 1 + len(_VEHICLES) + 1,
        "pathway_quantile": len(QUANTILES),
        "pathway_factor": len(FACTORS),
        "pathway_result": 2,
    }


def pathway(
    config: Config,
    settings: PathwaySettings | None,
    stores: dict[str, xr.Dataset],
    territory: dict[str, Any],
    road_classes: tuple[str, ...],
    backend: Backend,
) -> tuple[dict[str, Any], dict[str, Any] | str]:
    """Values for the store, by variable, and what to report.

    Parameters
    ----------
    config : Config
        Section `carbon`, and the night.
    settings : PathwaySettings or None
        From `pathway_settings`.
    stores : dict
        network, areas and traffic; the traffic of a scenario and of its base, where a lever goes towards it.
    territory : dict
        Values of the territory: its sectors are the base, its roads split by what drives.
    road_classes : tuple of str
        Classes in the order of the network store's codes.
    backend : Backend
        Maps blocks of members.
    """
    if settings is None:
        return {}, f"none: carbon.pathway.end_year {config.carbon.pathway.end_year} is not after the night's year"
    base = _base(config, stores, territory, road_classes)
    shifted = base.mode_shift_kt
    found = pathway_ensemble(base, settings, backend)
    values = {
        "pathway_year": found.years,
        "pathway_sector": list(found.sectors),
        "pathway_quantile": np.array(QUANTILES),
        "pathway_factor": list(found.factors),
        "pathway_result": list(found.sensitivity),
        "pathway_kt_year": found.emissions_kt,
        "pathway_total_kt_year": found.total_kt,
        "pathway_central_kt_year": found.central_kt,
        "pathway_first_order": np.stack([s.first for s in found.sensitivity.values()]),
        "pathway_total_order": np.stack([s.total for s in found.sensitivity.values()]),
    }
    report = _report(found, settings)
    if shifted is not None:
        roads = slice(len(_VEHICLES))
        report["traffic_scenario"] = {
            "scenario": config.carbon.pathway.scenario,
            "night": (config.carbon.pathway.scenario_night or config.night).isoformat(),
            "road_kt_year": round(float(base.co2_kt[:, roads].sum()), 3),
            "road_kt_year_in_scenario": round(float(shifted[:, roads].sum()), 3),
        }
    return values, report


def _base(
    config: Config, stores: dict[str, xr.Dataset], territory: dict[str, Any], road_classes: tuple[str, ...]
) -> PathwayBase:
    settings = config.carbon
    sectors, kt = list(territory["sector"]), np.asarray(territory["territory_kt_year"])
    others = [k for k, s in enumerate(sectors) if s != "road"]
    by_vehicle = [_road_of(config, stores, mix_class, road_classes) for mix_class in _VEHICLES.values()]
    kt_now = np.column_stack([*by_vehicle, kt[:, others]])
    fuel_g_mj = coefficient_table("fuel_co2_desnz2023")["co2_g_per_mj"].to_numpy(dtype=np.float64)
    return PathwayBase(
        year=config.night.year,
        districts=tuple(str(c) for c in stores["areas"]["district"].to_numpy()),
        sectors=(*_VEHICLES, *(sectors[k] for k in others)),
        co2_kt=kt_now,
        grid_kg_kwh=energy_intensity("electricity", settings.energy_year),
        gas_kg_kwh=energy_intensity("gas", settings.energy_year),
        # petrol and diesel differ by 8 %: less than the range of the electricity that replaces them
        road_fuel_kg_kwh=float(fuel_g_mj.mean()) * MJ_PER_KWH / G_PER_KG,
        mode_shift_kt=_shifted(config, stores, kt_now, road_classes) if SHIFTED in stores else None,
    )


def _shifted(
    config: Config, stores: dict[str, xr.Dataset], kt_now: NDArray[np.float64], road_classes: tuple[str, ...]
) -> NDArray[np.float64]:
    """The base with the roads of the scenario: this night's, times what the scenario's are of its own base's."""
    out = kt_now.copy()
    for k, mix_class in enumerate(_VEHICLES.values()):
        before, after = (
            _road_of(config, stores | {"traffic": stores[name]}, mix_class, road_classes)
            for name in (UNSHIFTED, SHIFTED)
        )
        out[:, k] *= np.divide(after, before, out=np.ones_like(after), where=before > 0.0)
    return out


def _road_of(
    config: Config, stores: dict[str, xr.Dataset], mix_class: str, road_classes: tuple[str, ...]
) -> NDArray[np.float64]:
    """CO2 of a year of one class of vehicle by district, kt: the classes add up to the roads' total."""
    settings = config.carbon
    mix = settings.vehicle_mix
    alone = road_class_curves(fleet_average_curves(settings.fleet_year), {road: {mix_class: 1.0} for road in mix})
    share = np.array([mix[road].get(mix_class, 0.0) for road in mix])
    curves = replace(alone, factor_g_km=share[:, None, None] * alone.factor_g_km)
    index = np.array([curves.classes.index(name) for name in road_classes], dtype=np.int64)
    return road_year(config, stores, curves, index, POLLUTANTS.index("CO2"))


def _report(found: PathwayEnsemble, settings: PathwaySettings) -> dict[str, Any]:
    def quantiles(values: NDArray[np.float64]) -> dict[str, float]:
        return {f"q{100 * q:02.0f}": round(float(v), 3) for q, v in zip(QUANTILES, values, strict=True)}

    report: dict[str, Any] = {
        "base_year": settings.base_year,
        "members": settings.members,
        "assumptions": "levers and parameters of carbon.pathway: the user's judgement, not a forecast",
        "base_kt_year": round(float(found.total_kt[0, 0]), 3),
        "cumulative_kt": quantiles(np.quantile(found.cumulative_kt, QUANTILES)),
        f"residual_{settings.end_year}_kt": quantiles(found.total_kt[-1]),
        f"avoided_value_gbp_m_{CARBON_VALUE_PRICE_YEAR}": {
            series: quantiles(v) for series, v in zip(SERIES, found.avoided_value_gbp_m, strict=True)
        },
        "untouched_sectors": list(found.untouched),
    }
    if settings.budget_kt is not None:
        report["budget_kt"] = settings.budget_kt
        report["probability_budget_exceeded"] = found.exceedance
        report["probability_standard_error"] = found.exceedance_error
    return report
