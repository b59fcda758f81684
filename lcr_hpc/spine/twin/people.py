"""Residents by age and deprivation ranks, with the region's margins and a spatial order like the region's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree
from scipy.special import ndtri

from lcr_hpc.spine.areas import Zones
from lcr_hpc.spine.twin.geography import CENTRE
from lcr_hpc.spine.twin.random import Floats, Stream, normal, uniform

Ints = npt.NDArray[np.int64]

MEAN_RESIDENTS = 1581.4
"""Residents of an LSOA: 1,564,015 in 989 (ONS mid-2020)"""
RESIDENTS_LOG_SD = 0.20
SHARE_BY_BAND = np.array(
    [557, 597, 570, 548, 687, 699, 684, 628, 554, 596, 660, 696, 616, 534, 509, 352, 267, 162, 85]
) / 10_001.0  # fmt: skip
"""Share of residents by band 0–4 … 85–89, 90+ (ONS mid-2020, the six districts)"""
RANK_QUANTILES = (
    10, 197, 467, 787, 1134, 1625, 2314, 3490, 4473, 5754, 7426, 9532, 11644, 13814, 16027, 18319, 20533, 22547,
    24681, 27555, 32247,
)  # fmt: skip
"""National ranks at each twentieth of the region's areas (IMD 2019): half lie in the most deprived 7,426 of 32,844"""
NEIGHBOURS = 12
TOWN = 60
"""Areas that share a patch of noise: a neighbourhood and a town"""


def make_ranks(zones: Zones, seed: int) -> Ints:
    """National deprivation ranks: high deprivation near the centre, in patches, with the region's distribution.

    An area's score is a fall with distance from the centre, noise shared with its neighbourhood and its town, and noise
    of its own; ranks are the region's quantiles in the order of the score.
    """
    n = len(zones)
    away = np.hypot(zones.x - CENTRE[0], zones.y - CENTRE[1])
    fall = np.exp(-away / np.quantile(away, 0.4))
    noise = normal(seed, Stream.DEPRIVATION, n, 3)
    patch = smooth(smooth(noise[:, 0], zones.x, zones.y), zones.x, zones.y)
    town = smooth(smooth(noise[:, 1], zones.x, zones.y, TOWN), zones.x, zones.y, TOWN)
    score = 0.8 * _standard(fall) + 1.0 * _standard(patch) + 0.35 * _standard(town) + 0.45 * noise[:, 2]
    place = np.empty(n)
    place[np.argsort(-score, kind="stable")] = (np.arange(n) + 0.5) / n
    ranks: Ints = np.round(np.interp(place, np.linspace(0, 1, len(RANK_QUANTILES)), RANK_QUANTILES)).astype(np.int64)
    return ranks


def make_population(zones: Zones, seed: int) -> Ints:
    """Residents by single year of age, int64[area, 91].

    Totals are log-normal about the region's mean; the pyramid is the region's, with young adults drawn to the centre
    and the old to the outskirts; single years share a band evenly, except that 90+ is one.
    """
    n = len(zones)
    away = np.hypot(zones.x - CENTRE[0], zones.y - CENTRE[1])
    out = np.argsort(np.argsort(away, kind="stable"), kind="stable") / max(n - 1, 1)
    noise = normal(seed, Stream.POPULATION, n, 1)[:, 0]
    total = np.round(MEAN_RESIDENTS * np.exp(RESIDENTS_LOG_SD * noise - RESIDENTS_LOG_SD**2 / 2)).astype(np.int64)
    band_start = np.arange(19) * 5
    tilt = np.zeros((n, 19))
    tilt[:, (band_start >= 20) & (band_start < 35)] = (0.35 - 0.70 * out)[:, None]
    tilt[:, band_start >= 60] = (0.30 * (2 * out - 1))[:, None]
    chance = uniform(seed, Stream.AGE, n, 20)
    weight = SHARE_BY_BAND * np.exp(tilt + 0.08 * ndtri(chance[:, :19]))
    by_age = np.concatenate([np.repeat(weight[:, :18] / 5, 5, axis=1), weight[:, 18:]], axis=1)
    return whole_shares(by_age, total, chance[:, 19])


def smooth(values: Floats, x: Floats, y: Floats, neighbours: int = NEIGHBOURS) -> Floats:
    """Mean over the nearest points, itself among them."""
    k = min(neighbours, len(x))
    _, nearest = cKDTree(np.column_stack([x, y])).query(np.column_stack([x, y]), k=k)
    mean: Floats = values[nearest.reshape(len(x), k)].mean(axis=1)
    return mean


def whole_shares(weight: Floats, total: Ints, offset: Floats) -> Ints:
    """Cut whole numbers into shares that add up exactly: differences of rounded cumulative sums.

    Parameters
    ----------
    weight : float64[row, part]
    total : int64[row]
    offset : float64[row]
        In (0, 1): where rounding cuts, so that no part is always favoured.
    """
    running = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True) * total[:, None]
    cuts = np.floor(running + offset[:, None]).astype(np.int64)
    cuts[:, -1] = total
    cuts = np.minimum(cuts, total[:, None])
    shares: Ints = np.diff(cuts, axis=1, prepend=0)
    return shares


def _standard(values: Floats) -> Floats:
    spread: Floats = (values - values.mean()) / max(float(values.std()), 1e-12)
    return spread
