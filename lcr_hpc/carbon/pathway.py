"""The road to net zero: an ensemble of pathways, what is left at its end, and which uncertainty matters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lcr_hpc.carbon.carbon_value import SERIES, carbon_values, discount_factors
from lcr_hpc.carbon.levers import FACTORS, PathwaySettings, lever_paths
from lcr_hpc.carbon.measures import CHARGING, PathwayBase, check_levers, emissions
from lcr_hpc.carbon.sobol import SobolIndices, saltelli_rows, sobol_indices
from lcr_hpc.compute.backends import Backend, SerialBackend

FloatArray = NDArray[np.float64]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BLOCK_ROWS = 1024
"""Rows of the design that are computed at once: of the problem, never of the machine."""
_GBP_M_BY_KT = 1e-3


@dataclass(frozen=True)
class PathwayEnsemble:
    """Pathways of a region, each as likely as the next.

    Attributes
    ----------
    years : int[year]
        Base year to end year.
    sectors : tuple of str
        The base's, and `charging`.
    central_kt : float64[year, district, sector]
        With every lever and parameter at its central value.
    emissions_kt : float64[year, sector, quantile]
        Quantiles (`QUANTILES`) over the members, kt a year.
    total_kt : float64[year, quantile]
        Of all sectors together: not the sum of the sectors' quantiles.
    cumulative_kt, residual_kt : float64[member]
        Sum of the years after the base year; emissions of the end year.
    exceedance, exceedance_error : float or None
        Share of the members whose cumulative emissions are above the budget, and its standard error; None without one.
    sensitivity : dict of str to SobolIndices
        Of "cumulative" and "residual", by factor in the order of `factors`.
    factors : tuple of str
        Names of the uncertain inputs.
    avoided_value_gbp_m : float64[series, quantile]
        £ million of the carbon values' price year, discounted to the base year: what each member's emissions below its
        base year's are worth, at the low, central and high series.
    untouched : tuple of str
        Sectors that no lever reaches and that stay as they are.
    """

    years: NDArray[np.int64]
    sectors: tuple[str, ...]
    central_kt: FloatArray
    emissions_kt: FloatArray
    total_kt: FloatArray
    cumulative_kt: FloatArray
    residual_kt: FloatArray
    exceedance: float | None
    exceedance_error: float | None
    sensitivity: dict[str, SobolIndices]
    factors: tuple[str, ...]
    avoided_value_gbp_m: FloatArray
    untouched: tuple[str, ...]


def pathway_ensemble(base: PathwayBase, settings: PathwaySettings, backend: Backend | None = None) -> PathwayEnsemble:
    """Compute an ensemble of pathways by Saltelli's design on a scrambled Sobol' sequence.

    Parameters
    ----------
    base : PathwayBase
        Emissions of the base year.
    settings : PathwaySettings
        Levers, their ranges, the budget, the number of members.
    backend : Backend, optional
        Maps blocks of `BLOCK_ROWS` members; the numbers do not depend on it. Default: this process.

    Returns
    -------
    PathwayEnsemble
        The members are the rows of the first sample; the rest of the design serves the sensitivities.

    Raises
    ------
    InputError
        Levers that the base cannot answer to; years without a carbon value.
    """
    check_levers(base, settings)
    worth = carbon_values(settings.years[1:]) * discount_factors(settings.years[1:], base.year)
    starts = range(0, settings.members, BLOCK_ROWS)
    parts = [_Block(base, settings, s, min(BLOCK_ROWS, settings.members - s)) for s in starts]
    found = (backend or SerialBackend()).map(_run_block, parts)
    by_sector = np.concatenate([f[0] for f in found])
    design = np.concatenate([f[1] for f in found], axis=2)

    total = by_sector.sum(axis=2)
    avoided = total[:, :1] - total[:, 1:]
    cumulative, residual = design[0, 0], design[0, 1]
    exceedance = error = None
    if settings.budget_kt is not None:
        exceedance = float(np.mean(cumulative > settings.budget_kt))
        error = float(np.sqrt(exceedance * (1.0 - exceedance) / settings.members))
    return PathwayEnsemble(
        years=settings.years,
        sectors=(*base.sectors, CHARGING),
        central_kt=pathway_by_district(base, settings),
        emissions_kt=_quantiles(by_sector),
        total_kt=_quantiles(total),
        cumulative_kt=cumulative,
        residual_kt=residual,
        exceedance=exceedance,
        exceedance_error=error,
        sensitivity={
            name: sobol_indices(design[0, k], design[1, k], design[2:, k])
            for k, name in enumerate(("cumulative", "residual"))
        },
        factors=FACTORS,
        avoided_value_gbp_m=np.stack([_quantiles(_GBP_M_BY_KT * (avoided @ worth[s])) for s in range(len(SERIES))]),
        untouched=base.untouched,
    )


def pathway_by_district(base: PathwayBase, settings: PathwaySettings) -> FloatArray:
    """Emissions with every lever and parameter at its central value.

    Returns
    -------
    float64[year, district, sector]
        kt a year, charging last; the base to the last bit where no lever is pulled.
    """
    check_levers(base, settings)
    path = lever_paths(settings)
    shifted = [None] * len(base.districts) if base.mode_shift_kt is None else list(base.mode_shift_kt)
    return np.stack([emissions(base, e, s, path)[0] for e, s in zip(base.co2_kt, shifted, strict=True)], axis=1)


@dataclass(frozen=True)
class _Block:
    base: PathwayBase
    settings: PathwaySettings
    start: int
    rows: int


def _run_block(block: _Block) -> tuple[FloatArray, FloatArray]:
    """Emissions of A's rows by year and sector; cumulative and residual emissions of A, B and every AB."""
    base, settings = block.base, block.settings
    # All measures are shares of a sector's whole, the same in all districts: the region is computed at once.
    co2_kt = base.co2_kt.sum(axis=0)
    shifted = None if base.mode_shift_kt is None else base.mode_shift_kt.sum(axis=0)
    a, b = saltelli_rows(len(FACTORS), block.start, block.rows, settings.seed)
    design = np.empty((2 + len(FACTORS), 2, block.rows))
    of_a = emissions(base, co2_kt, shifted, lever_paths(settings, a))
    for k in range(2 + len(FACTORS)):
        if k == 0:
            found = of_a
        else:
            rows = b if k == 1 else np.where(np.arange(len(FACTORS)) == k - 2, b, a)
            found = emissions(base, co2_kt, shifted, lever_paths(settings, rows))
        total = found.sum(axis=2)
        design[k] = total[:, 1:].sum(axis=1), total[:, -1]
    return of_a, design


def _quantiles(members: FloatArray) -> FloatArray:
    """Quantiles over the first axis, put last."""
    return np.moveaxis(np.quantile(members, QUANTILES, axis=0), 0, -1)
