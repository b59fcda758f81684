"""The stage's draws: burden by block of areas, then the inequality of every attribute in every draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from lcr_kernels.draws import STREAM_VALUE, standard_normals, weighted_sums

from lcr_hpc.compute.backends import Backend
from lcr_hpc.config import HealthConfig
from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health.burden_block import BurdenBlock, area_blocks, quantile_levels
from lcr_hpc.health.burden_draws import AREAS_WITH_DRAWS
from lcr_hpc.health.causes import cause_labels, overlap_notes
from lcr_hpc.health.gradient import DECILES, Attribute
from lcr_hpc.health.gradient_draws import MEASURES, gradient_weights, inequality_of
from lcr_hpc.health.inequality import OF_BURDEN, OF_EXPOSURE, MsoaHealth
from lcr_hpc.health.risk_table import RelativeRisk
from lcr_hpc.health.slab import DrawSlab, draw_burden
from lcr_hpc.store.slabs import write_slab

_DRAWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Drawn:
    """What the draws say of the whole region.

    Attributes
    ----------
    quantile : float64[quantile]
    deaths, years_lost : float64[cause, draw]
        Of all areas.
    inequality : float64[draw, measure, attribute]
    """

    quantile: FloatArray
    deaths: FloatArray
    years_lost: FloatArray
    inequality: FloatArray


def draw_stage(
    settings: HealthConfig,
    risks: tuple[RelativeRisk, ...],
    stores: dict[str, Path],
    areas: xr.Dataset,
    burden: xr.Dataset,
    msoas: MsoaHealth,
    attributes: Sequence[Attribute],
    air: Sequence[str],
    observation_years: float,
    backend: Backend,
) -> Drawn:
    """Draw burden and inequality, and write both.

    Parameters
    ----------
    settings : HealthConfig
    risks : tuple of RelativeRisk
        A cause each.
    stores : dict of str to Path
        carbon and health.
    areas : xarray.Dataset
        `area_msoa`.
    burden : xarray.Dataset
        `baseline_deaths`, `attributable_deaths` and `years_lost` of the health store.
    msoas : MsoaHealth
    attributes : sequence of Attribute
        In the store's order: all of one ranking, then the same of the next.
    air : sequence of str
        Pollutants of the carbon store.
    observation_years : float
        That the deaths were counted over.
    backend : Backend

    Returns
    -------
    Drawn
    """
    quantile = quantile_levels(settings.confidence)
    weights = [gradient_weights(a.population, a.deprivation, np.isfinite(a.value), DECILES) for a in attributes]
    rows = weights[0].shape[0]
    of_exposure = [_of(attributes, OF_EXPOSURE, p) for p in range(len(air))]
    of_burden = [_of(attributes, OF_BURDEN, k) for k in range(len(risks))]
    exposure_weight = np.stack([np.vstack([weights[k] for k in of]) for of in of_exposure])
    # A death in an area adds to its MSOA's rate: sums over MSOAs are sums over areas.
    deaths_weight = np.stack([
        np.vstack([weights[k] * msoas.rate_a_death[c] for k in of])[:, areas["area_msoa"].to_numpy()]
        for c, of in enumerate(of_burden)
    ])  # fmt: skip
    baseline = burden["baseline_deaths"].to_numpy().T
    central, years = burden["attributable_deaths"].to_numpy()[:, 0].T, burden["years_lost"].to_numpy()[:, 0].T
    years_each = np.divide(years, central, out=np.zeros_like(years), where=central > 0.0)
    pollutants = tuple(list(air).index(r.pollutant) for r in risks)
    exposure = np.stack([attributes[of_exposure[p][0]].value for p in pollutants])
    areas_all = baseline.shape[1]
    found = backend.map(
        draw_burden,
        [
            DrawSlab(
                carbon=stores["carbon"],
                health=stores["health"],
                block=part,
                burden=BurdenBlock(
                    first_area=part.start,
                    exposure=exposure[:, part],
                    baseline=np.ascontiguousarray(baseline[:, part]),
                    events=baseline[:, part] * observation_years,
                    years_each=years_each[:, part],
                    risks=risks,
                    exposure_error=settings.exposure_error,
                    cutoff=settings.counterfactual_ug_m3,
                    draws=settings.draws,
                    seed=settings.seed,
                ),
                pollutants=pollutants,
                quantile=quantile,
                keep=areas_all <= AREAS_WITH_DRAWS,
                exposure_weight=np.ascontiguousarray(exposure_weight[:, :, part]),
                deaths_weight=np.ascontiguousarray(deaths_weight[:, :, part]),
            )
            for part in area_blocks(areas_all)
        ],
    )
    exposure_sums, burden_sums, deaths, years_lost = (_total(parts) for parts in zip(*found, strict=True))
    shared = {
        k: exposure_sums[p, r * rows : (r + 1) * rows] for p, of in enumerate(of_exposure) for r, k in enumerate(of)
    }
    shared |= {k: burden_sums[c, r * rows : (r + 1) * rows] for c, of in enumerate(of_burden) for r, k in enumerate(of)}
    # An attribute's own errors are the same along every ranking.
    names = list(dict.fromkeys(a.name for a in attributes))
    sums = [
        shared[k] if k in shared else _own_sums(a, weights[k], names.index(a.name), settings)
        for k, a in enumerate(attributes)
    ]
    inequality = np.empty((settings.draws, len(MEASURES), len(attributes)))
    limits = np.empty((2, len(attributes), DECILES))
    for k, total in enumerate(sums):
        unequal = inequality_of(total)
        inequality[:, :, k] = unequal.measure
        empty = ~weights[k][-DECILES:].any(axis=1)
        limits[:, k] = np.where(empty, np.nan, np.quantile(unequal.decile_mean, quantile[[0, 2]], axis=0))
    write_slab(
        stores["health"],
        "health",
        {},
        {
            "cause": cause_labels(risks),
            "cause_evidence": [f"{r.evidence}: {r.source}" for r in risks],
            "cause_overlap": overlap_notes(risks),
            "quantile": quantile,
            "burden_total": deaths.T,
            "years_lost_total": years_lost.T,
            "measure": list(MEASURES),
            "inequality": inequality,
            "inequality_quantile": np.quantile(inequality, quantile, axis=0),
            "drawn_error": [a.drawn_error for a in attributes],
            "decile_mean_lower": limits[0],
            "decile_mean_upper": limits[1],
        },
    )
    return Drawn(quantile, deaths, years_lost, inequality)


def _of(attributes: Sequence[Attribute], error: str, column: int) -> list[int]:
    """Attributes that a pollutant's or a cause's draws are of, one a ranking."""
    return [k for k, a in enumerate(attributes) if a.drawn_error == error and a.column == column]


def _own_sums(attribute: Attribute, weight: FloatArray, number: int, settings: HealthConfig) -> FloatArray:
    """Sums of an attribute whose error is its own, or that has none."""
    value = np.nan_to_num(attribute.value)
    if attribute.standard_error is None or not attribute.drawn_error:
        return np.repeat(weighted_sums(weight, value[:, None]), settings.draws, axis=1)
    error = np.nan_to_num(attribute.standard_error)
    parts = []
    for first in range(0, settings.draws, _DRAWS_AT_ONCE):
        draws = min(_DRAWS_AT_ONCE, settings.draws - first)
        normal = standard_normals(
            np.uint64(settings.seed), np.uint64(STREAM_VALUE), number * 2**40, value.size, first, draws
        )
        parts.append(weighted_sums(weight, value[:, None] + error[:, None] * normal))
    return np.concatenate(parts, axis=1)


def _total(parts: Sequence[FloatArray]) -> FloatArray:
    """Sum of the blocks in their order, whoever computed them."""
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total
