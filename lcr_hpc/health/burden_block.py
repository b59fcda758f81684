"""Draws of one block of areas: the same numbers for any block, worker or order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from lcr_kernels.burden import attributable_draws
from lcr_kernels.draws import STREAM_BASELINE, STREAM_EXPOSURE, STREAM_RISK, gamma_draws, standard_normals

from lcr_hpc.health._arrays import FloatArray, standard_normal_quantile
from lcr_hpc.health.risk_table import RelativeRisk

_SLOT = 2**40
_BLOCK = 256
_BLOCKS_BEFORE_LARGER = 32


@dataclass(frozen=True, slots=True)
class BurdenBlock:
    """One block of areas: enough to draw it anywhere.

    Attributes
    ----------
    first_area : int
        Number of the block's first area among all, which names its random numbers.
    exposure, baseline, events, years_each : float64[cause, area]
        µg/m³; deaths a year; deaths that the baseline rests on; years lost by an attributable death.
    risks : tuple of RelativeRisk
    exposure_error : float
        Relative standard deviation.
    cutoff : float
    draws, seed : int
    """

    first_area: int
    exposure: FloatArray
    baseline: FloatArray
    events: FloatArray
    years_each: FloatArray
    risks: tuple[RelativeRisk, ...]
    exposure_error: float
    cutoff: float
    draws: int
    seed: int


def area_blocks(areas: int) -> list[slice]:
    """Blocks of areas that are drawn at once: a setting of the problem, never of the machine.

    Larger ones above 8,192 areas, so that what comes back from the workers stays small beside what they hold.
    """
    block = _BLOCK * min(4, 1 + areas // (_BLOCK * _BLOCKS_BEFORE_LARGER))
    return [slice(start, min(start + block, areas)) for start in range(0, areas, block)]


def draw_exposure(
    pollutant: int, first_area: int, exposure: FloatArray, error: float, draws: int, seed: int
) -> FloatArray:
    """Exposure of each draw.

    Parameters
    ----------
    pollutant : int
        Names the numbers together with the area.
    first_area : int
    exposure : float64[area]
    error : float
        Relative standard deviation.
    draws, seed : int

    Returns
    -------
    float64[area, draw]
        Lognormal with mean `exposure`.
    """
    spread = np.sqrt(np.log1p(error**2))
    item = pollutant * _SLOT + first_area
    out: FloatArray = standard_normals(np.uint64(seed), np.uint64(STREAM_EXPOSURE), item, exposure.size, 0, draws)
    out *= spread
    out -= 0.5 * spread**2
    np.exp(out, out=out)
    out *= exposure[:, None]
    return out


def draw_deaths(block: BurdenBlock, cause: int, exposure: FloatArray) -> FloatArray:
    """Attributable deaths of each draw of one cause.

    Parameters
    ----------
    block : BurdenBlock
    cause : int
    exposure : float64[area, draw]
        Of the cause's pollutant, from `draw_exposure`.

    Returns
    -------
    float64[area, draw]
    """
    risk, key = block.risks[cause], np.uint64(block.seed)
    out: FloatArray = gamma_draws(
        block.baseline[cause],
        block.events[cause],
        key,
        np.uint64(STREAM_BASELINE),
        cause * _SLOT + block.first_area,
        0,
        block.draws,
    )
    attributable_draws(exposure, log_risks(risk, cause, block.draws, block.seed) / risk.per, block.cutoff, out)
    return out


def log_risks(risk: RelativeRisk, cause: int, draws: int, seed: int) -> FloatArray:
    """float64[draw]: ln RR of each draw, the same for all areas."""
    spread = (np.log(risk.upper) - np.log(risk.lower)) / (2.0 * standard_normal_quantile(0.95))
    normal = standard_normals(np.uint64(seed), np.uint64(STREAM_RISK), cause, 1, 0, draws)[0]
    drawn: FloatArray = np.log(risk.central) + spread * normal
    return drawn


def pollutants_of(risks: Sequence[RelativeRisk]) -> list[int]:
    """Number of each cause's pollutant, by the names' first appearance: causes of one pollutant share its error."""
    names = list(dict.fromkeys(r.pollutant for r in risks))
    return [names.index(r.pollutant) for r in risks]


def quantile_levels(confidence: float) -> FloatArray:
    """float64[3]: lower limit, median and upper limit as shares of the draws."""
    return np.round([0.5 - 0.5 * confidence, 0.5, 0.5 + 0.5 * confidence], 12)


def quantiles_of(drawn: FloatArray, level: FloatArray) -> FloatArray:
    """float64[quantile, area] of float64[area, draw]."""
    found: FloatArray = np.quantile(drawn, level, axis=1)
    return found
