"""What the stage writes of the whole region, and what it says in the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from lcr_hpc.config import HealthConfig
from lcr_hpc.health._arrays import FloatArray
from lcr_hpc.health.causes import cause_labels
from lcr_hpc.health.gradient import DECILES, Attribute, Gradient
from lcr_hpc.health.inequality import MsoaHealth
from lcr_hpc.health.risk_table import RelativeRisk
from lcr_hpc.health.stage_draws import Drawn
from lcr_hpc.store.slabs import write_slab

BOUNDS = ("central", "lower", "upper")


def write_msoas(path: Path, msoas: MsoaHealth, deprivation: FloatArray, confidence: float) -> None:
    """Write life expectancy and deprivation of each MSOA."""
    lower, upper = msoas.limits(confidence)
    write_slab(
        path,
        "health",
        {},
        {
            "life_expectancy": msoas.life_expectancy,
            "life_expectancy_lower": lower,
            "life_expectancy_upper": upper,
            "msoa_deprivation_rank": deprivation,
            "bound": list(BOUNDS),
            "decile": np.arange(1, DECILES + 1, dtype=np.int8),
        },
    )


def write_gradients(path: Path, attributes: list[Attribute], gradients: list[Gradient]) -> None:
    """Write the slope, relative and concentration index of each attribute, and its means by decile."""
    names = ("sii", "sii_lower", "sii_upper", "rii", "rii_lower", "rii_upper")
    values: dict[str, Any] = {n: np.array([getattr(g.slope, n) for g in gradients], np.float64) for n in names}
    values["attribute"] = [a.name for a in attributes]
    values["attribute_units"] = [a.units for a in attributes]
    values["ranked_by"] = [a.ranked_by for a in attributes]
    values["interval_basis"] = [g.interval for g in gradients]
    for ending in ("", "_lower", "_upper"):
        index = [getattr(g, f"concentration{ending}") for g in gradients]
        values[f"concentration_index{ending}"] = np.array(index, np.float64)
    values["decile_mean"] = np.stack([g.decile_mean for g in gradients])
    write_slab(path, "health", {}, values)


def headlines(
    settings: HealthConfig,
    risks: Sequence[RelativeRisk],
    burden: xr.Dataset,
    msoas: MsoaHealth,
    attributes: list[Attribute],
    gradients: list[Gradient],
    drawn: Drawn,
) -> dict[str, Any]:
    """What the manifest and the report say of the region."""
    return {
        "draws": {
            "number": settings.draws,
            "seed": settings.seed,
            "exposure_error": settings.exposure_error,
            "quantiles": [float(q) for q in drawn.quantile],
        },
        "causes": [
            _cause(k, risk, label, burden, drawn)
            for k, (risk, label) in enumerate(zip(risks, cause_labels(risks), strict=True))
        ],
        "counterfactual_ug_m3": settings.counterfactual_ug_m3,
        "life_expectancy": msoas.basis,
        "confidence": settings.confidence,
        "inequality": {
            (a.name if a.ranked_by == attributes[0].ranked_by else f"{a.name}, by {a.ranked_by}"): {
                "units": a.units,
                "ranked_by": a.ranked_by,
                "sii": _number(g.slope.sii),
                "sii_lower": _number(g.slope.sii_lower),
                "sii_upper": _number(g.slope.sii_upper),
                "rii": _number(g.slope.rii),
                "concentration_index": _number(g.concentration),
                "drawn_error": a.drawn_error,
                "places": g.places,
                "left_out": g.left_out,
                "interval": g.interval,
                "reason": str(g.slope.reason),
            }
            for a, g in zip(attributes, gradients, strict=True)
        },
    }


def _cause(number: int, risk: RelativeRisk, label: str, burden: xr.Dataset, drawn: Drawn) -> dict[str, Any]:
    """Totals of one cause, with what they rest on."""
    deaths, years = (burden[n].to_numpy()[:, :, number] for n in ("attributable_deaths", "years_lost"))
    return {
        "cause": label,
        "baseline_deaths_year": _number(np.nansum(burden["baseline_deaths"].to_numpy()[:, number])),
        "attributable_deaths_year": {b: _number(np.nansum(deaths[:, k])) for k, b in enumerate(BOUNDS)},
        "years_lost_year": {b: _number(np.nansum(years[:, k])) for k, b in enumerate(BOUNDS)},
        "drawn_deaths_year": [_number(v) for v in np.quantile(drawn.deaths[number], drawn.quantile)],
        "drawn_years_lost_year": [_number(v) for v in np.quantile(drawn.years_lost[number], drawn.quantile)],
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
    }


def access_headlines(reached: xr.Dataset, from_skims: list[bool]) -> dict[str, Any]:
    """Access by period in a few figures: areas that reach nothing, and the median time to the nearest service."""
    kinds = [str(s) for s in reached["service"].to_numpy()]
    nearest, access = reached["nearest_service_min"].to_numpy(), reached["access"].to_numpy()
    return {
        "access": {
            "periods": [str(p) for p in reached["period"].to_numpy()],
            "travel_times": [
                "skims of the traffic model" if skim else "shortest paths over the traffic model's link times"
                for skim in from_skims
            ],
            **{
                kind: {
                    "areas_with_nothing_in_reach": [int((~(access[p, :, k] > 0.0)).sum()) for p in range(len(access))],
                    "nearest_min_median": [_number(_median(nearest[p, :, k])) for p in range(len(access))],
                }
                for k, kind in enumerate(kinds)
            },
        }
    }


def _median(values: Any) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else np.nan


def _number(value: Any) -> float | None:
    """JSON has no NaN."""
    return float(value) if np.isfinite(value) else None
